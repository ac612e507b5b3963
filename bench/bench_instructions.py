"""Instructions of one whole call in control's own machines, counted by valgrind: the same at every run on any load.

    python bench/bench_instructions.py [--queue]

A time says little on a shared machine; this says whether a change made the work less. What it does not see is waiting
for memory. Needed: valgrind. One JSON line: the difference of a longer and a shorter run, divided by its calls.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SHORT, LONG = 100, 300          # calls
WARM = 150
SUMMARY = re.compile(r"^summary: (\d+)", re.MULTILINE)
BENCH = Path(__file__).with_name("bench_exchange.py")


def instructions(calls: int, options: list[str]) -> int:
    """Of the whole process with so many calls."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", sys.executable, str(BENCH),
                        "--warm", str(WARM), "--blocks", "1", "--calls", str(calls), *options],
                       check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": "0"})
        found = SUMMARY.search(out.read_text())
        assert found is not None, "callgrind wrote no summary"
        return int(found[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--queue", action="store_true", help="the caller enters a queue, which makes a request")
    options = ["--queue"] if parser.parse_args().queue else []
    if shutil.which("valgrind") is None:
        print("valgrind is not installed (Debian: apt-get install valgrind)", file=sys.stderr)
        return 1
    with ThreadPoolExecutor() as both:
        short, long = both.map(lambda calls: instructions(calls, options), (SHORT, LONG))
    per_call = (long - short) / (LONG - SHORT)
    print(json.dumps({"bench": "instructions", "queue": bool(options), "per_call": round(per_call)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
