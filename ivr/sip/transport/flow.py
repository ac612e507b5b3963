"""Where bytes go and where they came from."""

from dataclasses import dataclass, replace
from ipaddress import IPv6Address


@dataclass(frozen=True)
class Flow:
    """A UDP socket and a remote address, or a connection (TCP, TLS).

    `connection` is the driver's number of a connection; 0 is UDP, or one that the driver opens (or takes again if one
    to `remote` is open). `domain`: the host that was dialled, which the certificate of a TLS connection that we open
    must name (RFC 5922 §4); "" is the address itself.
    """

    transport: str                  # "udp" | "tcp" | "tls"
    local: tuple[str, int]
    remote: tuple[str, int]
    connection: int = 0
    domain: str = ""

    @property
    def reliable(self) -> bool:
        """No retransmissions by transactions (RFC 3261 §17)."""
        return self.transport != "udp"

    def towards(self, remote: tuple[str, int]) -> "Flow":
        """The same socket, another address; for streams a connection that the driver still has to find or open."""
        domain = self.domain if self.domain and same_host(remote[0], self.remote[0]) else ""
        return replace(self, remote=remote, connection=0, domain=domain)

    def is_lost_with(self, failed: "Flow") -> bool:
        """Whether a request over this flow is lost with `failed`; one that left its connection to the driver went over
        any."""
        if self == failed:
            return True
        same = (self.transport, self.remote, self.domain) == (failed.transport, failed.remote, failed.domain)
        return failed.reliable and not self.connection and same


def is_address(host: str) -> bool:
    """True if `host` is an IP address and needs no name service."""
    if ":" in host:
        return True
    parts = host.split(".")
    return len(parts) == 4 and all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts)


def same_host(one: str, other: str) -> bool:
    """Whether two hosts are one; an IPv6 address has many ways to be written (RFC 5118 §4.6, RFC 5952)."""
    if one == other:
        return True
    if ":" not in one or ":" not in other:
        return one.lower() == other.lower()
    try:
        return IPv6Address(one) == IPv6Address(other)
    except ValueError:
        return False
