"""How fast a core is at the moment: a virtual one may take half as long again for the same work, for minutes."""

import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

WORK = 400_000              # rounds of the loop whose CPU time (ms) is the figure
PIECE = 10                  # a sample is this part of it, so that who is measured misses no hundredth of the core
EVERY = 0.5                 # s between samples


def core_speed_ms(core: set[int]) -> float:
    """CPU time of a fixed loop on this core. Twice as slow as usual: so is everything else."""
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, core)
    try:
        return round(_loop_ms(WORK), 1)
    finally:
        os.sched_setaffinity(0, every)


@contextmanager
def core_speed_meanwhile(core: set[int]) -> Iterator[list[float]]:
    """The same while others work there: the list has the median when the block is left."""
    found: list[float] = []
    samples: list[float] = []
    over = threading.Event()

    def sample() -> None:
        os.sched_setaffinity(0, core)           # this thread's alone
        while not over.wait(EVERY):
            samples.append(PIECE * _loop_ms(WORK // PIECE))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield found
    finally:
        over.set()
        sampler.join()
        found.append(round(statistics.median(samples), 1) if samples else core_speed_ms(core))


def _loop_ms(rounds: int) -> float:
    begin, total = time.thread_time(), 0
    for number in range(rounds):
        total ^= number
    return 1000 * (time.thread_time() - begin)
