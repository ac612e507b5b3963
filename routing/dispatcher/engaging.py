"""Operators on calls that no queue gave them, and how every call they are on ends."""

from routing.dispatcher.effects import LeaseLost
from routing.dispatcher.events import CallerOwned, CallTaken, LegsAlive, OperatorEngaged, OperatorReleased, WrapUpDone
from routing.dispatcher.matching import Matching
from routing.dispatcher.reload import forget
from routing.operators import Operator, State
from routing.queue_settings import QueueSettings


def call_taken(matching: Matching, event: CallTaken, now: float) -> None:
    """The stay is over as answered; whoever was rung for it is free for the next caller."""
    stay = matching.stays.get(event.call)
    if stay is None:
        engage(matching, event.operator, event.call, now)
        return
    rung = matching.withdraw_all(stay, "taken", now)
    matching.take_out(stay, "answered", now, event.operator)
    engage(matching, event.operator, event.call, now)
    if operator := matching.operators.get(event.operator):
        matching.unlist(operator)
        answered(operator, event.call, matching.queues[stay.queue].settings)
        matching.settle(operator, now)
    matching.settle_all(rung, now)


def answered(operator: Operator, call: str, queue: QueueSettings) -> None:
    """The operator has a call of this queue."""
    writes_up(operator, call, queue)
    operator.answered += 1
    operator.taken += 1
    operator.missed_in_a_row = 0


def writes_up(operator: Operator, call: str, queue: QueueSettings) -> None:
    """After their calls the operator has the wrap-up of this queue, for this call."""
    operator.wrap_up, operator.until_saved = queue.wrap_up, queue.wrap_up_until_saved
    operator.noted, operator.saved = call, False


def caller_owned(matching: Matching, event: CallerOwned, now: float) -> None:
    operator, queue = matching.operators.get(event.operator), matching.queues.get(event.queue)
    if operator is not None and queue is not None and event.call in operator.calls:
        writes_up(operator, event.call, queue.settings)


def operator_engaged(matching: Matching, event: OperatorEngaged, now: float) -> None:
    if matching.assigned.get(event.call) == event.operator:
        del matching.assigned[event.call]
    engage(matching, event.operator, event.call, now)


def engage(matching: Matching, name: str, call: str, now: float) -> None:
    """The operator is on this call. Phones of theirs that ring beyond what they have room for stop."""
    operator = matching.operators.get(name)
    if operator is None or call in operator.calls:
        return
    if not operator.calls:
        if operator.state is State.WRAP_UP:         # which was work until now
            operator.idle_since = now
        matching.cancel(operator.wrap_up_timer)
        operator.wrap_up = 0.0
    matching.unlist(operator)
    operator.calls.append(call)
    missed = []
    while operator.offers and operator.load > operator.settings.capacity:
        missed.append(matching.stays[next(reversed(operator.offers))])
        matching.withdraw(missed[-1], operator, "engaged", now)
    matching.review(operator, now)
    matching.settle(operator, now)
    for stay in missed:
        matching.find_next(stay, operator, now)


def operator_released(matching: Matching, event: OperatorReleased, now: float) -> None:
    operator = matching.operators.get(event.operator)
    if operator is not None and event.call in operator.calls:
        if event.in_vain and matching.assigned.get(event.call) == operator.name:
            operator.wrap_up = 0.0
            operator.answered -= 1
            operator.taken = max(operator.taken - 1, 0)     # counted anew where they logged in meanwhile
        release(matching, operator, event.call, now)


def release(matching: Matching, operator: Operator, call: str, now: float) -> None:
    """The operator is off the call; after the last one comes the wrap-up, if there is any."""
    if matching.assigned.get(call) == operator.name:
        del matching.assigned[call]
    matching.unlist(operator)
    operator.calls.remove(call)
    if not operator.calls:
        operator.idle_since = now
        if operator.until_saved and operator.saved:
            operator.wrap_up = 0.0
    if operator.removed and not operator.load:
        forget(matching, operator)
        return
    matching.review(operator, now)
    matching.settle(operator, now)


def legs_alive(matching: Matching, event: LegsAlive, now: float) -> None:
    for operator in list(matching.operators.values()):
        alive = event.calls.get(operator.name, ())
        for call in [call for call in operator.calls if call not in alive]:
            matching.effects.append(LeaseLost(operator.name, call))
            release(matching, operator, call, now)


def wrap_up_over(matching: Matching, name: str, now: float) -> None:
    operator = matching.operators[name]
    operator.wrap_up = 0.0
    operator.idle_since = now
    matching.review(operator, now)
    matching.settle(operator, now)


def wrap_up_done(matching: Matching, event: WrapUpDone, now: float) -> None:
    operator = matching.operators.get(event.operator)
    if operator is None or not operator.until_saved or event.call not in ("", operator.noted):
        return
    if operator.wrap_up_timer in matching.timers:
        matching.cancel(operator.wrap_up_timer)
        wrap_up_over(matching, operator.name, now)
    elif event.call and event.call == operator.noted:
        operator.saved = True
