"""Passwords are checked one at a time: each takes a core for 20 ms and 19 MiB, and nobody shall make us do two at once.

Who has logged in before goes first, so that a flood of strangers costs them one check of waiting.
"""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from desk.counted import Counted
from desk.problems import Refusal

MOST_WAITING = 40       # of each of the two kinds: a second
OF_ONE = 2              # of them from one address, or at one's own login

T = TypeVar("T")


class PasswordTurns:
    """Lives in one event loop."""

    def __init__(self) -> None:
        self._waiting = {known: Counted(MOST_WAITING, OF_ONE) for known in (True, False)}
        self._queue: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._busy = False

    async def check(self, key: str, known: bool, work: Callable[[], T]) -> T:
        """What `work` returns, done in a thread. `key`: who asks. Raises Refusal 503 while too many wait."""
        lane = self._waiting[known]
        if not lane.enter(key):
            raise Refusal(503, "busy", "Too many people log in just now; try again in a moment.", {"Retry-After": "1"})
        try:
            async with self._turn(known):
                return await run_in_threadpool(work)
        finally:
            lane.leave(key)

    @contextlib.asynccontextmanager
    async def _turn(self, known: bool) -> AsyncIterator[None]:
        if self._busy:
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._queue, (not known, next(self._numbers), mine))
            try:
                await mine
            except asyncio.CancelledError:
                if mine.done() and not mine.cancelled():
                    self._pass_on()         # it was our turn, and we are gone
                raise
        self._busy = True
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        """The next one; `_busy` stays while there is one, so that nobody comes in between."""
        while self._queue:
            following = heapq.heappop(self._queue)[2]
            if not following.done():
                following.set_result(None)
                return
        self._busy = False
