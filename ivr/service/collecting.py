"""When control looks for garbage: never by itself, since that is a pause in the middle of a call.

Python counts objects made less objects freed, not what a look will cost: where calls come and go evenly it looks
seldom, and then at all that 400 calls a second leave for 32 s, for 40 ms. Calls leave no cycles (none in 26,000), so
reference counts free nearly all; what else may leave some (connections, errors, people's requests) waits for a quiet
moment.
"""

import asyncio
import gc
import resource
from collections.abc import Callable

LOOK = 10.0             # s from one question whether it is a good moment to the next
QUIET_CALLS = 20        # with no more than these a look takes some milliseconds,
QUIET_LOOKS = 6         # ... once it has been so for so many questions: transactions live for 32 s
GROWN = 256 << 10       # KiB by which the process has grown since the last look: then it is taken, good moment or not


def begin() -> None:
    """What is here now stays, and is never looked at again; Python looks at nothing by itself."""
    gc.collect()
    gc.freeze()
    gc.disable()


class Moments:
    """Tells when to look, asked every LOOK seconds."""

    def __init__(self, peak_kib: int) -> None:
        self._quiet = 0
        self._peak = peak_kib

    def is_good(self, calls: int, peak_kib: int) -> bool:
        """`calls` in progress; the most memory that the process has had."""
        self._quiet = self._quiet + 1 if calls <= QUIET_CALLS else 0
        if self._quiet < QUIET_LOOKS and peak_kib - self._peak < GROWN:
            return False
        self._quiet, self._peak = 0, peak_kib
        return True


async def collect(calls: Callable[[], int]) -> None:
    """For ever."""
    moments = Moments(peak_kib())
    while True:
        await asyncio.sleep(LOOK)
        if moments.is_good(calls(), peak_kib()):
            gc.collect()


def peak_kib() -> int:
    """The most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
