"""What the web process may ask of control about lines: an announcement before the menu, and closing a line."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from ivr.drivers.control_link import ControlRefused
from ivr.drivers.log import Log
from ivr.exchange.house import House
from ivr.exchange.ordering import NotOrdered, Orderable, Wish
from ivr.exchange.orders import KINDS, LineOrder
from ivr.service.control_loop import Control

NAME_LENGTH = 64

log = Log("control")


def order(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    now = time.monotonic()
    return _done(control, control.exchange.order_lines([wish_of(arguments)], now), now)


def take_back(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    now = time.monotonic()
    return _done(control, control.exchange.take_orders_back([wish_of(arguments)], now), now)


def orders(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    return _shown(control.exchange.house, time.monotonic())


def _shown(house: House, now: float) -> dict[str, list[dict[str, Any]]]:
    return {"orders": [order.written() for order in house.orders.all(house.to_utc(now))]}


def wish_of(arguments: dict[str, Any]) -> Wish:
    """What is asked over the API. Raises ControlRefused."""
    kind, until, lasts = str(arguments.get("kind", "")), arguments.get("until"), arguments.get("lasts")
    if kind not in KINDS:
        raise ControlRefused("unknown_kind", f"an order is one of {', '.join(KINDS)}")
    return Wish(str(arguments.get("line", "")), kind, str(arguments.get("by", ""))[:NAME_LENGTH],
                str(arguments.get("prompt", "")), datetime.fromisoformat(until) if until else None,
                float(lasts) if lasts is not None else None)


def _done(control: Control, asked: list[Any] | NotOrdered, now: float) -> Mapping[str, Any]:
    """It is on the disk before it is said to be done: a line that somebody has closed stays closed over a crash."""
    if isinstance(asked, NotOrdered):
        raise ControlRefused(asked.code, asked.reason)
    shown = _shown(control.exchange.house, now)
    kept = control.state_files.save_orders(shown["orders"])
    control.carry_out(asked, now)
    if not kept:
        raise ControlRefused("not_kept", "it holds from now on, but could not be written down: a restart would forget "
                                         "it; the log says why")
    return shown


def resume_orders(house: Orderable, kept: Iterable[dict[str, Any]]) -> None:
    """What held before a restart, of lines that there still are. What is over says nothing any more."""
    for written in kept:
        try:
            given = LineOrder.read_back(written)
        except (LookupError, TypeError, ValueError) as error:
            log.error("line_order_lost", reason=repr(error))
            continue
        if given.line in house.editions.lines:
            house.orders.give(given)


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "line_orders": orders,
    "order_line": order,
    "take_back_order": take_back,
}
