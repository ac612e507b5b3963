"""Packets of recorded streams on their way into a ring of their own: 40 ms of them are read and placed at one time.

Both cost mostly by the turn and hardly by the packet, a bridge has 500 turns a second, and a recording can wait.
"""

from typing import NamedTuple

import numpy as np

from ivr.media.columns import Columns, Octets, Rows
from ivr.media.rtp.packet import HEADER, HEADER_BYTES, Packets, in_turns
from ivr.media.voices.heard import Heard
from ivr.media.voices.relay import laws_of

EVERY = 0.04            # seconds between two placings; so far the channels may lie apart
WIDEST = 1500           # octets of a packet that are kept
MOST = 4096             # packets that wait at the most; with more they are placed at once


class Some(NamedTuple):
    """Packets of one turn, shape (packets, octets): their streams, where they go in the ring, and where in each its
    payload is."""

    streams: Rows
    rows: Rows
    octets: Octets
    offsets: Rows
    sizes: Rows


class Tape:
    """What waits to be placed, and the ring it is placed in: rows of what came to the streams of `table`, and behind
    these of what left from them."""

    def __init__(self, table: Columns) -> None:
        self._streams = table
        # A table of its own: the streams' own is for the ring of those who listen at once.
        self._table = Columns(2 * table.rows)
        self.heard = Heard(self._table)
        self._waiting: list[Some] = []
        self._count = 0
        self._place_at = 0.0
        self._turn_of = np.zeros(2 * table.rows, np.int64)

    def add(self, some: Some, now: float) -> None:
        """Packets of any streams, a stream's in their order. The arrays become the tape's."""
        self._waiting.append(some)
        self._count += len(some.rows)
        if self._count > MOST:
            self.place(now)

    def forget(self, stream: int) -> None:
        """Nothing of this stream waits any more."""
        kept = [(some, (some.streams != stream).nonzero()[0]) for some in self._waiting]
        self._waiting = [Some(*(column[places] for column in some)) for some, places in kept if len(places)]

    def turn(self, now: float) -> None:
        """Place what waits, if it is time."""
        if now >= self._place_at:
            self._place_at = (now // EVERY + 1) * EVERY
            self.place(now)

    def place(self, now: float) -> None:
        """Place what waits."""
        if not self._waiting:
            return
        waiting, self._waiting, self._count = self._waiting, [], 0
        streams, rows, offsets, sizes = (np.concatenate([some[field] for some in waiting]) for field in (0, 1, 3, 4))
        octets = _stacked([some.octets for some in waiting])
        header = np.ascontiguousarray(octets[:, :HEADER_BYTES]).view(HEADER)[:, 0]
        second = header["payload_type"]
        packets = Packets(np.arange(len(rows)), streams, rows.view(np.uint64), second & np.uint8(0x7F), second >= 0x80,
                          header["sequence_number"].astype(np.uint16), header["timestamp"].astype(np.uint32),
                          header["ssrc"].astype(np.uint32), offsets, sizes)
        laws = laws_of(self._streams, packets)      # none of telephone-events
        self._table.clock_rate[rows] = self._streams.clock_rate[streams]
        for part in in_turns(packets._replace(rows=rows), self._turn_of):
            self.heard.place(part, octets, laws[part.slots], now)


def _stacked(matrices: list[Octets]) -> Octets:
    """One matrix of them all, as wide as the widest."""
    width = max(matrix.shape[1] for matrix in matrices)
    if any(matrix.shape[1] != width for matrix in matrices):
        matrices = [np.pad(matrix, ((0, 0), (0, width - matrix.shape[1]))) for matrix in matrices]
    return np.concatenate(matrices)
