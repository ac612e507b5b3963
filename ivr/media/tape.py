"""Packets of recorded streams on their way into a ring of their own: 20 ms of them are placed at one time.

Placing costs mostly by the turn and hardly by the packet, a bridge has 500 turns a second, and a recording can wait.
"""

from typing import NamedTuple

import numpy as np

from ivr.media.columns import U32, Columns, Integers, Octets, Rows
from ivr.media.heard import Heard
from ivr.media.packet import Packets, in_turns

EVERY = 0.02            # seconds between two placings
WIDEST = 1275           # octets of a payload that are kept: the longest of Opus
MOST = 4096             # packets that wait at the most; with more they are placed at once


class Some(NamedTuple):
    """Packets of one turn: columns as in Packets, and their payloads."""

    rows: Rows
    payload_types: Octets
    timestamps: U32
    ssrcs: U32
    sizes: Rows
    laws: Rows
    payloads: Octets


class Tape:
    """What waits to be placed, and the ring it is placed in."""

    def __init__(self, rows: int) -> None:
        # A table of its own: the streams' own is for the ring of those who listen at once.
        self.table = Columns(rows)
        self.heard = Heard(self.table)
        self._waiting: list[Some] = []
        self._count = 0
        self._place_at = 0.0
        self._turn_of = np.zeros(rows, np.int64)

    def add(self, some: Some, clock_rates: Integers, now: float) -> None:
        """Packets of any streams, a stream's in their order, with the rates of their RTP clocks. The arrays become the
        tape's."""
        self.table.clock_rate[some.rows] = clock_rates
        self._waiting.append(some)
        self._count += len(some.rows)
        if self._count > MOST:
            self.place(now)

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
        rows, payload_types, timestamps, ssrcs, sizes, laws = (
            np.concatenate(columns) for columns in list(zip(*waiting, strict=True))[:-1])
        matrix, none = _stacked([some.payloads for some in waiting]), np.zeros(len(rows), np.intp)
        packets = Packets(np.arange(len(rows)), rows, none.astype(np.uint64), payload_types,
                          none.astype(np.bool_), none.astype(np.uint16), timestamps, ssrcs, none, sizes)
        for part in in_turns(packets, self._turn_of):
            self.heard.place(part, matrix, laws[part.slots], now)


def _stacked(matrices: list[Octets]) -> Octets:
    """One matrix of them all, as wide as the widest."""
    if len(matrices) == 1:
        return matrices[0]
    width = max(matrix.shape[1] for matrix in matrices)
    if any(matrix.shape[1] != width for matrix in matrices):
        matrices = [np.pad(matrix, ((0, 0), (0, width - matrix.shape[1]))) for matrix in matrices]
    return np.concatenate(matrices)
