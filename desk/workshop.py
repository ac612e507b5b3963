"""The desk's end of the workshop: the process that reads what people type in the editor."""

import json
import pickle
import select
import subprocess
import sys
import time
from threading import Lock
from typing import Any

from starlette.concurrency import run_in_threadpool

from desk.problems import Refusal
from ivr.base.config import Config
from ivr.drivers.log import Log

COMMAND = (sys.executable, "-m", "ivr.service.start", "ivr.service.workshop.process")
HEAD = 4                # octets of a frame's length
PATIENCE = 40.0         # s for an answer; the process itself gives up after 20
LARGEST = 17 << 20
MOST_WAITING = 8        # pieces of work: the next one is refused

log = Log("desk")


class _Gone(Exception):
    """The process has ended, or says nothing."""


class Workshop:
    """Started when it is first needed; one piece of work at a time. It ends with this process, or when nobody needs it.

    `config_file` and `config` are what the service runs with.
    """

    def __init__(self, config_file: str, config: Config) -> None:
        self._first = pickle.dumps((config_file, config), pickle.HIGHEST_PROTOCOL)
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = Lock()
        self._waiting = 0

    async def ask(self, op: str, **arguments: Any) -> dict[str, Any]:
        """What it found. Raises Refusal: 422 for what can't be read, 429 while too much waits, 503 if it can't be
        reached."""
        if self._waiting >= MOST_WAITING:
            raise Refusal(429, "busy", "Too much is being checked just now; try again in a moment.",
                          {"Retry-After": "2"})
        self._waiting += 1
        try:
            answer = await run_in_threadpool(self._ask, json.dumps({"op": op, **arguments}).encode())
        finally:
            self._waiting -= 1
        if (refused := answer.get("refused")) is not None:
            if trace := answer.get("trace"):
                log.error("workshop_failed", op=op, trace=trace)
            raise Refusal(503 if refused["code"] == "internal" else 422, refused["code"], refused["message"])
        return answer

    def close(self) -> None:
        """End the process; the next question starts another one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _ask(self, asked: bytes) -> dict[str, Any]:
        """Blocks. A process that ended, idle or by a fault, is started anew once."""
        with self._turn:
            for last in (False, True):
                try:
                    answer: dict[str, Any] = json.loads(self._exchange(asked))
                    return answer
                except (_Gone, OSError, ValueError) as error:
                    self.close()
                    if last:
                        log.error("workshop_away", reason=str(error))
        raise Refusal(503, "workshop_away", "What checks the menus can't be started on the server; see workshop_away "
                                            "in its log.")

    def _exchange(self, asked: bytes) -> bytes:
        process = self._process
        if process is None or process.poll() is not None:
            self.close()
            process = self._process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                       stderr=subprocess.DEVNULL, bufsize=0)
            _write(process, self._first)
        _write(process, asked)
        return _read(process, time.monotonic() + PATIENCE)


def _write(process: subprocess.Popen[bytes], body: bytes) -> None:
    assert process.stdin is not None
    left = memoryview(len(body).to_bytes(HEAD, "big") + body)
    while left:
        left = left[process.stdin.write(left):]


def _read(process: subprocess.Popen[bytes], until: float) -> bytes:
    """One frame. Raises _Gone."""
    assert process.stdout is not None
    head = _exactly(process.stdout, HEAD, until)
    size = int.from_bytes(head, "big")
    if size > LARGEST:
        raise _Gone("its answer is too large")
    return _exactly(process.stdout, size, until)


def _exactly(stream: Any, size: int, until: float) -> bytes:
    parts: list[bytes] = []
    while size:
        if not select.select([stream], [], [], max(0.0, until - time.monotonic()))[0]:
            raise _Gone("it does not answer")
        part = stream.read(min(size, 1 << 20))
        if not part:
            raise _Gone("it ended")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
