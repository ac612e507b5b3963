"""What the web process may ask of control to show: ladders of calls in progress, phones, captures."""

import time
from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from ivr.drivers.control_link import ControlRefused
from ivr.exchange.capturing import Which
from ivr.exchange.phones import phones
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


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "ladder": ladder,
    "phones": list_phones,
    "begin_capture": begin_capture,
    "end_capture": end_capture,
    "captures": captures,
}
