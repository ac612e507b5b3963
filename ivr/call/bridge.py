"""The caller talks with somebody, or hears last words; and how every call is brought to its one end."""

from typing import Any

from ivr.call.effects import (
    CallOver,
    EndLeg,
    EngageOperator,
    JoinLegs,
    LeaveQueue,
    Note,
    OwnCaller,
    ReleaseOperator,
    SeparateLegs,
    SetTimer,
    StopClips,
    StopTimers,
)
from ivr.call.record import Outcome
from ivr.call.state import CallData, CallState

# Ends that say no more of a caller who has left a request: it is worked on later.
GAVE_UP = (Outcome.ABANDONED, Outcome.SELF_SERVED, Outcome.OVERFLOW, Outcome.CLOSED)


class BridgePart(CallData):
    """Actions of the states `bridged`, `farewell` and `closing`."""

    def enter_menu_state(self) -> None:
        self.state = CallState.IN_MENU

    # --- talking ----------------------------------------------------------------------------------------------------
    def bridge_operator(self, event: Any, now: float) -> list[Any]:
        self.operator, self.in_queue = event.operator, False
        self.engaged.add(event.operator)
        self.visit.bridged(now, event.operator)
        return [SetTimer("ring", None), *self._bridge()]

    def bridge_target(self, event: Any, now: float) -> list[Any]:
        self.ringing.discard(event.leg)
        self.partner_leg = event.leg
        self.visit.bridged(now, "", self.transfer_target)
        return [SetTimer("ring", None), *self._bridge()]

    def _bridge(self) -> list[Any]:
        return [*self.join(), Note(f"bridged with {self.operator or self.transfer_target}"), *self.write()]

    def join(self) -> list[Any]:
        """Let caller and partner hear each other, unless the partner holds the caller: then the music goes on."""
        if self.partner_leg in self.holding:
            return []
        return [StopClips(self.caller_leg), JoinLegs(self.caller_leg, self.partner_leg)]

    def engage(self, operator: str) -> list[Any]:
        """This call keeps the operator busy; "" is nobody."""
        if not operator or operator in self.engaged:
            return []
        self.engaged.add(operator)
        return [EngageOperator(operator)]

    def own(self, operator: str, before: str) -> list[Any]:
        """The operator has the caller instead of `before`, and no queue brought them: still, they write it up as those
        whom the caller's queue does. A colleague is no caller, and leaves no request to save."""
        queue = "" if self.visit.makes_none else self.visit.call.queue
        return [OwnCaller(operator, queue)] if operator and queue and operator != before else []

    def release(self, operator: str, *, in_vain: bool = False) -> list[Any]:
        """The operator's part is over, unless they stand on the other side of the call as well. `in_vain` as of
        `ReleaseOperator`."""
        if operator not in self.engaged or operator in (self.operator, self.far_operator):
            return []
        self.engaged.discard(operator)
        return [ReleaseOperator(operator, in_vain, self.visit.makes_none)]

    def hold(self, event: Any, now: float) -> list[Any]:
        """The other side put us on hold: the caller hears music."""
        self.visit.entry(now, "held", by=self._name_of(event.leg))
        if event.leg != self.partner_leg:
            return [Note("caller holds")]
        return [SeparateLegs(self.caller_leg, self.partner_leg), self.music(), Note("operator holds")]

    def resume(self, event: Any, now: float) -> list[Any]:
        self.visit.entry(now, "resumed", by=self._name_of(event.leg))
        if event.leg != self.partner_leg:
            return [Note("caller resumes")]
        return [StopClips(self.caller_leg), JoinLegs(self.caller_leg, self.partner_leg), Note("operator resumes")]

    def _name_of(self, leg: str) -> str:
        return "caller" if leg == self.caller_leg else self.operator or "target"

    # --- last words -------------------------------------------------------------------------------------------------
    def say_goodbye(self, name: str, outcome: Outcome, reason: str, now: float) -> list[Any]:
        """Play one announcement, then hang up with this outcome (which stands even if the caller goes first)."""
        return self.say_last((self.announcement(name),), outcome, reason)

    def say_last(self, clips: tuple[str, ...], outcome: Outcome, reason: str) -> list[Any]:
        """As `say_goodbye`, with any clips."""
        self.state = CallState.FAREWELL
        effect = self.play(clips, replace=True)
        self.goodbye_play, self.goodbye = effect.play_id, (outcome, reason)
        return [effect, *self.write()]

    def goodbye_over(self, event: Any, now: float) -> list[Any]:
        if event.play_id != self.goodbye_play:
            return []
        outcome, reason = self.goodbye
        return self.hang_up_all(now, Outcome(outcome), "hotline", reason)

    def caller_left_farewell(self, event: Any, now: float) -> list[Any]:
        outcome, reason = self.goodbye
        return self.hang_up_all(now, Outcome(outcome), "caller", reason)

    def end_farewell_ordered(self, event: Any, now: float) -> list[Any]:
        outcome, reason = self.goodbye
        return self.hang_up_all(now, Outcome(outcome), "hotline", reason)

    # --- the end ----------------------------------------------------------------------------------------------------
    def caller_left_waiting(self, event: Any, now: float) -> list[Any]:
        return self._caller_left(event, Outcome.ABANDONED, now)

    def _caller_left(self, event: Any, outcome: Outcome, now: float) -> list[Any]:
        return self.hang_up_all(now, *self.ended_by_caller(event, outcome))

    def ended_by_caller(self, event: Any, outcome: Outcome) -> tuple[Outcome, str, str]:
        """The outcome of a call whose caller is gone, by whom and why."""
        if event.by != "network":
            return outcome, "caller", event.reason
        # No ACK, no answer to a probe: nobody hung up, the call broke. What the caller had left stands.
        return self.visit.promised or Outcome.FAILED, "network", event.reason

    def caller_left_bridge(self, event: Any, now: float) -> list[Any]:
        by = "network" if event.by == "network" else "target" if self.visit.call.direction != "inbound" else "caller"
        return self.hang_up_all(now, self._talked(), by, event.reason)

    def partner_left(self, event: Any, now: float) -> list[Any]:
        by = "network" if event.by == "network" else "operator" if self.operator else "target"
        return self.hang_up_all(now, self._talked(), by, event.reason)

    def _talked(self) -> Outcome:
        return Outcome.ANSWERED if self.visit.with_operator else Outcome.TRANSFERRED

    def plane_lost(self, event: Any, now: float) -> list[Any]:
        return self.hang_up_all(now, Outcome.FAILED, "hotline", "the media plane died")

    def end_ordered(self, event: Any, now: float) -> list[Any]:
        return self.hang_up_all(now, Outcome.FAILED, "hotline", event.reason)

    def end_talk_ordered(self, event: Any, now: float) -> list[Any]:
        return self.hang_up_all(now, self._talked(), "hotline", event.reason)

    def hang_up_all(self, now: float, outcome: Outcome, by: str, reason: str) -> list[Any]:
        """Write the one outcome, free the operators, end every leg."""
        self.state = CallState.CLOSING
        left = outcome
        if self.visit.with_operator and outcome is not Outcome.FAILED and not self.given_away:
            outcome = Outcome.ANSWERED
        elif outcome in GAVE_UP:
            outcome = self.visit.promised or outcome
        self.visit.ended(now, outcome, by, reason)
        effects: list[Any] = [StopTimers(), Note(f"{outcome} ({by}: {reason})")]
        if self.in_queue:
            self.in_queue = False
            effects.append(LeaveQueue("abandoned" if left is Outcome.ABANDONED else "failed"))
        effects += [ReleaseOperator(operator, in_vain=self.back is not None, asked=self.visit.makes_none)
                    for operator in sorted(self.engaged)]
        self.engaged.clear()
        legs = ([self.caller_leg] if self.caller_alive else []) + sorted(self.others)
        effects += [EndLeg(leg) for leg in legs]
        return [*effects, *self.write(), *self.over_if_done(None, now)]

    def over_if_done(self, event: Any, now: float) -> list[Any]:
        if self.caller_alive or self.others or self.state is CallState.ENDED:
            return []
        self.state = CallState.ENDED
        return [CallOver()]

    def end_late_leg(self, event: Any, now: float) -> list[Any]:
        """A phone answered after the offer was gone."""
        return [EndLeg(event.leg)]

    def end_late_offer(self, event: Any, now: float) -> list[Any]:
        """An operator was found in the moment in which the call ended: their phones must not ring."""
        self.others.update(event.legs)
        return [EndLeg(leg) for leg in event.legs]

    def release_late(self, event: Any, now: float) -> list[Any]:
        """Assigned in the moment in which the call ended: the operator is free again."""
        return [ReleaseOperator(event.operator)]
