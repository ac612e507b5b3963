"""Who is rung for a call, which call a free operator gets, and both in words."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from routing.operators import Operator
from routing.queue import Key, Queue, Stay

Strategy = Callable[[Operator], Key]
"""Gives a free operator's sort key; the lowest is rung first. Taken when they become free and fixed while they are."""


def longest_idle(operator: Operator) -> Key:
    """Who has been free for longest; together free, the order in the configuration decides."""
    return (operator.idle_since, operator.order)


STRATEGIES: Mapping[str, Strategy] = {"longest_idle": longest_idle}


def rank(since: float, priority: int, priority_step: float, serial: int) -> Key:
    """A caller's place in the order of service, the same within a queue and between queues that share operators.

    A step of priority counts as `priority_step` seconds of waiting. So the longest waiting goes first, weighted by
    priority, and yet nobody is passed by for ever. Callers of one priority keep the order in which they came.
    """
    return (since - priority * priority_step, serial)


def choose_operator(queue: Queue, stay: Stay) -> str | None:
    """The first free operator who may be rung for the call."""
    return next((name for name in queue.idle if queue.may_ring(name, stay)), None)


def choose_call(queues: Iterable[Queue], operator: str) -> Stay | None:
    """The first to be served of the calls without an offer for which the operator may be rung, in all these queues."""
    heads = [head for queue in queues if (head := _head(queue, operator))]
    return min(heads, key=lambda stay: stay.rank, default=None)


def _head(queue: Queue, operator: str) -> Stay | None:
    """Calls passed by are those the operator missed: at most one per rest of theirs within the maximum wait."""
    return next((stay for call in queue.unoffered if queue.may_ring(operator, stay := queue.stays[call])), None)


def explain_operator(operator: Operator, queues: Iterable[Queue], now: float) -> str:
    """One sentence: why this operator, who serves these queues, is not getting a call."""
    name, condition = operator.name, operator.condition()
    if condition == "free":
        return _explain_free(name, list(queues))
    if condition == "resting after a missed call":
        return f"{name} missed a call and rests for {operator.rest_until - now:.0f} s more."
    if operator.call is not None:
        return f"{name} is {condition} (call {operator.call})."
    reason = f" ({operator.reason})" if condition == "on break" and operator.reason else ""
    return f"{name} is {condition}{reason}."


def _explain_free(name: str, queues: list[Queue]) -> str:
    if not queues:
        return f"{name} is free, but no queue names them."
    heads = [queue.stays[call] for queue in queues if (call := queue.unoffered.first()) is not None]
    if not heads:
        return f"{name} is free, and nobody without an offer waits in {', '.join(q.settings.name for q in queues)}."
    first = min(heads, key=lambda stay: stay.rank)
    return f"{name} is free, but missed call {first.call}, which waits for operators who were not tried for it yet."


def explain_stay(stay: Stay, queue: Queue, operators: Mapping[str, Operator]) -> str:
    """One sentence: why this call waits."""
    if stay.operator is not None:
        return f"Call {stay.call} is being offered to {stay.operator}, whose phone rings."
    where = f"Call {stay.call} waits in place {queue.place(stay.call)} of {stay.queue}"
    named = [operators[name] for name in queue.settings.operators if name in operators]
    if not named:
        return f"{where}: no operator serves this queue."
    conditions = Counter(operator.condition() for operator in named)
    words = ", ".join(f"{count} {_of_stay(condition)}" for condition, count in conditions.items())
    return f"{where}: of {len(named)} operators {words}."


def _of_stay(condition: str) -> str:
    """Who is free while the call waits has missed it in this round."""
    return "free but missed it" if condition == "free" else condition
