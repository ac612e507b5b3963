"""What sockets have brought beyond their turn: it waits, and who brings far too much is to be heard later.

The kernel hands over all that has arrived. One socket has `burst` packets a turn all the same, as on a wire that asks
for each; the rest waits here in order, as it would in the socket.
"""

from typing import NamedTuple

import numpy as np

from ivr.media.columns import Mask, Octets, Rows, largest, some

FLOOD = 8               # packets of one socket that wait: it is not asked again before they are worked off


class Batch(NamedTuple):
    """Packets as columns: which socket brought each, how long it is, and it itself with its sender before it."""

    sockets: Rows
    lengths: Rows
    records: Octets


EMPTY = Batch(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros((0, 0), np.uint8))


class HeldBack:
    """Packets that wait, in order of arrival. `most`: how many; the newest beyond it are lost."""

    def __init__(self, sockets: int, burst: int, batch: int, most: int) -> None:
        self._burst, self._batch, self._most = burst, batch, most
        self._waiting = EMPTY
        self.paused: Mask = np.zeros(sockets, np.bool_)     # sockets that are not asked for more
        self.late = False               # whether anything waits beyond its turn, or a socket is paused

    def add(self, batch: Batch) -> None:
        """Packets that have come."""
        if not len(self._waiting.sockets):
            self._waiting = batch
        elif len(batch.sockets):
            self._waiting = _joined(self._waiting, batch)

    def take(self) -> Batch:
        """What has its turn now."""
        waiting = self._waiting
        count = len(waiting.sockets)
        if not count:
            return EMPTY
        if count <= self._batch and largest(np.bincount(waiting.sockets)) <= self._burst:
            self._waiting = EMPTY
            return waiting
        self.late = True
        first = np.flatnonzero(_ranks(waiting.sockets) < self._burst)[:self._batch]
        rest = np.ones(count, np.bool_)
        rest[first] = False
        rest[np.flatnonzero(rest)[self._most:]] = False
        self._waiting = _where(waiting, rest)
        return _where(waiting, first)

    def forget(self, sockets: Rows) -> None:
        """Nothing of these sockets waits any more, nor are they paused."""
        self.paused[sockets] = False
        if len(self._waiting.sockets):
            self._waiting = _where(self._waiting, ~np.isin(self._waiting.sockets, sockets))

    def pause(self) -> tuple[Rows, Rows]:
        """Sockets that must not be asked for more from now on, and those that may again."""
        counts = np.bincount(self._waiting.sockets, minlength=len(self.paused))
        flooded, calm = np.flatnonzero((counts > FLOOD) & ~self.paused), np.flatnonzero(self.paused & (counts == 0))
        self.paused[flooded], self.paused[calm] = True, False
        self.late = bool(len(self._waiting.sockets)) or some(self.paused)
        return flooded, calm


def _ranks(sockets: Rows) -> Rows:
    """How many packets of the same socket stand before each."""
    order = np.argsort(sockets, kind="stable")
    inner = sockets[order]
    starts = np.flatnonzero(np.concatenate(([True], inner[1:] != inner[:-1])))
    ranks = np.empty(len(sockets), np.intp)
    ranks[order] = np.arange(len(sockets)) - np.repeat(starts, np.diff(np.append(starts, len(sockets))))
    return ranks


def _joined(one: Batch, other: Batch) -> Batch:
    width = max(one.records.shape[1], other.records.shape[1])
    records = np.zeros((len(one.records) + len(other.records), width), np.uint8)
    records[:len(one.records), :one.records.shape[1]] = one.records
    records[len(one.records):, :other.records.shape[1]] = other.records
    return Batch(np.concatenate((one.sockets, other.sockets)), np.concatenate((one.lengths, other.lengths)), records)


def _where(batch: Batch, kept: Mask | Rows) -> Batch:
    return Batch(batch.sockets[kept], batch.lengths[kept], batch.records[kept])
