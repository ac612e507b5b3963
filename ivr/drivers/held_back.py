"""What sockets have brought beyond their turn: it waits, and who brings far too much is to be heard later.

The kernel hands over all that has arrived. One socket has `burst` packets a turn all the same, as on a wire that asks
for each; the rest waits here in order, as it would in the socket.
"""

from typing import NamedTuple

import numpy as np

from ivr.media.columns import Mask, Rows

FLOOD = 8               # packets of one socket that wait: it is not asked again before they are worked off
NOTHING = np.zeros(0, np.intp)


class Batch(NamedTuple):
    """Packets as columns: which socket brought each, how long it is, which buffer has it."""

    sockets: Rows
    lengths: Rows
    buffers: Rows


EMPTY = Batch(NOTHING, NOTHING, NOTHING)


class HeldBack:
    """Packets that wait, in order of arrival. `most`: how many; beyond it surplus() gives the newest up."""

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
            self._waiting = Batch(*(np.concatenate(both) for both in zip(self._waiting, batch, strict=True)))

    def take(self) -> Batch:
        """What has its turn now."""
        waiting = self._waiting
        count = len(waiting.sockets)
        if not count:
            return EMPTY
        if count <= self._batch and np.bincount(waiting.sockets).max() <= self._burst:
            self._waiting = EMPTY
            return waiting
        self.late = True
        first = np.flatnonzero(_ranks(waiting.sockets) < self._burst)[:self._batch]
        rest = np.ones(count, np.bool_)
        rest[first] = False
        self._waiting = _where(waiting, rest)
        return Batch(*(column[first] for column in waiting))

    def forget(self, sockets: Rows) -> Rows:
        """Nothing of these sockets waits any more, nor are they paused. Returns the buffers that are free."""
        self.paused[sockets] = False
        gone = np.isin(self._waiting.sockets, sockets)
        if not gone.any():
            return NOTHING
        buffers: Rows = self._waiting.buffers[gone]
        self._waiting = _where(self._waiting, ~gone)
        return buffers

    def surplus(self) -> Rows:
        """Give up what has no room. Returns the buffers that are free."""
        buffers: Rows = self._waiting.buffers[self._most:]
        if len(buffers):
            self._waiting = Batch(*(column[:self._most] for column in self._waiting))
        return buffers

    def pause(self) -> tuple[Rows, Rows]:
        """Sockets that must not be asked for more from now on, and those that may again."""
        counts = np.bincount(self._waiting.sockets, minlength=len(self.paused))
        flooded, calm = np.flatnonzero((counts > FLOOD) & ~self.paused), np.flatnonzero(self.paused & (counts == 0))
        self.paused[flooded], self.paused[calm] = True, False
        self.late = bool(len(self._waiting.sockets)) or bool(self.paused.any())
        return flooded, calm


def _ranks(sockets: Rows) -> Rows:
    """How many packets of the same socket stand before each."""
    order = np.argsort(sockets, kind="stable")
    inner = sockets[order]
    starts = np.flatnonzero(np.concatenate(([True], inner[1:] != inner[:-1])))
    ranks = np.empty(len(sockets), np.intp)
    ranks[order] = np.arange(len(sockets)) - np.repeat(starts, np.diff(np.append(starts, len(sockets))))
    return ranks


def _where(batch: Batch, mask: Mask) -> Batch:
    return Batch(*(column[mask] for column in batch))
