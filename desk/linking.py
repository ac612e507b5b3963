"""Every minute: requests of callers who came again about the same are linked with their earlier ones."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from ivr.drivers.log import Log
from routing.requests.links import link_requests

EVERY = 60.0        # s

log = Log("desk")


async def keep_linking(engine: Engine, days: int, clock: Callable[[], float]) -> None:
    """`clock` gives seconds since the epoch; with 0 `days` nothing is ever linked."""
    while days:
        await asyncio.sleep(EVERY)
        try:
            await run_in_threadpool(link_requests, engine, datetime.fromtimestamp(clock(), UTC), timedelta(days=days))
        except SQLAlchemyError:
            continue                        # the database is away: what is new waits
        except Exception as error:          # a bug of ours: it must not end this for good
            log.error("requests_not_linked", error=error)
