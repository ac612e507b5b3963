"""Figures of the record for pages, one question after the other, so that they never crowd out what is urgent."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from desk.problems import Refusal
from desk.zones import zones_of
from ivr.base.config import Config
from routing.reports.questions import Question, answer

MOST_WAITING = 16       # questions; the next one is refused: somebody asks faster than anybody can read
TIME_LIMIT = 60.0       # s for an answer, of which a page says that the period is too long


class Counter(Protocol):
    """Whoever counts: in this process, or in one of its own."""

    async def count(self, question: Question) -> dict[str, Any]:
        """As `routing.reports.questions.answer`; raises what it raises, or TimeoutError."""
        ...

    async def close(self) -> None:
        """Nothing is asked any more."""
        ...


class InThread:
    """In a thread of this process: where there is no audio to be late. `clock` gives seconds since the epoch."""

    def __init__(self, engine: Engine, config: Config, clock: Callable[[], float]) -> None:
        self._engine, self._config, self._clock = engine, config, clock

    async def count(self, question: Question) -> dict[str, Any]:
        return await run_in_threadpool(self._count, question)

    async def close(self) -> None:
        """What it had was of others."""

    def _count(self, question: Question) -> dict[str, Any]:
        now = datetime.fromtimestamp(self._clock(), UTC)
        return answer(self._engine, question, zones_of(self._config), now)


class Counting:
    """One question at a time."""

    def __init__(self, counter: Counter) -> None:
        self._counter, self._turn, self._waiting = counter, asyncio.Lock(), 0

    async def ask(self, question: Question) -> dict[str, Any]:
        """Raises Refusal where too many wait or it takes too long, SQLAlchemyError if the database is away."""
        if self._waiting >= MOST_WAITING:
            raise Refusal(503, "too_many_reports", "Many reports are being counted: try again in a minute.")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.wait_for(self._counter.count(question), TIME_LIMIT)
        except TimeoutError:
            raise Refusal(503, "report_too_long", f"Counting took more than {TIME_LIMIT:.0f} s: ask for a shorter "
                                                  "time, or use `hotline report`.") from None
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        await self._counter.close()
