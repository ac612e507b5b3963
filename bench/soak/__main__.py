"""Long runs that `make test` has no time for: `python -m bench.soak`. One JSON line per step on stdout.

Progress goes to stderr, findings to `var/soak`. A soak that was broken off goes on with the steps that are not done;
`--fresh` begins anew, `--only STEP` runs one step again. A step that found something ends the soak with exit status 1.
"""

import argparse
import json
import sys
import time
from datetime import UTC, datetime

from bench.progress import Finished, say
from bench.soak.steps import STEPS
from tests.support.service import ROOT

FINISHED = ROOT / "var/soak.jsonl"


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", action="append", choices=list(STEPS), metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--minutes", type=float, default=10.0, help="of each step that has no end of its own (10)")
    parser.add_argument("--fresh", action="store_true", help="forget which steps are done")
    chosen = parser.parse_args()
    finished = Finished(FINISHED)
    if chosen.fresh:
        finished.forget()
    steps = chosen.only or list(STEPS)
    found = 0
    for number, name in enumerate(steps, 1):
        if name in finished.results and not chosen.only:
            say(f"[{number}/{len(steps)}] {name}: done before")
        else:
            say(f"[{number}/{len(steps)}] {name}: {(STEPS[name].__doc__ or '').splitlines()[0]}")
            began_at = time.monotonic()
            result = STEPS[name](chosen.minutes)
            finished.add({"bench": name, "at": datetime.now(UTC).isoformat(timespec="seconds"),
                          "wall_s": round(time.monotonic() - began_at, 1), **result})
        print(json.dumps(finished.results[name]), flush=True)
        found += int(finished.results[name]["findings"])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
