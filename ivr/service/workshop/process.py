"""The process in which drafts are read, checked, drawn, tested and walked: what somebody types in an editor is never
parsed where pages are served.

    python -m ivr.service.start ivr.service.workshop.process < frames > frames

A frame is four octets of length (big-endian) and so many octets. The first one that comes is a pickle of the
configuration's path and the configuration; each other one is JSON, `{"op": …}` with its arguments, and is answered by
one of JSON: what the operation found, or `{"refused": {"code": …, "message": …}}`. Each is worked on in a fork of its
own, with a bound on its time and its memory: the modules and the lengths of all sounds are there already, and whatever
becomes of it, the next one finds a sound house. Without work for a while the process ends; so it does with its parent.
"""

import json
import os
import pickle
import resource
import select
import signal
import sys
import time
import traceback
from io import FileIO
from typing import Any, BinaryIO, NoReturn

from ivr.service.reading_apart import NICE
from ivr.service.workshop.bench import Bench, Unwanted
from ivr.service.workshop.operations import OPERATIONS

IDLE = 600.0                    # s without work; then it ends, and whoever needs it starts it anew
WALL = 20.0                     # s for one piece of work on a busy machine
CPU_S = 8                       # s of the processor; the largest menus that are read (2 MB) take two
MEMORY_BYTES = 768 << 20        # beyond what the process has before the work
LARGEST = 16 << 20              # octets of a frame
HEAD = 4
TOO_MUCH = {"refused": {"code": "too_much", "message": "This takes too long, or too much memory: is the text much "
                                                       "larger than a menu, or does it repeat itself by aliases?"}}
BROKEN = {"refused": {"code": "internal", "message": "The check failed on this by a fault of the hotline itself; see "
                                                     "workshop_failed in its log."}}


def main() -> int:
    """Serve until the parent closes the pipe."""
    os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)        # of a terminal: the parent says when it is over
    frames = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)                                       # what libraries print must not get between
    asking = os.fdopen(os.dup(0), "rb", buffering=0)    # what is buffered, select would not see
    first = read_frame(asking)
    if first is None:
        return 0
    config_file, config = pickle.loads(first)           # our parent wrote it
    bench = Bench.of(config_file, config)
    while select.select([asking], [], [], IDLE)[0]:
        asked = read_frame(asking)
        if asked is None:
            break
        write_frame(frames, _worked(bench, asked))
    return 0


def read_frame(stream: BinaryIO | FileIO) -> bytes | None:
    """None at the end."""
    head = _exactly(stream, HEAD)
    return None if head is None else _exactly(stream, int.from_bytes(head, "big"))


def _exactly(stream: BinaryIO | FileIO, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size:
        part = stream.read(min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def write_frame(stream: BinaryIO, body: bytes) -> None:
    stream.write(len(body).to_bytes(HEAD, "big") + body)
    stream.flush()


def _worked(bench: Bench, asked: bytes) -> bytes:
    """In a fork: its answer, or that there is none."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(bench, asked, writing)
    os.close(writing)
    try:
        answer = _collected(reading, time.monotonic() + WALL)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return answer or json.dumps(TOO_MUCH).encode()


def _collected(reading: int, until: float) -> bytes:
    """Nothing where it came too late, broke off, or is too large. A whole answer ends with a newline."""
    parts: list[bytes] = []
    size = 0
    while (left := until - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
        part = os.read(reading, 1 << 20)
        size += len(part)
        if not part or size > LARGEST:
            break
        parts.append(part)
    whole = b"".join(parts)
    return whole if whole.endswith(b"\n") and size <= LARGEST else b""


def _work(bench: Bench, asked: bytes, writing: int) -> NoReturn:
    """Never comes back: nothing of the parent's may be ended here."""
    try:
        _bound()
        answer = json.dumps(_answer(bench, json.loads(asked))).encode() + b"\n"
        with os.fdopen(writing, "wb") as out:
            out.write(answer)
    finally:
        os._exit(0)


def _answer(bench: Bench, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return OPERATIONS[asked.pop("op")](bench, asked)
    except Unwanted as error:
        return {"refused": {"code": error.code, "message": str(error)}}
    except (MemoryError, RecursionError):
        return TOO_MUCH
    except Exception:
        return {**BROKEN, "trace": traceback.format_exc(limit=-6)}


def _bound() -> None:
    with open("/proc/self/statm") as file:
        had = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (had + MEMORY_BYTES, had + MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
