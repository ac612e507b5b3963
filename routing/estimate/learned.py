"""What a queue's past says of its pace, in a few numbers that forget: rates per hour of exposure, and a spread."""

import math
from dataclasses import dataclass

MEMORY = 3600.0         # seconds after which what was seen counts by 1/e: a day's tides are slower
PRIOR_HANDLE = 180.0    # what an operator's round takes until rounds were seen; worth PRIOR_WEIGHT of them
PRIOR_WEIGHT = 3.0
SAMPLES = 300.0         # rounds of which the spread is known, more or less
PRIOR_SAMPLES = 20.0


@dataclass(slots=True)
class Rate:
    """Events per second of exposure (occurrence / exposure), each weighted by e^(-age / MEMORY).

    Rounds that are not over yet count with the time they have gone on. So neither the first minutes of a day, in which
    only short calls can have ended, nor its last ones deceive it, as a mean of finished ones would be.
    """

    events: float = 0.0
    exposure: float = 0.0
    exposed: int = 0
    """How many are exposed now: operators in a round, or callers who wait."""
    at: float = 0.0

    def advance(self, now: float) -> None:
        elapsed = now - self.at
        if elapsed > 0:
            kept = math.exp(-elapsed / MEMORY)
            self.events *= kept
            self.exposure = self.exposure * kept + self.exposed * MEMORY * (1 - kept)
            self.at = now

    def expose(self, more: int, now: float) -> None:
        """Never fewer than none: of a queue that was gone and is back nobody was exposed, and a round of then ends."""
        self.advance(now)
        self.exposed = max(0, self.exposed + more)

    def count(self, now: float) -> None:
        self.advance(now)
        self.events += 1

    def value(self, now: float, prior_events: float = 0.0, prior_exposure: float = 0.0) -> float:
        """Events a second; the prior weighs as so many events in so much exposure."""
        self.advance(now)
        exposure = self.exposure + prior_exposure
        return (self.events + prior_events) / exposure if exposure > 0 else 0.0


@dataclass(slots=True)
class Spread:
    """The squared coefficient of variation of times; exponential (1) until some were seen. Older ones fade."""

    weight: float = PRIOR_SAMPLES
    total: float = PRIOR_SAMPLES * PRIOR_HANDLE
    squares: float = 2 * PRIOR_SAMPLES * PRIOR_HANDLE ** 2

    def add(self, seconds: float) -> None:
        kept = 1 - 1 / SAMPLES
        self.weight = self.weight * kept + 1
        self.total = self.total * kept + seconds
        self.squares = self.squares * kept + seconds * seconds

    @property
    def cv2(self) -> float:
        return max(0.05, self.squares * self.weight / (self.total * self.total) - 1)


class Pace:
    """All that is learned of one queue."""

    def __init__(self, now: float) -> None:
        self.rounds = Rate(at=now)
        """An operator's round with a call of this queue ended, per second of such rounds: ringing, talk, wrap-up."""
        self.spread = Spread()
        self.abandons = Rate(at=now)
        """A caller gave up, per second of waiting."""
        self.ring = 0.0
        """Mean time from offer to answer."""
        self.coming: dict[int, Rate] = {}
        """Arrivals by priority, per second; at most MOST_PRIORITIES of them."""

    def service_rate(self, now: float) -> float:
        """At which one busy operator becomes free for the next call."""
        return self.rounds.value(now, PRIOR_WEIGHT, PRIOR_WEIGHT * PRIOR_HANDLE)

    def abandon_rate(self, now: float) -> float:
        """At which one waiting caller gives up."""
        return self.abandons.value(now, 0.0, MEMORY / 4)

    def round_over(self, seconds: float, now: float) -> None:
        self.rounds.count(now)
        self.spread.add(seconds)

    def answered_after(self, ring: float) -> None:
        self.ring += (ring - self.ring) / 20

    def arrived(self, priority: int, now: float) -> None:
        if priority not in self.coming and len(self.coming) >= MOST_PRIORITIES:
            priority = max(self.coming)
        if priority not in self.coming:
            self.coming[priority] = Rate(at=now, exposed=1)
        self.coming[priority].count(now)

    def arrivals_above(self, priority: int, now: float) -> list[tuple[int, float]]:
        """Each higher priority with its arrivals per second."""
        return [(each, rate.value(now, 0.0, MEMORY / 4)) for each, rate in self.coming.items() if each > priority]


MOST_PRIORITIES = 16
