"""CPU time and memory of the service's processes, as the kernel counts them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
NANOSECONDS = 1e9


@dataclass(frozen=True)
class Usage:
    """What a process has used so far: CPU of all its threads in s, resident memory in KiB."""

    cpu: float
    memory_kib: int
    threads: int


def usage(pid: int) -> Usage:
    """Raises FileNotFoundError for a process that is gone."""
    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KIB
    return Usage(_run_time(tasks) or _tick_time(pid), resident, len(tasks))


def _run_time(tasks: list[Path]) -> float:
    """In nanoseconds where the kernel keeps them; 0 where it does not. A thread that has ended is not counted."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks if (task / "schedstat").exists()) \
        / NANOSECONDS


def _tick_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Meter:
    """The usage of several processes between its making and now."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self.pids = dict(pids)
        self.before = {name: usage(pid) for name, pid in self.pids.items()}

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU by process."""
        return {name: usage(pid).cpu - self.before[name].cpu for name, pid in self.pids.items()}

    def memory_kib(self) -> dict[str, int]:
        """Growth of resident memory by process."""
        return {name: usage(pid).memory_kib - self.before[name].memory_kib for name, pid in self.pids.items()}


@contextmanager
def kept_awake(core: set[int]) -> Iterator[None]:
    """Keep a core from idling with a process that runs only when nothing else wants to.

    A virtual core that has slept for milliseconds comes back slow, with cold caches: the same work then takes up to
    twice the CPU time. So a service costs more per call the less it has to do; with this it costs the same.
    """
    def settle() -> None:
        os.sched_setaffinity(0, core)
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))

    process = subprocess.Popen([sys.executable, "-c", "while True: pass"], preexec_fn=settle)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def machine_load() -> dict[str, float]:
    """How busy the machine is with everything: seconds of all cores since boot."""
    fields = [int(field) / TICKS for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return {"busy": fields[0] + fields[1] + fields[2] + fields[5] + fields[6], "idle": fields[3] + fields[4],
            "steal": fields[7]}


class CoreMeter:
    """One core between its making and now."""

    def __init__(self, core: int) -> None:
        self._core = core
        self._began_at, self._idle = time.monotonic(), self._idle_seconds()

    def used(self) -> float:
        """Seconds in which it was not idle: all processes, interrupts, and what the machine below took.

        Busy time itself is only sampled, by a tick that a process with a clock of its own may always miss.
        """
        return time.monotonic() - self._began_at - (self._idle_seconds() - self._idle)

    def _idle_seconds(self) -> float:
        lines = Path("/proc/stat").read_text().splitlines()
        idle, waiting = next(line for line in lines if line.startswith(f"cpu{self._core} ")).split()[4:6]
        return (int(idle) + int(waiting)) / TICKS


def udp_drops(first_port: int, last_port: int) -> int:
    """Packets for these ports that the kernel threw away, since nobody had read those before them."""
    found = 0
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        fields = line.split()
        if first_port <= int(fields[1].rpartition(":")[2], 16) <= last_port:
            found += int(fields[12])
    return found
