"""Files as they come over HTTP: how often, how many at one time, how slowly; kept by `store`."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from desk.bucket import Buckets
from desk.chat.files.store import FileStore, NotStored, Owner, Stored, Upload

PER_S, BURST = 1 / 10, 10   # of one visitor or account
PER_S_OF_HOST, BURST_OF_HOST = 1 / 2, 60        # of one address: a school, an office
FETCHED_PER_S, FETCHED_BURST = 10, 300          # by one address of visitors
KEYS = 10_000               # of these remembered
BUFFER = 1 << 18            # octets that are written at once
CALLER = "caller"           # who sends it when it is no account


@dataclass(frozen=True)
class Bounds:
    """What may be under way at one time, and how slowly. Seconds, octets."""

    at_once: int = 64
    for_accounts: int = 16
    """Of these: strangers never get them, so that they can't keep people of ours from sending."""
    of_host: int = 8
    """Of strangers at one address. Accounts have no such bound: many sit behind one address."""
    of_one: int = 3
    """Of one visitor or account: a page sends one at a time, and there may be a few pages."""
    examined: int = 2
    """Files that are looked at, and written bare: that is work for the processor, which everybody else needs too."""
    of_strangers: int = 1
    """Of these: slow pictures of strangers hold up those of strangers, and of ours no more than one."""
    turn: float = 20.0
    """How long one waits to be looked at. The worst picture of 10 MB takes well below a second."""
    silence: float = 30.0
    """Without an octet."""
    window: float = 30.0
    least: int = 30_000
    """In each `window` that we waited for the sender so much must come, 1 kB/s: a telephone with the slowest network
    sends more than twice that; who sends less keeps a place from others and would not come to an end anyway."""
    longest: float = 600.0
    """In all."""


class BrokenOff(Exception):
    """The sender is gone, or too slow."""


class Coming:
    """All that come to this process; `store` is where they go, `most` the octets of one (0: none are taken)."""

    def __init__(self, most: int, store: FileStore, clock: Callable[[], float],
                 bounds: Bounds = Bounds()) -> None:
        self.store, self.most, self.bounds = store, most, bounds
        self._clock, self._strangers = clock, 0
        self._of_hosts_now, self._of_one = Counter[str](), Counter[str]()
        self._examining = asyncio.Semaphore(bounds.examined)
        self._of_strangers = asyncio.Semaphore(bounds.of_strangers)
        self._fetched = Buckets(FETCHED_PER_S, FETCHED_BURST, KEYS)
        self._sent, self._of_hosts = Buckets(PER_S, BURST, KEYS), Buckets(PER_S_OF_HOST, BURST_OF_HOST, KEYS)

    def may_send(self, who: str, host: str = "") -> bool:
        """One more by this visitor or account, from this address."""
        now = self._clock()
        return (not host or self._of_hosts.of(host).take(now)) and self._sent.of(who).take(now)

    def may_fetch(self, host: str) -> bool:
        """One more, from this address."""
        return self._fetched.of(host).take(self._clock())

    async def take(self, request: Request, host: str, owner: Owner, name: str) -> Stored:
        """The request's body is a file. Raises NotStored, BrokenOff, OSError, SQLAlchemyError: then nothing is left."""
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.most:
            raise NotStored("too_large")
        with self._place(host, owner):
            upload = await run_in_threadpool(self.store.begin, owner, self.most)
            try:
                await self._receive(request, upload)
                return await self._examined(upload, owner, name)
            finally:
                await run_in_threadpool(upload.close)

    @contextmanager
    def _place(self, host: str, owner: Owner) -> Iterator[None]:
        """One of those under way. Raises NotStored where there is none for this sender."""
        bounds, stranger = self.bounds, owner.sender == CALLER
        who = owner.visitor if stranger else f"account {owner.sender}"
        full = self._of_one.total() >= bounds.at_once or self._of_one[who] >= bounds.of_one
        if stranger and (self._strangers >= bounds.at_once - bounds.for_accounts
                         or self._of_hosts_now[host] >= bounds.of_host):
            full = True
        if full:
            raise NotStored("busy")
        counted = [(self._of_one, who), *([(self._of_hosts_now, host)] if stranger else [])]
        self._strangers += stranger
        for counter, key in counted:
            counter[key] += 1
        try:
            yield
        finally:
            self._strangers -= stranger
            for counter, key in counted:
                counter[key] -= 1
                if not counter[key]:
                    del counter[key]

    async def _examined(self, upload: Upload, owner: Owner, name: str) -> Stored:
        # Strangers wait for one another first: one of them at the most stands among accounts.
        turns = [*([self._of_strangers] if owner.sender == CALLER else []), self._examining]
        held = await self._turn(turns)
        # A thread can't be stopped: its turn ends when it does, even if nobody waits for the answer any more.
        work = asyncio.ensure_future(run_in_threadpool(upload.finish, name))
        work.add_done_callback(lambda done: held.close())
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            raise

    async def _turn(self, turns: list[asyncio.Semaphore]) -> ExitStack:
        """All of them, one after the other; closed, it gives them back. Raises NotStored."""
        with ExitStack() as held:
            try:
                async with asyncio.timeout(self.bounds.turn):
                    for one in turns:
                        await one.acquire()
                        held.callback(one.release)
            except TimeoutError:
                raise NotStored("busy") from None
            return held.pop_all()

    async def _receive(self, request: Request, upload: Upload) -> None:
        pieces, held, bounds = request.stream().__aiter__(), bytearray(), self.bounds
        waited, came = 0.0, 0           # of this window: what our own disk takes is not the sender's time
        try:
            async with asyncio.timeout(bounds.longest):
                while True:
                    began = self._clock()
                    async with asyncio.timeout(bounds.silence):
                        piece = await anext(pieces, None)
                    waited, came = waited + self._clock() - began, came + len(piece or b"")
                    held += piece or b""
                    if piece is None or len(held) >= BUFFER:
                        await run_in_threadpool(upload.write, bytes(held))
                        held.clear()
                    if piece is None:
                        return
                    if waited >= bounds.window:
                        if came < bounds.least:
                            raise BrokenOff
                        waited, came = 0.0, 0
        except (TimeoutError, ClientDisconnect):
            raise BrokenOff from None
