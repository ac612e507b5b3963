"""What the web process may ask of control for an operator's own screen: their calls, and the end of one."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ivr.drivers.control_link import ControlRefused
from ivr.exchange import card as cards
from ivr.exchange.transferring import NotTransferred
from ivr.service.calls_in_progress import only_call
from ivr.service.control_loop import Control

MOST = 1_000        # operators of one question: more than there are on a line


def card(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """The calls of each of `operators`, by name; nothing of who is none. It is asked for pages of theirs alone, and
    so tells that they are there."""
    now = time.monotonic()
    names = [name for name in list(arguments.get("operators", ()))[:MOST] if name in control.config.operators]
    for name in names if control.exchange.house.endpoint.texts.awaited else ():
        control.exchange.page_is_there(name)
    return {"desks": {name: cards.at_desk(control.exchange.house, name, now) for name in names}}


def hang_up(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    now = time.monotonic()
    call = only_call(control.exchange.house.calls, str(arguments.get("call", "")))
    who = str(arguments.get("operator", ""))
    done = control.exchange.hang_up(who, call, now)
    if isinstance(done, NotTransferred):
        raise ControlRefused(done.code, done.reason)
    control.carry_out(done, now)
    return {"call": call}


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "card": card,
    "hang_up": hang_up,
}
