"""Whether a trunk answers: OPTIONS at an interval (RFC 3261 §11), with two in a row before the verdict changes.

```
 UNKNOWN --> UP <--> FAILING --> DOWN <--> RECOVERING --> UP
```
One that stays unanswered takes UP to FAILING, a second one to DOWN; one answer takes DOWN to RECOVERING, a second one
to UP. In between the next question comes soon. Any answer counts but 408 and 503, which say that nobody is there.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.sip.leg.leg_effects import StartTimer, StopTimers
from ivr.sip.trunk.trunk_events import TrunkChanged

PATIENCE = 8.0      # s until a question counts as unanswered; over UDP it was sent five times by then
SOON = 5.0          # s to the second question


class State(Enum):
    UNKNOWN = auto()
    UP = auto()
    FAILING = auto()
    DOWN = auto()
    RECOVERING = auto()


@dataclass(frozen=True)
class PingDue:
    """Timer: time to ask."""


@dataclass(frozen=True)
class PatienceOver:
    """Timer: the question was not answered."""


@dataclass(frozen=True)
class Answered:
    round_trip: float


@dataclass(frozen=True)
class Unanswered:
    """408, 503, or it could not be sent."""

    reason: str


@dataclass(frozen=True)
class Doubted:
    """A call through the trunk failed in a way that puts it in question: ask now."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Effect: send OPTIONS; `to_next` address if the one in use did not answer."""

    to_next: bool = False


U, P, F, D, R = State.UNKNOWN, State.UP, State.FAILING, State.DOWN, State.RECOVERING
TABLE: Table = {
    **{(state, PingDue):        (state, ("ping",)) for state in State},
    **{(state, Doubted):        (state, ("doubt",)) for state in (U, P)},
    **{(state, Doubted):        (state, ()) for state in (F, D, R)},
    **{(state, Answered):       (P, ("note_answer", "ping_later")) for state in (P, F)},
    **{(state, Answered):       (P, ("note_answer", "tell_up", "ping_later")) for state in (U, R)},
    (D, Answered):              (R, ("note_answer", "ping_soon")),
    **{(state, event):          (F, ("note_silence", "ping_soon")) for state in (U, P)
       for event in (Unanswered, PatienceOver)},
    **{(F, event):              (D, ("note_silence", "tell_down", "ping_later"))
       for event in (Unanswered, PatienceOver)},
    **{(state, event):          (D, ("note_silence", "ping_later")) for state in (D, R)
       for event in (Unanswered, PatienceOver)},
}


class Pinging(Machine):
    """`interval` in seconds. `reason` says why it is down."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (PingDue, PatienceOver)

    def __init__(self, trunk: str, interval: float) -> None:
        self.state = State.UNKNOWN
        self.round_trip: float | None = None
        self.reason = ""
        self._trunk = trunk
        self._interval = interval
        self._lost = False

    @property
    def is_good(self) -> bool:
        return self.state not in (State.DOWN, State.RECOVERING)

    def ping(self, event: Any, now: float) -> list[Any]:
        return [Ping(to_next=self._lost), StartTimer(PatienceOver(), now + PATIENCE)]

    def doubt(self, event: Doubted, now: float) -> list[Any]:
        return [StartTimer(PingDue(), now)]

    def note_answer(self, event: Answered, now: float) -> list[Any]:
        self.round_trip, self._lost = event.round_trip, False
        return [StopTimers((PatienceOver,))]

    def note_silence(self, event: Any, now: float) -> list[Any]:
        self.reason, self._lost = getattr(event, "reason", "no answer"), True
        return [StopTimers((PatienceOver,))]

    def ping_later(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(PingDue(), now + self._interval)]

    def ping_soon(self, event: Any, now: float) -> list[Any]:
        return [StartTimer(PingDue(), now + min(SOON, self._interval))]

    def tell_up(self, event: Any, now: float) -> list[Any]:
        self.reason = ""
        return [TrunkChanged(self._trunk, "up")]

    def tell_down(self, event: Any, now: float) -> list[Any]:
        return [TrunkChanged(self._trunk, "down", self.reason)]
