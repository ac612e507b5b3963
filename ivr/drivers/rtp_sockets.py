"""What every wire carries packets over: a pair of UDP sockets per stream row and family, bound ahead.

The sockets are not connected: the source address of every packet is seen, and a peer may move.
"""

import socket
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple, Protocol

from ivr.media.columns import U64, Mask, Octets, Rows
from ivr.media.rtp.addresses import Addresses
from ivr.media.rtp.outgoing import Outgoing

EXPEDITED_FORWARDING = 0xB8         # DSCP EF (RFC 3246) in the octet of IP_TOS
# Never in fragments (which RTP is too small for): then no packet needs an identification, whose counters are a cache
# miss for each destination. Of 2.4 us that 2,000 destinations cost a packet, sent and received, it saves 0.26.
IP_MTU_DISCOVER, IP_PMTUDISC_DO = 10, 2             # linux/in.h
RECEIVE_BUFFER_BYTES = 32_768       # 40 to 80 packets a socket: what comes during a stall longer than a second is lost
BURST = 3                           # packets a socket and turn: 600 a second, twelve times the due
STALE = 256                         # packets thrown away when a row opens: what came while nobody had it

Pair = tuple[socket.socket, socket.socket]      # RTP, RTCP


class Incoming(NamedTuple):
    """What has arrived, as Plane.receive wants it, and the rows and sources of RTCP packets."""

    rows: Rows
    packets: Octets
    lengths: Rows
    sources: U64
    rtcp_rows: Rows
    rtcp_sources: U64
    rtcp_packets: list[bytes]


class Wire(Protocol):
    """Carries the packets of all rows. `ports` are the RTP ports of the rows, `busy` the pairs that others have,
    `failed` packets that the kernel refused; `addresses` packs where packets come from and go to, for the plane too."""

    name: str
    ports: tuple[int, ...]
    busy: list[int]
    failed: int
    addresses: Addresses

    def follow(self, open_rows: Mask) -> None:
        """Listen on the rows that are open now, and no longer on those that are not."""

    def wait(self, seconds: float) -> None:
        """Sleep until the next turn; what arrives wakes nobody."""

    def receive(self) -> Incoming | None:
        """What has arrived on open rows, at most BURST packets a socket; None for nothing."""

    def send(self, outgoing: Outgoing) -> None:
        """Send packets. What the kernel does not take is lost, as on any wire, and counted in `failed`."""

    def send_rtcp(self, outgoing: Outgoing) -> None:
        """Send RTCP packets, each from its row's RTCP port, be the row open or not."""

    def close(self) -> None:
        """Give the ports back."""


class RtpSockets:
    """The sockets of all rows: `pairs` holds, per row, a pair of each family. `ports` are the RTP ports of the rows,
    `busy` those of pairs that others have."""

    def __init__(self, pairs: list[list[Pair]], busy: list[int]) -> None:
        self.pairs, self.busy = pairs, busy
        self.ports: tuple[int, ...] = tuple(row[0][0].getsockname()[1] for row in pairs)
        self.families = [rtp.family for rtp, _ in pairs[0]]

    def __iter__(self) -> Iterator[socket.socket]:
        """Every socket: by family, RTP before RTCP, by row. Socket number i is that of row i % rows."""
        for family in range(len(self.families)):
            for kind in (0, 1):
                for pairs in self.pairs:
                    yield pairs[family][kind]

    def close(self) -> None:
        """Give the ports back."""
        for pairs in self.pairs:
            for each in chain(*pairs):
                each.close()


def bind(hosts: Sequence[str], ports: range) -> RtpSockets:
    """Sockets at each of `hosts` (one of a family) for each pair of ports in `ports` that is free: RTP on the even one,
    RTCP on the next. Raises OSError if not one pair can be had."""
    pairs, busy = [], []
    why: OSError | None = None
    for port in range(ports.start + ports.start % 2, ports.stop - 1, 2):
        try:
            pairs.append(_pairs(hosts, port))
        except OSError as error:
            busy.append(port)
            why = error
    if not pairs:
        raise why or OSError("a stream needs a pair of ports")
    return RtpSockets(pairs, busy)


def bind_one(host: str) -> RtpSockets:
    """One row, on any two ports that are free."""
    rtp = _bound(host, 0)
    try:
        return RtpSockets([[(rtp, _bound(host, 0))]], [])
    except OSError:
        rtp.close()
        raise


def drain(stale: socket.socket) -> None:
    """Throw away what waits in a socket."""
    try:
        for _ in range(STALE):
            stale.recv(1)       # the rest of a datagram is thrown away; recv(0) would not ask the kernel at all
    except OSError:
        return


def _pairs(hosts: Sequence[str], port: int) -> list[Pair]:
    pairs: list[Pair] = []
    try:
        for host in hosts:
            pairs.append(_pair(host, port))
    except OSError:
        for each in chain(*pairs):
            each.close()
        raise
    return pairs


def _pair(host: str, port: int) -> Pair:
    rtp = _bound(host, port)
    try:
        return rtp, _bound(host, port + 1)
    except OSError:
        rtp.close()
        raise


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, EXPEDITED_FORWARDING)
        else:
            bound.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED_FORWARDING)
            bound.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
