"""How long callers waited, as a distribution: stays that are over, by the seconds and how they ended. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from routing.reports.facts import WAITING, Stay

EDGES = (0.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1200.0)      # s, where a bar begins
ENDINGS = ("answered", "abandoned")         # apart; all others together


@dataclass
class Waits:
    """Bars from each edge, included, to the next; the last has no end."""

    bars: list[Counter[str]] = field(default_factory=lambda: [Counter() for _ in EDGES])

    def add(self, stays: Iterable[Stay]) -> None:
        for stay in stays:
            if stay.ending != WAITING:
                bar = max(bisect_right(EDGES, stay.wait) - 1, 0)
                self.bars[bar][stay.ending if stay.ending in ENDINGS else "other"] += 1

    def shown(self) -> list[dict[str, Any]]:
        ends = (*EDGES[1:], None)
        return [{"from_s": begin, "to_s": end, **{name: bar[name] for name in (*ENDINGS, "other")}}
                for begin, end, bar in zip(EDGES, ends, self.bars, strict=True)]


def within(stay: Stay, since: float, until: float | None) -> bool:
    """Whether it stands in that bar."""
    return stay.ending != WAITING and since <= stay.wait and (until is None or stay.wait < until)
