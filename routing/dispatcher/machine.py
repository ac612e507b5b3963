"""One row per event: what the dispatcher does about it."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from ivr.base.machine import IllegalEvent
from routing.dispatcher.effects import AnnouncePlace, AssignCall, Effect, OverflowCall, OverflowReason, WithdrawReason
from routing.dispatcher.engaging import call_taken, operator_engaged, operator_released, wrap_up_over
from routing.dispatcher.events import (
    CallLeft,
    CallQueued,
    CallTaken,
    Event,
    OfferAccepted,
    OfferFailed,
    OperatorEngaged,
    OperatorReleased,
    ReachabilityChanged,
    Settings,
    SettingsReplaced,
    StatusSet,
    TimerFired,
)
from routing.dispatcher.matching import Matching
from routing.dispatcher.reload import replace_settings
from routing.operators import Operator, State, Status
from routing.queue import Stay
from routing.strategy import explain_operator, explain_stay, rank


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

    def can_be_rung(self, operator: str) -> bool:
        """Whether somebody may ring the operator past the queues: their phone is there and they are on no call."""
        known = self._matching.operators.get(operator)
        return (known is not None and known.reachable and not known.removed
                and known.state in (State.IDLE, State.WRAP_UP))

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
    if not queue.serving or queue.is_full:
        queue.count("overflow")
        reason: OverflowReason = "full" if queue.serving else "nobody_logged_in"
        matching.effects.append(OverflowCall(event.call, event.queue, reason))
        return
    matching.serial += 1
    waited_since = now if event.since is None else event.since
    key = rank(waited_since, event.priority, matching.settings.priority_step, matching.serial)
    stay = Stay(event.call, event.queue, event.language, event.priority, now, key)
    matching.stays[event.call] = stay
    queue.enter(stay)
    stay.max_wait_timer = matching.start("max_wait", event.call, now + queue.settings.max_wait)
    if queue.settings.announce_every > 0 and queue.settings.announce_first_after > 0:
        stay.announce_timer = matching.start("announce", event.call, now + queue.settings.announce_first_after)
    elif queue.settings.announce_every > 0:
        announcement_due(matching, event.call, now)
    matching.find_operator(stay, now)


def call_left(matching: Matching, event: CallLeft, now: float) -> None:
    if stay := matching.stays.get(event.call):
        operator = matching.withdraw(stay, "caller_left", now)
        matching.take_out(stay, event.outcome)
        matching.settle(operator, now)


def overflow(matching: Matching, stay: Stay, reason: Literal["max_wait", "nobody_logged_in"], now: float) -> None:
    operator = matching.withdraw(stay, reason, now)
    matching.take_out(stay, "overflow")
    matching.effects.append(OverflowCall(stay.call, stay.queue, reason))
    matching.settle(operator, now)


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
    matching.find_operator(stay, now)


def grace_over(matching: Matching, name: str, now: float) -> None:
    for stay in list(matching.queues[name].stays.values()):
        overflow(matching, stay, "nobody_logged_in", now)


# Offers

def offer_of(matching: Matching, event: OfferAccepted | OfferFailed) -> Stay | None:
    """The stay whose open offer the event is about, or None if that offer is over."""
    stay = matching.stays.get(event.call)
    return stay if stay and stay.operator == event.operator else None


def offer_accepted(matching: Matching, event: OfferAccepted, now: float) -> None:
    stay = offer_of(matching, event)
    if stay is None:
        return
    operator = matching.operators[event.operator]
    matching.effects.append(AssignCall(event.call, event.operator))
    matching.assigned[event.call] = event.operator
    matching.cancel(operator.timer)
    operator.wrap_up = matching.queues[stay.queue].settings.wrap_up
    operator.answered += 1
    matching.take_out(stay, "answered")
    operator.calls = [event.call]
    matching.enter(operator, State.ON_CALL, now)


def offer_failed(matching: Matching, event: OfferFailed, now: float) -> None:
    if stay := offer_of(matching, event):
        matching.pass_on(stay, matching.stop_ringing(stay, now), now)


def offer_lost(matching: Matching, operator: Operator, reason: WithdrawReason, now: float) -> None:
    """The offer that rings at the operator comes to nothing, and we are the first to know."""
    stay = matching.stays[operator.call or ""]
    matching.withdraw(stay, reason, now)
    matching.pass_on(stay, operator, now)


def ring_time_over(matching: Matching, name: str, now: float) -> None:
    offer_lost(matching, matching.operators[name], "no_answer", now)


# Operators

def rest_over(matching: Matching, name: str, now: float) -> None:
    operator = matching.operators[name]
    operator.rest_timer = None
    matching.settle(operator, now)


def status_set(matching: Matching, event: StatusSet, now: float) -> None:
    operator = matching.operators.get(event.operator)
    if operator is None or (operator.status, operator.reason) == (event.status, event.reason):
        return
    operator.set_status(event.status, event.reason, now)
    matching.changed(operator)
    if event.status is Status.LOGGED_OUT and operator.state is State.RINGING:
        stay = matching.stays[operator.call or ""]
        matching.withdraw(stay, "logged_out", now)
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
    if operator.state is State.RINGING:
        offer_lost(matching, operator, "unreachable", now)
    matching.settle(operator, now)


def settings_replaced(matching: Matching, event: SettingsReplaced, now: float) -> None:
    replace_settings(matching, event.settings, now)


def timer_fired(matching: Matching, event: TimerFired, now: float) -> None:
    """A key that is not alive was cancelled or has fired, so whatever a living key names is still there."""
    if event.key in matching.timers:
        matching.timers.discard(event.key)
        TIMER_ROWS[event.key[0]](matching, event.key[1], now)


TIMER_ROWS: Mapping[str, Callable[[Matching, str, float], None]] = {
    "max_wait": max_wait_over,
    "announce": announcement_due,
    "round": round_over,
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
    ReachabilityChanged: reachability_changed,
    TimerFired: timer_fired,
    SettingsReplaced: settings_replaced,
}
