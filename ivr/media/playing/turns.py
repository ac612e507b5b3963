"""How well the clock is kept: by how much each turn of the plane is late, and what it moves."""

from math import floor

import numpy as np

from ivr.media.events import PlaneFigures
from ivr.media.playing.clips import ClipBank

EVERY = 5.0             # seconds between figures
MOST_TURNS = 4096       # of one time between; at most 2,500 fit into it
NO_TURN = (0.0, 0.0, 0.0)


class Turns:
    """Counts for one plane. A turn is due at a multiple of its phase; what it is late is the machine's doing, or that
    of a turn before it that took too long."""

    def __init__(self, bank: ClipBank) -> None:
        self._bank = bank
        self._late = np.zeros(MOST_TURNS)
        self._turns = 0             # since the last figures
        self._figures_at = 0.0
        self.turns = self.missed = self.packets_in = self.packets_out = 0

    def woke(self, due: float, now: float, phase: float) -> None:
        """A turn that was due begins now."""
        late = max(now - due, 0.0)
        self._late[min(self._turns, MOST_TURNS - 1)] = late
        self._turns += 1
        self.turns += 1
        self.missed += floor(late / phase)

    def figures(self, now: float, failed: int) -> list[PlaneFigures]:
        """The figures, if it is time for them. `failed`: packets that the kernel did not take so far."""
        if now < self._figures_at:
            return []
        self._figures_at = now + EVERY
        late = self._late[:min(self._turns, MOST_TURNS)]
        p50, p99, most = np.percentile(late, (50, 99, 100)).tolist() if len(late) else NO_TURN
        self._turns = 0
        return [PlaneFigures(round(p50 * 1000, 3), round(p99 * 1000, 3), round(most * 1000, 3), self.turns, self.missed,
                             self.packets_in, self.packets_out, failed, round(self._bank.free_seconds, 1))]
