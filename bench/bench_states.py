"""What it costs to write the state of control as JSON and to read it: one call, and the house with 100 calls. Prints
one JSON line.

20 are in the menu, 60 wait, 20 talk; all by SIP in virtual time, so the transactions of the last 32 s are part of it.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from typing import Any

from bench.bench_dispatch import MENU
from ivr.base.state.writing import text_of, written
from ivr.call.state import CallState
from ivr.exchange.state import fixed_of, house_read, house_written
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story, register

ROUNDS = 20             # of which the quickest counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    calls = parser.parse_args().calls
    story = busy(calls)
    house = story.hotline.exchange.house
    assert len(house.calls) == calls
    fixed = fixed_of(house)
    text = house_written(house, fixed)
    by_state = {state: next(one for one in house.calls.values() if one.call.state is state)
                for state in (CallState.IN_MENU, CallState.QUEUED, CallState.BRIDGED)}
    settings = next(iter(house.lines.values()))
    apart = fixed.beside({"settings": settings})
    figures: dict[str, Any] = {
        "calls": calls, "objects": len(json.loads(text)["objects"]), "bytes": len(text),
        "write_ms": best(lambda: house_written(house, fixed)), "read_ms": best(lambda: house_read(text, fixed)),
        "fixed_ms": best(lambda: fixed_of(house))}
    for state, opened in by_state.items():
        parts = {"call": opened}
        figures[state.name.lower()] = {
            "bytes": len(text_of(parts, apart)), "objects": len(written(parts, apart)["objects"]),
            "write_ms": best(lambda parts=parts: text_of(parts, apart)),        # type: ignore[misc]
            "machine_ms": best(lambda one=opened: text_of({"call": one.call}, apart))}      # type: ignore[misc]
    print(json.dumps(figures))


def best(what: Callable[[], object]) -> float:
    """ms of CPU of the quickest of `ROUNDS`."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        what()
        spent.append(time.process_time() - began)
    return round(1000 * min(spent), 3)


def busy(calls: int) -> Story:
    """A fifth in the menu, a fifth talking, the others waiting."""
    chance = random.Random(1)
    names = [f"operator{number}" for number in range(calls // 5)]
    queue = {"operators": names, "ring_time_s": 20, "max_wait_s": 3600, "max_waiting": 5000}
    story = make_story(config={"operators": {name: {"languages": ["en"]} for name in names},
                               "queues": dict.fromkeys(base_config()["queues"], queue),
                               "sip": base_config()["sip"] | {"max_calls": 2 * calls}},
                       menu=MENU, ports=2 * calls, audio=False, operators={})
    for number, name in enumerate(names):
        story.phones[name] = VirtualPhone(story.world, f"127.0.8.{number + 1}", name, story.ids, silent=True,
                                          behaviour=PhoneBehaviour(delay=1.0))
        register(story, name)
    for number in range(calls):
        phone = VirtualPhone(story.world, f"127.2.{number // 250}.{number % 250 + 1}", f"c{number}", story.ids,
                             silent=True)
        at = chance.uniform(0, 40)
        story.world.at(at, lambda phone=phone: phone.call(f"sip:100@{HOTLINE}"))    # type: ignore[misc]
        if number % 5:
            story.world.at(at + 1, lambda phone=phone: phone.press_by_info("2"))   # type: ignore[misc]
    story.world.run(50)
    return story


if __name__ == "__main__":
    main()
