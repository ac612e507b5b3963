"""When callers come: by chance at a rate that changes over the day, or as they were recorded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from routing.reports.simulation.ways import Way, Ways


@dataclass(frozen=True)
class Poisson:
    """Callers who know nothing of one another. `rates`: (from second, calls a second), each until the next one's
    second and the last one until `until`; ascending. `ways` has what they do."""

    rates: tuple[tuple[float, float], ...]
    until: float
    ways: Ways

    def arrivals(self, chance: Random) -> Iterator[tuple[float, Way]]:
        """Seconds and ways, in the order of time. A rate holds for its span alone, so each begins anew: exponential
        gaps have no memory."""
        draw = self.ways.drawn_by(chance)
        ends = [begin for begin, _ in self.rates[1:]] + [self.until]
        for (begin, rate), end in zip(self.rates, ends, strict=True):
            at = begin
            while rate > 0 and (at := at + chance.expovariate(rate)) < min(end, self.until):
                yield at, draw()


@dataclass(frozen=True)
class Recorded:
    """Callers as they came, in the order of time."""

    calls: Sequence[tuple[float, Way]]

    def arrivals(self, chance: Random) -> Iterator[tuple[float, Way]]:
        """The same each time: what differs is how long they talk and wait."""
        yield from self.calls


Source = Poisson | Recorded
