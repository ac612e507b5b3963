"""Our certificate, its key, and whom we trust: read from files, and read again when they change."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ivr.drivers.log import Log

Verify = Literal["servers", "everybody", "nobody"]
Stamp = tuple[tuple[int, int, int], ...]

log = Log("tls")


class CertificateFault(Exception):
    """The files can't be used; the text says which one and why."""


@dataclass(frozen=True)
class TlsFiles:
    """Paths of PEM files. `ca`: who may be trusted; without it, whom this machine trusts."""

    certificate: Path
    key: Path
    ca: Path | None = None
    verify: Verify = "servers"


@dataclass(frozen=True)
class Contexts:
    server: ssl.SSLContext
    client: ssl.SSLContext


class Certificates:
    """The contexts that new connections use. Raises CertificateFault if the files are faulty at the start.

    Later a faulty pair is refused and logged, and the old one goes on. `look` may be called as often as one likes: it
    costs three calls of `stat`. A pair that is being replaced is faulty for a moment, so one that fails is tried a
    second time before anything is said.
    """

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._stamp = _stamp(files)
        self._doubted: Stamp | None = None
        self._refused: Stamp | None = None
        self.contexts = load(files)

    def look(self) -> None:
        """Take up files that have changed."""
        stamp = _stamp(self._files)
        if stamp in (self._stamp, self._refused):
            return
        try:
            self.contexts = load(self._files)
        except CertificateFault as fault:
            if stamp != self._doubted:
                self._doubted = stamp
                return
            self._refused = stamp
            log.error("certificate_refused", reason=str(fault), then="the one before goes on")
            return
        self._stamp, self._doubted, self._refused = stamp, None, None
        log.info("certificate_loaded", certificate=str(self._files.certificate))


def load(files: TlsFiles) -> Contexts:
    """Contexts for connections that come and that we open, TLS 1.2 and up. Raises CertificateFault."""
    server = _context(ssl.PROTOCOL_TLS_SERVER, files)
    client = _context(ssl.PROTOCOL_TLS_CLIENT, files)
    client.check_hostname = False                # `TlsChannel` does, since a SIP certificate may name a SIP URI
    client.verify_mode = ssl.CERT_NONE if files.verify == "nobody" else ssl.CERT_REQUIRED
    server.verify_mode = ssl.CERT_REQUIRED if files.verify == "everybody" else ssl.CERT_NONE
    return Contexts(server, client)


def _context(protocol: int, files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    for path in (files.certificate, files.key, files.ca):
        if path is not None:
            _check_readable(path)
    try:
        # a key with a passphrase would ask at the terminal, and there is none
        context.load_cert_chain(files.certificate, files.key, password=lambda: "")
    except (ssl.SSLError, ValueError, OSError) as error:
        raise CertificateFault(f"{files.certificate} and {files.key}: {_words(error)}") from None
    try:
        if files.ca is not None:
            context.load_verify_locations(files.ca)
        else:
            context.load_default_certs()
    except (ssl.SSLError, OSError) as error:
        raise CertificateFault(f"{files.ca}: {_words(error)}") from None
    return context


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise CertificateFault(f"{path}: {error.strerror}") from None


def _words(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    if reason == "KEY_VALUES_MISMATCH":
        return "the key does not belong to the certificate"
    return reason.replace("_", " ").lower() if isinstance(reason, str) else "no PEM file, or one with a passphrase"


def _stamp(files: TlsFiles) -> Stamp:
    """What changes when a file does; zeros for one that is not there."""
    stamps: list[tuple[int, int, int]] = []
    for path in (files.certificate, files.key, files.ca):
        try:
            found = path.stat() if path is not None else None
        except OSError:
            found = None
        stamps.append((found.st_mtime_ns, found.st_ino, found.st_size) if found else (0, 0, 0))
    return tuple(stamps)
