"""Menus that change under running calls in virtual time, many more of both than `make test` has time for."""

import time
import traceback
from typing import Any

from bench.progress import EVERY, say
from tests.exchange.test_menu_versions import hot_change as change
from tests.support.service import ROOT

FINDINGS = ROOT / "var/soak"
CALLS, VERSIONS = 800, 5_000


def hot_change(minutes: float) -> dict[str, Any]:
    """5,000 versions over 800 calls, again and again for so many minutes."""
    began_at = told_at = time.monotonic()
    rounds, broken = 0, []
    while time.monotonic() - began_at < 60 * minutes:
        try:
            change(CALLS, VERSIONS, seed=rounds)
        except Exception:
            FINDINGS.mkdir(parents=True, exist_ok=True)
            (FINDINGS / f"hot-change-{rounds}.txt").write_text(traceback.format_exc())
            broken.append(rounds)
        rounds += 1
        if time.monotonic() - told_at > EVERY:
            told_at = time.monotonic()
            say(f"  {rounds} rounds in {told_at - began_at:.0f} of {60 * minutes:.0f} s, broken: {broken}")
    return {"rounds": rounds, "findings": len(broken), "which": broken}
