"""From "operator free" to the INVITE for the next caller, with 200 waiting and 100 operators. Prints one JSON line.

The whole of control in virtual time, with phones that speak SIP: what is measured is from the datagram that frees an
operator (a BYE) to the bytes of the INVITE that leaves for them, wall clock and CPU. Not in it are the sockets and what
else the loop has to do at that moment.
"""

import argparse
import json
import random
import time
from functools import partial
from typing import Any

from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.service import collecting
from ivr.sip.effects import SendBytes
from ivr.sip.transport.flow import Flow
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story, register

MENU = """
languages: [en, ru]
start: door
defaults: {attempts: 1, on_failure: [{queue: general}]}
menus: {door: {prompts: hello, options: {"2": {queue: general}}}}
prompts: {hello: {en: Hello, ru: Hello}}
"""
AIM_MS = 20.0
TALK = (20.0, 60.0)         # s
RAMP = 60.0                 # s in which everybody calls for the first time


class Bench:
    """A hotline whose callers call again as soon as they were served."""

    def __init__(self, waiting: int, operators: int, seed: int) -> None:
        self.chance = random.Random(seed)
        names = [f"operator{number}" for number in range(operators)]
        queue = {"operators": names, "ring_time_s": 20, "max_wait_s": 3600, "max_waiting": 5000}
        self.story = make_story(
            config={"operators": {name: {"languages": ["en"]} for name in names},
                    "queues": dict.fromkeys(base_config()["queues"], queue),
                    "sip": base_config()["sip"] | {"max_calls": waiting + 2 * operators}},
            menu=MENU, ports=2000, audio=False, operators={})
        for number, name in enumerate(names):
            self.story.phones[name] = VirtualPhone(self.story.world, f"127.0.8.{number + 1}", name, self.story.ids,
                                                   silent=True, behaviour=PhoneBehaviour(delay=1.0))
            register(self.story, name)
        for number in range(waiting + operators):
            self.plan(VirtualPhone(self.story.world, f"127.2.{number // 250}.{number % 250 + 1}", f"c{number}",
                                   self.story.ids, silent=True), self.chance.uniform(0, RAMP))
        self.taken: list[tuple[float, float]] = []
        self.measure(self.story)

    def plan(self, phone: VirtualPhone, at: float) -> None:
        """Call, press a key, wait; look every few seconds whether it is time to hang up and call again."""
        world = self.story.world
        world.at(at, partial(phone.call, f"sip:100@{HOTLINE}"))
        world.at(at + 1.0, partial(phone.press_by_info, "2"))
        world.at(at + 2.0, partial(self.look, phone, None))

    def look(self, phone: VirtualPhone, until: float | None) -> None:
        world, house = self.story.world, self.story.hotline.exchange.house
        opened = next((one for one in house.calls.values()
                       if one.call.visit.person.caller_number == phone.user), None)
        if until is not None and world.now >= until:
            phone.hang_up()
            self.plan(phone, world.now + 1.0)
            return
        if until is None and opened is not None and opened.call.engaged:
            until = world.now + self.chance.uniform(*TALK)
        world.at(world.now + 2.0, partial(self.look, phone, until))

    def measure(self, story: Story) -> None:
        exchange = story.hotline.exchange
        receive = exchange.receive

        def timed(data: bytes, flow: Flow, now: float) -> list[Any]:
            begin, cpu = time.perf_counter(), time.thread_time()
            effects = receive(data, flow, now)
            took = time.perf_counter() - begin, time.thread_time() - cpu
            if data.startswith(b"BYE") and any(
                    isinstance(effect, SendBytes) and effect.payload.startswith(b"INVITE") for effect in effects):
                self.taken.append(took)
            return effects
        exchange.receive = timed        # type: ignore[method-assign]

    def run(self, seconds: float) -> dict[str, Any]:
        self.story.world.run(RAMP + 60.0)
        self.taken.clear()
        collecting.begin()
        self.story.world.run(seconds)
        waiting = self.story.hotline.exchange.house.dispatcher.snapshot(self.story.world.now)["queues"]
        return {"dispatches": len(self.taken), "waiting_at_the_end": sum(queue["waiting"] for queue in waiting),
                "wall_ms": figures([wall for wall, _ in self.taken]), "cpu_ms": figures([cpu for _, cpu in self.taken])}


def figures(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {name: round(1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)], 3)
            for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--waiting", type=int, default=200)
    parser.add_argument("--operators", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=300.0, help="of virtual time")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = Bench(given.waiting, given.operators, given.seed).run(given.seconds)
    print(json.dumps({"bench": "dispatch", "waiting": given.waiting, "operators": given.operators, "aim_p99_ms": AIM_MS,
                      **found}))


if __name__ == "__main__":
    main()
