"""Stands for control towards its parent: has nothing to load, serves at once. What it was told it appends to the file
`--notes`, a line for each. `--lives S`: it dies so many s after it serves; `--unable`: an heir dies while it loads.
"""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from ivr.service import lifeline
from ivr.service.inherited import Inherited

CODE = 7


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--notes", type=Path, required=True)
    parser.add_argument("--lives", type=float, default=1000.0)
    parser.add_argument("--unable", action="store_true")
    parser.add_argument("--inherited", type=Inherited.taken, required=True)
    parser.add_argument("--anew", action="store_true")
    parser.add_argument("--gently", action="store_true")
    parser.add_argument("--ready", type=int)
    parser.add_argument("--lifeline", type=int)
    arguments = parser.parse_args()
    signal.signal(signal.SIGUSR1, lambda number, frame: sys.exit(0))
    inherited: Inherited = arguments.inherited
    journal = inherited.journals[0]

    def note(what: str) -> None:
        with arguments.notes.open("a") as notes:
            notes.write(f"{what} anew={arguments.anew} found={os.fstat(journal).st_size} seed={hash('seed')}\n")

    if inherited.heir is not None:
        if arguments.unable:
            return CODE
        lifeline.loaded(arguments.ready)
        note("waits")
        if not os.read(inherited.heir, 1):
            return 0
    note("serves")
    os.ftruncate(journal, 100)
    lifeline.ready(arguments.ready)
    time.sleep(arguments.lives)
    return CODE
