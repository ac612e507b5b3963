"""CPU of one whole call in control's own machines: INVITE, 200, ACK, BYE, 200, and the timers that follow.

    python bench/bench_exchange.py [--calls 500] [--blocks 10] [--warm 3300] [--queue] [--profile]

The exchange in virtual time, without sockets, database or plane. `--queue`: the caller presses a
key (by INFO) and enters a queue, so that the request is written too. `--profile` prints where the time goes instead.
One JSON line with the best of ten blocks of calls, since other programs' share of the caches makes the others slower;
the caller's side, made of prepared bytes, is not timed.
"""

import argparse
import cProfile
import json
import pstats
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.bench_sip_endpoint import FLOW, SDP, TAG, message
from ivr.exchange.effects import ToPlane, ToStore
from ivr.media import commands, events
from ivr.service import collecting
from ivr.sip.effects import SendBytes
from tests.support.virtual_house import make_story

STEPS = ("invite", "ack", "info", "durable", "bye", "plane", "timers")
GAP = 0.01              # s between two calls; the transactions of 3,200 calls linger, as they do at 100 a second
PORTS = 2000
MENU = """
languages: [en, ru]
start: door
defaults: {attempts: 1, on_failure: [{queue: general}]}
menus: {door: {prompts: hello, options: {"2": {queue: general}}}}
prompts: {hello: {en: Hello, ru: Hello}}
"""
KEY = b"Signal=2\r\nDuration=100\r\n"


class Bench:
    """An exchange and the seconds that each kind of step has taken."""

    def __init__(self) -> None:
        story = make_story(audio=False, ports=PORTS, registered=False, menu=MENU)
        self.exchange = story.hotline.exchange
        self.now = story.world.now
        self.spent = dict.fromkeys(STEPS, 0.0)
        self.step = self._timed

    def _timed(self, name: str, verb: Callable[..., list[Any]], *arguments: Any) -> list[Any]:
        begin = time.thread_time()
        out = verb(*arguments, self.now)
        self.spent[name] += time.thread_time() - begin
        return out

    def profiled(self, profile: cProfile.Profile) -> None:
        """Let `profile` see the exchange and not the caller."""
        def step(name: str, verb: Callable[..., list[Any]], *arguments: Any) -> list[Any]:
            return profile.runcall(verb, *arguments, self.now)
        self.step = step

    def call(self, number: int, queue: bool) -> None:
        """One caller, who hangs up as soon as the call is answered or, with `queue`, as the request is durable."""
        exchange = self.exchange
        out = self.step("invite", exchange.receive, message("INVITE", number, 1, body=SDP), FLOW)
        found = next(found for effect in out if isinstance(effect, SendBytes) and (found := TAG.search(effect.payload)))
        tag = found[1].decode()
        out = self.step("ack", exchange.receive, message("ACK", number, 1, tag), FLOW)
        if queue:
            pressed = message("INFO", number, 2, tag, body=KEY).replace(b"application/sdp", b"application/dtmf-relay")
            out = self.step("info", exchange.receive, pressed, FLOW)
            token = next(effect.token for effect in out if isinstance(effect, ToStore) and effect.token)
            self.step("durable", exchange.durable, token)
        out = self.step("bye", exchange.receive, message("BYE", number, 3, tag), FLOW)
        closing = next(effect.command for effect in out
                       if isinstance(effect, ToPlane) and isinstance(effect.command, commands.CloseStream))
        self.step("plane", exchange.plane_event, events.StreamClosed(closing.stream, closing.leg, None))
        self.now += GAP
        self.step("timers", exchange.handle_timers)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--blocks", type=int, default=10)
    parser.add_argument("--warm", type=int, default=3300,
                        help="calls before; after 33 s of them as many transactions end as begin")
    parser.add_argument("--queue", action="store_true")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    bench = Bench()
    for number in range(given.warm):
        bench.call(number, given.queue)
    collecting.begin()
    profile = cProfile.Profile()
    if given.profile:
        bench.profiled(profile)
    best = bench.spent
    for block in range(given.blocks):
        bench.spent = dict.fromkeys(STEPS, 0.0)
        for number in range(given.calls):
            bench.call(10_000 + block * given.calls + number, given.queue)
        best = bench.spent if not block else min(best, bench.spent, key=lambda spent: sum(spent.values()))
    if given.profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(160)
        return
    print(json.dumps({
        "bench": "exchange", "calls": given.calls, "queue": given.queue,
        "cpu_ms_per_call": round(sum(best.values()) / given.calls * 1000, 4),
        "step_us": {name: round(seconds / given.calls * 1e6, 1) for name, seconds in best.items()}}))


if __name__ == "__main__":
    main()
