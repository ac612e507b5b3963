"""What the web process may ask of control about supervisors: let one come, switch how they take part, let them go."""

import time
from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from ivr.call.supervising import Mode
from ivr.drivers.control_link import ControlRefused
from ivr.exchange.supervising import NotSupervised, status
from ivr.service.calls_in_progress import only_call
from ivr.service.control_loop import Control


def supervise(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    mode, who = str(arguments.get("mode", "")), str(arguments.get("supervisor", ""))
    if mode not in get_args(Mode):
        raise ControlRefused("unknown_mode", f"a mode is one of {', '.join(get_args(Mode))}")
    call = _call(control, arguments)
    now = time.monotonic()
    _carry_out(control, control.exchange.supervise(call, who, cast(Mode, mode), now), now)
    return _shown(control, call)


def end_supervision(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    call, now = _call(control, arguments), time.monotonic()
    _carry_out(control, control.exchange.end_supervision(call, str(arguments.get("supervisor", "")), now), now)
    return _shown(control, call)


def supervisors(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    return _shown(control, _call(control, arguments))


def _call(control: Control, arguments: dict[str, Any]) -> str:
    return only_call(control.exchange.house.calls, str(arguments.get("call", "")))


def _carry_out(control: Control, asked: list[Any] | NotSupervised, now: float) -> None:
    if isinstance(asked, NotSupervised):
        raise ControlRefused(asked.code, asked.reason)
    control.carry_out(asked, now)


def _shown(control: Control, call: str) -> Mapping[str, Any]:
    opened = control.exchange.house.calls.get(call)
    return {"call": call, "supervisors": status(opened) if opened is not None else []}


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "supervise": supervise,
    "end_supervision": end_supervision,
    "supervisors": supervisors,
}
