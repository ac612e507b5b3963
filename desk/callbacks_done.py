"""Every half a minute: whether people closed a request that the hotline would still call back for, or erased who left
it. In the web process: no query may hold up a call."""

import asyncio

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.snapshots import Control
from ivr.base.config import Config
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log
from routing.requests.callbacks import done_with

EVERY = 30.0        # s
WHO = "hotline"     # who ends them, in the log

log = Log("callbacks")


async def keep_ending(engine: Engine, config: Config, control: Control) -> None:
    """Where no queue calls back there is nothing to look for."""
    while any(queue.callback is not None for queue in config.queues.values()):
        await asyncio.sleep(EVERY)
        try:
            await end_done(engine, control)
        except (ControlAway, ControlRefused, SQLAlchemyError):
            pass                            # away, or done by itself meanwhile: the next look finds the rest
        except Exception as error:          # a bug of ours: it must not end this for good
            log.error("callbacks_not_compared", error=error)


async def end_done(engine: Engine, control: Control) -> int:
    """How many are called back no more. Who talks, or is rung, right now is left alone: an operator may close the
    request while they talk with the caller. Raises what control's link and the database raise."""
    found = (await control.call("callbacks"))["callbacks"]
    asked = [each["request"] for each in found if each["state"] != "tried"]
    done = await run_in_threadpool(done_with, engine, asked) if asked else ()
    for request in done:
        await control.call("cancel_callback", request=request, by=WHO)
    return len(done)
