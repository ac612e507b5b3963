"""What the web process may ask of control for a supervisor: have a call taken, end it."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ivr.drivers.control_link import ControlRefused
from ivr.exchange.supervising import NotSupervised, status
from ivr.service.calls_in_progress import only_call
from ivr.service.control_loop import Control
from routing.requests.rows import clean

BY_LENGTH, REASON_LENGTH = 64, 200


def take_call(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    call, now = _call(control, arguments), time.monotonic()
    to = str(arguments.get("to", ""))
    return _done(control, call, control.exchange.take_call(call, to, _by(arguments), now), now)


def hang_up_call(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    call, now = _call(control, arguments), time.monotonic()
    reason = clean(str(arguments.get("reason", ""))[:REASON_LENGTH])
    return _done(control, call, control.exchange.end_call(call, _by(arguments), reason, now), now)


def _call(control: Control, arguments: dict[str, Any]) -> str:
    return only_call(control.exchange.house.calls, str(arguments.get("call", "")))


def _by(arguments: dict[str, Any]) -> str:
    by: str = clean(str(arguments.get("by", ""))[:BY_LENGTH])
    return by


def _done(control: Control, call: str, asked: list[Any] | NotSupervised, now: float) -> Mapping[str, Any]:
    if isinstance(asked, NotSupervised):
        raise ControlRefused(asked.code, asked.reason)
    control.carry_out(asked, now)
    opened = control.exchange.house.calls.get(call)
    if opened is None:
        return {"call": call, "state": "ended", "operator": "", "supervisors": []}
    return {"call": call, "state": opened.call.state.name.lower(), "operator": opened.call.operator,
            "supervisors": status(opened)}


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "take_call": take_call,
    "hang_up_call": hang_up_call,
}
