"""Looks after the audit log: what could not be written is tried again, what is too old goes, and tokens long ended."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.audit import forget_before
from desk.state import Desk
from ivr.drivers.log import Log
from routing.requests.transaction import said

EVERY = 60.0        # s
FORGOTTEN_EVERY = 60    # looks
log = Log("audit")


async def keep_auditing(desk: Desk) -> None:
    """For as long as the web process lives."""
    looks = 0
    while True:
        try:
            await run_in_threadpool(desk.audit.flush)
            if looks % FORGOTTEN_EVERY == 0:
                await run_in_threadpool(forget, desk)
        except SQLAlchemyError as error:
            log.warning("audit_not_looked_after", reason=said(error))
        except Exception as error:      # a bug of ours: it must not end this for good
            log.error("audit_not_looked_after", error=error)
        looks += 1
        await asyncio.sleep(EVERY)


def forget(desk: Desk) -> None:
    """What is older than `web.audit_keep_days`. Blocks."""
    before = forget_before(desk.config.web.audit_keep_days, desk.wall_clock())
    gone = desk.audit.forget(before)
    desk.tokens.kept.forget(before)
    if gone:
        log.info("audit_forgotten", rows=gone)
