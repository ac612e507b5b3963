"""What the web process may ask of control to show: ladders of calls in progress, phones, captures."""

import time
from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from ivr.drivers.control_link import ControlRefused
from ivr.exchange import from_recording
from ivr.exchange.capturing import Which
from ivr.exchange.house import OpenCall
from ivr.exchange.phones import phones
from ivr.service.calls_in_progress import only_call
from ivr.service.captures import LARGEST, LONGEST
from ivr.service.control_loop import Control

NUMBER_LENGTH = 64


def ladder(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """The rows of a call so far. `running`: it goes on, else only last answers are waited for."""
    call = str(arguments.get("call", ""))
    rows = control.exchange.ladder(call)
    if rows is None:
        raise ControlRefused("unknown_call", f"no call {call!r} is in progress")
    return {"rows": [list(row) for row in rows], "running": call in control.exchange.house.calls}


def list_phones(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    return {"phones": phones(control.exchange.house, time.monotonic())}


def begin_capture(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    which, value = str(arguments.get("which", "")), str(arguments.get("value", ""))
    if which not in get_args(Which):
        raise ControlRefused("unknown_capture", f"a capture is of one of {', '.join(get_args(Which))}")
    if (which == "number") != bool(value) and which != "call":
        raise ControlRefused("unknown_capture", "a number goes with `number`, and nothing with `next`")
    seconds, most_bytes = float(arguments.get("seconds", LONGEST)), int(arguments.get("most_bytes", LARGEST))
    return control.captures.begin(cast(Which, which), value[:NUMBER_LENGTH], rtp=bool(arguments.get("rtp")),
                                  seconds=seconds, most_bytes=most_bytes)


def end_capture(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    return control.captures.end(int(arguments.get("capture", 0)))


def captures(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """All of them, or one."""
    number = arguments.get("capture")
    return {"captures": control.captures.all() if number is None else [control.captures.status(int(number))]}


def begin_recording(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """For an administrator, or for the operator who has the call, if its queue allows it."""
    call, opened = _recordable(control, arguments)
    obstacle = from_recording.obstacle(control.exchange.house, opened)
    if obstacle:
        raise ControlRefused("not_recorded", obstacle)
    now = time.monotonic()
    control.carry_out(control.exchange.begin_recording(call, str(arguments.get("by", ""))[:NUMBER_LENGTH], now), now)
    return {"call": call}


def end_recording(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """What the queue always records, an operator doesn't end."""
    call, _ = _recordable(control, arguments)
    house = control.exchange.house
    running = house.recordings.of_call(call)
    if running is None:
        raise ControlRefused("not_recorded", f"call {call} is not being recorded")
    if running.row.why == "always" and not arguments.get("admin"):
        raise ControlRefused("not_yours", "its queue is always recorded")
    by = str(arguments.get("by", ""))[:NUMBER_LENGTH]
    control.carry_out(control.exchange.end_recording(call, f"{by} ended it"), time.monotonic())
    return {"call": call}


def _recordable(control: Control, arguments: dict[str, Any]) -> tuple[str, OpenCall]:
    calls = control.exchange.house.calls
    call = only_call(calls, str(arguments.get("call", "")))
    opened = calls[call]
    if not arguments.get("admin") and opened.call.operator != arguments.get("by"):
        raise ControlRefused("not_yours", "an operator records their own call only")
    return call, opened


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "ladder": ladder,
    "phones": list_phones,
    "begin_capture": begin_capture,
    "end_capture": end_capture,
    "captures": captures,
    "begin_recording": begin_recording,
    "end_recording": end_recording,
}
