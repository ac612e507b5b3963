"""How many cores this process may use, and how many planes they are good for."""

import os
from math import ceil
from pathlib import Path

from ivr.base.config_service import MediaConfig

CGROUP = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
MOST = 1 << 16           # where nothing bounds it
PAIRS_EACH = 50          # ports of a plane, at the least, where nobody has said how many planes there are to be


def workers(media: MediaConfig, cores: int | None = None) -> int:
    """What `media.workers` means here. All but one core for `auto`: control, web and database need that one."""
    if media.workers != "auto":
        return media.workers
    return max(1, min((cores or usable_cores()) - 1, media.ports.pairs // PAIRS_EACH))


def usable_cores() -> int:
    """At least one: what affinity leaves and, in a container, its share of time."""
    return max(1, min(len(os.sched_getaffinity(0)), quota(*CGROUP)))


def quota(own: Path, mounted: Path) -> int:
    """Whole cores that the cgroups (version 2) of this process grant it, by their `cpu.max`, as "200000 100000"."""
    try:
        path = next(line[3:] for line in own.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return MOST
    granted = MOST
    group = mounted / path.strip().lstrip("/")
    for folder in (group, *group.parents):
        if folder.is_relative_to(mounted):
            granted = min(granted, _granted(folder / "cpu.max"))
    return granted


def _granted(file: Path) -> int:
    try:
        most, period = file.read_text().split()
        return MOST if most == "max" else ceil(int(most) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return MOST
