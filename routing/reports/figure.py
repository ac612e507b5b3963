"""A figure of a report: its names, its formula in words, and how it is made of a tally. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from routing.reports.tally import Tally

Unit = Literal["count", "share", "seconds"]


@dataclass(frozen=True)
class Figure:
    """`value` is None where there is nothing to divide by: a dash, never an error."""

    name: str
    title: str
    unit: Unit
    formula: str
    value: Callable[[Tally], float | None]


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
