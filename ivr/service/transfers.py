"""What the web process may ask of control about a caller: send them on, ask somebody first, go on from there."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ivr.drivers.control_link import ControlRefused
from ivr.exchange.transferring import WISHES, NotTransferred
from ivr.service.calls_in_progress import only_call
from ivr.service.control_loop import Control

TARGET_LENGTH = 64


def transfer(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    call, now = _call(control, arguments), time.monotonic()
    target = str(arguments.get("target", ""))[:TARGET_LENGTH]
    attended = arguments.get("attended") is True
    return _done(control, call, control.exchange.transfer(call, target, now, attended=attended), now)


def end_consultation(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    call, now = _call(control, arguments), time.monotonic()
    wish = next((wish for wish in WISHES if wish == arguments.get("wish")), None)
    if wish is None:
        raise ControlRefused("unknown_wish", f"a consultation ends with one of {', '.join(WISHES)}")
    return _done(control, call, control.exchange.end_consultation(call, wish, now), now)


def _call(control: Control, arguments: dict[str, Any]) -> str:
    """The call, if whoever asks may: `operator` is the one who has to be on it, "" for an administrator."""
    call = only_call(control.exchange.house.calls, str(arguments.get("call", "")))
    operator = str(arguments.get("operator", ""))
    if operator and control.exchange.house.calls[call].call.operator != operator:
        raise ControlRefused("not_yours", "only the operator on this call may send its caller on")
    return call


def _done(control: Control, call: str, asked: list[Any] | NotTransferred, now: float) -> Mapping[str, Any]:
    if isinstance(asked, NotTransferred):
        raise ControlRefused(asked.code, asked.reason)
    control.carry_out(asked, now)
    opened = control.exchange.house.calls.get(call)
    if opened is None:
        return {"call": call, "state": "ended", "operator": "", "target": ""}
    return {"call": call, "state": opened.call.state.name.lower(), "operator": opened.call.operator,
            "target": opened.call.transfer_target}


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "transfer": transfer,
    "end_consultation": end_consultation,
}
