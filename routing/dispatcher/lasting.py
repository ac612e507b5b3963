"""What of the dispatcher outlives its calls, and how another one takes it up.

A call is a lease: without its legs nobody waits, rings or talks. So of the dispatcher's state this keeps what is an
operator's or a queue's alone. Once legs outlive a restart, the whole state (`ivr.base.state`) takes its place.
"""

from typing import cast

from ivr.base.machine import IllegalEvent
from routing.dispatcher.events import Resumed
from routing.dispatcher.matching import Matching
from routing.lasting import OperatorLasts, QueueLasts
from routing.operators import Operator, Owed, State, Status
from routing.queue import Ending, Queue


# --- writing ----------------------------------------------------------------------------------------------------------
def operators_last(matching: Matching, now: float) -> list[OperatorLasts]:
    """Those who are no operators any more are not among them."""
    return [_operator(matching, operator, now) for operator in matching.operators.values() if not operator.removed]


def queues_last(matching: Matching, *, come_again: bool = False) -> list[QueueLasts]:
    """`come_again`: who waits does so in the next process, too, and is counted there."""
    return [_queue(queue, 0 if come_again else queue.holding) for queue in matching.queues.values()]


def _operator(matching: Matching, each: Operator, now: float) -> OperatorLasts:
    talks = each.state is State.ON_CALL
    wraps_up_until = matching.timers.get(each.wrap_up_timer, 0.0) if each.wrap_up_timer is not None else 0.0
    rests_until = each.rest_until if each.rest_timer in matching.timers else 0.0
    return OperatorLasts(
        each.name, each.status.value, each.reason, each.set_by, each.status_since, each.state_since,
        now if talks else each.idle_since,
        each.wrap_up if talks else 0.0, wraps_up_until, each.until_saved,       # of several the longest alone
        each.noted, rests_until, each.answered, each.missed, each.missed_in_a_row, each.taken,
        each.talked + (now - each.state_since if talks else 0.0))


def _queue(queue: Queue, lost: int) -> QueueLasts:
    ended = cast(dict[Ending, int], dict(queue.ended))
    if lost:
        ended["failed"] = ended.get("failed", 0) + lost
    return QueueLasts(queue.settings.name, ended, dict(queue.last_rung))


# --- taking up --------------------------------------------------------------------------------------------------------
def resume(matching: Matching, event: Resumed, now: float) -> None:
    """Operators and queues that the settings still have stand as they stood. Raises IllegalEvent, with nothing changed,
    where calls or phones are there already: it is the first that a dispatcher is told."""
    if matching.stays or matching.assigned or matching.reachable or any(
            operator.load for operator in matching.operators.values()):
        raise IllegalEvent("a dispatcher resumes before it has calls")
    for kept in event.queues:
        if queue := matching.queues.get(kept.name):
            queue.offered = sum(kept.ended.values())
            queue.ended = {**queue.ended, **{str(ending): count for ending, count in kept.ended.items()}}
            queue.last_rung.clear()
            queue.last_rung.update(kept.last_rung)
    for each in event.operators:
        if operator := matching.operators.get(each.name):
            _resume(matching, operator, each, event.shift, now)


def _resume(matching: Matching, operator: Operator, kept: OperatorLasts, shift: float, now: float) -> None:
    operator.status, operator.reason, operator.set_by = Status(kept.status), kept.reason, kept.set_by
    operator.status_since = min(kept.status_since + shift, now)
    operator.state_since = now
    operator.idle_since = min(kept.idle_since + shift, now)
    operator.answered, operator.missed, operator.missed_in_a_row = kept.answered, kept.missed, kept.missed_in_a_row
    operator.taken, operator.talked = kept.taken, kept.talked
    if kept.rest_until + shift > now:
        _rest(matching, operator, min(kept.rest_until + shift, now + LONGEST_REST))
    left = min(kept.wrap_up_until + shift - now if kept.wrap_up_until else kept.wrap_up, LONGEST_WRAP_UP)
    if left > 0:
        operator.owe(kept.noted, Owed(left, kept.until_saved))
        operator.wraps_up_since = now
        operator.wrap_up_timer = matching.start("wrap_up", operator.name, now + left)
        operator.state = State.WRAP_UP
        operator.state_since = min(kept.state_since + shift, now) if kept.wrap_up_until else now
    elif kept.wrap_up_until:                # it was over while we were not there
        operator.idle_since = min(kept.wrap_up_until + shift, now)
    matching.changed(operator)


def _rest(matching: Matching, operator: Operator, until: float) -> None:
    operator.rest_until = until
    operator.rest_timer = matching.start("rest", operator.name, until)


LONGEST_WRAP_UP, LONGEST_REST = 3600.0, 300.0       # s; more than the configuration allows is no state of ours
