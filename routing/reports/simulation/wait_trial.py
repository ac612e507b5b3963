"""Days of different kinds, by which the wait estimate is tried: what it said of every caller, and what came."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

from routing.dispatcher import (
    AnnouncePlace,
    CallQueued,
    Effect,
    Event,
    OperatorSettings,
    QueueSettings,
    Settings,
    Status,
)
from routing.estimate import Calibration, Note, WaitEstimator, calibrated
from routing.reports.simulation.arrivals import Poisson
from routing.reports.simulation.distributions import Distribution, exponential, lognormal
from routing.reports.simulation.engine import Engine
from routing.reports.simulation.plan import Plan, QueueTraffic, StatusChange
from routing.reports.simulation.ways import Way, Ways, straight_to

HOUR = 3600.0
DAY = 12 * HOUR
HANDLE = exponential(180.0)
PATIENT, IMPATIENT, USUAL = exponential(1200.0), exponential(60.0), exponential(300.0)
Rates = tuple[tuple[float, float], ...]       # from hour, calls an hour


class Trial:
    """An engine whose dispatcher is watched by an estimator; callers are told as the queue announces."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.estimator = WaitEstimator(plan.settings, 0.0)
        self.kinds: dict[str, str] = {}
        self.notes: list[tuple[float, Note]] = []
        self.engine = Engine(plan, Random(seed), self.watch)

    # Told from the engine's first breath on, while it is still being made.
    def watch(self, event: Event, effects: Sequence[Effect], now: float) -> None:
        if isinstance(event, CallQueued):
            kind = [event.queue, event.language, *(skill for skill, _ in event.skills)]
            self.kinds[event.call] = " ".join(filter(None, kind))
        self.note(self.estimator.heed(event, effects, now), now)
        for effect in effects:
            if isinstance(effect, AnnouncePlace):
                said = self.estimator.say(effect.call, now)
                self.note([said] if said else [], now)

    def note(self, notes: Sequence[Note], now: float) -> None:
        self.notes.extend((now, note) for note in notes)

    def run(self) -> dict[str, Calibration]:
        """By queue, and in it by what callers ask for, where it asks whom they suit."""
        self.engine.run()
        return calibrated((at, replace(note, queue=self.kinds[note.call])) for at, note in self.notes)


def day(operators: int, rates: Rates, handle: Distribution = HANDLE, patience: Distribution = USUAL, *,
        ways: Ways | None = None, shifts: Sequence[tuple[float, float, int]] = ()) -> Plan:
    """One queue, `cards`. `shifts`: (from hour, to hour, operators); without them all are there all day."""
    names = [f"operator{number}" for number in range(operators)]
    roster = _shifts(names, shifts or [(0, 24, operators)])
    queue = QueueSettings("cards", tuple(names), max_wait=14400.0, max_waiting=5000, wrap_up=20.0)
    return Plan(Settings((queue,), tuple(OperatorSettings(name) for name in names)),
                {"cards": QueueTraffic(handle, patience)},
                (Poisson(_per_second(rates), DAY, ways or straight_to("cards")),), roster, answer=exponential(4.0))


def two_queues() -> Plan:
    """Ten serve both, five cards alone, three loans alone; loans take twice as long."""
    names = [f"operator{number}" for number in range(18)]
    queues = tuple(QueueSettings(name, tuple(served), max_wait=14400.0, max_waiting=5000, wrap_up=20.0)
                   for name, served in (("cards", names[:15]), ("loans", [*names[:10], *names[15:]])))
    return Plan(Settings(queues, tuple(OperatorSettings(name) for name in names)),
                {"cards": QueueTraffic(exponential(150.0), USUAL),
                 "loans": QueueTraffic(lognormal(300.0, 1.0), exponential(400.0))},
                (Poisson(_per_second(((0, 220), (5, 260), (9, 200))), DAY, straight_to("cards")),
                 Poisson(_per_second(((0, 70), (5, 95), (9, 70))), DAY, straight_to("loans"))),
                _shifts(names, [(0, 24, 18)]), answer=exponential(4.0))


def priorities() -> Plan:
    """One caller in eight is worth ten minutes of waiting more than others."""
    ways = Ways(((Way("cards", "cards"), 7.0), (Way("cards", "cards", priority=1), 1.0)))
    return day(12, ((0, 210), (4, 235), (8, 200)), ways=ways)


def skills() -> Plan:
    """Fourteen operators: five speak English, and five know mortgages, one of them both."""
    names = [f"operator{number}" for number in range(14)]
    queue = QueueSettings("cards", tuple(names), max_wait=14400.0, max_waiting=5000, wrap_up=20.0, match_language=True)
    operators = tuple(OperatorSettings(name, languages=("ru", "en") if number < 5 else ("ru",),
                                       skills={"mortgage": 1} if 4 <= number < 9 else {})
                      for number, name in enumerate(names))
    ways = Ways(((Way("cards", "cards", language="ru"), 5.0), (Way("cards", "cards", language="en"), 3.0),
                 (Way("cards", "cards", language="ru", skills=(("mortgage", 1),)), 2.0)))
    return Plan(Settings((queue,), operators), {"cards": QueueTraffic(HANDLE, USUAL)},
                (Poisson(_per_second(((0, 240), (4, 270), (8, 235))), DAY, ways),), _shifts(names, [(0, 24, 14)]),
                answer=exponential(4.0))


def weights() -> Plan:
    """Two queues of the same operators; who waits in one of them counts three times."""
    names = [f"operator{number}" for number in range(14)]
    queues = tuple(QueueSettings(name, tuple(names), max_wait=14400.0, max_waiting=5000, wrap_up=20.0, weight=weight)
                   for name, weight in (("gold", 3.0), ("usual", 1.0)))
    return Plan(Settings(queues, tuple(OperatorSettings(name) for name in names)),
                {"gold": QueueTraffic(HANDLE, USUAL), "usual": QueueTraffic(HANDLE, USUAL)},
                (Poisson(_per_second(((0, 80), (4, 100), (8, 75))), DAY, straight_to("gold")),
                 Poisson(_per_second(((0, 180), (4, 195), (8, 170))), DAY, straight_to("usual"))),
                _shifts(names, [(0, 24, 14)]), answer=exponential(4.0))


def _per_second(rates: Rates) -> Rates:
    return tuple((hour * HOUR, calls / HOUR) for hour, calls in rates)


def _shifts(names: Sequence[str], shifts: Sequence[tuple[float, float, int]]) -> tuple[StatusChange, ...]:
    changes, used = [], 0
    for begin, end, count in shifts:
        for name in names[used:used + count]:
            changes += [StatusChange(begin * HOUR, name, Status.AVAILABLE),
                        StatusChange(end * HOUR, name, Status.LOGGED_OUT)]
        used += count
    return tuple(sorted(changes, key=lambda change: change.at))


# What kind of day -> its plan.
DAYS: Mapping[str, Callable[[], Plan]] = {
    "steady": lambda: day(12, ((0, 215),)),
    "peak": lambda: day(16, ((0, 160), (3, 300), (5, 380), (6, 300), (8, 200))),
    "understaffed": lambda: day(10, ((0, 250),)),
    "shift change": lambda: day(28, ((0, 220), (6, 240)), shifts=[(0, 6, 14), (5.5, 12, 7), (6, 24, 7)]),
    "lognormal, CV 1.5": lambda: day(12, ((0, 215),), lognormal(180.0, 1.5)),
    "two queues sharing operators": two_queues,
    "priorities": priorities,
    "skills and languages": skills,
    "weights between queues": weights,
    "short patience": lambda: day(10, ((0, 230),), patience=IMPATIENT),
    "long patience": lambda: day(12, ((0, 212),), patience=PATIENT),
    "few operators": lambda: day(3, ((0, 50),)),
    "many operators": lambda: day(60, ((0, 1090), (4, 1200), (8, 1050))),
}
