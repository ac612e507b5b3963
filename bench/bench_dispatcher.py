"""How long one event takes the dispatcher when 10,000 calls wait for 500 operators. Prints one JSON line.

Two loads. `saturated`: 20 queues, every operator serves three of them; offers are accepted, refused or not answered,
calls end, callers give up and come. `one_queue`: the same with a single queue, the worst case for its lists.
"""

import argparse
import gc
import json
import random
import time

from ivr.base.timers import Timers
from routing.dispatcher import (
    AssignCall,
    CallLeft,
    CallQueued,
    CancelTimer,
    Dispatcher,
    Effect,
    Event,
    OfferAccepted,
    OfferCall,
    OfferFailed,
    OperatorReleased,
    OperatorSettings,
    QueueSettings,
    ReachabilityChanged,
    Settings,
    StartTimer,
    Status,
    TimerFired,
    WithdrawOffer,
)

Pair = tuple[str, str]


class Load:
    """A hotline at full tilt in virtual time; `spent` has the seconds of each event by its type."""

    def __init__(self, queues: int, operators: int, waiting: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = 0.0
        self.timers = Timers()
        self.offers: dict[Pair, None] = {}
        self.talks: dict[Pair, None] = {}
        self.spent: dict[str, list[float]] = {}
        self.calls = 0
        names = [f"operator{number}" for number in range(operators)]
        served = {name: {self.chance.randrange(queues) for _ in range(3)} for name in names}
        self.queues = [f"queue{number}" for number in range(queues)]
        self.dispatcher = Dispatcher(Settings(tuple(
            QueueSettings(queue, tuple(name for name in names if number in served[name]), max_waiting=waiting,
                          max_wait=1e6, wrap_up=10.0)
            for number, queue in enumerate(self.queues)
        ), tuple(OperatorSettings(name, Status.AVAILABLE) for name in names)), self.now)
        for name in names:
            self.send(ReachabilityChanged(name, True))
        for _ in range(waiting):
            self.queue_call()
        self.spent.clear()

    def send(self, event: Event) -> None:
        begin = time.perf_counter()
        effects = self.dispatcher.handle(event, self.now)
        self.spent.setdefault(type(event).__name__, []).append(time.perf_counter() - begin)
        for effect in effects:
            self.carry_out(effect)

    def carry_out(self, effect: Effect) -> None:
        match effect:
            case StartTimer(key, at):
                self.timers.start(key, at, TimerFired(key))
            case CancelTimer(key):
                self.timers.cancel(key)
            case OfferCall(call, operator):
                self.offers[call, operator] = None
            case WithdrawOffer(call, operator):
                del self.offers[call, operator]
            case AssignCall(call, operator):
                self.talks[call, operator] = None

    def queue_call(self) -> None:
        self.calls += 1
        queue, priority = self.chance.choice(self.queues), self.chance.choice((0, 0, 1))
        self.send(CallQueued(f"call{self.calls}", queue, priority=priority))

    def take(self, pairs: dict[Pair, None]) -> Pair:
        pair = next(iter(pairs))
        del pairs[pair]
        return pair

    def step(self) -> None:
        """A tenth of a second: timers that are due, five answers, five ends of calls, one caller less, five more."""
        self.now += 0.1
        while due := self.timers.pop_due(self.now):
            self.send(due[1])
        for _ in range(5):
            if self.offers:
                self.answer(*self.take(self.offers))
            if self.talks:
                call, operator = self.take(self.talks)
                self.send(OperatorReleased(operator, call))
            self.queue_call()
        self.send(CallLeft(f"call{self.chance.randrange(1, self.calls + 1)}"))

    def answer(self, call: str, operator: str) -> None:
        if self.chance.random() < 0.8:
            self.send(OfferAccepted(call, operator))
        else:
            self.send(OfferFailed(call, operator, "refused"))


def measure(queues: int, operators: int, waiting: int, steps: int, seed: int) -> dict[str, dict[str, float]]:
    load = Load(queues, operators, waiting, seed)
    gc.collect()
    gc.freeze()
    for _ in range(steps):
        load.step()
    every = [seconds for times in load.spent.values() for seconds in times]
    return {"all": figures(every)} | {name: figures(times) for name, times in sorted(load.spent.items())}


def figures(times: list[float]) -> dict[str, float]:
    """The longest ones are pauses of the garbage collector and of the machine, not of an event."""
    ordered = sorted(times)
    return {"events": len(ordered), "p50_us": round(ordered[len(ordered) // 2] * 1e6, 1),
            "p99_us": round(ordered[len(ordered) * 99 // 100] * 1e6, 1), "max_us": round(ordered[-1] * 1e6, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--operators", type=int, default=500)
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(json.dumps({
        "bench": "dispatcher", "waiting": given.waiting, "operators": given.operators,
        "saturated": measure(20, given.operators, given.waiting, given.steps, given.seed),
        "one_queue": measure(1, given.operators, given.waiting, given.steps, given.seed),
    }))


if __name__ == "__main__":
    main()
