"""TLS between bytes and bytes: what came from the peer goes in, what it said and what is to be sent come out.

No socket is here, so a connection is handled in one way whether it has TLS or not, and the context may be another one
for every connection.
"""

import contextlib
import ssl
from ipaddress import ip_address
from typing import Any

RECORD = 16384           # bytes of plain text in one record (RFC 8446 §5.1)


class TlsFailed(Exception):
    """The connection can't go on; the text says why, for the log."""


class TlsChannel:
    """One connection. `established` once the handshake is over, and the peer is who it should be.

    `host`: for a connection that we open, the host that was dialled, which the certificate must name; "" asks for
    no name. Every method raises TlsFailed; what `outgoing` then holds (an alert) may still be sent.
    """

    def __init__(self, context: ssl.SSLContext, host: str = "", *, server_side: bool) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        name = host if host and not server_side and not _is_address(host) else None     # SNI is for names alone
        self._channel = context.wrap_bio(self._in, self._out, server_side, name)
        self._host = host if context.verify_mode == ssl.CERT_REQUIRED and not server_side else ""
        self.established = False
        self.closed = False          # by the peer, in order

    def outgoing(self) -> bytes:
        """What is to be sent now."""
        return self._out.read()

    def start(self) -> None:
        """Begin the handshake; the side that opened the connection speaks first."""
        self._shake_hands()

    def receive(self, data: bytes) -> bytes:
        """Take bytes of the connection, cut anywhere; returns what the peer said."""
        self._in.write(data)
        if not self.established:
            self._shake_hands()
        return self._read() if self.established else b""

    def send(self, data: bytes) -> None:
        """Encrypt; only once established."""
        try:
            self._channel.write(data)
        except ssl.SSLError as error:
            raise TlsFailed(reason_of(error)) from None

    def finish(self) -> None:
        """Tell the peer that nothing more comes; without its answer, which nobody waits for."""
        if self.established:
            with contextlib.suppress(ssl.SSLError, OSError):
                self._channel.unwrap()

    def _shake_hands(self) -> None:
        try:
            self._channel.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            raise TlsFailed(reason_of(error)) from None
        except OSError as error:                 # the peer left in the middle
            raise TlsFailed(str(error) or "the peer closed the connection") from None
        if self._host:
            certificate = self._channel.getpeercert() or {}
            if not names_host(certificate, self._host):
                raise TlsFailed(f"the certificate is for {', '.join(names_in(certificate)) or 'nobody'}, "
                                f"not for {self._host}")
        self.established = True

    def _read(self) -> bytes:
        pieces: list[bytes] = []
        try:
            while piece := self._channel.read(RECORD):
                pieces.append(piece)
            self.closed = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.closed = True
        except ssl.SSLError as error:
            raise TlsFailed(reason_of(error)) from None
        return b"".join(pieces)


def reason_of(error: ssl.SSLError) -> str:
    """The fault in words an admin can look for."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    return (error.reason or str(error)).replace("_", " ").lower()


def names_in(certificate: dict[str, Any]) -> list[str]:
    """Who a certificate is for (RFC 5922 §7.1): SIP URIs, host names and addresses; the common name if it has none."""
    names = [(kind, str(value)) for kind, value in certificate.get("subjectAltName", ())]
    found = [value[4:] for kind, value in names if kind == "URI" and value[:4].lower() == "sip:" and "@" not in value]
    found += [value for kind, value in names if kind in ("DNS", "IP Address")]
    if names:
        return found
    return [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]


def names_host(certificate: dict[str, Any], host: str) -> bool:
    """Whether a certificate, as `getpeercert` gives it, is for `host`.

    RFC 5922 §7.2 forbids wildcards, but carriers use them: one as the whole first label is taken.
    """
    host = host.rstrip(".").lower()
    parent = host.partition(".")[2]
    for name in names_in(certificate):
        plain = name.rstrip(".").lower()
        if plain == host or _is_same_address(plain, host):
            return True
        if plain.startswith("*.") and plain[2:] == parent and "." in parent and not _is_address(host):
            return True
    return False


def _is_same_address(one: str, other: str) -> bool:
    return _is_address(one) and _is_address(other) and ip_address(one) == ip_address(other)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
