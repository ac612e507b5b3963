"""Confidence intervals: against tables, by hand, and by how often they hold what they should."""

import math
from random import Random

import pytest

from routing.reports.simulation.intervals import UNKNOWN, mean, quantile, ratio, share, student_t

# Quantiles as any table of Student's distribution has them: level, degrees of freedom, t.
TABLE = [(0.95, 1, 12.706), (0.99, 1, 63.657), (0.95, 2, 4.303), (0.99, 2, 9.925), (0.95, 5, 2.571), (0.99, 5, 4.032),
         (0.95, 10, 2.228), (0.99, 10, 3.169), (0.95, 30, 2.042), (0.99, 30, 2.750), (0.99, 120, 2.617)]


@pytest.mark.parametrize(("level", "freedom", "expected"), TABLE)
def test_student_t__as_in_tables(level: float, freedom: int, expected: float) -> None:
    assert student_t(level, freedom) == pytest.approx(expected, rel=0.005)


def test_mean__by_hand() -> None:
    found = mean([1.0, 2.0, 3.0, math.nan])
    assert found.value == pytest.approx(2.0)
    assert found.half_width == pytest.approx(4.303 / math.sqrt(3), rel=1e-3)


def test_share__never_without_width_and_never_beyond_0_and_1() -> None:
    never = share([0, 0, 0], [100, 100, 100])
    assert (never.value, never.low) == (0.0, 0.0)
    assert 0.005 < never.high < 0.03
    always = share([100, 100, 100], [100, 100, 100])
    assert (always.value, always.high) == (1.0, 1.0)
    assert always.low < 0.995


def test_ratio__of_nothing_is_unknown() -> None:
    assert ratio([0.0], [0.0]) is UNKNOWN
    assert 0.5 not in UNKNOWN


def test_share__holds_the_true_one_as_often_as_it_says() -> None:
    chance = Random(3)
    held = 0
    for _ in range(1_000):
        sizes = [chance.randint(20, 60) for _ in range(12)]
        held += 0.3 in share([sum(chance.random() < 0.3 for _ in range(size)) for size in sizes], sizes)
    assert 925 <= held <= 985


def test_quantile__is_a_value_that_was_seen() -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.9) == 4.0
    assert math.isnan(quantile([], 0.5))
