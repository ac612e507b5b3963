"""Tokens in files: read when they are needed first, and again while they are used, since programs renew them."""

import asyncio
from concurrent.futures import Executor
from pathlib import Path

from ivr.base.errors import AdminError
from ivr.drivers.log import Log
from ivr.drivers.private_files import read_private

READ_EVERY = 5.0        # s: a renewed file counts within twice as many
MAX_TOKEN = 8192        # signs: longer ones no server takes as a header

log = Log("look_ups")


class TokenFiles:
    """What the files say. A file that is no good for now, since somebody is writing it, leaves what it said before."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._kept: dict[str, tuple[float, str]] = {}       # by file: when it was read, and what it said

    async def token(self, file: str) -> str | None:
        """None for a file that never said one."""
        loop = asyncio.get_running_loop()
        read_at, kept = self._kept.get(file, (None, None))
        if read_at is not None and loop.time() - read_at < READ_EVERY:
            return kept
        token = await loop.run_in_executor(self._threads, _read, file)
        if token is None and kept is not None:
            log.warning("token_unreadable", file=file, goes_on="with the one before")
        token = token or kept
        if token is not None:
            self._kept[file] = loop.time(), token
        return token


def _read(file: str) -> str | None:
    try:
        text = (read_private(Path(file)) or "").strip()
    except AdminError:
        return None
    return text if 0 < len(text) <= MAX_TOKEN and text.isascii() and text.isprintable() else None
