"""How many callers are in each menu now: what the web process may ask of control."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ivr.call.state import CallState
from ivr.service.control_loop import Control

IN_A_MENU = (CallState.IN_MENU, CallState.SURVEYING)


def menu_callers(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """By line, by menu."""
    counts: dict[str, Counter[str]] = {}
    for opened in control.exchange.house.calls.values():
        if opened.call.state in IN_A_MENU:
            counts.setdefault(opened.call.visit.call.line, Counter())[opened.call.interpreter.choice.name] += 1
    return {"lines": {line: dict(menus) for line, menus in counts.items()}}


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {"menu_callers": menu_callers}
