"""A call that an operator makes: to a colleague or a permitted number. From its answer on it is a call like any other.

Whom the operator called then stands where a caller stands, and the operator where the operator stands: hold, transfer
and the endings need no second set of rules.
"""

from typing import Any

from ivr.call.bridge import BridgePart
from ivr.call.effects import AnswerLeg, DialOperator, EndLeg, JoinLegs, Note, RejectLeg, RingLeg, SetTimer, TakeCall
from ivr.call.record import Outcome
from ivr.call.settings import OWN_RING_TIME

NO_ANSWER = 480
# What an operator's phone may hear of whom it called. All others speak of our INVITE and not of theirs: a 401 above all
# would make it ask for a password.
PASSED_ON = frozenset((403, 404, 408, 410, 480, 484, 486, 487, 488, 500, 502, 503, 504, 600, 603, 604, 606, 607, 608))


class OwnCallPart(BridgePart):
    """Actions of the state `dialling`."""

    def dial(self, event: Any, now: float) -> list[Any]:
        """Ring whom the operator called."""
        self.operator, self.transfer_target, self.target_operator = event.by, event.target, event.operator
        self.ringing = set(event.legs)
        self.others |= self.ringing
        self.visit.change(operator=event.by)
        self.visit.entry(now, "dialled", by=event.by, to=event.target)
        return [*self.engage(event.by), *self.engage(event.operator), SetTimer("ring", now + OWN_RING_TIME),
                *(DialOperator(leg) for leg in event.legs), Note(f"{event.by} calls {event.target}"), *self.write()]

    def dialled_rings(self, event: Any, now: float) -> list[Any]:
        return [RingLeg(self.caller_leg), Note(f"{self.transfer_target} rings")]

    def dialled_answered(self, event: Any, now: float) -> list[Any]:
        self.ringing.discard(event.leg)
        return self._talk(event.leg, now)

    def pick_up_dialled(self, event: Any, now: float) -> list[Any]:
        """A colleague takes the call that rings at another one's phone."""
        self.visit.entry(now, "picked_up", by=event.operator, rung=self.transfer_target)
        rung, self.target_operator = self.target_operator, event.operator
        self.transfer_target = event.operator
        self.engaged.add(event.operator)
        return [AnswerLeg(event.leg), TakeCall(event.operator), *self._talk(event.leg, now), *self.release(rung)]

    def _talk(self, leg: str, now: float) -> list[Any]:
        dialler, self.caller_leg, self.partner_leg = self.caller_leg, leg, self.caller_leg
        ringing, self.ringing = sorted(self.ringing), set()
        self.others = (self.others - {leg}) | {dialler}
        self.far_operator, self.target_operator = self.target_operator, ""
        self.confirmed = True
        self.visit.answered(now)
        self.visit.bridged(now, self.operator, self.transfer_target)
        return [SetTimer("ring", None), *(EndLeg(each, "answered elsewhere") for each in ringing), AnswerLeg(dialler),
                JoinLegs(self.caller_leg, self.partner_leg), Note(f"bridged with {self.transfer_target}"),
                *self.write()]

    def dialled_failed(self, event: Any, now: float) -> list[Any]:
        """One phone is out; when none is left, the operator hears why."""
        if self.ringing:
            return []
        return self._not_taken(event.status if event.status >= 400 else NO_ANSWER, event.reason, now)

    def dialled_unanswered(self, event: Any, now: float) -> list[Any]:
        return self._not_taken(NO_ANSWER, "no answer", now)

    def _not_taken(self, status: int, reason: str, now: float) -> list[Any]:
        self.visit.entry(now, "not_taken", to=self.transfer_target, status=status)
        heard = status if status in PASSED_ON else NO_ANSWER
        return [RejectLeg(self.caller_leg, heard), *self.hang_up_all(now, Outcome.REFUSED, "target", reason)]

    def dialler_left(self, event: Any, now: float) -> list[Any]:
        by = "network" if event.by == "network" else "operator"
        return self.hang_up_all(now, Outcome.ABANDONED, by, event.reason)
