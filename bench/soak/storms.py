"""Storms of calls in virtual time, one seed after the other."""

import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from bench.progress import EVERY, say
from tests.exchange.test_storm import test_storm__every_call_ends_right as storm
from tests.support.service import ROOT

FINDINGS = ROOT / "var/soak"


def storms(minutes: float) -> dict[str, Any]:
    """1,000 calls over a bad network each, with other chances each time, for so many minutes."""
    began_at = told_at = time.monotonic()
    seeds, broken = 0, []
    while time.monotonic() - began_at < 60 * minutes:
        seed = 1000 + seeds
        try:
            with tempfile.TemporaryDirectory() as folder:
                storm(seed, Path(folder))
        except Exception:
            FINDINGS.mkdir(parents=True, exist_ok=True)
            (FINDINGS / f"storm-{seed}.txt").write_text(traceback.format_exc())
            broken.append(seed)
        seeds += 1
        if time.monotonic() - told_at > EVERY:
            told_at = time.monotonic()
            say(f"  {seeds} storms in {told_at - began_at:.0f} of {60 * minutes:.0f} s, broken: {broken}")
    return {"storms": seeds, "findings": len(broken), "which": broken}
