"""A supervisor on somebody else's call: listens, whispers to the operator, or talks with both.

    call                         supervision                  supervisor's phones
      |<-- entry: asked --------------|---- INVITE --------------->|
      |                               |<--- 180, 200 --------------|   the other phones stop ringing
      |<-- entry: began --------------|
      |<-- entry: mode ---------------|   any number of times, while it lasts
      |<-- entry: ended --------------|<--- BYE -------------------|   the call goes on

The caller has one owning operator, who stays that; a supervisor is a participant, whose coming and going changes
nothing for the call. A supervision ends with the talk: nobody listens to a menu, where secrets are asked for.
"""

from enum import Enum, auto
from typing import Any, ClassVar, Literal

from ivr.base.machine import Machine, Table
from ivr.base.values import frozen
from ivr.call import events as e
from ivr.call.effects import DialOperator, EndLeg, EngageOperator, Note, ReleaseOperator
from ivr.call.visit import Visit

Mode = Literal["listen", "whisper", "barge"]
RING_TIME = 30.0                # s that a supervisor's phones ring


# --- what it is told, besides events of its legs ---------------------------------------------------------------------
@frozen
class SupervisionAsked:
    """Ring the supervisor's phones."""

    who: str


@frozen
class ModeChosen:
    """From now on in this mode."""

    who: str
    mode: Mode


@frozen
class SupervisionUnanswered:
    """Timer: the phones have rung long enough."""

    who: str


@frozen
class SupervisionEnded:
    """The talk is over, or somebody asked for the end."""

    who: str
    reason: str


@frozen
class TakeWished:
    """Who listens is to have the call itself; `by` whose order, `of` whom: as in `HandCall`."""

    who: str
    by: str
    of: str


# --- events of legs, sorted ------------------------------------------------------------------------------------------
@frozen
class SupervisorLeft(e.LegEnded):
    """The leg that hears is over."""


@frozen
class PhoneFailed(e.LegEnded):
    """The last phone that rang is out."""


@frozen
class PhoneOut(e.LegEnded):
    """A phone is out, and others ring or one has answered."""


# --- what it asks for, besides effects of a call ----------------------------------------------------------------------
@frozen
class RingSupervisor:
    """`SupervisionUnanswered` comes at `at`; None: no more."""

    who: str
    at: float | None


@frozen
class HandCall:
    """The leg of `who` is to be the caller's partner; `by` wants it so, `of` had the caller ("": the queue)."""

    leg: str
    who: str
    by: str
    of: str


class SupervisionState(Enum):
    """Where a supervision is."""

    RINGING = auto()
    JOINED = auto()
    LEAVING = auto()            # we hung up; legs say goodbye
    OVER = auto()


S = SupervisionState
EVENTS = (SupervisionAsked, ModeChosen, SupervisionUnanswered, SupervisionEnded, TakeWished)
TABLE: Table = {
    (S.RINGING, SupervisionAsked): (S.RINGING, ("ring",)),
    (S.RINGING, e.LegRinging): (S.RINGING, ("phone_rings",)),
    (S.RINGING, e.LegAnswered): (S.JOINED, ("join",)),
    (S.RINGING, PhoneOut): (S.RINGING, ()),
    (S.RINGING, PhoneFailed): (S.OVER, ("not_taken",)),
    (S.RINGING, ModeChosen): (S.RINGING, ("choose",)),
    (S.RINGING, TakeWished): (S.RINGING, ()),
    (S.RINGING, SupervisionUnanswered): (S.LEAVING, ("unanswered",)),
    (S.RINGING, SupervisionEnded): (S.LEAVING, ("give_up",)),

    (S.JOINED, e.LegRinging): (S.JOINED, ()),
    (S.JOINED, e.LegAnswered): (S.JOINED, ("end_late_leg",)),       # a second phone, in the same moment
    (S.JOINED, PhoneOut): (S.JOINED, ()),
    (S.JOINED, SupervisorLeft): (S.OVER, ("left",)),
    (S.JOINED, ModeChosen): (S.JOINED, ("switch",)),
    (S.JOINED, TakeWished): (S.OVER, ("take_call",)),
    (S.JOINED, SupervisionUnanswered): (S.JOINED, ()),
    (S.JOINED, SupervisionEnded): (S.LEAVING, ("hang_up",)),

    (S.LEAVING, e.LegRinging): (S.LEAVING, ()),
    (S.LEAVING, e.LegAnswered): (S.LEAVING, ("end_late_leg",)),
    (S.LEAVING, PhoneOut): (S.LEAVING, ()),
    **{(S.LEAVING, event): (S.OVER, ()) for event in (PhoneFailed, SupervisorLeft)},
    **{(S.LEAVING, event): (S.LEAVING, ()) for event in EVENTS[1:]},
    **{(S.OVER, event): (S.OVER, ()) for event in EVENTS[1:]},
}


class Supervision(Machine):
    """One supervisor on one call. `engages`: whether they are an operator, whom no queue may ring meanwhile.

    Entries are written into the call's `visit`; who writes them down is whoever runs this.
    """

    table: ClassVar[Table] = TABLE
    RING_TIME: ClassVar[float] = RING_TIME

    def __init__(self, who: str, mode: Mode | Literal["take"], legs: tuple[str, ...], visit: Visit, *,
                 engages: bool) -> None:
        self.state: Enum = S.RINGING
        self.who, self.engages = who, engages
        self.mode: Mode | Literal["take"] = mode
        self.legs = set(legs)
        self.leg = ""               # that hears
        self.joined_at = 0.0
        self._visit = visit

    @property
    def joined(self) -> bool:
        return self.state is S.JOINED

    @property
    def lasts(self) -> bool:
        return self.state in (S.RINGING, S.JOINED)

    @property
    def over(self) -> bool:
        return self.state is S.OVER

    def handle(self, event: Any, now: float) -> list[Any]:
        """One event in, effects of the call out."""
        return super().handle(self._sorted(event) if isinstance(event, e.LegEnded) else event, now)

    def _sorted(self, event: e.LegEnded) -> e.LegEnded:
        self.legs.discard(event.leg)
        last = PhoneOut if self.legs else PhoneFailed
        kind = SupervisorLeft if event.leg == self.leg else PhoneOut if self.joined else last
        return kind(event.leg, event.by, event.status, event.reason)

    # --- coming -----------------------------------------------------------------------------------------------------
    def ring(self, event: Any, now: float) -> list[Any]:
        self._visit.entry(now, "supervision_asked", by=self.who, mode=self.mode)
        engaged = [EngageOperator(self.who)] if self.engages else []
        return [*engaged, RingSupervisor(self.who, now + RING_TIME), *(DialOperator(leg) for leg in sorted(self.legs)),
                Note(f"{self.who} is rung, to {self.mode}")]

    def phone_rings(self, event: Any, now: float) -> list[Any]:
        return [Note(f"{self.who} rings")]

    def join(self, event: Any, now: float) -> list[Any]:
        self.leg, self.joined_at = event.leg, now
        self._visit.entry(now, "supervision_began", by=self.who, mode=self.mode)
        return [RingSupervisor(self.who, None), *self._end_all(self.legs - {self.leg}, "answered elsewhere"),
                Note(f"{self.who} {VERBS[self.mode]}")]

    def choose(self, event: Any, now: float) -> list[Any]:
        self.mode = event.mode
        return []

    def switch(self, event: Any, now: float) -> list[Any]:
        if event.mode == self.mode:
            return []
        self.mode = event.mode
        self._visit.entry(now, "supervision_mode", by=self.who, mode=self.mode)
        return [Note(f"{self.who} {VERBS[self.mode]}")]

    def take_call(self, event: Any, now: float) -> list[Any]:
        """Their leg is the call's own from now on, and the operator busy with it is the call's to free."""
        self._visit.entry(now, "supervision_ended", by=self.who, mode=self.mode, reason="takes the call",
                          seconds=round(now - self.joined_at, 1))
        return [HandCall(self.leg, self.who, event.by, event.of)]

    # --- going ------------------------------------------------------------------------------------------------------
    def not_taken(self, event: Any, now: float) -> list[Any]:
        return self._failed("the call ended" if event.by == "us" else event.reason or "no answer", now)

    def unanswered(self, event: Any, now: float) -> list[Any]:
        return [*self._failed("no answer", now), *self._end_all(self.legs)]

    def give_up(self, event: Any, now: float) -> list[Any]:
        return [*self._failed(event.reason, now), *self._end_all(self.legs)]

    def left(self, event: Any, now: float) -> list[Any]:
        reasons = {"peer": "hung up", "us": "the call ended"}
        return self._gone(reasons.get(event.by, event.reason), now)

    def hang_up(self, event: Any, now: float) -> list[Any]:
        return [*self._gone(event.reason, now), *self._end_all(self.legs)]

    def end_late_leg(self, event: Any, now: float) -> list[Any]:
        return [EndLeg(event.leg)]

    def _failed(self, reason: str, now: float) -> list[Any]:
        self._visit.entry(now, "supervision_failed", by=self.who, mode=self.mode, reason=reason)
        return [RingSupervisor(self.who, None), *self._release(), Note(f"{self.who} does not come: {reason}")]

    def _gone(self, reason: str, now: float) -> list[Any]:
        self._visit.entry(now, "supervision_ended", by=self.who, mode=self.mode, reason=reason,
                          seconds=round(now - self.joined_at, 1))
        return [*self._release(), Note(f"{self.who} is off the call: {reason}")]

    def _release(self) -> list[Any]:
        return [ReleaseOperator(self.who)] if self.engages else []

    def _end_all(self, legs: set[str], reason: str = "") -> list[Any]:
        return [EndLeg(leg, reason) for leg in sorted(legs)]


VERBS = {"listen": "listens", "whisper": "whispers to the operator", "barge": "talks with both"}
