"""Who talked with whom last, read from the record at the start: numbers stand there alone, where they can be erased."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.drivers.log import Log
from ivr.exchange import last_operators
from ivr.service.control_loop import Control
from routing.requests.last_operators import last_talks

OLDEST = timedelta(days=30)
ASK_AGAIN = 2.0                  # s until a database that is away, or behind its spool, is asked again

log = Log("control")


def recall_operators(control: Control, engine: Engine) -> "asyncio.Task[None]":
    """Once the database has all that happened; calls don't wait for it. Keep the task."""
    return asyncio.get_running_loop().create_task(_recall(control, engine))


async def _recall(control: Control, engine: Engine) -> None:
    if not any(queue.sticky_s for queue in control.config.queues.values()):
        return
    while True:
        if control.writer.caught_up:
            try:
                found = await asyncio.to_thread(last_talks, engine, datetime.now(UTC) - OLDEST, last_operators.MOST)
                break
            except SQLAlchemyError as error:
                log.warning("last_operators_unread", reason=str(error).splitlines()[0])
        await asyncio.sleep(ASK_AGAIN)
    control.exchange.operators_recalled(found)
    log.info("last_operators_recalled", count=len(found))
