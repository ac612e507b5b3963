"""The operator asks somebody before sending the caller on, all within the caller's call; or joins all three.

    BRIDGED ---- asked ----> CONSULTING ---- handed over, or the operator hangs up ----> BRIDGED with whom they asked
       ^                      |      |
       +---- back, no answer -+      +---- joined ----> CONFERENCE ---- one leaves ----> BRIDGED with the other
                                                            ^
    BRIDGED, while the operator talks on a second call ------+

Whoever is consulted is a participant; the caller's owning operator stays who they were until the caller is handed
over. The caller hears music while the others talk. Who hands over before the target has answered leaves a transfer that
rings.
"""

from typing import Any

from ivr.call.effects import (
    AnswerLeg,
    ConferLegs,
    DialOperator,
    EndLeg,
    JoinLegs,
    Note,
    PlayClips,
    SeparateLegs,
    SetTimer,
    StopClips,
)
from ivr.call.state import CallState
from ivr.call.transferring import TransferPart


class ConsultPart(TransferPart):
    """Actions of the states `consulting` and `conference`, and of `bridged` that lead there."""

    def call_queue(self, event: Any, now: float) -> list[Any]:
        """An operator waits in a queue as a caller does; that is no request of anybody's."""
        self.far_operator, self.transfer_target, self.visit.consults = event.by, event.queue, True
        self.visit.change(operator=event.by)
        self.visit.entry(now, "dialled", by=event.by, to=event.queue)
        self.visit.answered(now)
        return [AnswerLeg(self.caller_leg), *self.engage(event.by), Note(f"{event.by} calls {event.queue}"),
                *self.register(event.queue, "", now)]

    # --- asking -----------------------------------------------------------------------------------------------------
    def consult(self, event: Any, now: float) -> list[Any]:
        """Ring whom the operator asks; both sides hear music."""
        self.ringing = set(event.legs)
        self.others |= self.ringing
        self.transfer_target, self.target_operator, self.transferor = event.target, event.operator, self.operator
        self.visit.entry(now, "consultation_asked", by=self.operator, to=event.target)
        self.visit.parted(now)
        music = self.music()
        self.last_play += 1
        return [SeparateLegs(self.caller_leg, self.partner_leg), music,
                PlayClips(self.partner_leg, self.last_play, music.clips, loop=True, replace=True),
                *self.engage(event.operator), SetTimer("ring", now + self.settings.transfer_ring_time),
                *(DialOperator(leg) for leg in event.legs), Note(f"{self.operator} consults {event.target}"),
                *self.write()]

    def consulted_rings(self, event: Any, now: float) -> list[Any]:
        return [Note(f"{self.transfer_target} rings")]

    def consulted_answered(self, event: Any, now: float) -> list[Any]:
        self.ringing.discard(event.leg)
        self.consulted_leg = event.leg
        self.visit.entry(now, "consultation_began", by=self.operator, to=self.transfer_target)
        return [SetTimer("ring", None), *self.stop_ringing("answered elsewhere"), StopClips(self.partner_leg),
                JoinLegs(self.partner_leg, self.consulted_leg), Note(f"{self.transfer_target} is consulted"),
                *self.write()]

    def consulted_failed(self, event: Any, now: float) -> list[Any]:
        """One phone of theirs is out; when none is left, the operator is back with the caller."""
        return [] if self.ringing or self.consulted_leg else self._back("not_taken", now)

    def consulted_unanswered(self, event: Any, now: float) -> list[Any]:
        return self._back("no_answer", now)

    # --- back to the caller -----------------------------------------------------------------------------------------
    def back_to_caller(self, event: Any, now: float) -> list[Any]:
        return self._back("ended_by_operator", now)

    def consulted_left(self, event: Any, now: float) -> list[Any]:
        return self._back("left", now)

    def _back(self, reason: str, now: float) -> list[Any]:
        """Caller and operator, as before; whoever was asked is out of the call."""
        leg, target, operator = self.consulted_leg, self.transfer_target, self.target_operator
        self.state = CallState.BRIDGED
        self.consulted_leg = self.transfer_target = self.target_operator = ""
        self.visit.entry(now, "consultation_ended", by=self.operator, to=target, reason=reason)
        self.visit.talks(now)
        return [SetTimer("ring", None), *self.stop_ringing(), SeparateLegs(self.partner_leg, leg),
                *([EndLeg(leg)] if leg in self.others else []), *self.release(operator), StopClips(self.partner_leg),
                *(self.join() or [self.music()]), Note(f"{target} is off the call: {reason}"), *self.write()]

    # --- all three --------------------------------------------------------------------------------------------------
    def confer(self, event: Any, now: float) -> list[Any]:
        """Everybody hears everybody; nothing while nobody has answered."""
        return self._confer(now) if self.consulted_leg else []

    def confer_given(self, event: Any, now: float) -> list[Any]:
        """The operator talks with somebody on a second call: they, and the operator's leg there, are ours now."""
        old = self.partner_leg
        self.partner_leg, self.consulted_leg = event.own, event.partner
        self.others |= {event.own, event.partner}
        self.transfer_target, self.target_operator, self.transferor = event.target, event.operator, self.operator
        return [SeparateLegs(self.caller_leg, old), *self.engage(event.operator), *self._confer(now), EndLeg(old)]

    def _confer(self, now: float) -> list[Any]:
        self.state = CallState.CONFERENCE
        self.visit.talks(now)
        self.visit.entry(now, "conference_began", by=self.operator, to=self.transfer_target)
        return [StopClips(self.caller_leg), ConferLegs((self.caller_leg, self.partner_leg, self.consulted_leg)),
                Note(f"{self.operator}, {self.transfer_target} and the caller talk"), *self.write()]

    # --- handing over -----------------------------------------------------------------------------------------------
    def hand_over(self, event: Any, now: float) -> list[Any]:
        """Caller and whom the operator asked; the operator is out of this call."""
        if not self.consulted_leg:
            return self._leave_ringing(now)
        leg, self.consulted_leg = self.consulted_leg, ""
        self.state = CallState.BRIDGED
        self.visit.entry(now, "transfer_requested", by=self.transferor, to=self.transfer_target)
        return [SeparateLegs(self.partner_leg, leg), *self.change_partner(leg, self.partner_leg, now)]

    def consultant_left(self, event: Any, now: float) -> list[Any]:
        """The operator hung up: that hands over, as with any telephone."""
        self.partner_leg = ""
        return self.hand_over(event, now)

    def _leave_ringing(self, now: float) -> list[Any]:
        """It is a transfer that rings from now on."""
        leg, operator = self.partner_leg, self.operator
        self.state = CallState.REFERRED
        self.partner_leg = self.operator = ""
        self.visit.entry(now, "transfer_requested", by=operator, to=self.transfer_target)
        return [*([EndLeg(leg)] if leg else []), *self.release(operator),
                Note(f"{operator} leaves {self.transfer_target} to the caller"), *self.write()]
