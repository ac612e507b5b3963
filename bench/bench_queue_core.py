"""How long one event takes the queue's core with 5,000 waiting and 2,000 operators. Prints one JSON line.

Scenarios, each with its figures per kind of event:
`saturated`: 40 queues in 3 tiers with skills, languages, weights and all strategies; everything happens.
`one_queue`: the same with a single queue, the worst case for its lists.
`none_eligible`: every operator serves 40 queues and is free, and none has what the waiting callers ask for: whoever
becomes free is held against the head of every line of every queue.
`all_different`: no two operators have the same skills, so grouping them gains nothing.
`all_missed`: every waiting caller was missed by half of the operators.
"""

import argparse
import json
import random
import time
from collections.abc import Callable

from ivr.base.timers import Timers
from ivr.service import collecting
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
    OperatorEngaged,
    OperatorReleased,
    OperatorSettings,
    QueueSettings,
    ReachabilityChanged,
    Relaxation,
    Settings,
    StartTimer,
    Status,
    StatusSet,
    Tier,
    TimerFired,
    WithdrawOffer,
)
from routing.strategy import STRATEGIES

Pair = tuple[str, str]
Figures = dict[str, dict[str, float]]
SKILLS = tuple(f"skill{number}" for number in range(8))
LANGUAGES = ("ru", "en", "kk")
AIM_US = 1000.0
LONG = 1e6


class Load:
    """A hotline at full tilt in virtual time; `spent` has the seconds of each event by its type."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = 0.0
        self.timers = Timers()
        self.offers: dict[Pair, None] = {}
        self.talks: dict[Pair, None] = {}
        self.spent: dict[str, list[float]] = {}
        self.calls = 0
        self.queues = [queue.name for queue in settings.queues]
        self.names = [operator.name for operator in settings.operators]
        self.skills: Callable[[], tuple[tuple[str, int], ...]] = self.some_skills
        self.dispatcher = Dispatcher(settings, self.now)
        for name in self.names:
            self.send(ReachabilityChanged(name, True))

    def send(self, event: Event, kind: str = "") -> None:
        begin = time.thread_time()
        effects = self.dispatcher.handle(event, self.now)
        self.spent.setdefault(kind or type(event).__name__, []).append(time.thread_time() - begin)
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

    def some_skills(self) -> tuple[tuple[str, int], ...]:
        return ((self.chance.choice(SKILLS), self.chance.randrange(1, 3)),) if self.chance.random() < 0.3 else ()

    def queue_call(self) -> None:
        self.calls += 1
        chance = self.chance
        self.send(CallQueued(f"call{self.calls}", chance.choice(self.queues), chance.choice(LANGUAGES),
                             chance.choice((0, 0, 1)), self.skills(), chance.choice(self.names)))

    def take(self, pairs: dict[Pair, None]) -> Pair:
        pair = next(iter(pairs))
        del pairs[pair]
        return pair

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        while due := self.timers.pop_due(self.now):
            event: TimerFired = due[1]
            self.send(event, f"TimerFired {event.key[0]}")

    def step(self) -> None:
        """A tenth of a second: timers, ten answers, ten ends of calls, ten callers more, one less, a break, a phone."""
        self.pass_time(0.1)
        for _ in range(10):
            if self.offers:
                self.answer(*self.take(self.offers))
            if self.talks:
                call, operator = self.take(self.talks)
                self.send(OperatorReleased(operator, call))
            self.queue_call()
        self.send(CallLeft(f"call{self.chance.randrange(1, self.calls + 1)}"))
        name = self.chance.choice(self.names)
        self.send(StatusSet(name, Status.ON_BREAK))
        self.send(StatusSet(name, Status.AVAILABLE))
        self.send(ReachabilityChanged(name, False))
        self.send(ReachabilityChanged(name, True))

    def answer(self, call: str, operator: str) -> None:
        if self.chance.random() < 0.8:
            self.send(OfferAccepted(call, operator))
        else:
            self.send(OfferFailed(call, operator, "refused"))


# --- settings ---------------------------------------------------------------------------------------------------------
def some_queues(number: int, operators: list[str], waiting: int, each: int,
                chance: random.Random) -> list[QueueSettings]:
    """Queues of three tiers; every operator serves `each` of them."""
    serves: list[list[str]] = [[] for _ in range(number)]
    for name in operators:
        for queue in chance.sample(range(number), min(each, number)):
            serves[queue].append(name)
    strategies = tuple(STRATEGIES)
    return [QueueSettings(
        f"queue{at}", tuple(names[::3]), tiers=(Tier(tuple(names[1::3]), 10.0), Tier(tuple(names[2::3]), 30.0)),
        max_waiting=waiting, max_wait=LONG, wrap_up=10.0, strategy=strategies[at % len(strategies)], sticky=20.0,
        weight=(1.0, 2.0, 0.5)[at % 3], match_language=at % 2 == 0, relax=(Relaxation(20.0, 1),))
        for at, names in enumerate(serves)]


def some_operators(number: int, chance: random.Random) -> list[OperatorSettings]:
    """Of some sixty kinds."""
    kinds = [({skill: chance.randrange(1, 4) for skill in chance.sample(SKILLS, 2)}, (language,))
             for language in LANGUAGES for _ in range(20)]
    return [OperatorSettings(f"operator{at}", Status.AVAILABLE, *kinds[chance.randrange(len(kinds))])
            for at in range(number)]


# --- scenarios --------------------------------------------------------------------------------------------------------
def storm(queues: int, waiting: int, operators: int, steps: int, seed: int) -> Figures:
    chance = random.Random(seed)
    people = some_operators(operators, chance)
    names = [each.name for each in people]
    load = Load(Settings(tuple(some_queues(queues, names, waiting, 3, chance)), tuple(people)), seed)
    return measured(load, waiting, load.step, steps)


def none_eligible(waiting: int, operators: int, steps: int, seed: int) -> Figures:
    """Forty queues, everybody in all of them, free, and without the skills that all callers ask for; one has them."""
    chance = random.Random(seed)
    people = [*some_operators(operators - 1, chance),
              OperatorSettings("expert", Status.AVAILABLE, dict.fromkeys(SKILLS, 9), LANGUAGES)]
    load = Load(Settings(tuple(some_queues(40, [each.name for each in people], waiting, 40, chance)), tuple(people)),
                seed)
    load.send(OperatorEngaged("expert", "own"))
    load.skills = lambda: ((chance.choice(SKILLS), 8),)

    def step() -> None:
        name = f"operator{chance.randrange(operators - 1)}"
        load.send(OperatorEngaged(name, "own"), "OperatorEngaged")
        load.send(OperatorReleased(name, "own"), "OperatorReleased, no head for them")
        load.queue_call()
        load.send(CallLeft(f"call{load.calls - waiting}"))
    return measured(load, waiting, step, steps)


def all_different(waiting: int, operators: int, steps: int, seed: int) -> Figures:
    chance = random.Random(seed)
    people = [OperatorSettings(f"operator{at}", Status.AVAILABLE, {f"own{at}": 1, chance.choice(SKILLS): 1})
              for at in range(operators)]
    names = [each.name for each in people]
    load = Load(Settings(tuple(some_queues(8, names, waiting, 4, chance)), tuple(people)), seed)
    load.skills = lambda: ((chance.choice(SKILLS), chance.choice((1, 1, 1, 9))),)
    return measured(load, waiting, load.step, steps)


def all_missed(waiting: int, operators: int, steps: int, seed: int) -> Figures:
    """Half of the operators refuse everything: every caller they can take is one they missed."""
    people = [OperatorSettings(f"operator{at}", Status.AVAILABLE) for at in range(operators)]
    queue = QueueSettings("queue", tuple(each.name for each in people), max_waiting=waiting, max_wait=LONG,
                          second_round_after=LONG)
    load = Load(Settings((queue,), tuple(people)), seed)
    load.skills = tuple

    def step() -> None:
        load.pass_time(0.5)
        for _ in range(10):
            if load.offers:
                call, operator = load.take(load.offers)
                refuses = int(operator.removeprefix("operator")) % 2
                load.send(OfferFailed(call, operator, "busy") if refuses else OfferAccepted(call, operator))
        load.queue_call()
    return measured(load, waiting, step, steps)


def measured(load: Load, waiting: int, step: Callable[[], None], steps: int) -> Figures:
    """Let so many come, then count what the steps take."""
    for _ in range(waiting):
        load.queue_call()
    load.pass_time(40.0)
    load.spent.clear()
    collecting.begin()          # as the service does
    for _ in range(steps):
        step()
    every = [seconds for times in load.spent.values() for seconds in times]
    return {"all": figures(every)} | {name: figures(times) for name, times in sorted(load.spent.items())}


def figures(times: list[float]) -> dict[str, float]:
    """CPU time. What is far beyond the last percentile is a pause of the collector, or an event that frees many."""
    ordered = sorted(times)

    def at(share: float) -> float:
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1e6, 1)
    return {"events": len(ordered), "p50_us": at(0.5), "p99_us": at(0.99), "p999_us": at(0.999), "max_us": at(1.0),
            "over_aim": sum(each * 1e6 > AIM_US for each in ordered)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--waiting", type=int, default=5_000)
    parser.add_argument("--operators", type=int, default=2_000)
    parser.add_argument("--steps", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    size = given.waiting, given.operators, given.steps, given.seed
    print(json.dumps({
        "bench": "queue_core", "waiting": given.waiting, "operators": given.operators, "aim_us": AIM_US,
        "saturated": storm(40, *size), "one_queue": storm(1, *size), "none_eligible": none_eligible(*size),
        "all_different": all_different(*size), "all_missed": all_missed(*size),
    }))


if __name__ == "__main__":
    main()
