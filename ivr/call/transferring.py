"""An operator sends the caller on (REFER): to a colleague, a number, a queue, a line, or to whom they consulted.

    operator's phone        call                         target
       |---- REFER ---------->| music to the caller        |
       |<--- 202, NOTIFY 100 -|---- INVITE --------------->|
       |<--- NOTIFY 180 ------|<--- 180 -------------------|
       |<--- NOTIFY 200 ------|<--- 200 -------------------|   caller and target are joined
       |<--- BYE -------------|                                  (a failure: the caller is back with the operator)

An operator who hangs up right after the REFER is free; if the target then fails, they are rung for the caller, where
that can be; else the caller goes back into the queue they came from, before all others in it.
"""

from typing import Any

from ivr.call.effects import (
    DialOperator,
    EndLeg,
    Note,
    ReportTransfer,
    RingBack,
    SeparateLegs,
    SetTimer,
    StopClips,
)
from ivr.call.in_menu import MenuPart
from ivr.call.record import Outcome
from ivr.call.settings import OVERFLOW_HOPS, RETURNED_PRIORITY
from ivr.call.state import CallState

NO_ANSWER = 480


class TransferPart(MenuPart):
    """Actions of `bridged` that begin a transfer, and of the state `referred`."""

    # --- to phones --------------------------------------------------------------------------------------------------
    def refer_to_phones(self, event: Any, now: float) -> list[Any]:
        """Ring the target; the operator's leg stays until it answers."""
        return [*self._refer_to(event, now), *(DialOperator(leg) for leg in event.legs), *self.write()]

    def adopt_ringing(self, event: Any, now: float) -> list[Any]:
        """The operator did not wait for the answer of whom they consulted: these legs ring for the caller now."""
        return [*self._refer_to(event, now), *self.write()]

    def _refer_to(self, event: Any, now: float) -> list[Any]:
        self.ringing = set(event.legs)
        self.others |= self.ringing
        self.transfer_target, self.target_operator, self.transferor = event.target, event.operator, self.operator
        self.visit.entry(now, "transfer_requested", by=self.operator, to=event.target)
        self.visit.parted(now)
        return [SeparateLegs(self.caller_leg, self.partner_leg), self.music(), *self.engage(event.operator),
                SetTimer("ring", now + self.settings.transfer_ring_time),
                Note(f"{self.operator} transfers to {event.target}")]

    def referred_rings(self, event: Any, now: float) -> list[Any]:
        told = [ReportTransfer(self.partner_leg, 180)] if self.partner_leg else []
        return [*told, Note(f"{self.transfer_target} rings")]

    def bridge_referred(self, event: Any, now: float) -> list[Any]:
        """The target answered: they are the caller's partner, the operator's part is over."""
        self.ringing.discard(event.leg)
        told = self.partner_leg
        return [SetTimer("ring", None), *self.stop_ringing("answered elsewhere"),
                *self.change_partner(event.leg, told, now)]

    def change_partner(self, leg: str, told: str, now: float) -> list[Any]:
        """Join the caller with `leg`; the transferring operator, told on the leg `told`, is out of this call."""
        old_leg, old_operator = self.partner_leg, self.operator
        to, operator = self.transfer_target, self.target_operator
        self.partner_leg, self.operator, self.target_operator = leg, operator, ""
        if self.returning:
            self.returning = False
            self.visit.entry(now, "transfer_returned", to=operator)
        else:
            self.visit.entry(now, "transferred", by=self.transferor, to=to)
        self.visit.bridged(now, operator, "" if operator else to)
        effects = [*self.engage(operator), *self.own(operator, old_operator), *self.join(),
                   Note(f"bridged with {operator or to}")]
        if old_leg:
            effects += [ReportTransfer(told, 200), EndLeg(old_leg)]
        return [*effects, *self.release(old_operator), *self.write()]

    # --- it fails ---------------------------------------------------------------------------------------------------
    def referred_failed(self, event: Any, now: float) -> list[Any]:
        """One phone of the target is out; when none is left the caller comes back."""
        return [] if self.ringing else self._give_back(event.status if event.status >= 400 else NO_ANSWER, now)

    def referred_unanswered(self, event: Any, now: float) -> list[Any]:
        return self._give_back(NO_ANSWER, now)

    def _give_back(self, status: int, now: float) -> list[Any]:
        target, operator = self.transfer_target, self.target_operator
        self.transfer_target = self.target_operator = ""
        self.visit.entry(now, "transfer_failed", by=self.transferor, to=target, status=status)
        effects = [SetTimer("ring", None), *self.stop_ringing(), *self.release(operator),
                   Note(f"transfer to {target} failed: {status}")]
        if not self.partner_leg:
            return effects + self._return(now)
        self.state = CallState.BRIDGED
        self.visit.talks(now)
        return [*effects, ReportTransfer(self.partner_leg, status), *self.join(), *self.write()]

    def _return(self, now: float) -> list[Any]:
        """Who sent the caller on has hung up: they are rung, if they are free; else the queue has the caller."""
        operator = "" if self.returning else self.transferor
        self.returning = False
        if not operator:
            return self.back_to_queue(now)
        return [RingBack(operator), *self.write()]

    def return_to_operator(self, event: Any, now: float) -> list[Any]:
        if not event.legs:
            return self.back_to_queue(now)
        self.returning, self.ringing = True, set(event.legs)
        self.others |= self.ringing
        self.transfer_target = self.target_operator = event.operator
        return [*self.engage(event.operator), SetTimer("ring", now + self.settings.transfer_ring_time),
                *(DialOperator(leg) for leg in event.legs), Note(f"the caller comes back to {event.operator}")]

    def transferor_left(self, event: Any, now: float) -> list[Any]:
        """Many phones hang up as soon as the REFER is accepted."""
        operator, self.operator, self.partner_leg = self.operator, "", ""
        return [*self.release(operator), Note(f"{operator} left the transfer"), *self.write()]

    def back_to_queue(self, now: float) -> list[Any]:
        """Nobody has the caller any more: before all others of their queue, or last words if they came from none."""
        queue = self.visit.call.queue
        self.overflow_hops += 1
        if not queue or self.overflow_hops > OVERFLOW_HOPS:
            return self.say_goodbye("nobody_available", Outcome.OVERFLOW, "transfer_failed", now)
        self.priority = RETURNED_PRIORITY
        return self.register(queue, self._subject(), now)

    def partner_lost(self, event: Any, now: float) -> list[Any]:
        """It was not the caller who left: somebody else has them, before all others."""
        leg, operator = self.partner_leg, self.operator
        self.partner_leg = self.operator = ""
        self.visit.entry(now, "operator_lost", operator=operator, reason=event.reason)
        self.visit.parted(now)
        return [SeparateLegs(self.caller_leg, leg), EndLeg(leg), *self.release(operator),
                Note(f"{operator} is lost: {event.reason}"), *self.back_to_queue(now)]

    # --- to a queue or a menu ---------------------------------------------------------------------------------------
    def refer_to_queue(self, event: Any, now: float) -> list[Any]:
        effects = self._let_go(event.queue, now)
        self.priority = self.overflow_hops = 0
        self.skills = ()         # the operator knows better than the menu what the caller needs
        return [*effects, *self.register(event.queue, self._subject(), now)]

    def refer_to_line(self, event: Any, now: float) -> list[Any]:
        effects = self._let_go(event.settings.line, now)
        self.settings, self.interpreter = event.settings, event.interpreter
        self.priority = self.overflow_hops = 0
        self.visit.change(language=self.interpreter.language, menu_version=self.settings.menu.version)
        return [*effects, StopClips(self.caller_leg), *self.take_steps(self.interpreter.start(now), now), *self.write()]

    def _let_go(self, to: str, now: float) -> list[Any]:
        """The operator's part is over at once: where the caller goes there is always room."""
        leg, operator = self.partner_leg, self.operator
        self.partner_leg = self.operator = ""
        self.visit.entry(now, "transfer_requested", by=operator, to=to)
        self.visit.entry(now, "transferred", by=operator, to=to)
        self.visit.parted(now)
        return [SeparateLegs(self.caller_leg, leg), ReportTransfer(leg, 200), EndLeg(leg), *self.release(operator),
                Note(f"{operator} transfers to {to}")]

    def _subject(self) -> str:
        return self.visit.request.subject if self.visit.request else ""

    # --- with two calls (attended) ----------------------------------------------------------------------------------
    def join_consulted(self, event: Any, now: float) -> list[Any]:
        """The caller gets the partner of the operator's other call."""
        self.others.add(event.partner)
        self.transfer_target, self.target_operator, self.transferor = event.target, event.operator, self.operator
        self.visit.entry(now, "transfer_requested", by=self.operator, to=event.target)
        return self.change_partner(event.partner, event.told, now)

    def give_away(self, event: Any, now: float) -> list[Any]:
        """The others of this call belong to another one from now on; what is left is to end the operator's leg."""
        legs = set(event.legs)
        self.others -= legs
        self.ringing -= legs
        if self.caller_leg in legs:
            self.caller_alive = False
        self.given_away = True
        return self.hang_up_all(now, Outcome.TRANSFERRED, "operator", "joined with another call")

    def note_refused(self, event: Any, now: float) -> list[Any]:
        """The phone has heard it already; here it is for the record."""
        self.visit.entry(now, "transfer_refused", by=self.operator, to=event.target, status=event.status,
                         reason=event.reason)
        return [Note(f"transfer refused: {event.status} {event.reason}"), *self.write()]
