"""The real dispatcher under Poisson traffic against Erlang's formulas: the quick version, wide but honest intervals.

`python -m bench --only simulate_erlang` is the full one: half-widths of one point at most.
"""

from random import Random

import pytest

from routing.reports.simulation.engine import Engine
from routing.reports.simulation.erlang_runs import CASES, Case, figures


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_engine__erlang_lies_within_the_interval(case: Case) -> None:
    tallies = Engine(case.plan(batches=12, batch_calls=800), Random(5)).run()
    assert len(tallies) == 12
    found = figures(tallies, 0.99)
    for name, expected in case.expected.items():
        assert expected in found[name], f"{name}: {expected} is not in {found[name]}"
    # Wide, and yet they tell the cases apart: none holds everything.
    assert found["service_level"].half_width < 0.15


def test_engine__every_caller_is_counted_once() -> None:
    for tally in Engine(CASES[3].plan(batches=3, batch_calls=300), Random(2)).run():
        queue = tally.queues["calls"]
        assert queue.offered == queue.answered + queue.abandoned + queue.overflowed
        assert queue.answered == len(queue.waits)
        assert queue.overflowed == 0
        assert queue.abandoned


def test_engine__the_same_seed_gives_the_same_run() -> None:
    runs = [Engine(CASES[0].plan(batches=2, batch_calls=300), Random(seed)).run() for seed in (7, 7, 8)]
    waits = [[list(tally.queues["calls"].waits) for tally in run] for run in runs]
    assert waits[0] == waits[1] != waits[2]
