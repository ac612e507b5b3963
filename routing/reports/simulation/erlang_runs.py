"""The plans by which the simulation is held against Erlang: one queue, n operators, calls that never end coming."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from routing.dispatcher import OperatorSettings, QueueSettings, Settings, Status
from routing.reports.simulation.arrivals import Poisson
from routing.reports.simulation.distributions import INFINITE, Distribution, exponential
from routing.reports.simulation.intervals import Interval, ratio, share
from routing.reports.simulation.plan import Plan, QueueTraffic, StatusChange
from routing.reports.simulation.tally import Tally
from routing.reports.simulation.ways import straight_to

ENDLESS = 1e9
HANDLE, CALLS_PER_HOUR, THRESHOLD = 180.0, 200.0, 20.0      # 10 erlangs


@dataclass(frozen=True)
class Case:
    """What Erlang C (`patience` None) or A says of `operators`: the chance to wait at all, the service level (strict),
    the mean wait of all callers in seconds, and the share that gives up. Four digits each."""

    name: str
    operators: int
    patience: float | None
    expected: Mapping[str, float] = field(hash=False)

    def plan(self, batches: int, batch_calls: int) -> Plan:
        return erlang_plan(self.operators, CALLS_PER_HOUR, HANDLE, self.patience, batches, batch_calls)


def _case(operators: int, patience: float | None, delayed: float, service_level: float, wait: float,
          abandoned: float) -> Case:
    return Case(f"{'C' if patience is None else 'A'}_{operators}", operators, patience, {
        "delayed": delayed, "service_level": service_level, "wait": wait, "abandoned": abandoned})


CASES = (
    _case(11, None, 0.6821, 0.3896, 122.78, 0.0),
    _case(12, None, 0.4494, 0.6402, 40.44, 0.0),
    _case(14, None, 0.1741, 0.8884, 7.84, 0.0),
    _case(8, 120.0, 0.7226, 0.4032, 30.96, 0.2580),
    _case(10, 120.0, 0.4969, 0.6399, 16.50, 0.1375),
    _case(12, 120.0, 0.2798, 0.8256, 7.39, 0.0616),
    _case(14, 120.0, 0.1270, 0.9327, 2.74, 0.0228),
)


def figures(tallies: Sequence[Tally], level: float) -> dict[str, Interval]:
    """What the run found, by the names of Case.expected."""
    queues = [tally.queues["calls"] for tally in tallies]
    offered = [queue.offered for queue in queues]
    return {"delayed": share([queue.delayed for queue in queues], offered, level),
            "service_level": share([queue.answered_in_time for queue in queues], offered, level),
            "wait": ratio([queue.wait_sum for queue in queues], offered, level),
            "abandoned": share([queue.abandoned for queue in queues], offered, level)}


def erlang_plan(operators: int, calls_per_hour: float, handle: float, patience: float | None, batches: int,
                batch_calls: int, warm_up_calls: int = 2_000) -> Plan:
    """M/M/n, with `patience` (mean, s) M/M/n+M: operators answer at once, nobody is turned away, nothing is announced.

    `batch_calls`: how many calls a batch has on the average.
    """
    names = tuple(f"operator{number}" for number in range(operators))
    queue = QueueSettings("calls", names, max_wait=ENDLESS, max_waiting=10 ** 9, announce_every=0.0)
    rate = calls_per_hour / 3600
    warm_up, batch = warm_up_calls / rate, batch_calls / rate
    limit: Distribution = INFINITE if patience is None else exponential(patience)
    return Plan(
        settings=Settings((queue,), tuple(OperatorSettings(name) for name in names)),
        traffic={"calls": QueueTraffic(exponential(handle), limit)},
        sources=(Poisson(((0.0, rate),), warm_up + batches * batch, straight_to("calls")),),
        roster=tuple(StatusChange(0.0, name, Status.AVAILABLE) for name in names),
        threshold=THRESHOLD, batch=batch, warm_up=warm_up)
