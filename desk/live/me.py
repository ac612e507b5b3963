"""The topic `me`, and what `GET /api/desk` says: how an operator stands, and their calls with each caller's story."""

from collections.abc import Mapping
from typing import Any

from desk.api.operators import operator_shown
from desk.state import Desk

NOTHING: Mapping[str, Any] = {"cards": [], "wrap_up": None, "lost": None}


async def me(desk: Desk, name: str) -> dict[str, Any] | None:
    """JSON-ready, times in seconds; None for who takes no calls. Raises what the link to control raises."""
    return (await mine(desk, {name: None}, await desk.snapshots.get())).get(name)


async def mine(desk: Desk, before: Mapping[str, Mapping[str, Any] | None], snapshot: Mapping[str, Any],
               ) -> dict[str, dict[str, Any]]:
    """The same of several, by name: one question to control for all of them, and only about those who have a call, or
    had something on their screen `before` (None: nobody knows)."""
    stands = {one["name"]: one for one in snapshot.get("operators", ()) if one["name"] in before}
    asked = [name for name, one in stands.items() if _is_busy(one) or _has_something(before[name])]
    desks = (await desk.control.call("card", operators=asked)).get("desks", {}) if asked else {}
    at = round(desk.wall_clock(), 3)
    return {name: {"at": at, **NOTHING, **desks.get(name, {}),
                   "operator": operator_shown(desk, one).model_dump(mode="json")} for name, one in stands.items()}


def _is_busy(one: Mapping[str, Any]) -> bool:
    """Chats come beside calls: `state` is that of calls alone."""
    return one["state"] != "idle" or bool(one.get("chats") or one.get("chats_offered"))


def _has_something(shown: Mapping[str, Any] | None) -> bool:
    return shown is None or any(shown.get(key) for key in NOTHING)
