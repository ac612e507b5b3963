"""Each byte of each message changed."""

import time
import traceback
from pathlib import Path
from typing import Any

from bench.progress import EVERY, say
from bench.soak.messages import messages
from tests.support.service import ROOT
from tests.support.swallow import swallow

FINDINGS = ROOT / "var/soak"
# what parsers stumble over: ends, separators, quotes, digits, letters, and bytes that are no ASCII
VALUES = b"\x00\t\n\r \"%'()*+,-./09:;<=>?@AZ[\\]az{}\x7f\x80\xc2\xff"


def changed_bytes(minutes: float) -> dict[str, Any]:
    """Each byte of each message replaced by each of 38 others, left out, and doubled."""
    every = messages()
    tried, findings, told_at = 0, 0, time.monotonic()
    for number, (name, data) in enumerate(every.items(), 1):
        if time.monotonic() - told_at > EVERY:
            told_at = time.monotonic()
            say(f"  message {number} of {len(every)}, {tried} changes, {findings} findings")
        for place in range(len(data)):
            head, tail = data[:place], data[place + 1:]
            for changed in (head + tail, head + data[place:place + 1] * 2 + tail,
                            *(head + bytes((value,)) + tail for value in VALUES)):
                tried += 1
                findings += _failed(name, place, changed)
    return {"messages": len(every), "changes": tried, "findings": findings}


def _failed(name: str, place: int, data: bytes) -> int:
    try:
        swallow(data)
    except Exception:
        FINDINGS.mkdir(parents=True, exist_ok=True)
        path = Path(FINDINGS / f"changed-{name.replace('/', '-')}-{place}")
        path.with_suffix(".bytes").write_bytes(data)
        path.with_suffix(".txt").write_text(traceback.format_exc())
        say(f"  {name}, byte {place}: {path}.txt")
        return 1
    return 0
