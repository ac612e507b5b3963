"""Changed menus are read in a process of their own, which is nice to everybody.

    python -m ivr.service.start ivr.service.reading_apart < what runs > what the files say now

Parsing is pure Python. A thread that does it takes the interpreter away from control at every system call, 5 ms each:
at 300 calls a second some were refused while a menu was read. This costs half a second more until a change counts.
"""

import contextlib
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass, replace

from ivr.base.errors import AdminError, Fault
from ivr.exchange.editions import MenuChange
from ivr.service import lifeline
from ivr.service.changes import read_change
from ivr.service.loading import Loaded

NICE = 10
TIME_LIMIT = 120.0          # s; then it is killed, and the files count as unread
LAST_WORDS = 500            # characters of what it said at its end

Change = tuple[Loaded, MenuChange]


class ReadingFailed(Exception):
    """The process came to no end that it was made for: a bug of ours, or no room for it on this machine."""


@dataclass(frozen=True)
class Outcome:
    """`change` is None if a file changed meanwhile; with `faults` there is none."""

    change: Change | None = None
    faults: tuple[Fault, ...] = ()


def read_apart(config_file: str, running: Loaded) -> Change | None:
    """As `read_change`, in another process; blocks. Raises AdminError, or ReadingFailed."""
    asked = pickle.dumps((config_file, replace(running, customers={})), pickle.HIGHEST_PROTOCOL)
    try:
        done = subprocess.run([sys.executable, "-m", "ivr.service.start", "ivr.service.reading_apart"], input=asked,
                              capture_output=True, timeout=TIME_LIMIT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ReadingFailed(str(error)) from None
    if done.returncode != 0:
        raise ReadingFailed(f"it ended with {done.returncode}: {done.stderr.decode(errors='replace')[-LAST_WORDS:]}")
    outcome: Outcome = pickle.loads(done.stdout)        # a child of ours wrote it
    if outcome.faults:
        raise AdminError([*outcome.faults])
    return outcome.change


def main() -> int:
    """The process: nobody else writes to its stdin, and what libraries print must not get between."""
    lifeline.watch(-1)
    os.nice(NICE)
    config_file, running = pickle.load(sys.stdin.buffer)
    with os.fdopen(os.dup(1), "wb") as out, contextlib.redirect_stdout(sys.stderr):
        try:
            outcome = Outcome(read_change(config_file, running))
        except AdminError as error:
            outcome = Outcome(faults=tuple(error.faults))
        out.write(pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL))
    return 0
