"""What a traffic file says: who calls, how long calls take, who answers. Times in seconds from midnight."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from routing.reports.simulation.distributions import AT_ONCE, INFINITE, Distribution
from routing.reports.simulation.menu_ways import Habits

Rates = tuple[tuple[float, float], ...]
"""(from second, calls a second), ascending, each until the next one."""
Stretch = tuple[float, float]
UNTIL_THE_LAST = math.inf       # the end of a stretch: operators stay until the last caller is served


@dataclass(frozen=True)
class LineTraffic:
    """Callers of a line, who walk its menu."""

    number: str
    rates: Rates
    habits: Habits


@dataclass(frozen=True)
class Behaviour:
    """Of callers and operators of a queue; None: as in `every_queue`, or as the record has it."""

    handle: Distribution | None = None
    patience: Distribution | None = None
    retry_share: float | None = None
    retry_after: Distribution | None = None
    rates: Rates = ()
    """Callers who come straight into the queue."""

    def over(self, other: "Behaviour") -> "Behaviour":
        """This one, with what it lacks from another."""
        def first(one: Distribution | None, two: Distribution | None) -> Distribution | None:
            return two if one is None else one

        return Behaviour(first(self.handle, other.handle), first(self.patience, other.patience),
                         other.retry_share if self.retry_share is None else self.retry_share,
                         first(self.retry_after, other.retry_after), self.rates)


@dataclass(frozen=True)
class Group:
    """Operators who work together. `count` of them are not in the configuration: what if we had them, in `queues`?"""

    name: str
    operators: tuple[str, ...]
    spans: tuple[Stretch, ...]
    breaks: tuple[Stretch, ...] = ()
    count: int = 0
    queues: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.operators, *(f"{self.name}-{number}" for number in range(1, self.count + 1)))


NOTHING_SAID = Behaviour(patience=INFINITE, retry_share=0.0, retry_after=AT_ONCE)


@dataclass(frozen=True)
class Traffic:
    """One file."""

    day: Stretch
    date: date
    threshold: float
    lines: tuple[LineTraffic, ...]
    queues: Mapping[str, Behaviour]
    every_queue: Behaviour
    answer: Distribution
    missed_share: float
    groups: tuple[Group, ...]

    def behaviour(self, queue: str) -> Behaviour:
        return self.queues.get(queue, Behaviour()).over(self.every_queue).over(NOTHING_SAID)
