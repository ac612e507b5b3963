"""How sure a simulated figure is: confidence intervals over replications or batches."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Interval:
    """A figure with the interval that holds the true one at the chosen level, given the model. NaN: nothing to tell."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


UNKNOWN = Interval(math.nan, math.nan, math.nan)


def ratio(above: Sequence[float], below: Sequence[float], level: float = 0.95) -> Interval:
    """Sum of `above` / sum of `below`, one of each per replication; sizes may differ (ratio estimator, delta method).

    A single replication says nothing of its error: its interval has no width. UNKNOWN where `below` sums to 0.
    """
    total, count = sum(below), len(below)
    if not total:
        return UNKNOWN
    value = sum(above) / total
    if count < 2:
        return Interval(value, value, value)
    rest = sum((part - value * whole) ** 2 for part, whole in zip(above, below, strict=True))
    half = student_t(level, count - 1) * math.sqrt(rest / (count * (count - 1))) / (total / count)
    return Interval(value, value - half, value + half)


def share(above: Sequence[float], below: Sequence[float], level: float = 0.95) -> Interval:
    """`ratio` of a count to the count that it is part of.

    Never narrower than the score interval of as many independent trials (Wilson), which callers are at best: where all
    replications agree on 0 or 1, the ratio's interval would have no width.
    """
    found = ratio(above, below, level)
    if found is UNKNOWN:
        return found
    trials, z = sum(below), NormalDist().inv_cdf((1 + level) / 2)
    middle = (found.value + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(found.value * (1 - found.value) / trials + (z / trials) ** 2 / 4)
    return Interval(found.value, max(0.0, min(found.low, middle - half)), min(1.0, max(found.high, middle + half)))


def mean(values: Sequence[float], level: float = 0.95) -> Interval:
    """Of one figure per replication; those that have none (NaN) are left out."""
    known = [value for value in values if not math.isnan(value)]
    return ratio(known, [1.0] * len(known), level)


def quantile(ordered: Sequence[float], part: float) -> float:
    """The smallest value that `part` of the sorted values do not exceed; NaN of none."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else math.nan


def student_t(level: float, freedom: int) -> float:
    """The quantile that leaves (1 - level)/2 above it: Cornish and Fisher's expansion about the normal one's
    (Abramowitz and Stegun 26.7.5), within 0.5 % from 4 degrees of freedom on; below that the exact ones."""
    if freedom == 1:
        return math.tan(math.pi * level / 2)
    if freedom == 2:
        return level * math.sqrt(2 / (1 - level * level))
    z = NormalDist().inv_cdf((1 + level) / 2)
    z3, z5, z7, z9 = z ** 3, z ** 5, z ** 7, z ** 9
    terms = ((z3 + z) / 4, (5 * z5 + 16 * z3 + 3 * z) / 96, (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384,
             (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160)
    return z + sum(term / float(freedom) ** power for power, term in enumerate(terms, 1))
