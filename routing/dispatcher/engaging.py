"""Operators on calls that no queue gave them, and how every call they are on ends."""

from routing.dispatcher.events import CallTaken, OperatorEngaged, OperatorReleased
from routing.dispatcher.matching import Matching
from routing.dispatcher.reload import forget
from routing.operators import Operator, State


def call_taken(matching: Matching, event: CallTaken, now: float) -> None:
    """The stay is over as answered; whoever was rung for it is free for the next caller."""
    if stay := matching.stays.get(event.call):
        rung = matching.withdraw(stay, "taken", now)
        matching.take_out(stay, "answered")
        engage(matching, event.operator, event.call, now)
        if operator := matching.operators.get(event.operator):
            operator.wrap_up = matching.queues[stay.queue].settings.wrap_up
            operator.answered += 1
        matching.settle(rung, now)
    else:
        engage(matching, event.operator, event.call, now)


def operator_engaged(matching: Matching, event: OperatorEngaged, now: float) -> None:
    if matching.assigned.get(event.call) == event.operator:
        del matching.assigned[event.call]
    engage(matching, event.operator, event.call, now)


def engage(matching: Matching, name: str, call: str, now: float) -> None:
    operator = matching.operators.get(name)
    if operator is None or call in operator.calls:
        return
    missed = matching.stays[operator.call or ""] if operator.state is State.RINGING else None
    if missed is not None:
        matching.withdraw(missed, "engaged", now)
    if operator.state is not State.ON_CALL:
        matching.cancel(operator.timer)
        operator.wrap_up = 0.0
        join(matching, operator, call, now)
    else:
        operator.calls.append(call)
    if missed is not None:
        matching.find_next(missed, operator, now)


def join(matching: Matching, operator: Operator, call: str, now: float) -> None:
    """The operator's first call begins."""
    operator.calls, operator.call = [call], call
    matching.enter(operator, State.ON_CALL, now)
    matching.settle(operator, now)


def operator_released(matching: Matching, event: OperatorReleased, now: float) -> None:
    operator = matching.operators.get(event.operator)
    if operator is None or event.call not in operator.calls:
        return
    if matching.assigned.get(event.call) == event.operator:
        del matching.assigned[event.call]
    operator.calls.remove(event.call)
    operator.call = operator.calls[0] if operator.calls else None
    if operator.calls:
        return
    if operator.wrap_up > 0 and not operator.removed:
        operator.timer = matching.start("wrap_up", operator.name, now + operator.wrap_up)
        matching.enter(operator, State.WRAP_UP, now)
        matching.settle(operator, now)
    else:
        become_idle(matching, operator, now)


def become_idle(matching: Matching, operator: Operator, now: float) -> None:
    """The last call and its wrap-up are over."""
    operator.idle_since = now
    if operator.removed:
        forget(matching, operator)
        return
    matching.enter(operator, State.IDLE, now)
    matching.settle(operator, now)


def wrap_up_over(matching: Matching, name: str, now: float) -> None:
    become_idle(matching, matching.operators[name], now)
