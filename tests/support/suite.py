"""One part of the test suite after the other, and then a second look at the few that failed, alone.

    python -m tests.support.suite part NAME ARGUMENTS…     as pytest; few failures wait for the second look
    python -m tests.support.suite again                    those, one after the other; ends with 1 if one fails again

Tests here wait for real phones, browsers and processes, on machines that stop for seconds. What fails among others and
holds alone is named at the end, so that nobody overlooks it; docs/decisions/0068 says why it does not end the run.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(".pytest_cache/parts")
MOST = 5                # more than so many failures of all parts together are no accident: nothing is looked at again
FAILED = 1              # how pytest ends when tests failed, and nothing worse


def part(name: str, arguments: Sequence[str]) -> int:
    """How it ends: 0 also for a few failures, since the second look decides about them."""
    cache = CACHE / name
    shutil.rmtree(cache, ignore_errors=True)
    code = _pytest(cache, arguments)
    return 0 if code == FAILED and 0 < len(failed_in(cache)) <= MOST else code


def again() -> int:
    """The second look: 0 if every failure held alone."""
    failed = sorted({test for cache in CACHE.glob("*") for test in failed_in(cache)})
    if not failed:
        return 0
    print(f"\n== {len(failed)} failed beside others:", *failed, sep="\n   ", flush=True)
    if len(failed) > MOST:
        print(f"== more than {MOST}: this is no accident", flush=True)
        return FAILED
    code = _pytest(CACHE / "again", failed)
    print("== they hold alone: look at them when there is time" if not code else "== failed alone, too", flush=True)
    return code


def failed_in(cache: Path) -> list[str]:
    """The tests that failed in the run that had this folder."""
    try:
        return list(json.loads((cache / "v/cache/lastfailed").read_text()))
    except FileNotFoundError:
        return []


def _pytest(cache: Path, arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", "-o", f"cache_dir={cache.absolute()}", *arguments],
                          check=False).returncode


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["part", name, *rest]:
            return part(name, rest)
        case ["again"]:
            return again()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
