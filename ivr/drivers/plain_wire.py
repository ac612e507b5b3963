"""The plain wire: sockets read and written one packet a call, those that have something found by epoll.

It works everywhere.
"""

import select
import socket
import time
from collections.abc import Callable
from secrets import token_bytes
from typing import Any

import numpy as np

from ivr.drivers.rtp_sockets import BURST, Incoming, RtpSockets, drain
from ivr.media.columns import U64, Mask, Octets
from ivr.media.rtp.addresses import IPV6, NOWHERE, Address, Addresses
from ivr.media.rtp.outgoing import WIDTH, Outgoing
from ivr.media.rtp.packet import HEADER_BYTES

FRAME_BYTES = HEADER_BYTES + 160
NO_ADDRESS = ("", -1)


class PlainWire:
    """Carries packets over `sockets`, which are its own from now on; `batch`: how many one receive() gives at most."""

    name = "plain"

    def __init__(self, sockets: RtpSockets, batch: int) -> None:
        self.ports, self.busy, self.failed = sockets.ports, sockets.busy, 0
        self.addresses = Addresses(token_bytes(32))
        self._sockets, self._pairs = sockets, sockets.pairs
        rows = len(self._pairs)
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
        self._families = [{rtp.family: rtp.sendto for rtp, _ in pairs} for pairs in self._pairs]
        self._senders = [pairs[0][0].sendto for pairs in self._pairs]
        self._control_families = [{rtcp.family: rtcp.sendto for _, rtcp in pairs} for pairs in self._pairs]
        # per row: where the last packet went, packed, and as the kernel wants it
        self._destinations: U64 = np.full(rows, NOWHERE, np.uint64)
        self._addresses: list[Address] = [NO_ADDRESS] * rows
        self._outgoing: Octets | None = None
        self._whole: list[memoryview] = []
        self._frames: list[memoryview] = []

    def follow(self, open_rows: Mask) -> None:
        """Listen on the rows that are open now, and no longer on those that are not."""
        for row in (open_rows != self._open).nonzero()[0].tolist():
            for rtp, rtcp in self._pairs[row]:
                for listener, reads in ((rtp, row), (rtcp, ~row)):
                    if open_rows[row]:
                        self._listen(listener, reads)
                    else:
                        del self._readers[listener.fileno()]
        self._open[:] = open_rows

    def wait(self, seconds: float) -> None:
        """Sleep."""
        if seconds > 0:
            time.sleep(seconds)

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
        self._sockets.close()

    def _listen(self, listener: socket.socket, reads: int) -> None:
        drain(listener)
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
