"""Which of this machine's addresses faces a peer, and what its packets are marked with."""

import contextlib
import socket
from functools import lru_cache
from ipaddress import ip_address

CS3 = 24 << 2                    # DSCP CS3 for signalling (RFC 4594 §3.3), as the IP TOS byte
EVERY_ADDRESS = ("0.0.0.0", "::")
OUTSIDE = "192.0.2.1"            # an address that is nobody's (RFC 5737): the way to it is the way to everybody
OUTSIDE_IPV6 = "2001:db8::1"     # the same (RFC 3849)


def mark(sock: socket.socket) -> None:
    """Ask routers to treat the socket's packets as signalling; where that is not allowed, they are ordinary."""
    with contextlib.suppress(OSError):
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, CS3)
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, CS3)


def facing(remote: str) -> str:
    """Our address on the route to `remote`, by the kernel's routing table; nothing is sent, and no name looked up.

    For a name it is that on the way to the outside; loopback where there is no route.
    """
    try:
        return _route_to(remote)
    except OSError:     # not remembered: the network may come up after us
        return "::1" if ":" in remote else "127.0.0.1"


@lru_cache(maxsize=4096)         # routes change seldom; phones that call again are spared two system calls
def _route_to(remote: str) -> str:
    try:
        ip_address(remote)
    except ValueError:
        remote = OUTSIDE
    with socket.socket(socket.AF_INET6 if ":" in remote else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((remote, 9))
        address: str = probe.getsockname()[0]
    return address
