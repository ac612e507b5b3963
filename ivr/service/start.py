"""Starts one of the service's processes.

    python -m ivr.service.start MODULE ... [--gently]

A process imports a thousand modules, and what they define stays: looking for garbage in it takes a seventh of the time.
"""

import contextlib
import gc
import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

GENTLY = "--gently"     # among the arguments of a process that is needed later: it makes way for others while it loads
NICE = 10
SESSION = Path("/proc/self/autogroup")      # where the kernel shares out by sessions, this is how nice ours is
NAME = Path("/proc/self/comm")

Loaded = TypeVar("Loaded")


@contextmanager
def uncollected() -> Iterator[None]:
    """What is made in here stays, and is not looked through."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def gently(load: Callable[[], Loaded]) -> Loaded:
    """What `load` gives, done at low priority. In a thread of its own, since a thread that was made nice stays so where
    we have no rights; this one's end is the end of it."""
    session_is(NICE)
    try:
        with ThreadPoolExecutor(1, initializer=_be_nice) as loader:
            return loader.submit(load).result()
    finally:
        session_is(0)


def session_is(nice: int) -> None:
    with contextlib.suppress(OSError):
        SESSION.write_text(str(nice))


def _be_nice() -> None:
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def shown_as(name: str) -> None:
    """What `ps` and `top` show of this process (`comm`): 15 characters."""
    with contextlib.suppress(OSError):
        NAME.write_text(name)


def main() -> int:
    name = sys.argv.pop(1)
    with uncollected():
        module = gently(lambda: importlib.import_module(name)) if GENTLY in sys.argv else importlib.import_module(name)
    return int(module.main())


if __name__ == "__main__":
    sys.exit(main())
