"""Every minute: requests of callers who came again about the same are linked with their earlier ones; every hour:
callers whose time is over are forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from ivr.drivers.log import Log
from routing.requests.erasure import Erased, erase_old
from routing.requests.links import link_requests
from routing.requests.transaction import said

EVERY = 60.0        # s
FORGET_EVERY = 3600.0

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


async def keep_forgetting(engine: Engine, days: int, clock: Callable[[], float],
                          forgotten: Callable[[], Awaitable[None]]) -> None:
    """With 0 `days` nobody is. `forgotten` deletes what lies on the disk of those who were."""
    while days:
        now = datetime.fromtimestamp(clock(), UTC)
        try:
            erased = await run_in_threadpool(erase_old, engine, now - timedelta(days=days), now)
            if erased != Erased(0, 0, 0):
                log.info("callers_forgotten", calls=erased.calls, notes=erased.notes)
                await forgotten()
        except SQLAlchemyError as error:
            log.warning("callers_not_forgotten", reason=said(error))
        except Exception as error:
            log.error("callers_not_forgotten", error=error)
        await asyncio.sleep(FORGET_EVERY)
