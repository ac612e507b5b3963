"""Figures counted in a process of its own (`ivr.service.counting`), started when somebody asks, and anew if it dies."""

import asyncio
import contextlib
import pickle
import sys
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from desk.problems import Refusal
from ivr.base.config import Config
from ivr.drivers.log import Log
from routing.reports.questions import Question

COMMAND = (sys.executable, "-m", "ivr.service.start", "ivr.service.counting")
LENGTH = 8                  # octets before each message: how many follow
MOST_ANSWER = 64 << 20      # octets
TRIES = 2                   # it may just have ended, as nobody had asked for long

log = Log("reports")


class CountingProcess:
    """Asked by one at a time, as `Counting` does. `url`: the database's, with its password; it goes over the pipe."""

    def __init__(self, config: Config, url: str) -> None:
        self._begun = config, url
        self._process: asyncio.subprocess.Process | None = None

    async def count(self, question: Question) -> dict[str, Any]:
        """Raises SQLAlchemyError if the database is away, Refusal if it could not be counted. Whoever is cancelled
        takes the process along: its answer would be taken for that of the next question."""
        for _ in range(TRIES):
            try:
                how, told = await self._asked(question)
            except (OSError, EOFError) as error:
                log.warning("counting_ended", error_type=type(error).__name__)
                await self.close()
                continue
            except BaseException:
                await self.close()
                raise
            if how == "done":
                return dict(told)
            if how == "away":
                raise SQLAlchemyError(told)
            log.error("not_counted", reason=told)
            break
        raise Refusal(503, "not_counted", "This was not counted; the log of the service says why (not_counted).")

    async def _asked(self, question: Question) -> tuple[str, Any]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=MOST_ANSWER)
            await _give(process, self._begun)
        await _give(process, question)
        assert process.stdout is not None
        octets = int.from_bytes(await process.stdout.readexactly(LENGTH), "big")
        if octets > MOST_ANSWER:
            raise EOFError("beyond all bounds")
        how, told = pickle.loads(await process.stdout.readexactly(octets))      # a child of ours wrote it
        return how, told

    async def close(self) -> None:
        """End it; no error if it does not run."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())


async def _give(process: asyncio.subprocess.Process, message: Any) -> None:
    assert process.stdin is not None
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    process.stdin.write(len(body).to_bytes(LENGTH, "big") + body)
    await process.stdin.drain()
