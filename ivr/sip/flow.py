"""Where bytes go and where they came from."""

from dataclasses import dataclass, replace

DEFAULT_PORT = 5060      # RFC 3261 §19.1.2


@dataclass(frozen=True)
class Flow:
    """A UDP socket and a remote address, or a TCP connection.

    `connection` is the driver's number of a TCP connection; 0 is UDP, or TCP that the driver opens (or takes again
    if one to `remote` is open).
    """

    transport: str                  # "udp" | "tcp"
    local: tuple[str, int]
    remote: tuple[str, int]
    connection: int = 0

    @property
    def reliable(self) -> bool:
        """No retransmissions by transactions (RFC 3261 §17)."""
        return self.transport != "udp"

    def towards(self, remote: tuple[str, int]) -> "Flow":
        """The same socket, another address; over TCP a connection that the driver still has to find or open."""
        return replace(self, remote=remote, connection=0)


def is_address(host: str) -> bool:
    """True if `host` is an IP address and needs no name service."""
    if ":" in host:
        return True
    parts = host.split(".")
    return len(parts) == 4 and all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts)
