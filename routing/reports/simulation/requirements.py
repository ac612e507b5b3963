"""What a simulation must come to: `sl>=0.8`, `queue:cards p90<=120`.

The rule: a requirement is met if the whole 95 % interval meets it. So of `>=` the lower end must reach the number, and
of `<=` the upper end; a figure that nobody can be sure of has not been shown.
"""

import math
import re
from dataclasses import dataclass

from ivr.base.suggestions import did_you_mean
from routing.reports.simulation.intervals import Interval
from routing.reports.simulation.results import ALL, FIGURES, Results, Scope

REQUIREMENT = re.compile(
    r"\s*(?:(?P<kind>queue|group):(?P<name>\S+)\s+)?(?P<figure>[a-z0-9_]+)\s*(?P<sign><=|>=)\s*"
    r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>%|s)?\s*")
AS = 'such as "sl>=0.8", "queue:cards sl>=0.8", "p90<=120" or "group:evening occupancy<=0.85"'


@dataclass(frozen=True)
class Requirement:
    """One `--require`."""

    scope: Scope
    figure: str
    at_least: bool
    number: float

    def is_met(self, found: Interval) -> bool:
        if math.isnan(found.value):
            return False
        return found.low >= self.number if self.at_least else found.high <= self.number

    def sentence(self, found: Interval | None) -> str:
        """What came of it, for the person who asked."""
        figure = FIGURES[self.figure]
        wanted = f"{figure.title} {'at least' if self.at_least else 'at most'} {self.number:g}{figure.unit and ' s'}"
        if found is None or math.isnan(found.value):
            return f"not met: {self.scope}: {wanted} was required, and nobody was there to tell it of"
        verdict = "met" if self.is_met(found) else "not met"
        end = "lower" if self.at_least else "upper"
        return (f"{verdict}: {self.scope}: {wanted} was required; simulated {found.value:.4g}, and the {end} end of "
                f"the 95 % interval is {found.low if self.at_least else found.high:.4g}")


def read_requirement(text: str) -> Requirement:
    """Raises ValueError with what is wrong and what is allowed."""
    match = REQUIREMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is no requirement: {AS}")
    figure = FIGURES.get(match["figure"])
    if figure is None or figure.name == "offered":
        raise ValueError(f"there is no figure `{match['figure']}`: {did_you_mean(match['figure'], FIGURES)}")
    if (match["unit"] == "%" and figure.unit) or (match["unit"] == "s" and not figure.unit):
        raise ValueError(f"{figure.title} is not measured in `{match['unit']}`")
    number = float(match["number"]) / (100 if match["unit"] == "%" else 1)
    if not figure.unit and number > 1:
        raise ValueError(f"{figure.title} is a share: a number from 0 to 1, or with %")
    scope = Scope(match["kind"], match["name"]) if match["kind"] else Scope("all", ALL)
    return Requirement(scope, figure.name, match["sign"] == ">=", number)


def judge(requirement: Requirement, found: Results) -> tuple[bool, str]:
    """Whether it is met, and the sentence. Raises ValueError for a queue or a group that is none."""
    if requirement.scope not in found:
        names = [str(scope) for scope in found]
        raise ValueError(f"there is no {requirement.scope} in the simulation: "
                         f"{did_you_mean(str(requirement.scope), names)}")
    figures = found[requirement.scope]
    interval = figures.get(requirement.figure)
    if interval is None:
        remedy = did_you_mean(requirement.figure, figures)
        raise ValueError(f"{requirement.scope} has no {requirement.figure}: {remedy}")
    return requirement.is_met(interval), requirement.sentence(interval)
