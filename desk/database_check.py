"""Whether the database answers the web process."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from routing.requests.repository import Repository


class DatabaseCheck:
    """Asks one small question at a time: a database that hangs holds one thread, however often somebody looks."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._asking: asyncio.Task[bool] | None = None

    async def answers(self, timeout: float) -> bool:
        """Whether an answer came within `timeout`; a question that is still open is waited for, not asked again."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(run_in_threadpool(self._ask))
        done, _ = await asyncio.wait({self._asking}, timeout=timeout)
        return bool(done) and self._asking.result()

    def _ask(self) -> bool:
        try:
            self._repository.calls(limit=1)
        except (SQLAlchemyError, OSError):
            return False
        return True
