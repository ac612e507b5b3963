"""One row per event: what the dispatcher does about it."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from ivr.base.machine import IllegalEvent
from routing.dispatcher.effects import (
    AnnouncePlace,
    AssignCall,
    Effect,
    OverflowCall,
    StayEnded,
    WithdrawReason,
)
from routing.dispatcher.engaging import (
    answered,
    call_taken,
    legs_alive,
    operator_engaged,
    operator_released,
    wrap_up_done,
    wrap_up_over,
)
from routing.dispatcher.events import (
    CallLeft,
    CallQueued,
    CallTaken,
    Event,
    LegsAlive,
    OfferAccepted,
    OfferFailed,
    OperatorEngaged,
    OperatorReleased,
    ReachabilityChanged,
    Settings,
    SettingsReplaced,
    StatusSet,
    TimerFired,
    WrapUpDone,
)
from routing.dispatcher.matching import Matching
from routing.dispatcher.reload import may_hold, replace_settings, start_step
from routing.dispatcher.why import explain_operator, explain_stay, why
from routing.dispatcher.written import read_back, written
from routing.operators import Operator, State, Status
from routing.queue import OverflowReason, Queue, Stay, TimerKey
from routing.strategy import choose_operator, rank


class Dispatcher:
    """Matches callers and operators. Nothing polls: the event that frees one side looks for the other."""

    def __init__(self, settings: Settings, now: float) -> None:
        self._matching = Matching(settings)
        replace_settings(self._matching, settings, now)

    def handle(self, event: Event, now: float) -> list[Effect]:
        """Apply one event; the effects are in the order in which they are to be carried out.

        Raises IllegalEvent, with nothing changed, if a call is queued that waits or is assigned already.
        """
        self._matching.effects = []
        ROWS[type(event)](self._matching, event, now)
        return self._matching.effects

    def snapshot(self, now: float) -> dict[str, Any]:
        """Queues and operators as plain data for screens and metrics (Queue.snapshot, Operator.snapshot)."""
        return {"queues": [queue.snapshot(now) for queue in self._matching.queues.values()],
                "operators": [operator.snapshot(now) for operator in self._matching.operators.values()]}

    def written(self) -> dict[str, Any]:
        """The whole state as plain data that JSON holds (routing.dispatcher.written)."""
        return written(self._matching)

    @classmethod
    def read_back(cls, state: dict[str, Any]) -> "Dispatcher":
        """A dispatcher that goes on as the one whose state was written; whoever reads starts `timers` again."""
        dispatcher = cls.__new__(cls)
        dispatcher._matching = read_back(state)
        return dispatcher

    @property
    def timers(self) -> dict[TimerKey, float]:
        """The timers that are alive, with when each is due."""
        return dict(self._matching.timers)

    def can_be_rung(self, operator: str) -> bool:
        """Whether somebody may ring the operator past the queues: their phone is there and they are on no call."""
        known = self._matching.operators.get(operator)
        return (known is not None and known.reachable and not known.removed
                and known.state in (State.IDLE, State.WRAP_UP))

    def why(self, operator: str, call: str, now: float) -> str:
        """One sentence: why this operator is, or is not, getting this call."""
        return why(self._matching, operator, call, now)

    def why_operator(self, operator: str, now: float) -> str:
        """One sentence: why this operator is not getting a call."""
        known = self._matching.operators.get(operator)
        if known is None:
            return f"{operator} is not among the operators."
        return explain_operator(known, [self._matching.queues[name] for name in known.serves], now)

    def why_call(self, call: str) -> str:
        """One sentence: why this call waits."""
        if stay := self._matching.stays.get(call):
            return explain_stay(stay, self._matching.queues[stay.queue], self._matching.operators)
        if operator := self._matching.assigned.get(call):
            return f"Call {call} is with {operator}."
        return f"Call {call} is in no queue."


# Callers

def call_queued(matching: Matching, event: CallQueued, now: float) -> None:
    if event.call in matching.stays or event.call in matching.assigned:
        raise IllegalEvent(f"call {event.call} is queued twice")
    queue = matching.queues.get(event.queue)
    if queue is None:
        matching.effects.append(OverflowCall(event.call, event.queue, "no_queue"))
        return
    queue.offered += 1
    matching.serial += 1
    key = rank(now, event.priority, matching.settings.priority_step, matching.serial)
    stay = Stay(event.call, event.queue, event.language, event.priority, now, key, event.skills, event.preferred)
    if reason := refusal(queue, stay, matching.serial):
        queue.count("overflow")
        matching.effects.append(StayEnded(event.call, event.queue, "overflow", 0.0, reason=reason))
        matching.effects.append(OverflowCall(event.call, event.queue, reason))
        return
    stay.held = may_hold(queue, stay)
    matching.stays[event.call] = stay
    queue.enter(stay)
    start_timers(matching, queue, stay, now)
    matching.seek(stay, now)


def refusal(queue: Queue, stay: Stay, serial: int) -> OverflowReason | None:
    """Why a call is not let in: nobody who is in service can ever take it, or the queue is full and none is free."""
    if not queue.group_of(stay).hope:
        return "nobody_able" if queue.crew.serving else "nobody_logged_in"
    if len(queue.stays) >= queue.settings.max_waiting and choose_operator(queue, stay, serial) is None:
        return "full"
    return None


def start_timers(matching: Matching, queue: Queue, stay: Stay, now: float) -> None:
    """Those of a caller who has just come; the place may be told at once."""
    settings = queue.settings
    stay.max_wait_timer = matching.start("max_wait", stay.call, now + settings.max_wait)
    start_step(matching, queue, stay)
    if stay.held:
        stay.sticky_timer = matching.start("sticky", stay.call, now + settings.sticky)
    if settings.announce_every > 0 and settings.announce_first_after > 0:
        stay.announce_timer = matching.start("announce", stay.call, now + settings.announce_first_after)
    elif settings.announce_every > 0:
        announcement_due(matching, stay.call, now)


def call_left(matching: Matching, event: CallLeft, now: float) -> None:
    if stay := matching.stays.get(event.call):
        rung = matching.withdraw_all(stay, "caller_left", now)
        matching.take_out(stay, event.outcome, now)
        matching.settle_all(rung, now)


def overflow(matching: Matching, stay: Stay, reason: Literal["max_wait", "nobody_logged_in", "nobody_able"],
             now: float) -> None:
    rung = matching.withdraw_all(stay, reason, now)
    matching.take_out(stay, "overflow", now, reason=reason)
    matching.effects.append(OverflowCall(stay.call, stay.queue, reason))
    matching.settle_all(rung, now)


def max_wait_over(matching: Matching, call: str, now: float) -> None:
    overflow(matching, matching.stays[call], "max_wait", now)


def announcement_due(matching: Matching, call: str, now: float) -> None:
    stay = matching.stays[call]
    queue = matching.queues[stay.queue]
    every = queue.settings.announce_every
    stay.announce_timer = matching.start("announce", call, now + every) if every > 0 else None
    # Said while a phone rings as well: whoever bridges the call cuts the announcement short.
    matching.effects.append(AnnouncePlace(call, queue.place(call)))


def round_over(matching: Matching, call: str, now: float) -> None:
    """The busy operators stayed busy: those who missed the call are rung for it again."""
    stay = matching.stays[call]
    stay.tried.clear()
    matching.seek(stay, now)


def step_over(matching: Matching, call: str, now: float) -> None:
    """A tier opens for the call, or what it asks for falls."""
    stay = matching.stays[call]
    queue = matching.queues[stay.queue]
    queue.move(stay, stay.stage + 1)
    start_step(matching, queue, stay)
    matching.seek(stay, now)


def sticky_over(matching: Matching, call: str, now: float) -> None:
    """The preferred operator had their time; now the call is anybody's."""
    stay = matching.stays[call]
    if stay.held:
        matching.release_hold(stay)
        matching.seek(stay, now)


def grace_over(matching: Matching, name: str, now: float) -> None:
    """Those who asked for what nobody in service has waited long enough."""
    queue = matching.queues[name]
    for group in list(queue.groups.values()):
        if group.empty_timer is not None and group.empty_timer not in matching.timers and not group.hope:
            reason: Literal["nobody_able", "nobody_logged_in"] = (
                "nobody_able" if queue.crew.serving else "nobody_logged_in")
            for call in [call for call in queue.order if call in group.calls]:
                overflow(matching, matching.stays[call], reason, now)


# Offers

def offer_of(matching: Matching, event: OfferAccepted | OfferFailed) -> tuple[Stay, Operator] | None:
    """The stay and the operator whose open offer the event is about, or None if that offer is over."""
    stay = matching.stays.get(event.call)
    return (stay, matching.operators[event.operator]) if stay and event.operator in stay.offers else None


def offer_accepted(matching: Matching, event: OfferAccepted, now: float) -> None:
    """The first to answer wins; whoever else is rung for the call is free for the next one."""
    found = offer_of(matching, event)
    if found is None:
        return
    stay, operator = found
    others = matching.withdraw_all(stay, "answered_elsewhere", now, but=operator.name)
    matching.effects.append(AssignCall(event.call, event.operator))
    matching.assigned[event.call] = event.operator
    matching.end_offer(stay, operator, "answered", now)
    matching.take_out(stay, "answered", now, operator.name)
    answered(operator, event.call, matching.queues[stay.queue].settings)
    operator.calls.append(event.call)
    matching.review(operator, now)
    matching.settle(operator, now)
    matching.settle_all(others, now)


def offer_failed(matching: Matching, event: OfferFailed, now: float) -> None:
    if found := offer_of(matching, event):
        stay, operator = found
        matching.end_offer(stay, operator, event.reason, now)
        matching.review(operator, now)
        matching.pass_on(stay, operator, now)


def offer_lost(matching: Matching, operator: Operator, call: str, reason: WithdrawReason, now: float) -> None:
    """An offer that rings at the operator comes to nothing, and we are the first to know."""
    stay = matching.stays[call]
    matching.withdraw(stay, operator, reason, now)
    matching.pass_on(stay, operator, now)


def ring_time_over(matching: Matching, name: str, now: float) -> None:
    operator = matching.operators[name]
    for offer in list(operator.offers.values()):
        if offer.timer not in matching.timers:
            offer_lost(matching, operator, offer.call, "no_answer", now)


# Operators

def rest_over(matching: Matching, name: str, now: float) -> None:
    operator = matching.operators[name]
    operator.rest_timer = None
    matching.settle(operator, now)


def status_set(matching: Matching, event: StatusSet, now: float) -> None:
    operator = matching.operators.get(event.operator)
    if operator is None or (operator.status, operator.reason) == (event.status, event.reason):
        return
    operator.set_status(event.status, event.reason, now, event.by)
    matching.changed(operator)
    matching.unlist(operator)
    if event.status is Status.LOGGED_OUT:
        for call in list(operator.offers):
            stay = matching.stays[call]
            matching.withdraw(stay, operator, "logged_out", now)
            matching.find_next(stay, operator, now)
    matching.settle(operator, now)


def reachability_changed(matching: Matching, event: ReachabilityChanged, now: float) -> None:
    if event.reachable:
        matching.reachable.add(event.operator)
    else:
        matching.reachable.discard(event.operator)
    operator = matching.operators.get(event.operator)
    if operator is None or operator.reachable == event.reachable:
        return
    operator.reachable = event.reachable
    for call in list(operator.offers) if not event.reachable else ():
        offer_lost(matching, operator, call, "unreachable", now)
    matching.settle(operator, now)


def settings_replaced(matching: Matching, event: SettingsReplaced, now: float) -> None:
    replace_settings(matching, event.settings, now)


def timer_fired(matching: Matching, event: TimerFired, now: float) -> None:
    """A key that is not alive was cancelled or has fired, so whatever a living key names is still there."""
    if event.key in matching.timers:
        del matching.timers[event.key]
        TIMER_ROWS[event.key[0]](matching, event.key[1], now)


TIMER_ROWS: Mapping[str, Callable[[Matching, str, float], None]] = {
    "max_wait": max_wait_over,
    "announce": announcement_due,
    "round": round_over,
    "step": step_over,
    "sticky": sticky_over,
    "empty": grace_over,
    "ring": ring_time_over,
    "rest": rest_over,
    "wrap_up": wrap_up_over,
}
ROWS: Mapping[type, Callable[[Matching, Any, float], None]] = {
    CallQueued: call_queued,
    CallLeft: call_left,
    OfferAccepted: offer_accepted,
    OfferFailed: offer_failed,
    CallTaken: call_taken,
    OperatorEngaged: operator_engaged,
    OperatorReleased: operator_released,
    StatusSet: status_set,
    WrapUpDone: wrap_up_done,
    LegsAlive: legs_alive,
    ReachabilityChanged: reachability_changed,
    TimerFired: timer_fired,
    SettingsReplaced: settings_replaced,
}
