"""How many operators a service needs, and how many people must be on the roster for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

from routing.staffing.erlang import Service, Traffic, service
from routing.staffing.targets import Target

MOST = 10_000           # operators; up to here the figures are exact
BELOW, ABOVE = 2, 3     # rows around the number that is needed


@dataclass(frozen=True)
class Plan:
    """`operators`: at their places at one time; `rostered`: people on the roster for them; `around`: what a few less
    and a few more would give."""

    traffic: Traffic
    operators: int
    rostered: int
    around: tuple[Service, ...]

    @property
    def service(self) -> Service:
        return next(each for each in self.around if each.operators == self.operators)


class Unreachable(ValueError):
    """No number of operators up to MOST is enough: the traffic, or the target, is beyond it."""


def plan(traffic: Traffic, targets: Sequence[Target], threshold: float, shrinkage: float = 0.0) -> Plan:
    """The fewest operators with which every target is met. `threshold` in seconds; `shrinkage`: of the time on the
    roster, the share that goes on breaks, leave, illness and training. Raises Unreachable."""
    count = fewest(traffic, targets, threshold)
    around = tuple(service(traffic, number, threshold)
                   for number in range(max(0, count - BELOW), count + ABOVE + 1))
    return Plan(traffic, count, rostered(count, shrinkage), around)


def fewest(traffic: Traffic, targets: Sequence[Target], threshold: float) -> int:
    """Every target gets better with each further operator, so the first number that meets them all is looked for by
    halves. Raises Unreachable."""
    if traffic.load > MOST:
        raise Unreachable(f"{traffic.load:.0f} Erlang are more than {MOST} operators can carry")

    def is_enough(operators: int) -> bool:
        given = service(traffic, operators, threshold)
        return given.speed_of_answer < inf and all(target.is_met(given) for target in targets)

    enough = 1 if traffic.rate else 0
    while not is_enough(enough):
        if enough >= MOST:
            raise Unreachable(f"{', '.join(map(str, targets))} is not reached with {MOST} operators")
        enough = min(2 * max(enough, 1), MOST)
    too_few = enough // 2 if enough > 1 else 0
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        enough, too_few = (middle, too_few) if is_enough(middle) else (enough, middle)
    return enough


def rostered(operators: int, shrinkage: float) -> int:
    """operators / (1 - shrinkage), whole people. ValueError for a share that leaves nobody."""
    if not 0 <= shrinkage < 1:
        raise ValueError("shrinkage is a share from 0 to less than 1")
    return ceil(operators / (1 - shrinkage) - 1e-9)
