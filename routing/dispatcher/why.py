"""Why an operator is, or is not, getting a call: in words, from the same functions that decide.

`obstacles` is empty for exactly those pairs that the dispatcher would bring together, so of a call without an offer and
an operator at least one always stands; the simulator holds both against what the dispatcher does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from routing.dispatcher.matching import Matching
from routing.operators import Operator
from routing.queue import Queue, Stay


def why(matching: Matching, name: str, call: str, now: float) -> str:
    """One sentence for the pair."""
    operator, stay = matching.operators.get(name), matching.stays.get(call)
    if operator is None:
        return f"{name} is not among the operators."
    if call in operator.calls:
        return f"{name} is on call {call}."
    if stay is None:
        other = matching.assigned.get(call)
        return f"Call {call} is with {other}." if other else f"Call {call} is in no queue."
    if name in stay.offers:
        return f"{name} is getting call {call}: their phone rings."
    against = obstacles(matching, operator, stay, now)
    if not against:
        return f"{name} may get call {call}."       # no such pair outlives an event
    return f"{name} is not getting call {call}: {'; '.join(against)}."


def obstacles(matching: Matching, operator: Operator, stay: Stay, now: float) -> list[str]:
    """Everything that keeps the operator from being rung for the call now, besides that they are rung for it."""
    queue = matching.queues[stay.queue]
    if operator.name not in queue.crew or operator.removed:
        return [f"does not serve the queue {stay.queue}"]
    line = queue.line_of(stay)
    found = [f"lacks {lack}" for lack in line.demand.lacking(operator.profile)]
    if not queue.reaches(operator.name, stay):
        found.append(_out_of_reach(matching, queue, operator, stay, now))
    if not operator.is_ready:
        found.append(_not_ready(operator, now))
    if operator.name in stay.tried and not queue.everybody_tried(stay):
        found.append(f"{_passed(stay)}, and others are to be tried first")
    if not queue.rings_more(stay):
        found.append(f"it is being offered to {', '.join(stay.offers)}")
    return found


def _out_of_reach(matching: Matching, queue: Queue, operator: Operator, stay: Stay, now: float) -> str:
    if stay.held:
        left = matching.timers.get(stay.sticky_timer, now) - now if stay.sticky_timer else 0.0
        return f"it is kept for {stay.preferred}, {left:.0f} s more"
    tier = queue.crew.tier_of(operator.name)
    left = queue.settings.tiers[tier - 1].after - (now - stay.since)
    return f"tier {tier + 1} opens for it in {left:.0f} s"


def _not_ready(operator: Operator, now: float) -> str:
    condition = operator.condition()
    if condition == "resting after a missed call":
        return f"rests {operator.rest_until - now:.0f} s more after a missed call"
    if condition == "on break" and operator.reason:
        return f"on break ({operator.reason})"
    return condition


def explain_operator(operator: Operator, queues: Iterable[Queue], now: float) -> str:
    """One sentence: why this operator, who serves these queues, is not getting a call."""
    name, condition = operator.name, operator.condition()
    if condition == "free":
        return _explain_free(operator, list(queues))
    if condition == "resting after a missed call":
        return f"{name} missed a call and rests for {operator.rest_until - now:.0f} s more."
    if operator.call is not None:
        return f"{name} is {condition} (call {operator.call})."
    reason = f" ({operator.reason})" if condition == "on break" and operator.reason else ""
    return f"{name} is {condition}{reason}."


def _explain_free(operator: Operator, queues: list[Queue]) -> str:
    name = operator.name
    if not queues:
        return f"{name} is free, but no queue names them."
    waiting = [(queue, stay) for queue in queues if (stay := next(queue.unoffered(), None)) is not None]
    if not waiting:
        return f"{name} is free, and nobody without an offer waits in {', '.join(q.settings.name for q in queues)}."
    queue, first = min(waiting, key=lambda pair: pair[1].rank)
    if lacks := queue.line_of(first).demand.lacking(operator.profile):
        return f"{name} is free, but lacks {', '.join(lacks)} for call {first.call}, which waits."
    if not queue.reaches(name, first):
        return f"{name} is free, but call {first.call}, which waits, is not for them yet."
    return f"{name} is free, but missed call {first.call}, which waits for operators who were not tried for it yet."


def explain_stay(stay: Stay, queue: Queue, operators: Mapping[str, Operator]) -> str:
    """One sentence: why this call waits."""
    if len(stay.offers) > 1:
        return f"Call {stay.call} is being offered to {', '.join(stay.offers)}, whose phones ring."
    if stay.operator is not None:
        return f"Call {stay.call} is being offered to {stay.operator}, whose phone rings."
    where = f"Call {stay.call} waits in place {queue.place(stay.call)} of {stay.queue}"
    named = [operators[name] for name in queue.settings.everybody if name in operators]
    if not named:
        return f"{where}: no operator serves this queue."
    conditions = Counter(_condition(queue, stay, operator) for operator in named)
    words = ", ".join(f"{count} {condition}" for condition, count in conditions.items())
    return f"{where}: of {len(named)} operators {words}."


def _condition(queue: Queue, stay: Stay, operator: Operator) -> str:
    """What keeps one operator from it, the least that changes first."""
    if not queue.line_of(stay).accepts(operator.profile):
        return "without the skills"
    condition = operator.condition()
    if condition != "free":
        return condition
    return f"free but {_passed(stay)}" if queue.reaches(operator.name, stay) else "free but not asked yet"


def _passed(stay: Stay) -> str:
    """Why one who was tried is not: who is to be called back may also be beyond what the rules let them call today."""
    return "missed it or may not call them now" if stay.virtual else "missed it"
