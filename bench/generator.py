"""Builds and runs the load generator in `load/`, and meters the service in the phases that it tells."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SOURCES = sorted((Path(__file__).parent / "load").glob("*.c"))
COMPILER = "gcc"


def missing() -> str:
    """What is not there, and what to do; empty if the generator can be built."""
    return "" if shutil.which(COMPILER) else "the load generator needs gcc (Debian: apt-get install gcc libc6-dev)"


def build(folder: Path) -> Path:
    """Compile it; the program."""
    program = folder / "load"
    subprocess.run([COMPILER, "-O2", "-std=gnu11", "-o", str(program), *map(str, SOURCES)], check=True)
    return program


def call(program: Path, target: str, core: set[int], *, calls: int, rate: float, seconds: float, key_after: float,
         at_phase: Callable[[str, float], None]) -> dict[str, Any]:
    """`calls` calls, `rate` begun a second, each `seconds` long, the key 1 pressed after `key_after`.

    `at_phase` is told `start`, `playing` (all calls are up), `leaving` (the first one is over) and `over` with the
    time; returns what the callers saw.
    """
    command = [str(program), "--target", target, "--calls", str(calls), "--rate", str(rate),
               "--seconds", str(seconds), "--key-after", str(key_after)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, core)) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        for line in process.stderr:
            at_phase(line.strip(), time.monotonic())
        seen: dict[str, Any] = json.loads(process.stdout.read())
    return seen
