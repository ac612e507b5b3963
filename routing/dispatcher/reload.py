"""New settings under running calls: nobody is lost, logged out or counted anew."""

from bisect import bisect_right

from routing.dispatcher.effects import OverflowCall
from routing.dispatcher.events import Settings
from routing.dispatcher.matching import Matching
from routing.lines import Step
from routing.operators import Operator, OperatorSettings, State, Status
from routing.queue import Queue, Stay, TimerKey
from routing.queue_settings import QueueSettings
from routing.skills import Demand


def replace_settings(matching: Matching, settings: Settings, now: float) -> None:
    """Bring queues and operators in line with `settings`, then match whoever can be matched now."""
    matching.settings = settings
    kept = {queue.name for queue in settings.queues}
    for queue in [queue for name, queue in matching.queues.items() if name not in kept]:
        close_queue(matching, queue, now)
    before = {name: (queue.steps, {group.demand: group.empty_timer for group in queue.groups.values()})
              for name, queue in matching.queues.items()}
    matching.queues = {each.name: _renewed_queue(matching, each) for each in settings.queues}
    _replace_operators(matching, settings, now)
    man(matching)
    for name, queue in matching.queues.items():
        _place_all(matching, queue, *before.get(name, ((), {})), now)
    for operator in matching.operators.values():
        if operator.is_ready:
            matching.list_as_free(operator)
    match_all(matching, now)
    for queue in matching.queues.values():
        for group in queue.groups.values():
            matching.watch_service(queue, group, now)


def man(matching: Matching) -> None:
    """Tell queues that know nobody who serves them, and operators which queues they serve."""
    serves: dict[str, list[str]] = {}
    for queue in matching.queues.values():
        for name in dict.fromkeys(queue.settings.everybody):
            serves.setdefault(name, []).append(queue.settings.name)
    for operator in matching.operators.values():
        operator.listed = False
        operator.serves = tuple(serves.get(operator.name, ()))
        operator.counted = operator.in_service
        if operator.counted:
            for name in operator.serves:
                matching.queues[name].crew.enter_service(operator.name, operator.profile)


def close_queue(matching: Matching, queue: Queue, now: float) -> None:
    """The queue is gone: its callers overflow. Operators who were rung for them are idle, and settled later."""
    for stay in list(queue.stays.values()):
        matching.withdraw_all(stay, "no_queue", now)
        matching.take_out(stay, "overflow", now, reason="no_queue")
        matching.effects.append(OverflowCall(stay.call, stay.queue, "no_queue"))


def forget(matching: Matching, operator: Operator) -> None:
    """Nothing of the operator remains; screens see them log out."""
    matching.cancel(operator.wrap_up_timer)
    matching.cancel(operator.rest_timer)
    del matching.operators[operator.name]
    operator.status, operator.state = Status.LOGGED_OUT, State.IDLE
    matching.changed(operator)


def _renewed_queue(matching: Matching, settings: QueueSettings) -> Queue:
    """The queue with its callers and counts, and with nobody listed as free, serving or waiting yet."""
    queue = matching.queues.get(settings.name)
    if queue is None:
        return Queue(settings)
    queue.renew(settings)
    return queue


def _place_all(matching: Matching, queue: Queue, steps: tuple[Step, ...], graces: dict[Demand, TimerKey | None],
               now: float) -> None:
    """Put callers who were there already into the lines of the new settings; their deadlines stay as they are."""
    for stay in queue.stays.values():
        if queue.steps != steps:
            _renew_step(matching, queue, stay, now)
        queue.enter(stay)
        if stay.held and not may_hold(queue, stay):
            stay.held = False
            matching.cancel(stay.sticky_timer)
        queue.note_offers(stay)
        if not stay.offers:
            matching.wait(stay, now)
    for demand, timer in graces.items():
        if demand in queue.groups:
            queue.groups[demand].empty_timer = timer
        else:
            matching.cancel(timer)


def _renew_step(matching: Matching, queue: Queue, stay: Stay, now: float) -> None:
    stay.stage = stage_at(queue, now - stay.since)
    matching.cancel(stay.step_timer)
    start_step(matching, queue, stay)


def stage_at(queue: Queue, waited: float) -> int:
    """The steps that a call has waited through."""
    return max(bisect_right([step.at for step in queue.steps], waited) - 1, 0)


def start_step(matching: Matching, queue: Queue, stay: Stay) -> None:
    """The next tier opens, or the next demand falls, in due course."""
    if stay.stage + 1 < len(queue.steps):
        at = stay.since + queue.steps[stay.stage + 1].at
        stay.step_timer = matching.start("step", stay.call, at)


def may_hold(queue: Queue, stay: Stay) -> bool:
    """Whether the caller's preferred operator is in service here and can take the call."""
    where = queue.crew.serving.get(stay.preferred)
    return queue.settings.sticky > 0 and where is not None and queue.line_of(stay).accepts(where[1])


def match_all(matching: Matching, now: float) -> None:
    """Everybody who waits and everybody who is free, as far as they suit: the kept calls' operators first."""
    for name in sorted({name for queue in matching.queues.values() for name in queue.held}):
        operator = matching.operators[name]
        if operator.listed:
            matching.unlist(operator)
            matching.settle(operator, now)
    matching.match([(queue, line) for queue in matching.queues.values() for group in queue.groups.values()
                    for line in group.lines if line.unoffered or line.joinable], now)


def _replace_operators(matching: Matching, settings: Settings, now: float) -> None:
    kept = {operator.name for operator in settings.operators}
    for operator in list(matching.operators.values()):
        if operator.name not in kept:
            _dismiss(matching, operator, now)
    matching.profiles.forget()
    renewed = {each.name: _renewed_operator(matching, each, order, now)
               for order, each in enumerate(settings.operators)}
    matching.operators = renewed | {name: gone for name, gone in matching.operators.items() if name not in renewed}
    for operator in matching.operators.values():
        operator.profile = matching.profiles.of(operator.settings.skills, operator.settings.languages)


def _dismiss(matching: Matching, operator: Operator, now: float) -> None:
    """Phones of theirs stop ringing. Someone on a call finishes it and is forgotten after it; anybody else now."""
    operator.removed = True
    operator.listed = False                 # the queues were renewed
    for call in list(operator.offers):
        matching.withdraw(matching.stays[call], operator, "removed", now)
    if not operator.calls:
        forget(matching, operator)


def _renewed_operator(matching: Matching, settings: OperatorSettings, order: int, now: float) -> Operator:
    operator = matching.operators.get(settings.name)
    if operator is None:
        operator = Operator(settings, order, now)
        operator.reachable = settings.name in matching.reachable
        matching.changed(operator)
    operator.settings = settings
    operator.order = order
    operator.removed = False
    return operator
