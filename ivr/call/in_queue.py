"""The caller waits for a person: the request is made safe, the queue entered, phones rung, overflows followed."""

from collections.abc import Mapping
from typing import Any

from ivr.call.bridge import BridgePart
from ivr.call.effects import (
    AcceptOffer,
    DialAddress,
    DialOperator,
    EndLeg,
    EngageOperator,
    EnterQueue,
    FailOffer,
    Note,
    Refusal,
    SetTimer,
)
from ivr.call.record import Outcome
from ivr.call.settings import OVERFLOW_HOPS, STORE_TIMEOUT, Overflow
from ivr.call.state import CallState
from ivr.menu.notices import clips_said

# SIP statuses of a phone that did not take the call; 3xx and what is not named here count as failed or refused.
REFUSALS: Mapping[int, Refusal] = {
    0: "failed", 404: "unreachable", 408: "no_answer", 430: "unreachable", 480: "unreachable", 486: "busy",
    487: "no_answer", 600: "busy", 603: "refused"}


class QueuePart(BridgePart):
    """Actions of the states `registering`, `queued`, `connecting` and `transferring`."""

    # --- into the queue ---------------------------------------------------------------------------------------------
    def register(self, queue: str, subject: str, now: float) -> list[Any]:
        """Make the request durable; music plays meanwhile. The queue comes after it and after the caller's ACK. Before
        all that its callers hear its notice, once."""
        notice = self.settings.recording_notices.get(queue, "")
        clips = clips_said(self.settings.menu, self.settings.announcements, [notice], self.language)
        if clips and notice not in self.told:
            self.told.add(notice)
            self.after_notice = queue, subject
            return [SetTimer("input", None), *self.say_first(clips, now)]
        self.state = CallState.REGISTERING
        self.durable = False
        self.visit.open_request(now, queue, subject)
        return [SetTimer("input", None), SetTimer("store", now + STORE_TIMEOUT), self.music(),
                *self.write(durable=True), Note(f"request for {queue}")]

    def say_first(self, clips: tuple[str, ...], now: float) -> list[Any]:
        """Say these to their end; no key cuts them short. Then comes what was to come."""
        self.state = CallState.NOTICED
        effect = self.play(clips, replace=True)
        self.notice_play = effect.play_id
        self.visit.entry(now, "notice_begun")
        return [effect, Note("a notice"), *self.write()]

    def mark_durable(self, event: Any, now: float) -> list[Any]:
        self.durable = True
        return []

    def refuse_request(self, event: Any, now: float) -> list[Any]:
        """Better an apology now than a caller whose request nobody will find."""
        return self.say_goodbye("technical_error", Outcome.FAILED, "no room for the request", now)

    def queue_if_ready(self, event: Any, now: float) -> list[Any]:
        if not (self.durable and self.confirmed):
            return []
        self.state, self.in_queue = CallState.QUEUED, True
        queue = self.visit.call.queue
        self.visit.entry(now, "queued", queue=queue)
        # An operator whom a colleague sent into a queue waits there as a caller, and is busy all the same.
        waiting = [EngageOperator(self.far_operator)] if self.far_operator else []
        since = self.places.pop(queue, None)
        self.queued_since = now if since is None else since
        comfort = self.settings.comfort.get(queue)
        spoken = [SetTimer("comfort", now + comfort[1])] if comfort is not None else []
        return [SetTimer("store", None), Note(f"queue {queue}"), *waiting, *spoken,
                EnterQueue(queue, self.language, self.priority, self.skills, since=since), *self.write()]

    def say_place(self, event: Any, now: float) -> list[Any]:
        """The place and perhaps the wait, then music again; an announcement never delays a connection, which replaces
        it."""
        self.visit.entry(now, "place_told", place=event.place)
        self.place_said_at = now
        clips, note = [self.settings.announcements.place(event.place, self.language)], f"place {event.place}"
        if event.low is not None and event.high is not None:
            self.visit.wait_estimated(now, event.low, event.high, event.minutes)
        if event.minutes is not None:
            clips.append(self.settings.announcements.wait(event.minutes, self.language))
            note += f", wait {event.minutes} min"
        return [self.play(tuple(clips), replace=True), self.music(replace=False), Note(note)]

    # --- an operator is offered -------------------------------------------------------------------------------------
    def ring_phones(self, event: Any, now: float) -> list[Any]:
        """Several operators may be rung for one call: whoever answers first has it."""
        if not self.operator:
            self.offered.clear()
        self.operator = self.operator or event.operator
        self.offered |= dict.fromkeys(event.legs, event.operator)
        self.ringing |= set(event.legs)
        self.others |= self.ringing
        self.visit.entry(now, "operator_offered", operator=event.operator)
        briefing = self.settings.briefings.get(self.visit.call.queue)
        told = briefing is None or self.state is CallState.BRIEFING         # then the timer is that of who is told
        rings = [] if told or briefing is None else [SetTimer("ring", now + briefing.ring_time)]
        return [*(DialOperator(leg) for leg in event.legs), *rings, *self.write()]

    def phone_rings(self, event: Any, now: float) -> list[Any]:
        return [Note(f"{self.offered.get(event.leg) or self.operator or self.transfer_target} rings")]

    def accept(self, event: Any, now: float) -> list[Any]:
        """The first phone that answers takes the offer; the operator's others stop ringing, and everybody else's."""
        self.ringing.discard(event.leg)
        self.partner_leg, self.operator = event.leg, self.offered[event.leg]
        return [*self.stop_ringing("answered elsewhere"), AcceptOffer(self.operator)]

    def phone_failed(self, event: Any, now: float) -> list[Any]:
        """One phone of an offer is out; when none of the operator's is left, the dispatcher looks for somebody else."""
        self.refusal = REFUSALS.get(event.status, "refused" if event.status >= 400 else "failed")
        operator = self.offered.pop(event.leg)
        return [] if operator in self.offered.values() else self.fail_offer(operator, now)

    def partner_lost(self, event: Any, now: float) -> list[Any]:
        """Answered and gone before the bridge: the caller keeps the place, somebody else is tried."""
        operator = self.operator
        self.partner_leg, self.refusal = "", "failed"
        self.end_offer(operator)
        return self.fail_offer(operator, now)

    def fail_offer(self, operator: str, now: float) -> list[Any]:
        self.end_offer(operator)
        self.visit.entry(now, "offer_failed", operator=operator, reason=self.refusal)
        over = [SetTimer("ring", None)] if not self.offered else []
        return [*over, Note(f"{operator}: {self.refusal}"), FailOffer(operator, self.refusal), *self.write()]

    def withdraw(self, event: Any, now: float) -> list[Any]:
        """The dispatcher took an offer back: its phones stop, one that has answered but is not bridged too."""
        self.visit.entry(now, "offer_failed", operator=event.operator, reason=event.reason)
        legs = {leg for leg, operator in self.offered.items() if operator == event.operator}
        stopped = sorted(legs & (self.ringing | {self.partner_leg}))
        self.ringing -= legs
        if self.partner_leg in legs:
            self.partner_leg = ""
        self.end_offer(event.operator)
        reason = "answered elsewhere" if event.reason in ("answered_elsewhere", "taken") else ""
        over = [SetTimer("ring", None)] if not self.offered else []
        return [*over, *(EndLeg(leg, reason) for leg in stopped), Note(f"{event.operator}: {event.reason}"),
                *self.write()]

    def end_offer(self, operator: str) -> None:
        """The operator is not rung any more; while others are, the call goes on connecting."""
        self.offered = {leg: other for leg, other in self.offered.items() if other != operator}
        if self.operator == operator:
            self.operator = next(iter(self.offered.values()), "")
        if self.state is not CallState.BRIEFING or not self.partner_leg:
            self.state = CallState.CONNECTING if self.offered else CallState.QUEUED

    def stop_phones(self, event: Any, now: float) -> list[Any]:
        """Every leg of the offer stops, one that has answered but is not bridged too."""
        answered, self.partner_leg = self.partner_leg, ""
        return [*self.stop_ringing(), *([EndLeg(answered)] if answered else [])]

    def stop_ringing(self, reason: str = "") -> list[Any]:
        legs, self.ringing = sorted(self.ringing), set()
        return [EndLeg(leg, reason) for leg in legs]

    # --- the queue gave up ------------------------------------------------------------------------------------------
    def overflow(self, event: Any, now: float) -> list[Any]:
        self.visit.entry(now, "overflowed", queue=event.queue, reason=event.reason)
        self.overflow_hops += 1
        self.in_queue = False
        to = self.settings.overflows.get(event.queue)
        lost = to is None or self.overflow_hops > OVERFLOW_HOPS
        if to is None or lost or (to.kind == "menu" and not self.interpreter.may_come_into(to.target)):
            to = Overflow("message", "nobody_available")
        note = Note(f"overflow of {event.queue} ({event.reason}) to {to.kind} {to.target}")
        if to.kind == "queue":
            subject = self.visit.request.subject if self.visit.request else ""
            self.skills = ()     # who could not be served by the one who knows best is served by whoever there is
            return [note, *self.register(to.target, subject, now)]
        if to.kind == "transfer":
            return [note, *self.dial_target(to.target, now)]
        if to.kind == "menu":
            return [note, *self.overflow_into(to.target, event.queue, now)]
        return [note, *self.say_goodbye(to.target, Outcome.OVERFLOW, event.reason, now)]

    def fetch_kept(self, now: float) -> list[Any]:
        """The operator of the chat beside is rung: `BesidePart` knows."""
        raise NotImplementedError

    def overflow_into(self, menu: str, queue: str, now: float) -> list[Any]:
        """The caller comes into a menu instead: `WhileWaitingPart` knows."""
        raise NotImplementedError

    # --- a SIP address outside --------------------------------------------------------------------------------------
    def dial_target(self, target: str, now: float) -> list[Any]:
        """Ring a configured address; the caller hears that, then music."""
        leg = self.new_leg()
        self.state = CallState.TRANSFERRING
        self.ringing, self.transfer_target, self.operator = {leg}, target, ""
        self.others.add(leg)
        self.visit.entry(now, "transferring", target=target)
        return [SetTimer("input", None), SetTimer("ring", now + self.settings.transfer_ring_time),
                self.play((self.announcement("connecting"),), replace=True), self.music(replace=False),
                DialAddress(leg, self.settings.transfers[target]), Note(f"transfer to {target}"), *self.write()]

    def transfer_failed(self, event: Any, now: float) -> list[Any]:
        """Nobody there: the last words when it was an overflow, else the next action goes back to the menu."""
        target, self.transfer_target = self.transfer_target, ""
        effects = [*self.stop_phones(event, now), SetTimer("ring", None), Note(f"{target} did not answer")]
        self.visit.entry(now, "transfer_failed", target=target)
        if self.overflow_hops:
            return effects + self.say_goodbye("nobody_available", Outcome.OVERFLOW, "transfer_failed", now)
        return effects
