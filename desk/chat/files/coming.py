"""Files as they come over HTTP: how often, how many at one time, how slowly; kept by `store`."""

import asyncio
from collections import Counter
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from desk.bucket import Buckets
from desk.chat.files.store import MB, FileStore, NotStored, Owner, Stored, Upload
from ivr.base.config import Config

AT_ONCE, AT_ONCE_OF_HOST = 64, 8        # uploads at one time, in all and from one address; the next one comes later
PER_S, BURST = 1 / 10, 10   # of one visitor or account
PER_S_OF_HOST, BURST_OF_HOST = 1 / 2, 60        # of one address: a school, an office
FETCHED_PER_S, FETCHED_BURST = 10, 300          # by one address of visitors
KEYS = 10_000               # of these remembered
SILENCE = 30.0              # s without an octet after which an upload is given up
LONGEST = 600.0             # s that one may take in all
BUFFER = 1 << 18            # octets that are written at once


class BrokenOff(Exception):
    """The sender is gone, or too slow."""


class Coming:
    """All that come to this process; `store` is where they go, `most` the octets of one (0: none are taken)."""

    def __init__(self, config: Config, store: FileStore, clock: Callable[[], float]) -> None:
        self.store, self.most = store, int(config.channels.web.max_file_mb * MB)
        self._clock, self._coming = clock, Counter[str]()
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
        if self._coming.total() >= AT_ONCE or self._coming[host] >= AT_ONCE_OF_HOST:
            raise NotStored("no_space")
        self._coming[host] += 1
        try:
            upload = await run_in_threadpool(self.store.begin, owner, self.most)
            try:
                await self._receive(request, upload)
                return await run_in_threadpool(upload.finish, name)
            finally:
                await run_in_threadpool(upload.close)
        finally:
            self._coming[host] -= 1
            if not self._coming[host]:
                del self._coming[host]

    async def _receive(self, request: Request, upload: Upload) -> None:
        pieces, held = request.stream().__aiter__(), bytearray()
        try:
            async with asyncio.timeout(LONGEST):
                while True:
                    async with asyncio.timeout(SILENCE):
                        piece = await anext(pieces, None)
                    held += piece or b""
                    if piece is None or len(held) >= BUFFER:
                        await run_in_threadpool(upload.write, bytes(held))
                        held.clear()
                    if piece is None:
                        return
        except (TimeoutError, ClientDisconnect):
            raise BrokenOff from None
