"""The same plan again and again, each time with chance of its own."""

from collections.abc import Callable
from random import Random

from routing.reports.simulation.engine import Engine
from routing.reports.simulation.plan import Plan
from routing.reports.simulation.tally import Tally

Done = Callable[[float, int], None]     # the replications that are done, in parts too; of how many
STEPS = 200     # signs of life in a replication


def replicate(plan: Plan, count: int, seed: int, length: float, done: Done | None = None) -> list[Tally]:
    """`length`: of the plan's day in seconds, for `done` alone. The n-th replication has the same chance whatever
    `count` is: plans are compared under the same luck."""
    tallies = []
    for number in range(count):
        def progress(now: float, number: int = number) -> None:
            if done is not None:
                done(number + min(now / length, 1.0), count)

        tallies += Engine(plan, Random(f"{seed}/{number}")).run(progress, length / STEPS)
        progress(length)
    return tallies
