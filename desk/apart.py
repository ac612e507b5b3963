"""Work that takes seconds, or opens files that people send: done by a process of its own.

The web process carries the voice of browsers and may not stand still; and what decodes a file that somebody sent may
break without breaking anything else. `ivr/service/desk_work` is that process: met as a program, over pipes.
"""

import asyncio
import contextlib
import json
import pickle
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from desk.problems import Refusal
from ivr.base.config import Config
from ivr.drivers.log import Log

COMMAND = (sys.executable, "-m", "ivr.service.start", "ivr.service.desk_work.process")
TIME_LIMIT = 300.0          # s; an engine takes 120 for the longest text
MOST_ANSWER = 64 << 20      # octets of one line: ten thousand prompts with long texts
MOST_WAITING = 8            # pieces of work of each kind; whoever comes then is told to come again
LAST_WORDS = 500            # octets of what it said at its end
MOST_TOLD = 5               # faults
STATUS = {"prompt-unknown": 404, "prompt-file-missing": 404, "prompt-recorded": 409, "prompt-in-use": 409,
          "changed-meanwhile": 409}

log = Log("desk")
Told = Callable[[int, int, str], None]


class Apart:
    """What reads the files waits for what reads, and what changes sounds for what changes them: one of each at a time.
    Texts of menus and hours name one another, so all that changes them takes turns at `texts`, checking included."""

    def __init__(self) -> None:
        self._reading, self._changing, self.texts = Gate(), Gate(), Gate()

    async def read(self, work: str, config: Config, **arguments: Any) -> dict[str, Any]:
        """Raises Refusal with what an admin has to mend, or where there is too much to do."""
        async with self._reading:
            return await _run(work, config, arguments, _nothing)

    async def change(self, work: str, config: Config, arguments: Mapping[str, Any],
                     told: Told | None = None) -> dict[str, Any]:
        """The same. `told` hears how far it is."""
        async with self._changing:
            return await _run(work, config, arguments, told or _nothing)

    async def write(self, work: str, config: Config, **arguments: Any) -> dict[str, Any]:
        """The same with a text of menus or hours: it does not wait until a hundred prompts are spoken."""
        async with self.texts:
            return await _run(work, config, arguments, _nothing)


class Gate:
    """One goes through, some wait, others are sent away."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def __aenter__(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise Refusal(503, "busy", "There is too much to do at once. Try again in a minute.", {"Retry-After": "30"})
        self._waiting += 1
        try:
            await self._lock.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(self, *error: object) -> None:
        self._lock.release()


async def _run(work: str, config: Config, arguments: Mapping[str, Any], told: Told) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        limit=MOST_ANSWER)
    words = asyncio.create_task(_last_words(process))
    answer: dict[str, Any] = {}
    try:
        async with asyncio.timeout(TIME_LIMIT):
            await _give(process, pickle.dumps((work, config, dict(arguments)), pickle.HIGHEST_PROTOCOL))
            assert process.stdout is not None
            async for line in process.stdout:
                answer = json.loads(line)
                if "step" in answer:
                    told(*answer["step"])
            await process.wait()
    except (TimeoutError, ValueError):      # ValueError: a line beyond all bounds
        answer = {}
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        said = await words
    if "done" in answer:
        return dict(answer["done"])
    if "faults" in answer:
        raise refused(answer["faults"])
    log.warning("work_failed", work=work, code=process.returncode, said=said)
    raise Refusal(400 if work == "bring_prompt" else 503, "work_failed",
                  "This file could not be worked through: save it as 16-bit WAV." if work == "bring_prompt"
                  else "This was not done; the log of the service says why (work_failed).")


async def _give(process: asyncio.subprocess.Process, asked: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):      # it died before it had heard all: its end tells
        process.stdin.write(asked)
        await process.stdin.drain()
        process.stdin.close()


async def _last_words(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    kept: deque[bytes] = deque(maxlen=2)
    while said := await process.stderr.read(LAST_WORDS):
        kept.append(said)
    return b"".join(kept).decode(errors="replace")[-LAST_WORDS:].strip()


def refused(faults: list[dict[str, Any]]) -> Refusal:
    """Faults as one sentence for people, and the code of the first."""
    told = [_sentence(fault) for fault in faults[:MOST_TOLD]]
    if len(faults) > MOST_TOLD:
        told.append(f"and {len(faults) - MOST_TOLD} more: hotline check")
    code = str(faults[0]["code"]) or "not_allowed"
    return Refusal(STATUS.get(code, 400), code.replace("-", "_"), "; ".join(told) + ".")


def _sentence(fault: Mapping[str, Any]) -> str:
    file = str(fault["file"])
    place = Path(file).name if file.startswith("/") else file
    at = f"{place}:{fault['line']}:{fault['column']}" if fault["line"] else place
    remedy = f" ({fault['remedy']})" if fault["remedy"] else ""
    return f"{at}: {fault['message']}{remedy}"


def _nothing(done: int, total: int, what: str) -> None:
    """Nobody looks how far a list is."""
