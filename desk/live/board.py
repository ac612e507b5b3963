"""The topic `board`: operators, queues, calls in progress, trunks and orders, as the API shows each of them.

Operators see the queues, their colleagues' presence and what was ordered for lines; supervisors also calls and trunks.
"""

from collections.abc import Mapping
from typing import Any

from desk.api.health import Health
from desk.api.operators import operator_shown
from desk.api.queues import Queue
from desk.api.trunks import Trunk
from desk.state import Desk


def board(desk: Desk, snapshot: Mapping[str, Any], health: Health | None, *, supervisor: bool) -> dict[str, Any]:
    """All that one role sees. Seconds in it are those at `at` (since the epoch)."""
    shown = {
        "at": round(desk.wall_clock(), 3),
        "control": True,
        "state": snapshot.get("state", ""),
        "operators": [operator_shown(desk, one).model_dump(mode="json") for one in snapshot.get("operators", ())],
        "queues": [Queue.model_validate(one).model_dump(mode="json") for one in snapshot.get("queues", ())],
        "calls": [],
        "calls_in_progress": snapshot.get("calls_in_progress", 0),
        "orders": list(snapshot.get("orders", ())),
        "health": {"state": health.state if health is not None else ""},
    }
    if supervisor:
        shown["calls"] = list(snapshot.get("calls", ()))
        shown["trunks"] = [Trunk.model_validate(one).model_dump(mode="json") for one in snapshot.get("trunks", ())]
        if health is not None:
            shown["health"] = health.model_dump(mode="json")
    return shown


def without_control(before: Mapping[str, Any] | None, at: float) -> dict[str, Any]:
    """What was shown last, and that nothing newer is known."""
    nothing: dict[str, Any] = {"at": at, "state": "", "operators": [], "queues": [], "calls": [], "orders": [],
                               "calls_in_progress": 0, "health": {"state": "failing"}}
    return {**nothing, **(before or {}), "control": False, "health": {"state": "failing"}}
