"""Builds and steers the load generator in `load/`: callers, and the phones of the operators they are put through to."""

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

SOURCES = sorted((Path(__file__).parent / "load").glob("*.c"))
BARE = Path(__file__).parent / "bare/bare.c"
COMPILER = "gcc"
PATIENCE = 60.0             # s for an answer beyond the time that what was asked takes by itself
PHONES = ("127.0.2.2", 25_090)
# Where a run is to be distrusted, by the generator's own figures:
LATE_MS = 5.0               # its clock's p99

Figures = dict[str, Any]


def missing() -> str:
    """What is not there, and what to do; empty if the generator can be built."""
    return "" if shutil.which(COMPILER) else "the load generator needs gcc (Debian: apt-get install gcc libc6-dev)"


def build(folder: Path) -> Path:
    """Compile it; the program."""
    return _compiled(folder / "load", SOURCES)


def build_bare(folder: Path) -> Path:
    """Compile the floor, which moves the same packets and does nothing else."""
    return _compiled(folder / "bare", [BARE])


def _compiled(program: Path, sources: Sequence[Path]) -> Path:
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([COMPILER, "-O2", "-std=gnu11", "-o", str(program), *map(str, sources), "-lm"], check=True)
    return program


class Load:
    """A running generator for at most `most` callers of `user` at `target` (HOST:PORT), pinned to `core`.

    bare: RTP alone, two ports a call from this one on, without SIP; events: are telephone-events offered; stamps: does
    the audio carry the time it was sent at; key, frames: SRTP, see bench/media/secure.py. Raises RuntimeError when the
    generator gives up or answers too late.
    """

    def __init__(self, program: Path, target: str, core: set[int], most: int, *, user: str = "100", bare: int = 0,
                 events: bool = True, stamps: bool = False, key: str = "", frames: Path | None = None) -> None:
        command = [str(program), "--target", target, "--most", str(most), "--user", user]
        command += ["--bare", str(bare)] if bare else []
        command += ([] if events else ["--no-events"]) + (["--stamps"] if stamps else [])
        command += ["--key", key, "--frames", str(frames)] if frames else []
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         preexec_fn=lambda: os.sched_setaffinity(0, core))
        self._text = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    def calls(self, count: int, rate: float) -> int:
        """Have `count` callers in all, `rate` new ones a second; how many are up when nobody rings any more."""
        self._say(f"calls {count} {rate}")
        return int(self._answer(count / rate)["up"])

    def window(self) -> None:
        """From now on the figures are new."""
        self._say("window")

    def figures(self) -> Figures:
        """What callers and operators have heard since window()."""
        self._say("figures")
        return self._answer(0)

    def keys(self, seconds: float) -> None:
        """Each caller presses 1 at some moment of so many seconds, and a second goes by."""
        self._say(f"key {seconds}")
        self._answer(seconds)

    def leave(self, rate: float, calls: int) -> Figures:
        """Everybody hangs up; the figures of the end."""
        self._say(f"leave {rate}")
        self._answer(calls / rate)
        return self.figures()

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def _answer(self, seconds: float) -> Figures:
        """The next line of the generator's."""
        assert self._process.stdout is not None
        until, fd = time.monotonic() + seconds + PATIENCE, self._process.stdout.fileno()
        while b"\n" not in self._text:
            ready, _, _ = select.select([fd], [], [], max(0.0, until - time.monotonic()))
            read = os.read(fd, 65_536) if ready else b""
            if not read:
                raise RuntimeError(f"the load generator {'ended' if ready else 'does not answer'}")
            self._text += read
        line, _, self._text = self._text.partition(b"\n")
        answer: Figures = json.loads(line)
        return answer


def ill(seen: Figures) -> list[str]:
    """Why the figures of a run are to be distrusted: the generator itself was late, or lost packets."""
    health = seen["generator"]
    found = []
    if health["late_p99_ms"] > LATE_MS:
        found.append(f"the generator was {health['late_p99_ms']} ms late (p99)")
    if health["dropped"]:
        found.append(f"the generator lost {health['dropped']} packets for want of room")
    if health["unsent"]:
        found.append(f"the generator could not send {health['unsent']} packets")
    return found
