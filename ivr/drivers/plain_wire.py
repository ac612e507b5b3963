"""The plain wire: one UDP socket pair per stream row, bound ahead, read and written one packet a call.

It works everywhere. The sockets are not connected: the source address of every packet is seen, and a peer may move.
"""

import select
import socket
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ivr.media.columns import U64, Mask, Octets, Rows, pack_address, unpack_address
from ivr.media.outgoing import WIDTH, Outgoing
from ivr.media.packet import HEADER_BYTES

EXPEDITED_FORWARDING = 0xB8         # DSCP EF (RFC 3246) in the octet of IP_TOS
RECEIVE_BUFFER_BYTES = 32_768       # 40 to 80 packets a socket: what comes during a stall longer than a second is lost
BURST = 3                           # packets a socket and turn: 600 a second, twelve times the due; the rest is lost
STALE = 256                         # packets thrown away when a row opens: what came while nobody had it
FRAME_BYTES = HEADER_BYTES + 160
NO_ADDRESS = ("", -1)
NOWHERE = 2 ** 64 - 1               # no packed address

Address = tuple[str, int]


class Incoming(NamedTuple):
    """What has arrived, as Plane.receive wants it, and the rows and sources of RTCP packets."""

    rows: Rows
    packets: Octets
    lengths: Rows
    sources: U64
    rtcp_rows: Rows
    rtcp_sources: U64


class PlainWire:
    """Sockets for each free pair of ports in `ports` (RTP on the even one, RTCP on the next).

    `ports` then holds the RTP port of each row, `busy` the pairs that others have. Raises OSError if not one pair can
    be had. `outgoing` is the matrix of the plane's packets, `batch` how many packets one receive() gives at most.
    """

    name = "plain"

    def __init__(self, host: str, ports: range, batch: int) -> None:
        self.busy: list[int] = []
        self.failed = 0
        self._sockets: list[tuple[socket.socket, socket.socket]] = []
        self._bind(host, ports)
        self.ports = tuple(rtp.getsockname()[1] for rtp, _ in self._sockets)
        rows = len(self._sockets)
        self._matrix = np.zeros((batch, WIDTH), np.uint8)
        self._views = [row.data for row in self._matrix]
        self._epoll = select.epoll()
        self._readers: dict[int, tuple[Callable[[memoryview], tuple[int, Address]], int]] = {}
        self._open = np.zeros(rows, np.bool_)
        # per row: the source of the last packet as the kernel wrote it, and packed
        self._source, self._packed = [NO_ADDRESS] * rows, [0] * rows
        self._senders = [rtp.sendto for rtp, _ in self._sockets]
        # per row: where the last packet went, packed, and as the kernel wants it
        self._destinations: U64 = np.full(rows, NOWHERE, np.uint64)
        self._addresses = [NO_ADDRESS] * rows
        self._outgoing: Octets | None = None
        self._whole: list[memoryview] = []
        self._frames: list[memoryview] = []

    def follow(self, open_rows: Mask) -> None:
        """Listen on the rows that are open now, and no longer on those that are not."""
        for row in np.flatnonzero(open_rows != self._open).tolist():
            for control, listener in enumerate(self._sockets[row]):
                if open_rows[row]:
                    _drain(listener)
                    self._readers[listener.fileno()] = (listener.recvfrom_into, ~row if control else row)
                    self._epoll.register(listener.fileno(), select.EPOLLIN)
                else:
                    self._epoll.unregister(listener.fileno())
                    del self._readers[listener.fileno()]
        self._open[:] = open_rows

    def receive(self) -> Incoming | None:
        """What has arrived on open rows, at most BURST packets a socket; None for nothing."""
        rows: list[int] = []
        lengths: list[int] = []
        sources: list[int] = []
        control: list[tuple[int, Address]] = []
        readers, views, known, packed = self._readers, self._views, self._source, self._packed
        for _ in range(BURST):
            room = len(views) - len(rows)
            ready = self._epoll.poll(0, room) if room else []
            if not ready:
                break
            for fd, _ in ready:
                recvfrom_into, row = readers[fd]
                try:
                    length, source = recvfrom_into(views[len(rows)])
                except OSError:
                    continue
                if row < 0:
                    control.append((~row, source))
                    continue
                if source != known[row]:
                    known[row], packed[row] = source, pack_address(*source)
                rows.append(row)
                lengths.append(length)
                sources.append(packed[row])
        if not rows and not control:
            return None
        return Incoming(np.array(rows, np.intp), self._matrix, np.array(lengths, np.intp),
                        np.array(sources, np.uint64), np.array([row for row, _ in control], np.intp),
                        np.array([pack_address(*source) for _, source in control], np.uint64))

    def send(self, outgoing: Outgoing) -> None:
        """Send packets. What the kernel does not take is lost, as on any wire, and counted in `failed`."""
        count = len(outgoing.rows)
        if not count:
            return
        self._know(outgoing)
        rows, senders, addresses = outgoing.rows.tolist(), self._senders, self._addresses
        views = self._frames
        if (outgoing.lengths != FRAME_BYTES).any():
            views = [view[:length] for view, length in zip(self._whole, outgoing.lengths.tolist(), strict=False)]
        for row, view in zip(rows, views, strict=False):
            try:
                senders[row](view, addresses[row])
            except OSError:
                self.failed += 1

    def close(self) -> None:
        """Give the ports back."""
        self._epoll.close()
        for pair in self._sockets:
            for each in pair:
                each.close()

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
                self._addresses[row] = unpack_address(packed)
            self._destinations[outgoing.rows] = outgoing.destinations

    def _bind(self, host: str, ports: range) -> None:
        why: OSError | None = None
        for port in range(ports.start + ports.start % 2, ports.stop - 1, 2):
            try:
                self._sockets.append(_pair(host, port))
            except OSError as error:
                self.busy.append(port)
                why = error
        if not self._sockets:
            raise why or OSError("a stream needs a pair of ports")


def _pair(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    rtp = _bound(host, port)
    try:
        return rtp, _bound(host, port + 1)
    except OSError:
        rtp.close()
        raise


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
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
