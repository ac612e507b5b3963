"""Packets that go out, as rows of one byte matrix; their headers are written as columns."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ivr.media.columns import U16, U32, U64, Columns, Mask, Octets, Rows, every, largest, unpack_address
from ivr.media.rtp.addresses import Address
from ivr.media.rtp.packet import HEADER, HEADER_BYTES, PLAIN
from ivr.media.rtp.srtp import Srtp

WIDTH = 1500            # octets of a packet: what an Ethernet carries


class Outgoing(NamedTuple):
    """Packets to send: packet i is packets[i, :lengths[i]], goes from the socket of rows[i] to destinations[i].

    The matrix is the plane's and holds until its next receive() or tick().
    """

    rows: Rows
    packets: Octets
    lengths: Rows
    destinations: U64

    def each(self, unpack: Callable[[int], Address] = unpack_address) -> list[tuple[int, bytes, Address]]:
        """The packets as (stream, bytes, (host, port)): for tests and simulations. `unpack` knows IPv6."""
        return [(int(row), self.packets[i, :self.lengths[i]].tobytes(), unpack(int(self.destinations[i])))
                for i, row in enumerate(self.rows)]


class PacketMatrix:
    """Memory for `slots` packets, filled anew by each turn: begin(), any number of add(), take()."""

    def __init__(self, table: Columns, slots: int, srtp: Srtp) -> None:
        self._table = table
        self.octets: Octets = np.zeros((slots, WIDTH), np.uint8)
        self._headers = self.octets[:, :HEADER_BYTES].view(HEADER)[:, 0]
        self._headers["flags"] = PLAIN
        self._rows = np.zeros(slots, np.intp)
        self._lengths = np.zeros(slots, np.intp)
        self._used = 0
        self._srtp = srtp

    def begin(self) -> None:
        """Forget what was taken."""
        self._used = 0

    def add(self, rows: Rows, payload_types: Octets, sequence_numbers: U16, timestamps: U32, markers: Mask,
            sizes: int | Rows) -> Octets:
        """Headers of packets with payloads of `sizes` octets; returns the place for the payloads, `sizes` wide."""
        first, last = self._used, self._used + len(rows)
        self._used = last
        header = self._headers[first:last]
        header["payload_type"] = payload_types | markers.view(np.uint8) << 7
        header["sequence_number"] = sequence_numbers
        header["timestamp"] = timestamps
        header["ssrc"] = self._table.ssrc[rows]
        self._rows[first:last] = rows
        self._lengths[first:last] = np.add(sizes, HEADER_BYTES)
        self._table.sent[rows] += 1
        self._table.sent_octets[rows] += sizes
        width = sizes if isinstance(sizes, int) else largest(sizes) if len(sizes) else 0
        return self.octets[first:last, HEADER_BYTES:HEADER_BYTES + width]

    @property
    def waiting(self) -> tuple[Rows, Octets, Rows]:
        """What has been added since begin(): rows, packets and lengths."""
        return self._rows[:self._used], self.octets[:self._used], self._lengths[:self._used]

    def take(self) -> Outgoing:
        """What has been added since begin(), encrypted where the row is. Only once between two begin()."""
        if self._srtp:
            self._close()
        rows = self._rows[:self._used]
        return Outgoing(rows, self.octets[:self._used], self._lengths[:self._used], self._table.destination[rows])

    def _close(self) -> None:
        used = self._used
        there = self._srtp.close(self._rows[:used], self.octets[:used], self._lengths[:used])
        if not every(there):
            kept = np.flatnonzero(there)
            self._used = len(kept)
            for each in (self._rows, self.octets, self._lengths):
                each[:len(kept)] = each[kept]
