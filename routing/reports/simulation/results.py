"""The figures of a simulation with their intervals, and the formula of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from routing.reports.simulation.intervals import Interval, mean, quantile, ratio, share
from routing.reports.simulation.plan import Plan
from routing.reports.simulation.tally import QueueTally, Tally

LEVEL = 0.95
ALL = "all callers"
Column = Callable[[QueueTally], float]


@dataclass(frozen=True)
class Figure:
    """A kind of figure; `unit` is "" for a share, "s", or "calls"."""

    name: str
    title: str
    unit: str
    formula: str


FIGURES: Mapping[str, Figure] = {figure.name: figure for figure in (
    Figure("offered", "offered", "calls", "O: callers who entered the queue; the mean of the replications"),
    Figure("sl", "service level", "", "answered within T / O"),
    Figure("wait", "mean wait", "s", "sum of the waits of the answered / answered"),
    Figure("p50", "p50", "s", "half of the answered waited no longer; the mean of the replications"),
    Figure("p90", "p90", "s", "90 % of the answered waited no longer; the mean of the replications"),
    Figure("p99", "p99", "s", "99 % of the answered waited no longer; the mean of the replications"),
    Figure("abandoned", "abandoned", "", "gave up / O"),
    Figure("overflow", "overflow", "", "left the queue by its overflow / O"),
    Figure("occupancy", "occupancy", "", "time in talk and wrap-up / (that + time available), of its operators"),
)}
QUEUE_FIGURES = ("offered", "sl", "wait", "p50", "p90", "p99", "abandoned", "overflow", "occupancy")


@dataclass(frozen=True)
class Scope:
    """What figures are of: `kind` is "all", "queue", "group" or "line"."""

    kind: str
    name: str

    def __str__(self) -> str:
        return self.name if self.kind == "all" else f"{self.kind} {self.name}"


Results = Mapping[Scope, Mapping[str, Interval]]


def results(plan: Plan, runs: Sequence[Tally]) -> Results:
    """Of each queue that somebody entered, all together, and each group of operators; over replications of the plan."""
    served = {queue.name: queue.everybody for queue in plan.settings.queues}
    queues = [name for name in served if any(name in run.queues and run.queues[name].offered for run in runs)]
    found: dict[Scope, Mapping[str, Interval]] = {}
    everybody = [operator.name for operator in plan.settings.operators]
    # Those who overflowed into another queue have a stay in both, and are offered to both.
    found[Scope("all", ALL)] = _figures([_sum(run, queues) for run in runs]) | _occupancy(runs, everybody)
    for name in queues:
        found[Scope("queue", name)] = _figures([run.queues[name] for run in runs]) | _occupancy(runs, served[name])
    for group in dict.fromkeys(plan.groups.values()):
        found[Scope("group", group)] = _occupancy(runs, [name for name, of in plan.groups.items() if of == group])
    return found


def endings(runs: Sequence[Tally]) -> dict[str, dict[str, float]]:
    """Line -> how callers left its menu -> how many, the mean of the replications."""
    lines = {line for run in runs for line in run.visits}
    return {line: {ending: sum(run.visits[line][ending] for run in runs) / len(runs)
                   for ending in sorted({ending for run in runs for ending in run.visits[line]})}
            for line in sorted(lines)}


def _figures(tallies: Sequence[QueueTally]) -> dict[str, Interval]:
    waits = [sorted(tally.waits) for tally in tallies]

    def column(of: Column) -> list[float]:
        return [of(tally) for tally in tallies]

    offered, answered = column(lambda tally: tally.offered), column(lambda tally: tally.answered)
    return {
        "offered": mean(offered, LEVEL),
        "sl": share(column(lambda tally: tally.answered_in_time), offered, LEVEL),
        "wait": ratio([sum(each) for each in waits], answered, LEVEL),
        **{f"p{part}": mean([quantile(each, part / 100) for each in waits], LEVEL) for part in (50, 90, 99)},
        "abandoned": share(column(lambda tally: tally.abandoned), offered, LEVEL),
        "overflow": share(column(lambda tally: tally.overflowed), offered, LEVEL),
    }


def _occupancy(runs: Sequence[Tally], operators: Sequence[str]) -> dict[str, Interval]:
    handling = [sum(run.operators[name].handling for name in operators) for run in runs]
    present = [busy + sum(run.operators[name].free for name in operators)
               for run, busy in zip(runs, handling, strict=True)]
    return {"occupancy": ratio(handling, present, LEVEL)}


def _sum(run: Tally, queues: Sequence[str]) -> QueueTally:
    total = QueueTally()
    for name in queues:
        tally = run.queues[name]
        total.offered += tally.offered
        total.answered += tally.answered
        total.answered_in_time += tally.answered_in_time
        total.abandoned += tally.abandoned
        total.overflowed += tally.overflowed
        total.waits.extend(tally.waits)
    return total
