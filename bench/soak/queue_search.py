"""The queue's core under random events, a hundred million of them: the search of tests/routing at length.

Every core searches seeds of its own. What is done is written down after every seed, so that a search that was broken
off goes on where it was.
"""

import json
import multiprocessing
import os
import time
import traceback
from typing import Any

from bench.progress import say
from tests.support.queue_world import World
from tests.support.seats_world import SeatsWorld
from tests.support.service import ROOT

EVENTS = 10**8
OF_CHATS = 4                # every so manyth seed is of calls and chats at once
OF_A_SEED = 10**6
PIECE = 10_000              # events between two looks at how many there were
FIRST_SEED = 10_000         # those before are the tests'
STATE = ROOT / "var/soak/queue_search.json"


def queue_search(minutes: float) -> dict[str, Any]:
    """10^8 random events for the queue's core, whatever time they take (about 65 minutes of one core)."""
    done = _done()
    STATE.parent.mkdir(parents=True, exist_ok=True)
    seeds = [seed for seed in range(FIRST_SEED, FIRST_SEED + EVENTS // OF_A_SEED) if seed not in done["seeds"]]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for seed, events, cpu_s, broken in pool.imap_unordered(_one, seeds):
            done["seeds"].append(seed)
            done["broken"] += broken
            done |= {"events": done["events"] + events, "cpu_s": round(done["cpu_s"] + cpu_s, 1)}
            STATE.write_text(json.dumps(done))
            say(f"  {done['events'] / 1e6:.1f} of {EVENTS / 1e6:.0f} million events, broken: {done['broken']}")
    STATE.unlink(missing_ok=True)
    return {**done, "seeds": len(done["seeds"]), "findings": len(done["broken"])}


def _done() -> dict[str, Any]:
    found: dict[str, Any] = {"seeds": [], "events": 0, "cpu_s": 0.0, "broken": []}
    return found | (json.loads(STATE.read_text()) if STATE.exists() else {})


def _one(seed: int) -> tuple[int, int, float, list[int]]:
    """One seed's events; a breach is kept in a file with the last of them."""
    world, began_at = (World if seed % OF_CHATS else SeatsWorld)(seed), time.process_time()
    broken: list[int] = []
    try:
        while world.events < OF_A_SEED:
            world.run(PIECE)
        world.everybody_leaves()
    except Exception:
        (STATE.parent / f"queue-{seed}.txt").write_text(traceback.format_exc())
        broken.append(seed)
    return seed, world.events, time.process_time() - began_at, broken
