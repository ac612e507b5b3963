"""Control goes through JSON before every step of random episodes, and must do what the one does that never did."""

import time
from typing import Any

from bench.progress import EVERY, say
from tests.exchange.test_exchange_search import Search

EVENTS = 120            # of an episode: about a thousand steps
FIRST_SEED = 10_000     # those before are the tests'


def rewritten(minutes: float) -> dict[str, Any]:
    """The whole state of control written and read back before each step, seed after seed; of every other one each call
    apart."""
    until, told_at = time.monotonic() + 60 * minutes, 0.0
    seed, steps, different = FIRST_SEED, 0, list[str]()
    while time.monotonic() < until:
        if time.monotonic() - told_at > EVERY:
            told_at = time.monotonic()
            say(f"  {steps} states in {seed - FIRST_SEED} episodes, different: {different}")
        steps += _one(seed, different)
        seed += 1
    return {"episodes": seed - FIRST_SEED, "states": steps, "different": different, "findings": len(different)}


def _one(seed: int, different: list[str]) -> int:
    as_it_is = Search(seed, EVENTS)
    as_it_is.run()
    again = Search(seed, EVENTS, lambda: True, as_it_is.exchange.did, parts=bool(seed % 2))
    try:
        again.run()
    except Exception as error:
        different.append(f"seed {seed}: {error!r:.200}")
    return again.exchange.written
