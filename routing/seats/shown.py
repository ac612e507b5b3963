"""Two dispatchers as screens see them: one record of each queue and of each operator, with their chats."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from routing.dispatcher import CALL, CHAT
from routing.dispatcher.at_desk import AtDesk
from routing.operators import Operator

OWN = frozenset({"name", "calls", "longest_wait", "operators_in_service", "operators_idle"})     # else figures add up


def queues(calls: Iterable[dict[str, Any]], chats: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Figures of `Queue.snapshot` that count callers count both; operators are those for calls, and beside them
    `chats_waiting` (of `waiting`), `chats_in_service` and `chats_idle`. Each of `calls` says its medium, and its place
    among those of the same."""
    return [_queue(one, other) for one, other in zip(calls, chats, strict=True)]


def _queue(calls: dict[str, Any], chats: dict[str, Any]) -> dict[str, Any]:
    sums = {key: calls.get(key, 0) + chats.get(key, 0) for key in {**calls, **chats} if key not in OWN}
    return {**calls, **sums, "longest_wait": max(calls["longest_wait"], chats["longest_wait"]),
            "chats_waiting": chats["waiting"], "chats_in_service": chats["operators_in_service"],
            "chats_idle": chats["operators_idle"], "calls": _waiting(calls["calls"], chats["calls"])}


def _waiting(calls: Sequence[dict[str, Any]], chats: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each of the two keeps its order; between them who has waited longer stands first."""
    return list(heapq.merge(({**one, "medium": CALL} for one in calls), ({**one, "medium": CHAT} for one in chats),
                            key=lambda one: -float(one["wait_time"])))


def operator(person: dict[str, Any], seat: Operator | None) -> dict[str, Any]:
    """The record of `Operator.snapshot`, which is of calls, and beside it: chats they have, that are offered, and may
    have at most (0: who takes none), whether their desk answers, and what keeps them from one more."""
    if seat is None:
        return {**person, "chats": 0, "chats_offered": 0, "chats_most": 0, "chats_reachable": False,
                "chats_condition": "takes no chats"}
    return {**person, "answered": person["answered"] + seat.answered, "missed": person["missed"] + seat.missed,
            "chats": len(seat.calls), "chats_offered": len(seat.offers),
            "chats_most": 0 if seat.removed else seat.settings.capacity, "chats_reachable": seat.reachable,
            "chats_condition": seat.condition()}


def at_desk(calls: AtDesk, chats: AtDesk) -> AtDesk:
    """All they have; the wrap-up is that of calls, if there is one, else that of chats."""
    first = chats if calls.wrap_up_left is None and (chats.wrap_up_left is not None or not calls.noted) else calls
    return replace(first, calls=(*calls.calls, *chats.calls), ringing=(*calls.ringing, *chats.ringing))
