"""What people may ask of the queues: why an operator is, or is not, getting a call."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ivr.drivers.control_link import ControlRefused
from ivr.service.calls_in_progress import only_call
from ivr.service.control_loop import Control


def why(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Of one call; without one, why the operator is not getting any."""
    operator, beginning = str(arguments.get("operator", "")), str(arguments.get("call", ""))
    if operator not in control.config.operators:
        raise ControlRefused("unknown_operator", f"there is no operator {operator!r}")
    house, now = control.exchange.house, time.monotonic()
    if not beginning:
        return {"operator": operator, "why": house.dispatcher.why_operator(operator, now)}
    call = only_call(house.calls, beginning)
    return {"operator": operator, "call": call, "why": house.dispatcher.why(operator, call, now),
            "call_waits": house.dispatcher.why_call(call)}


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {"why": why}
