"""New settings under running calls: nobody is lost, logged out or counted anew."""

from routing.dispatcher.effects import OverflowCall
from routing.dispatcher.events import Settings
from routing.dispatcher.matching import Matching
from routing.operators import Operator, OperatorSettings, State, Status
from routing.queue import Queue, QueueSettings


def replace_settings(matching: Matching, settings: Settings, now: float) -> None:
    """Bring queues and operators in line with `settings`, then match whoever can be matched now."""
    matching.settings = settings
    kept = {queue.name for queue in settings.queues}
    for queue in [queue for name, queue in matching.queues.items() if name not in kept]:
        close_queue(matching, queue, now)
    matching.queues = {each.name: _renewed_queue(matching, each) for each in settings.queues}
    _replace_operators(matching, settings, now)
    for operator in matching.operators.values():
        operator.listed = operator.counted = False
        operator.serves = tuple(each.name for each in settings.queues if operator.name in each.operators)
        matching.count(operator, now)
        if operator.is_ready:
            matching.list_as_free(operator)
    matching.match(matching.queues, now)
    for queue in matching.queues.values():
        matching.watch_service(queue, now)


def close_queue(matching: Matching, queue: Queue, now: float) -> None:
    """The queue is gone: its callers overflow. Operators who were rung for them are idle, and settled later."""
    for stay in list(queue.stays.values()):
        matching.withdraw(stay, "no_queue", now)
        matching.take_out(stay, "overflow")
        matching.effects.append(OverflowCall(stay.call, stay.queue, "no_queue"))


def forget(matching: Matching, operator: Operator) -> None:
    """Nothing of the operator remains; screens see them log out."""
    matching.cancel(operator.timer)
    matching.cancel(operator.rest_timer)
    del matching.operators[operator.name]
    operator.status, operator.state = Status.LOGGED_OUT, State.IDLE
    matching.changed(operator)


def _renewed_queue(matching: Matching, settings: QueueSettings) -> Queue:
    """The queue with its callers and counts, and with nobody listed as free or serving yet."""
    queue = matching.queues.get(settings.name) or Queue(settings)
    queue.settings = settings
    queue.idle.clear()
    queue.serving.clear()
    return queue


def _replace_operators(matching: Matching, settings: Settings, now: float) -> None:
    kept = {operator.name for operator in settings.operators}
    for operator in list(matching.operators.values()):
        if operator.name not in kept:
            _dismiss(matching, operator, now)
    renewed = {each.name: _renewed_operator(matching, each, order, now)
               for order, each in enumerate(settings.operators)}
    matching.operators = renewed | {name: gone for name, gone in matching.operators.items() if name not in renewed}


def _dismiss(matching: Matching, operator: Operator, now: float) -> None:
    """Someone on a call finishes it and is forgotten after it; anybody else is forgotten now."""
    if operator.state is State.ON_CALL:
        operator.removed = True
        return
    if operator.state is State.RINGING:
        stay = matching.stays[operator.call or ""]
        matching.withdraw(stay, "removed", now)
        matching.wait(stay, now)
    forget(matching, operator)


def _renewed_operator(matching: Matching, settings: OperatorSettings, order: int, now: float) -> Operator:
    operator = matching.operators.get(settings.name)
    if operator is None:
        operator = Operator(settings, order, now)
        operator.reachable = settings.name in matching.reachable
        matching.changed(operator)
    operator.order = order
    operator.removed = False
    return operator
