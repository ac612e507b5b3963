"""What a caller does before any operator: which way through the menu, for how long, and where it ends."""

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Literal

from routing.skills import Skills

Ending = Literal["queued", "abandoned", "self_served", "transferred", "closed"]


@dataclass(frozen=True)
class Way:
    """From the answer to the queue, or to the end of a visit without one. `seconds` in the menu; of callers who hang up
    there, until they do."""

    line: str
    queue: str = ""
    seconds: float = 0.0
    ending: Ending = "queued"
    language: str = ""
    priority: int = 0
    skills: Skills = ()
    """What the menu asks of the operator for this call; a queue that it overflows into asks for its own alone."""


@dataclass(frozen=True)
class Ways:
    """Ways, each with how often callers go it; weights above 0, in any unit."""

    weighted: tuple[tuple[Way, float], ...]

    def drawn_by(self, chance: Random) -> Callable[[], Way]:
        """A function that draws one way after the other."""
        ways, sums = [way for way, _ in self.weighted], list(accumulate(weight for _, weight in self.weighted))
        if len(ways) == 1:
            only = ways[0]
            return lambda: only
        random, total, last = chance.random, sums[-1], len(ways) - 1
        return lambda: ways[min(bisect(sums, random() * total), last)]


def straight_to(queue: str, priority: int = 0) -> Ways:
    """Callers who stand in the queue at once, past every menu."""
    return Ways(((Way(queue, queue, priority=priority), 1.0),))
