"""Requests to be called back: read from the database at the start; listed and cancelled for whoever looks at them."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.drivers.control_link import ControlRefused
from ivr.drivers.log import Log
from ivr.exchange import callbacks
from ivr.exchange.callbacks import Wanted
from ivr.service.control_loop import Control
from routing.callback import MOST_OPEN, Callback
from routing.requests.callbacks import OpenCallback, open_callbacks

OLDEST = timedelta(days=7)       # a request that is older waits for people: nobody expects our call any more
ASK_AGAIN = 2.0                  # s until a database that is away, or behind its spool, is asked again

log = Log("control")


def resume_callbacks(control: Control, engine: Engine) -> "asyncio.Task[None]":
    """Take up what an earlier control left, once the database has all that happened; keep the task."""
    return asyncio.get_running_loop().create_task(_resume(control, engine))


async def _resume(control: Control, engine: Engine) -> None:
    if not any(queue.callback is not None for queue in control.config.queues.values()):
        return
    while True:
        if control.writer.caught_up:
            try:
                found = await asyncio.to_thread(open_callbacks, engine, control.config.node,
                                                datetime.now(UTC) - OLDEST, MOST_OPEN)
                break
            except SQLAlchemyError as error:
                log.warning("callbacks_unread", reason=str(error).splitlines()[0])
        await asyncio.sleep(ASK_AGAIN)
    now = time.monotonic()
    control.carry_out(control.exchange.restore_callbacks([wanted(each) for each in found], now), now)
    log.info("callbacks_resumed", count=len(found))


def wanted(found: OpenCallback) -> Wanted:
    return Wanted(found.request, found.line, found.number, found.name, found.attempts, found.tried_at)


# --- for people -------------------------------------------------------------------------------------------------------
def listed(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    house = control.exchange.house
    return {"callbacks": callbacks.shown(house, time.monotonic())}


def cancel(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    now, callback = time.monotonic(), _one(control, arguments)
    by = str(arguments.get("by", ""))[:64]
    control.carry_out(control.exchange.cancel_callback(callback, by, now), now)
    return listed(control, {})


def call_now(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """The pause is over; the place in line stays, and so do the hours."""
    now, callback = time.monotonic(), _one(control, arguments)
    control.carry_out(control.exchange.callback_now(callback, now), now)
    return listed(control, {})


def _one(control: Control, arguments: dict[str, Any]) -> Callback:
    beginning = str(arguments.get("request", ""))
    found = [each for name, each in control.exchange.house.callbacks.open.items() if name.startswith(beginning)]
    if len(found) != 1 or not beginning:
        what = "no open callback begins" if not found else f"{len(found)} open callbacks begin"
        raise ControlRefused("unknown_callback", f"{what} with {beginning!r}")
    return found[0]


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "callbacks": listed, "cancel_callback": cancel, "callback_now": call_now}
