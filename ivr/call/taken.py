"""A call is taken out of its queue, or from its operator, by order of a supervisor: see `ivr.call.taking`."""

from typing import Any

from ivr.base.machine import Table
from ivr.base.values import frozen
from ivr.call.effects import EndLeg, LeaveQueue, Note, ReleaseOperator, SetTimer, TakeCall
from ivr.call.state import CallState
from ivr.call.taking import TakenOut
from ivr.call.taking_over import TakingOverPart

S = CallState
TAKEN = "answered elsewhere"         # so that a phone counts no missed call
WAITING = (S.QUEUED, S.CONNECTING, S.BRIEFING)


@frozen
class TakenLate(TakenOut):
    """The caller is not any more where they were to be taken from."""


TAKEN_ROWS: Table = {
    **{(state, TakenOut): (S.BRIDGED, ("take_out",)) for state in WAITING},
    (S.BRIDGED, TakenOut): (S.BRIDGED, ("take_away",)),
    **{(state, TakenLate): (state, ("take_too_late",)) for state in CallState},
}


class TakenPart(TakingOverPart):
    """Actions for TakenOut."""

    def sort_taken(self, event: TakenOut) -> TakenOut:
        there = self.state is S.BRIDGED and self.operator == event.of if event.of else self.state in WAITING
        return event if there else TakenLate(event.leg, event.operator, event.who, event.by, event.of)

    def take_out(self, event: TakenOut, now: float) -> list[Any]:
        """Out of the queue. Whoever is no operator is nobody whom the queue knows: the caller has left it."""
        rung, self.ringing = {*self.ringing, self.partner_leg} - {""}, set()
        self.in_queue = False
        self.offered.clear()
        self.visit.entry(now, "taken_out", by=event.by, to=event.who)
        left: list[Any] = []
        if not event.operator:
            self.visit.entry(now, "queue_left", queue=self.visit.call.queue, to=event.who)
            left = [LeaveQueue("transferred")]
        return [SetTimer("ring", None), SetTimer("comfort", None), *(EndLeg(leg, TAKEN) for leg in sorted(rung)),
                *left, *self._give(event, now)]

    def take_away(self, event: TakenOut, now: float) -> list[Any]:
        """From the operator who talks with the caller."""
        before = self.operator
        self.visit.entry(now, "taken_out", by=event.by, to=event.who, of=before)
        return [EndLeg(self.partner_leg), *self._give(event, now), *self.release(before)]

    def take_too_late(self, event: TakenOut, now: float) -> list[Any]:
        """The caller is elsewhere, or gone."""
        free = [ReleaseOperator(event.operator)] if event.operator and event.operator not in self.engaged else []
        return [EndLeg(event.leg), *free, Note(f"{event.who} comes too late")]

    def _give(self, event: TakenOut, now: float) -> list[Any]:
        """The new leg is the caller's partner."""
        self.others.add(event.leg)
        before, self.operator, self.partner_leg = self.operator, event.operator, event.leg
        self.transfer_target = "" if event.operator else event.who
        taken: list[Any] = []
        if event.operator:
            self.engaged.add(event.operator)
            taken = [TakeCall(event.operator), *self.own(event.operator, before)]
        self.visit.bridged(now, event.operator, self.transfer_target)
        return [*taken, *self.join(), Note(f"{event.who} takes the call, by order of {event.by}"), *self.write()]
