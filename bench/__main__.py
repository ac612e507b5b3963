"""What a call costs on this machine: `python -m bench`. One JSON line per step on stdout, progress on stderr.

The real service runs on loopback with a configuration of its own, on the first core; the callers on the last. Needed:
SIPp and a C compiler. A bench that was broken off goes on with the steps that are not done; `--fresh` begins anew,
`--only STEP` runs one step again.
"""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime

from bench import generator, sipp
from bench.core_speed import core_speed_ms
from bench.house import cores
from bench.processes import machine_load
from bench.progress import Finished, say
from bench.steps import STEPS
from tests.support.service import ROOT

FINISHED = ROOT / "var/bench.jsonl"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", action="append", choices=list(STEPS), metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs have measured")
    chosen = parser.parse_args()
    lacking = [text for text in (sipp.missing(), generator.missing()) if text]
    for text in lacking:
        say(f"bench: {text}")
    if lacking:
        return 1
    finished = Finished(FINISHED)
    if chosen.fresh:
        finished.forget()
    steps = chosen.only or list(STEPS)
    for number, name in enumerate(steps, 1):
        if name in finished.results and not chosen.only:
            say(f"[{number}/{len(steps)}] {name}: measured before")
        else:
            say(f"[{number}/{len(steps)}] {name}: {(STEPS[name].__doc__ or '').splitlines()[0]}")
            finished.add(measured(name))
        print(json.dumps(finished.results[name]), flush=True)
    return 0


def measured(name: str) -> dict[str, object]:
    """One step, with how fast the core was and how much of the machine was in use."""
    speed, load, began_at = core_speed_ms(cores()[0]), machine_load(), time.monotonic()
    figures = STEPS[name]()
    used = {key: round(machine_load()[key] - value, 1) for key, value in load.items()}
    return {"bench": name, "at": datetime.now(UTC).isoformat(timespec="seconds"), **figures,
            "machine": {"cores": os.cpu_count(), "core_speed_ms": [speed, core_speed_ms(cores()[0])],
                        "wall_s": round(time.monotonic() - began_at, 1), "all_cores_s": used}}


if __name__ == "__main__":
    sys.exit(main())
