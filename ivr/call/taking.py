"""A supervisor has a call taken: whoever is to have it is rung, and the caller loses nothing until they answer.

    call                          taking                      phones of who takes it
      |<-- entry: take_asked -------|---- INVITE --------------->|   the caller waits, or talks, as before
      |<-- HandCall ----------------|<--- 200 -------------------|
      |--- takes the new leg as the caller's partner; the operator before is off the call

Nobody answers, or another operator is quicker: nothing has changed for the caller. Who listens to the call already
(`ivr.call.supervising`) has it at once.
"""

from typing import Any, ClassVar

from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.call import events as e
from ivr.call.effects import DialOperator, EngageOperator, Note
from ivr.call.supervising import (
    HandCall,
    ModeChosen,
    PhoneFailed,
    PhoneOut,
    RingSupervisor,
    Supervision,
    SupervisionAsked,
    SupervisionEnded,
    SupervisionState,
    SupervisionUnanswered,
    TakeWished,
)
from ivr.call.visit import Visit


@frozen
class TakenOut:
    """The leg `leg`, which is ours and talks, is to be the caller's partner from now on. `operator`: whose it is, ""
    for an account that is no operator; `who` in either case; `by` ordered it; `of` had the caller, "": the queue."""

    leg: str
    operator: str
    who: str
    by: str
    of: str


S = SupervisionState
TABLE: Table = {
    (S.RINGING, SupervisionAsked): (S.RINGING, ("ring",)),
    (S.RINGING, e.LegRinging): (S.RINGING, ("phone_rings",)),
    (S.RINGING, e.LegAnswered): (S.OVER, ("hand_over",)),
    (S.RINGING, PhoneOut): (S.RINGING, ()),
    (S.RINGING, PhoneFailed): (S.OVER, ("not_taken",)),
    **{(S.RINGING, event): (S.RINGING, ()) for event in (ModeChosen, TakeWished)},
    (S.RINGING, SupervisionUnanswered): (S.LEAVING, ("unanswered",)),
    (S.RINGING, SupervisionEnded): (S.LEAVING, ("give_up",)),

    (S.LEAVING, e.LegRinging): (S.LEAVING, ()),
    (S.LEAVING, e.LegAnswered): (S.LEAVING, ("end_late_leg",)),
    (S.LEAVING, PhoneOut): (S.LEAVING, ()),
    (S.LEAVING, PhoneFailed): (S.OVER, ()),
    **{(state, event): (state, ()) for state in (S.LEAVING, S.OVER)
       for event in (ModeChosen, SupervisionUnanswered, SupervisionEnded, TakeWished)},
}


class Taking(Supervision):
    """Somebody is rung for a call that a supervisor wants them to have. `of` as in `TakenOut`."""

    table: ClassVar[Table] = TABLE

    def __init__(self, who: str, legs: tuple[str, ...], visit: Visit, *, by: str, of: str, engages: bool) -> None:
        super().__init__(who, "take", legs, visit, engages=engages)
        self.by, self.of = by, of

    def ring(self, event: Any, now: float) -> list[Any]:
        self._visit.entry(now, "take_asked", by=self.by, to=self.who, of=self.of)
        engaged = [EngageOperator(self.who)] if self.engages else []
        return [*engaged, RingSupervisor(self.who, now + self.RING_TIME),
                *(DialOperator(leg) for leg in sorted(self.legs)), Note(f"{self.by} has {self.who} rung for this call")]

    def hand_over(self, event: Any, now: float) -> list[Any]:
        return [RingSupervisor(self.who, None), *self._end_all(self.legs - {event.leg}, "answered elsewhere"),
                HandCall(event.leg, self.who, self.by, self.of)]

    def _failed(self, reason: str, now: float) -> list[Any]:
        self._visit.entry(now, "take_failed", by=self.by, to=self.who, reason=reason)
        return [RingSupervisor(self.who, None), *self._release(), Note(f"{self.who} does not take it: {reason}")]
