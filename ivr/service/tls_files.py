"""The files of TLS that the configuration names, and what is wrong with them."""

from collections.abc import Iterator
from pathlib import Path

from ivr.base.config import Config
from ivr.base.errors import Fault
from ivr.drivers.certificates import CertificateFault, TlsFiles, load
from ivr.drivers.config_file import fault_at


def tls_files(config: Config) -> TlsFiles | None:
    tls = config.sip.tls
    if tls is None:
        return None
    return TlsFiles(Path(tls.certificate), Path(tls.key), Path(tls.ca) if tls.ca else None, tls.verify_peers)


def faulty_certificate(file: str, config: Config) -> Iterator[Fault]:
    """The fault of the certificate, its key or the roots, if they have one."""
    files = tls_files(config)
    if files is None:
        return
    try:
        load(files)
    except CertificateFault as fault:
        yield fault_at(file, ("sip", "tls"), str(fault), "a certificate and its key without a passphrase, as PEM",
                       code="certificate-unusable")
