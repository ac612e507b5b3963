"""The plain wire: a pair of UDP sockets per stream row and family, bound ahead, read and written one packet a call.

It works everywhere. The sockets are not connected: the source address of every packet is seen, and a peer may move.
"""

import select
import socket
from collections.abc import Callable, Sequence
from itertools import chain
from secrets import token_bytes
from typing import Any, NamedTuple

import numpy as np

from ivr.media.addresses import IPV6, NOWHERE, Address, Addresses
from ivr.media.columns import U64, Mask, Octets, Rows
from ivr.media.outgoing import WIDTH, Outgoing
from ivr.media.packet import HEADER_BYTES

EXPEDITED_FORWARDING = 0xB8         # DSCP EF (RFC 3246) in the octet of IP_TOS
RECEIVE_BUFFER_BYTES = 32_768       # 40 to 80 packets a socket: what comes during a stall longer than a second is lost
BURST = 3                           # packets a socket and turn: 600 a second, twelve times the due; the rest is lost
STALE = 256                         # packets thrown away when a row opens: what came while nobody had it
FRAME_BYTES = HEADER_BYTES + 160
NO_ADDRESS = ("", -1)


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


class PlainWire:
    """Sockets at each of `hosts` (one of a family) for each pair of ports in `ports` that is free (RTP on the even one,
    RTCP on the next).

    `ports` then holds the RTP port of each row, `busy` the pairs that others have. Raises OSError if not one pair can
    be had. `outgoing` is the matrix of the plane's packets, `batch` how many packets one receive() gives at most.
    `addresses` packs where packets come from and go to, for the plane too.
    """

    name = "plain"

    def __init__(self, hosts: Sequence[str], ports: range, batch: int) -> None:
        self.busy: list[int] = []
        self.failed = 0
        self.addresses = Addresses(token_bytes(32))
        self._sockets: list[list[Pair]] = []            # per row: a pair of each family
        self._bind(hosts, ports)
        self.ports = tuple(pairs[0][0].getsockname()[1] for pairs in self._sockets)
        rows = len(self._sockets)
        self._matrix = np.zeros((batch, WIDTH), np.uint8)
        self._views = [row.data for row in self._matrix]
        self._epoll = select.epoll()
        self._readers: dict[int, tuple[Callable[[memoryview], tuple[int, tuple[Any, ...]]], int]] = {}
        self._polled: set[int] = set()      # sockets in the epoll: those of open rows, and some of closed ones
        self._open = np.zeros(rows, np.bool_)
        # per row: the source of the last packet as the kernel wrote it, and packed
        self._source: list[tuple[Any, ...]] = [NO_ADDRESS] * rows
        self._packed = [0] * rows
        # per row and family, and per row the one that is used now
        self._families = [{rtp.family: rtp.sendto for rtp, _ in pairs} for pairs in self._sockets]
        self._senders = [pairs[0][0].sendto for pairs in self._sockets]
        self._control_families = [{rtcp.family: rtcp.sendto for _, rtcp in pairs} for pairs in self._sockets]
        # per row: where the last packet went, packed, and as the kernel wants it
        self._destinations: U64 = np.full(rows, NOWHERE, np.uint64)
        self._addresses: list[Address] = [NO_ADDRESS] * rows
        self._outgoing: Octets | None = None
        self._whole: list[memoryview] = []
        self._frames: list[memoryview] = []

    def follow(self, open_rows: Mask) -> None:
        """Listen on the rows that are open now, and no longer on those that are not."""
        for row in (open_rows != self._open).nonzero()[0].tolist():
            for rtp, rtcp in self._sockets[row]:
                for listener, reads in ((rtp, row), (rtcp, ~row)):
                    if open_rows[row]:
                        self._listen(listener, reads)
                    else:
                        del self._readers[listener.fileno()]
        self._open[:] = open_rows

    def receive(self) -> Incoming | None:
        """What has arrived on open rows, at most BURST packets a socket; None for nothing."""
        rows: list[int] = []
        lengths: list[int] = []
        sources: list[int] = []
        control: list[tuple[int, int, bytes]] = []
        readers, views, known, packed = self._readers, self._views, self._source, self._packed
        for _ in range(BURST):
            room = len(views) - len(rows)
            ready = self._epoll.poll(0, room) if room else []
            if not ready:
                break
            for fd, _ in ready:
                if fd not in readers:
                    self._ignore(fd)
                    continue
                recvfrom_into, row = readers[fd]
                try:
                    length, source = recvfrom_into(views[len(rows)])
                except OSError:
                    continue
                if row < 0:
                    control.append((~row, self._pack(source), bytes(views[len(rows)][:length])))
                    continue
                if source != known[row]:
                    packed[row] = self._pack(source)
                    # the plane may forget an IPv6 host that it has no use for, so those are packed each time
                    known[row] = source if len(source) == 2 else NO_ADDRESS
                    if packed[row] == NOWHERE:
                        continue
                rows.append(row)
                lengths.append(length)
                sources.append(packed[row])
        if not rows and not control:
            return None
        return Incoming(np.array(rows, np.intp), self._matrix, np.array(lengths, np.intp),
                        np.array(sources, np.uint64), np.array([row for row, _, _ in control], np.intp),
                        np.array([source for _, source, _ in control], np.uint64),
                        [packet for _, _, packet in control])

    def send(self, outgoing: Outgoing) -> None:
        """Send packets. What the kernel does not take is lost, as on any wire, and counted in `failed`."""
        count = len(outgoing.rows)
        if not count:
            return
        self._know(outgoing)
        rows, senders, addresses = outgoing.rows.tolist(), self._senders, self._addresses
        views = self._frames
        odd = np.flatnonzero(outgoing.lengths != FRAME_BYTES)
        if len(odd):
            views = views[:count]
            for place, length in zip(odd.tolist(), outgoing.lengths[odd].tolist(), strict=True):
                views[place] = self._whole[place][:length]
        for row, view in zip(rows, views, strict=False):
            try:
                senders[row](view, addresses[row])
            except OSError:
                self.failed += 1

    def send_rtcp(self, outgoing: Outgoing) -> None:
        """Send packets from the RTCP sockets of their rows, which may be closed by now (a BYE is the last word). One a
        leg and 5 s, so no more is done for speed."""
        for row, packet, address in outgoing.each(self.addresses.unpack):
            sender = self._control_families[row].get(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
            try:
                if sender is None:
                    raise OSError("no socket of this family")
                sender(packet, address)
            except OSError:
                self.failed += 1

    def close(self) -> None:
        """Give the ports back."""
        self._epoll.close()
        for pairs in self._sockets:
            for each in chain(*pairs):
                each.close()

    def _listen(self, listener: socket.socket, reads: int) -> None:
        _drain(listener)
        fd = listener.fileno()
        self._readers[fd] = (listener.recvfrom_into, reads)
        if fd not in self._polled:
            self._polled.add(fd)
            self._epoll.register(fd, select.EPOLLIN)

    def _ignore(self, fd: int) -> None:
        """Something came for a row that is closed: what follows must not wake us. Until then a socket stays in the
        epoll, since most rows of short calls are open again before anything comes."""
        self._polled.remove(fd)
        self._epoll.unregister(fd)

    def _pack(self, source: tuple[Any, ...]) -> int:
        try:
            return self.addresses.pack(source[0], source[1])
        except ValueError:
            return NOWHERE          # a neighbour on the same network card, whom no SDP can name

    def _know(self, outgoing: Outgoing) -> None:
        """Keep views of the packets' memory, and the addresses that changed, ready for the kernel."""
        memory = outgoing.packets.base
        if memory is not self._outgoing:
            assert isinstance(memory, np.ndarray)
            self._outgoing = memory
            self._whole = [row.data for row in memory]
            self._frames = [view[:FRAME_BYTES] for view in self._whole]
        moved = self._destinations[outgoing.rows] != outgoing.destinations
        if moved.any():
            for row, packed in zip(outgoing.rows[moved].tolist(), outgoing.destinations[moved].tolist(), strict=True):
                self._addresses[row] = self.addresses.unpack(packed)
                family = socket.AF_INET6 if packed >= IPV6 else socket.AF_INET
                self._senders[row] = self._families[row].get(family, self._senders[row])
            self._destinations[outgoing.rows] = outgoing.destinations

    def _bind(self, hosts: Sequence[str], ports: range) -> None:
        why: OSError | None = None
        for port in range(ports.start + ports.start % 2, ports.stop - 1, 2):
            try:
                self._sockets.append(_pairs(hosts, port))
            except OSError as error:
                self.busy.append(port)
                why = error
        if not self._sockets:
            raise why or OSError("a stream needs a pair of ports")


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
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _drain(stale: socket.socket) -> None:
    try:
        for _ in range(STALE):
            stale.recv(1)       # the rest of a datagram is thrown away; recv(0) would not ask the kernel at all
    except OSError:
        return
