"""The wait estimate over simulated days: ranges that hold four of five, figures that don't rise, a true picture."""

from collections.abc import Sequence

import pytest

from routing.dispatcher import Effect, Event, Status, StatusSet
from routing.reports.simulation.wait_trial import DAYS, HOUR, Trial, day

QUICK = [name for name in DAYS if name != "many operators"]


@pytest.mark.parametrize("kind", QUICK)
def test_estimate__the_range_holds_75_to_85_percent_of_the_true_waits(kind: str) -> None:
    for queue, found in Trial(DAYS[kind](), seed=4).run().items():
        assert found.judged > 400
        assert 0.75 <= found.coverage <= 0.85, f"{queue}: {found.coverage:.3f}"
        # Wide ranges hold everything: these are about as wide as the waits are long.
        assert found.width / found.waited < 2
        assert found.said_kept / found.said > 0.75


class Asked(Trial):
    """Asks at every step what every waiting caller would be told, and holds it against what they were told before."""

    def __init__(self, seed: int) -> None:
        self.said: dict[str, tuple[int, int]] = {}
        self.left = self.rises = self.falls = self.steps = 0
        plan = day(14, ((0, 260), (1.6, 0)), shifts=[(0, 1, 4), (0, 1.4, 3), (0.9, 4, 2), (0, 24, 5)])
        super().__init__(plan, seed)

    def watch(self, event: Event, effects: Sequence[Effect], now: float) -> None:
        if isinstance(event, StatusSet) and event.status is not Status.AVAILABLE:
            self.left += 1
        super().watch(event, effects, now)
        self.steps += 1
        for call in self.estimator.mirror.waiting:
            told = self.estimator.say(call, now)
            if told is not None and told.said is not None:
                self.compare(call, told.said)

    def compare(self, call: str, said: int) -> None:
        before, left = self.said.get(call, (said, self.left))
        assert said <= before or self.left > left, f"{call}: {before} and then {said}, and nobody left"
        self.rises += said > before
        self.falls += said < before
        self.said[call] = said, self.left


def test_say__never_rises_at_any_step_while_nobody_left() -> None:
    trial = Asked(seed=1)
    plan = trial.engine.plan
    assert plan.roster
    trial.engine.run()
    assert trial.steps > 2_000
    assert trial.falls > 100
    assert trial.rises      # when shifts ended


def test_mirror__is_the_dispatchers_own_picture_at_every_step() -> None:
    class Compared(Trial):
        compared = 0

        def watch(self, event: Event, effects: Sequence[Effect], now: float) -> None:
            super().watch(event, effects, now)
            if not hasattr(self, "engine") or now > 2 * HOUR:
                return
            for queue in self.engine.dispatcher.snapshot(now)["queues"]:
                line = self.estimator.mirror.lines[queue["name"]]
                waiting = [call["call"] for call in queue["calls"] if call["operator"] is None]
                assert [call for _, call in line.spots][:len(waiting)] == waiting
                self.compared += bool(waiting)
                idle = [name for name, serving in self.estimator.mirror.operators.items()
                        if serving.available and not serving.queue and queue["name"] in serving.queues]
                assert len(idle) >= queue["operators_idle"]

    for name in ("few operators", "two queues sharing operators"):
        trial = Compared(DAYS[name](), seed=2)
        trial.engine.run()
        assert trial.compared > 100
