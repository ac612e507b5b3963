"""Golden ladders: what happened in a flow, as a drawing that is kept beside the test and compared to the letter.

`python -m tests.flows.renew` writes them anew and prints what changed.
"""

import difflib
import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
RENEW = "HOTLINE_RENEW_LADDERS"


def assert_golden(name: str, drawn: str) -> None:
    """`name`.ladder must hold `drawn`; where it does not, or there is none, the test fails and shows how they
    differ."""
    path = FOLDER / f"{name}.ladder"
    drawn += "\n"
    kept = path.read_text() if path.exists() else ""
    if drawn == kept:
        return
    difference = "".join(difflib.unified_diff(
        kept.splitlines(True), drawn.splitlines(True), f"{path.name}, as kept", f"{path.name}, as it went"))
    if os.environ.get(RENEW) and not os.environ.get("CI"):
        path.write_text(drawn)
        print(difference)
    else:
        pytest.fail(f"\n{difference}\nIf this is right: python -m tests.flows.renew", pytrace=False)
