"""A new leg takes the place of another one of the call (RFC 3891): picked up, taken over, a caller who was moved."""

from dataclasses import replace
from typing import Any

from ivr.call.bridge import BridgePart
from ivr.call.effects import (
    AnswerLeg,
    EndLeg,
    EngageOperator,
    JoinLegs,
    Note,
    RejectLeg,
    ReportTransfer,
    SetTimer,
    TakeCall,
)
from ivr.call.state import CallState

NO_SUCH_DIALOG = 481


class TakingOverPart(BridgePart):
    """Actions for LegTaken."""

    def pick_up(self, event: Any, now: float) -> list[Any]:
        """A colleague takes the call while another one's phone (or a target outside) rings."""
        return self._pick_up(event, self.operator or self.transfer_target, now)

    def _pick_up(self, event: Any, rung: str, now: float) -> list[Any]:
        ringing, self.ringing = sorted(self.ringing), set()
        self.in_queue = False
        self.visit.entry(now, "picked_up", by=event.operator, rung=rung)
        return [SetTimer("ring", None), *(EndLeg(leg, "answered elsewhere") for leg in ringing),
                *self._serve(event, now)]

    def pick_up_referred(self, event: Any, now: float) -> list[Any]:
        """As pick_up, of a transfer that rings: the transferring operator is out as if the target had answered."""
        rung, self.target_operator, self.returning = self.target_operator, "", False
        before, leg = self.operator, self.partner_leg
        effects: list[Any] = [ReportTransfer(leg, 200), EndLeg(leg)] if leg else []
        return [*effects, *self._pick_up(event, self.transfer_target, now), *self.release(rung), *self.release(before)]

    def take_over(self, event: Any, now: float) -> list[Any]:
        """A colleague, or another phone of the same operator, takes over the talk."""
        self.visit.entry(now, "taken_over", by=event.operator, of=self.operator or self.transfer_target)
        before = self.operator
        return [EndLeg(self.partner_leg), *self._serve(event, now), *self.release(before)]

    def _serve(self, event: Any, now: float) -> list[Any]:
        """The new leg is the caller's partner."""
        self.others.add(event.leg)
        before, self.operator, self.partner_leg = self.operator, event.operator, event.leg
        self.engaged.add(event.operator)
        self.visit.bridged(now, event.operator)
        return [AnswerLeg(event.leg), TakeCall(event.operator), *self.own(event.operator, before), *self.join(),
                Note(f"{event.operator} takes the call"), *self.write()]

    def replace_caller(self, event: Any, now: float) -> list[Any]:
        """Everything the caller had is the new leg's: what plays begins anew there, who talks is joined with it."""
        old, self.caller_leg = self.caller_leg, event.leg
        self.others.add(old)
        effects: list[Any] = [AnswerLeg(event.leg), *(replace(play, leg=event.leg) for play in self.heard)]
        self.heard = []
        if self.state is CallState.BRIDGED and self.partner_leg not in self.holding:
            effects.append(JoinLegs(self.caller_leg, self.partner_leg))
        if event.operator:
            before, self.far_operator = self.far_operator, event.operator
            self.engaged.add(event.operator)
            # Who waits in a queue for somebody has not taken the call out of it.
            busy = EngageOperator(event.operator) if self.in_queue else TakeCall(event.operator)
            effects += [busy, *self.release(before)]
        self.visit.entry(now, "caller_moved")
        return [*effects, EndLeg(old), Note("the caller is on another leg now"), *self.write()]

    def refuse_taking(self, event: Any, now: float) -> list[Any]:
        """What it wanted to replace is not what it was."""
        return [RejectLeg(event.leg, NO_SUCH_DIALOG)]
