"""One queue: who waits in it, in which order, and what became of everybody who ever did."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

Key = tuple[float, ...]
TimerKey = tuple[str, str, int]     # kind, whose it is, serial number: no two timers ever share a key
Ending = Literal["answered", "abandoned", "overflow", "callback", "voicemail", "transferred", "closed", "failed"]
OverflowReason = Literal["max_wait", "nobody_logged_in", "full", "no_queue"]

SHOWN = 50      # waiting calls that a snapshot lists per queue; a screen shows fewer, the count is always exact


@dataclass(frozen=True)
class QueueSettings:
    """What an admin sets for a queue. Times in seconds."""

    name: str
    operators: tuple[str, ...] = ()
    """Who serves the queue; names that no OperatorSettings has are passed over."""
    ring_time: float = 20.0
    """How long an operator's phone rings before the call goes on to the next."""
    max_wait: float = 600.0
    """The longest stay; after it the caller overflows, even while a phone rings."""
    max_waiting: int = 200
    """Callers in the queue at most, those being offered included; one more overflows unless somebody is free."""
    announce_first_after: float = 0.0
    """Seconds of music before the place is first told; 0 tells it on entering, while phones begin to ring."""
    announce_every: float = 30.0
    """From one announcement to the next; 0 for none at all."""
    retry_after: float = 5.0
    """How long an operator rests after an offer that came to nothing."""
    second_round_after: float = 30.0
    """How long a caller whom the free operators missed is kept for the busy ones, before the free are rung again."""
    empty_grace: float = 15.0
    """How long callers stay once nobody serves the queue: a phone that registers again within it loses no one."""
    wrap_up: float = 0.0
    """Time for notes after a call, before the next one."""
    strategy: str = "longest_idle"
    """Which free operator comes first: a name in routing.strategy.STRATEGIES."""


class Ordered:
    """Names sorted by a key that is fixed while they are in. Adding and removing one of 10,000 takes microseconds."""

    def __init__(self) -> None:
        self._key_of: dict[str, Key] = {}
        self._sorted: list[tuple[Key, str]] = []

    def __len__(self) -> int:
        return len(self._sorted)

    def __iter__(self) -> Iterator[str]:
        return (name for _, name in self._sorted)

    def __contains__(self, name: str) -> bool:
        return name in self._key_of

    def add(self, name: str, key: Key) -> None:
        """Put in a name that is not in yet."""
        self._key_of[name] = key
        insort(self._sorted, (key, name))

    def discard(self, name: str) -> None:
        """Take a name out; one that is not in is no error."""
        key = self._key_of.pop(name, None)
        if key is not None:
            del self._sorted[bisect_left(self._sorted, (key, name))]

    def first(self) -> str | None:
        return self._sorted[0][1] if self._sorted else None

    def ahead_of(self, name: str) -> int:
        """How many come before a name that is in."""
        return bisect_left(self._sorted, (self._key_of[name], name))

    def clear(self) -> None:
        self._key_of.clear()
        self._sorted.clear()


@dataclass(slots=True)
class Stay:
    """One call's stay in one queue, from CallQueued until it is answered, overflows or leaves."""

    call: str
    queue: str
    language: str
    priority: int
    since: float
    rank: Key
    """Lower is served sooner, in this queue and between queues; fixed when the caller enters."""
    operator: str | None = None
    """Whose phone rings for it now."""
    tried: set[str] = field(default_factory=set)
    """Operators to whom it was offered in vain in this round; at most all those of the queue."""
    max_wait_timer: TimerKey | None = None
    announce_timer: TimerKey | None = None
    round_timer: TimerKey | None = None
    """Runs while the call waits without an offer and somebody was tried."""


class Queue:
    """The waiting calls and the free operators of one queue, each in the order in which they are served.

    The dispatcher matches within the event that frees a side, so whoever is in `idle` was tried for every call that is
    in `unoffered`, and these wait for somebody in `serving` who was not.
    Bound: `max_waiting` callers, and one more for each operator who was free when that one came.
    """

    def __init__(self, settings: QueueSettings) -> None:
        self.settings = settings
        self.stays: dict[str, Stay] = {}
        self.line = Ordered()
        """All calls in the queue."""
        self.unoffered = Ordered()
        """Those for which no phone rings."""
        self.idle = Ordered()
        """Operators who could take a call now, the strategy's first choice first."""
        self.serving: set[str] = set()
        """Operators in service for the queue, busy or not (Operator.in_service)."""
        self.offered = 0
        self.ended: dict[str, int] = {"answered": 0, "abandoned": 0, "overflow": 0}
        self.empty_timer: TimerKey | None = None

    @property
    def is_full(self) -> bool:
        return len(self.stays) >= self.settings.max_waiting and not self.idle

    def may_ring(self, operator: str, stay: Stay) -> bool:
        """Nobody is rung twice for a call before everybody in service was tried for it."""
        return operator not in stay.tried or self.serving <= stay.tried

    def enter(self, stay: Stay) -> None:
        self.stays[stay.call] = stay
        self.line.add(stay.call, stay.rank)

    def leave(self, stay: Stay, ending: Ending) -> None:
        del self.stays[stay.call]
        self.line.discard(stay.call)
        self.unoffered.discard(stay.call)
        self.count(ending)

    def count(self, ending: Ending) -> None:
        self.ended[ending] = self.ended.get(ending, 0) + 1

    def place(self, call: str) -> int:
        """The call's place in the line; 1 is next. Calls for which a phone rings still count."""
        return self.line.ahead_of(call) + 1

    def unaccounted(self) -> int:
        """Calls offered less calls ended and waiting: always 0, or a caller was lost or counted twice."""
        return self.offered - sum(self.ended.values()) - len(self.stays)

    def snapshot(self, now: float) -> dict[str, Any]:
        """Plain data for screens and metrics; times are seconds until `now`."""
        stays = [self.stays[call] for call in islice(self.line, SHOWN)]
        oldest = next(iter(self.stays.values()), None)
        return {
            "name": self.settings.name,
            "offered": self.offered,
            **self.ended,
            "waiting": len(self.stays),
            "ringing": len(self.stays) - len(self.unoffered),
            "unaccounted": self.unaccounted(),
            "longest_wait": now - oldest.since if oldest else 0.0,
            "operators_in_service": len(self.serving),
            "operators_idle": len(self.idle),
            "calls": [
                {"call": stay.call, "place": place, "language": stay.language, "priority": stay.priority,
                 "wait_time": now - stay.since, "operator": stay.operator}
                for place, stay in enumerate(stays, 1)
            ],
        }
