"""A trial of a new menu: how often it cries wolf, and whether it finds one that loses callers."""

import random
from math import comb

import pytest

from ivr.menu.canary import ALARM, LEAST_OLD, LOOKS, Canary, Tally, Verdict, chance


def trial(seed: int, old: float, new: float, percent: float) -> tuple[Verdict, Canary]:
    """A whole trial in virtual calls; `old` and `new`: the share of callers whom each version loses."""
    draw = random.Random(seed).random
    canary = Canary(percent, "v2")
    while True:
        tries_new = draw() < percent / 100      # as calls come: the tests of `chooses` say that it is fair
        verdict = canary.left(tries_new, draw() < (new if tries_new else old))
        if verdict is not None:
            return verdict, canary


def test_chance__is_fishers() -> None:
    """Of all ways to give 9 lost callers to 20 + 40 calls, those that give 6 or more to the 20."""
    wanted = sum(comb(20, count) * comb(40, 9 - count) for count in range(6, 10)) / comb(60, 9)
    assert chance(Tally(40, 3), Tally(20, 6)) == pytest.approx(wanted, rel=1e-9)
    assert chance(Tally(40, 3), Tally(20, 0)) == pytest.approx(1.0)
    assert chance(Tally(40, 0), Tally(20, 20)) == pytest.approx(1 / comb(60, 20), rel=1e-6)
    assert chance(Tally(40, 40), Tally(20, 20)) == pytest.approx(1.0)


@pytest.mark.parametrize(("lost", "percent"), [(0.05, 20), (0.2, 50), (0.5, 20)])
def test_trial__no_worse_is_returned_in_one_of_a_hundred_at_most(lost: float, percent: float) -> None:
    """Were the rate above ALARM, so many alarms in 300 trials would be seen once in a thousand such tests."""
    alarms = sum(trial(seed, lost, lost, percent)[0] is Verdict.RETURN for seed in range(300))
    unlikely = next(most for most in range(300) if
                    sum(comb(300, count) * ALARM ** count * (1 - ALARM) ** (300 - count)
                        for count in range(most + 1, 301)) < 0.001)
    assert alarms <= unlikely


@pytest.mark.parametrize(("old", "new", "within"), [(0.1, 0.3, 200), (0.05, 0.5, 60), (0.3, 0.9, 30)])
def test_trial__a_version_that_loses_callers_is_returned(old: float, new: float, within: int) -> None:
    ended = [trial(seed, old, new, 20) for seed in range(60)]
    assert sum(verdict is Verdict.RETURN for verdict, _ in ended) >= 57
    assert sorted(canary.new.calls for _, canary in ended)[len(ended) // 2] <= within


def test_trial__a_better_version_is_taken_by_all() -> None:
    for seed in range(20):
        verdict, canary = trial(seed, 0.3, 0.1, 50)
        assert (verdict, canary.new.calls) == (Verdict.TAKE, LOOKS[-1])


def test_trial__without_calls_of_the_old_version_nothing_is_judged() -> None:
    canary = Canary(50, "v2")
    assert [canary.left(True, True) for _ in range(LOOKS[-1])] == [None] * LOOKS[-1]
    verdicts = [canary.left(False, False) for _ in range(LEAST_OLD)]
    assert verdicts == [None] * (LEAST_OLD - 1) + [Verdict.RETURN]


def test_chooses__a_share_of_the_calls_always_the_same() -> None:
    calls = [f"call {number}" for number in range(20_000)]
    chosen = [call for call in calls if Canary(5, "v2").chooses(call)]
    assert 850 <= len(chosen) <= 1150           # 1,000 expected, five standard deviations either way
    assert chosen == [call for call in calls if Canary(5, "v2").chooses(call)]
    assert len(set(chosen) & {call for call in calls if Canary(5, "v3").chooses(call)}) < 100
