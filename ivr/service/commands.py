"""What the web process may ask of control: one function per operation, over the control link."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ivr.drivers.control_link import ControlRefused
from ivr.service import (
    beside,
    browser,
    callbacks,
    intervention,
    line_orders,
    menu_callers,
    operators_desk,
    supervision,
    texting,
    transfers,
    visible,
    why,
)
from ivr.service.control_loop import Control
from routing.dispatcher import Status
from routing.requests.rows import clean


def answer(control: Control, op: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Do `op`. Raises ControlRefused with a code and a sentence for what can't be done."""
    operation = OPERATIONS.get(op)
    if operation is None:
        raise ControlRefused("unknown_operation", f"control knows no operation {op!r}")
    return operation(control, arguments)


def snapshot(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    shown = control.exchange.snapshot(time.monotonic())
    shown["database"]["behind"] = control.writer.behind
    return shown


def set_status(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    operator, reason = str(arguments.get("operator", "")), clean(str(arguments.get("reason", ""))[:200])
    if operator not in control.config.operators:
        raise ControlRefused("unknown_operator", f"there is no operator {operator!r}")
    try:
        status = Status(str(arguments.get("status", "")))
    except ValueError:
        raise ControlRefused("unknown_status", f"a status is one of {', '.join(Status)}") from None
    reasons = control.config.break_reasons
    if status is Status.ON_BREAK and reasons and reason not in reasons:
        raise ControlRefused("unknown_reason", f"a break needs a reason, one of: {', '.join(reasons)}")
    control.set_status(operator, status, reason, clean(str(arguments.get("by", ""))[:80]))
    return {"operator": operator, "status": str(status), "reason": reason}


def wrap_up_done(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    operator, now = str(arguments.get("operator", "")), time.monotonic()
    if operator not in control.config.operators:
        raise ControlRefused("unknown_operator", f"there is no operator {operator!r}")
    control.carry_out(control.exchange.wrap_up_done(operator, str(arguments.get("call", "")), now), now)
    return {"operator": operator}


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "snapshot": snapshot,
    "set_status": set_status,
    "wrap_up_done": wrap_up_done,
    **visible.OPERATIONS,
    **supervision.OPERATIONS,
    **intervention.OPERATIONS,
    **transfers.OPERATIONS,
    **line_orders.OPERATIONS,
    **why.OPERATIONS,
    **callbacks.OPERATIONS,
    **browser.OPERATIONS,
    **texting.OPERATIONS,
    **beside.OPERATIONS,
    **operators_desk.OPERATIONS,
    **menu_callers.OPERATIONS,
}
