"""Chats whose connections are cut at random, and web and control killed under them in turns, again and again."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.progress import say
from tests.support.chat_drill import Drill, drilled, settings
from tests.support.service import ROOT, running_service

HOST, WIRE = "127.0.74.103", "127.0.74.104"
FINDINGS = ROOT / "var/soak"
SECONDS = 60.0
KILLS = ("web", "control") * 3


def cut_chats(minutes: float) -> dict[str, Any]:
    """200 visitors and 8 operators, a minute each with 5 % of all pieces cut and 6 kills, for so many minutes."""
    began_at, seeds = time.monotonic(), []
    total = {"said": 0, "cuts": 0, "went_on": 0}
    broken: list[int] = []
    while time.monotonic() - began_at < 60 * minutes:
        seed = int.from_bytes(os.urandom(4))
        seeds.append(seed)
        drill = Drill(seed, visitors=200, asking=120, operators=8, seconds=SECONDS, think=3.0, kills=KILLS)
        with tempfile.TemporaryDirectory() as folder, \
                running_service(Path(folder), host=HOST, **settings(Path(folder), drill)) as service:
            outcome = drilled(service, drill, WIRE)
            if outcome.faults:
                FINDINGS.mkdir(parents=True, exist_ok=True)
                (FINDINGS / f"chats-{seed}.txt").write_text("\n".join([repr(drill), *outcome.faults, service.log]))
                broken.append(seed)
        total = {name: count + outcome.figures[name] for name, count in total.items()}
        say(f"  {len(seeds)} times, {time.monotonic() - began_at:.0f} of {60 * minutes:.0f} s, broken: {broken}")
    return {"times": len(seeds), **total, "findings": len(broken), "which": broken}
