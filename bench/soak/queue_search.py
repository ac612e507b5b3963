"""The queue's core under random events, a hundred million of them: the search of tests/routing at length.

What is done is written down after every seed, so that a search that was broken off goes on where it was.
"""

import json
import time
import traceback
from typing import Any

from bench.progress import EVERY, say
from tests.support.queue_world import World
from tests.support.service import ROOT

EVENTS = 10**8
OF_A_SEED = 10**6
PIECE = 10_000              # events between two looks at the clock
FIRST_SEED = 10_000         # those before are the tests'
STATE = ROOT / "var/soak/queue_search.json"


def queue_search(minutes: float) -> dict[str, Any]:
    """10^8 random events for the queue's core, whatever time they take (about 75 minutes on one core)."""
    done = _done()
    while done["events"] < EVENTS:
        seed = FIRST_SEED + done["seeds"]
        events = _one(seed, done)
        done = {"seeds": done["seeds"] + 1, "events": done["events"] + events, "cpu_s": round(done["cpu_s"], 1),
                "broken": done["broken"]}
        STATE.parent.mkdir(parents=True, exist_ok=True)
        STATE.write_text(json.dumps(done))
    STATE.unlink(missing_ok=True)
    return {**done, "findings": len(done["broken"])}


def _done() -> dict[str, Any]:
    found: dict[str, Any] = {"seeds": 0, "events": 0, "cpu_s": 0.0, "broken": []}
    return found | (json.loads(STATE.read_text()) if STATE.exists() else {})


def _one(seed: int, done: dict[str, Any]) -> int:
    """One seed's events; a breach is kept with the last of them, and its seed."""
    world, began_at, told_at = World(seed), time.process_time(), time.monotonic()
    try:
        while world.events < OF_A_SEED:
            world.run(PIECE)
            if time.monotonic() - told_at > EVERY:
                told_at = time.monotonic()
                say(f"  {(done['events'] + world.events) / 1e6:.1f} of {EVENTS / 1e6:.0f} million events, seed {seed}, "
                    f"broken: {done['broken']}")
        world.everybody_leaves()
    except Exception:
        STATE.parent.mkdir(parents=True, exist_ok=True)
        (STATE.parent / f"queue-{seed}.txt").write_text(traceback.format_exc())
        done["broken"].append(seed)
    done["cpu_s"] += time.process_time() - began_at
    return world.events
