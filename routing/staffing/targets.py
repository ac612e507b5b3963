"""What is demanded of a service: `sl>=0.8`, `asa<=30`, `abandonment<=5%`; several with commas."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from routing.staffing.erlang import Service

# As it is written, the figure that is meant, and which way is better.
FIGURES: Mapping[str, tuple[str, str]] = {
    "sl": ("service_level", ">="), "sl_answered": ("service_level_answered", ">="), "sl2": ("service_level_2", ">="),
    "asa": ("speed_of_answer", "<="), "abandonment": ("abandonment", "<="), "occupancy": ("occupancy", "<="),
    "delayed": ("delayed", "<="),
}
SHARES = frozenset(FIGURES) - {"asa"}
_TARGET = re.compile(r"\s*([a-z0-9_]+)\s*(>=|<=)\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)\s*")


@dataclass(frozen=True)
class Target:
    """A bound of one figure: shares from 0 to 1, times in seconds."""

    name: str
    bound: float

    def is_met(self, service: Service) -> bool:
        figure, better = FIGURES[self.name]
        value: float = getattr(service, figure)
        return value >= self.bound if better == ">=" else value <= self.bound

    def __str__(self) -> str:
        return f"{self.name}{FIGURES[self.name][1]}{self.bound:g}"


def read_targets(text: str) -> tuple[Target, ...]:
    """The targets that `text` asks for. Raises ValueError in words for whoever wrote it."""
    return tuple(_target(part) for part in text.split(","))


def _target(text: str) -> Target:
    found = _TARGET.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text.strip()}` is no target: write sl>=0.8, or asa<=30")
    name, relation, number, percent = found.groups()
    if name not in FIGURES:
        raise ValueError(f"there is no figure `{name}`; allowed: {', '.join(FIGURES)}")
    better = FIGURES[name][1]
    if relation != better:
        raise ValueError(f"`{name}` is better the {'higher' if better == '>=' else 'lower'} it is: write {name}{better}"
                         f"{number}{percent}")
    bound = float(number) / (100 if percent else 1)
    if name in SHARES and bound > 1:
        raise ValueError(f"`{name}` is a share: {number} is more than all; write 0.8 or 80%")
    return Target(name, bound)
