"""Erlang's formulas against the reference values of `anchors.md`, against each other, and against the chain itself."""

from math import exp, inf

import pytest

from routing.staffing.erlang import Traffic, erlang_b, service
from routing.staffing.needed import Unreachable, fewest, plan, rostered
from routing.staffing.targets import Target, read_targets

AHT, T = 180.0, 20.0
REFERENCES_C = [(11, 0.6821, 0.3896, 122.78), (12, 0.4494, 0.6402, 40.44), (14, 0.1741, 0.8884, 7.84)]
REFERENCES_A = [(8, 0.7226, 0.4032, 30.96, 0.2580), (10, 0.4969, 0.6399, 16.50, 0.1375),
                (12, 0.2798, 0.8256, 7.39, 0.0616), (14, 0.1270, 0.9327, 2.74, 0.0228)]


def traffic(load: float, patience: float | None = None) -> Traffic:
    return Traffic(load / AHT, AHT, patience)


@pytest.mark.parametrize(("operators", "delayed", "level", "wait"), REFERENCES_C)
def test_erlang_c__reference(operators: int, delayed: float, level: float, wait: float) -> None:
    given = service(traffic(10), operators, T)
    assert given.delayed == pytest.approx(delayed, abs=5e-5)
    assert given.service_level == pytest.approx(level, abs=5e-5)
    assert given.speed_of_answer == pytest.approx(wait, abs=5e-3)
    assert given.abandonment == 0


@pytest.mark.parametrize(("operators", "delayed", "level", "wait", "abandonment"), REFERENCES_A)
def test_erlang_a__reference(operators: int, delayed: float, level: float, wait: float, abandonment: float) -> None:
    given = service(traffic(10, 120.0), operators, T)
    assert given.delayed == pytest.approx(delayed, abs=6e-5)
    assert given.service_level == pytest.approx(level, abs=6e-5)
    assert given.mean_wait == pytest.approx(wait, abs=6e-3)
    assert given.abandonment == pytest.approx(abandonment, abs=6e-5)


def test_erlang_a__the_three_service_levels_of_the_same_traffic() -> None:
    given = service(Traffic(200 / 3600, AHT, 120.0), 10, T)
    levels = given.service_level, given.service_level_answered, given.service_level_2
    assert levels == pytest.approx((0.640, 0.742, 0.705), abs=5e-4)


@pytest.mark.parametrize(("load", "operators", "blocked"), [(0.0, 3, 0.0), (1.0, 1, 0.5), (2.0, 2, 0.4), (5.0, 0, 1.0)])
def test_erlang_b__by_hand(load: float, operators: int, blocked: float) -> None:
    assert erlang_b(load, operators) == pytest.approx(blocked)


@pytest.mark.parametrize("operators", [11, 12, 20])
def test_erlang_a__callers_of_endless_patience_are_those_of_erlang_c(operators: int) -> None:
    patient, endless = service(traffic(10, 1e9), operators, T), service(traffic(10), operators, T)
    for figure in ("delayed", "service_level", "service_level_2", "speed_of_answer", "mean_wait", "occupancy"):
        assert getattr(patient, figure) == pytest.approx(getattr(endless, figure), abs=1e-4, rel=1e-4)


@pytest.mark.parametrize(("load", "operators", "patience", "threshold"), [
    (10, 10, 120.0, 20.0), (10, 4, 30.0, 10.0), (3, 9, 600.0, 5.0), (60, 50, 45.0, 0.0), (8, 8, 240.0, 300.0)])
def test_erlang_a__against_the_chain_stepped_through(load: float, operators: int, patience: float,
                                                     threshold: float) -> None:
    """The shares from the balance of the chain, the waits by stepping through time: slow, and nothing of it shared."""
    rate, work = load / AHT, 1 / AHT
    weights = [1.0]
    for calls in range(1, 2_000):
        weights.append(weights[-1] * rate / (min(calls, operators) * work + max(calls - operators, 0) / patience))
    shares = [weight / sum(weights) for weight in weights]
    queue = sum(share * max(calls - operators, 0) for calls, share in enumerate(shares))
    given = service(traffic(load, patience), operators, threshold)
    assert given.delayed == pytest.approx(sum(shares[operators:]), abs=1e-9)
    assert given.mean_wait == pytest.approx(queue / rate, rel=1e-9)
    assert given.abandonment == pytest.approx(queue / patience / rate, rel=1e-9)
    level, both = _stepped(shares, operators, operators * work, 1 / patience, threshold)
    assert given.service_level == pytest.approx(level, abs=3e-3)
    assert given.service_level_2 == pytest.approx(both, abs=3e-3)


def _stepped(shares: list[float], operators: int, pace: float, theta: float, threshold: float) -> tuple[float, float]:
    """Answered within the threshold, and answered or gone within it, by steps of a 1,000th of it."""
    at_once = sum(shares[:operators])
    before = [share for share in shares[operators:] if share > 1e-12]     # by callers who wait before this one
    answered, gone, steps = 0.0, 0.0, 1_000
    step = threshold / steps
    for _ in range(steps):
        gone += sum(before) * theta * step
        answered += before[0] * pace * step
        before = [here - here * (pace + place * theta + theta) * step
                  + (before[place + 1] * (pace + (place + 1) * theta) * step if place + 1 < len(before) else 0.0)
                  for place, here in enumerate(before)]
    return at_once + answered, at_once + answered + gone


@pytest.mark.parametrize("patience", [None, 120.0])
def test_service__ten_thousand_operators(patience: float | None) -> None:
    levels = [service(traffic(9_900, patience), operators, T) for operators in (9_901, 9_950, 10_000)]
    for given in levels:
        assert 0 <= given.abandonment <= given.delayed <= 1
        assert 0 <= given.service_level <= given.service_level_2 <= 1
    assert levels[0].speed_of_answer > levels[1].speed_of_answer > levels[2].speed_of_answer


def test_service__twice_the_load_that_ten_thousand_can_carry() -> None:
    """Deep in overload half of them give up, and the others wait until the queue is as impatient as it is long."""
    given = service(traffic(20_000, 120.0), 10_000, T)
    assert given.abandonment == pytest.approx(0.5, abs=1e-9)
    assert given.mean_wait == pytest.approx(60.0, rel=1e-9)
    # All waits are about w with exp(-w/patience) = 1/2: who is answered had more patience than that.
    assert given.speed_of_answer == pytest.approx(83.18, abs=0.1)
    assert given.service_level_2 == pytest.approx(1 - exp(-T / 120.0), abs=1e-6)


def test_service__more_load_than_operators_without_patience_has_no_end() -> None:
    given = service(traffic(10), 10, T)
    assert (given.delayed, given.service_level, given.speed_of_answer) == (1.0, 0.0, inf)


@pytest.mark.parametrize("patience", [None, 60.0])
def test_service__nobody_calls_and_nobody_answers(patience: float | None) -> None:
    quiet = service(Traffic(0.0, AHT, patience), 0, T)
    assert (quiet.service_level, quiet.delayed, quiet.occupancy) == (1.0, 0.0, 0.0)
    empty = service(traffic(1, patience), 0, T)
    assert empty.delayed == 1.0
    assert empty.service_level == 0.0
    assert empty.abandonment == (1.0 if patience else 0.0)


@pytest.mark.parametrize("wrong", [Traffic(-1, AHT), Traffic(1, 0), Traffic(1, AHT, 0.0)])
def test_service__what_is_no_traffic(wrong: Traffic) -> None:
    with pytest.raises(ValueError, match=r"not negative|more than 0"):
        service(wrong, 3, T)


@pytest.mark.parametrize("patience", [None, 120.0])
@pytest.mark.parametrize("load", [0.5, 10, 400])
def test_fewest__is_enough_and_one_less_is_not(load: float, patience: float | None) -> None:
    targets = read_targets("sl>=0.8, abandonment<=5%, occupancy<=0.9")
    count = fewest(traffic(load, patience), targets, T)
    assert all(target.is_met(service(traffic(load, patience), count, T)) for target in targets)
    less = service(traffic(load, patience), count - 1, T)
    assert less.speed_of_answer == inf or not all(target.is_met(less) for target in targets)


def test_plan__the_table_goes_from_two_less_to_three_more() -> None:
    made = plan(traffic(10), read_targets("sl>=0.8"), T, shrinkage=0.3)
    assert (made.operators, made.rostered) == (14, 20)
    assert [each.operators for each in made.around] == [12, 13, 14, 15, 16, 17]
    assert made.service.service_level == pytest.approx(0.8884, abs=5e-5)


def test_plan__no_traffic_needs_nobody() -> None:
    assert plan(Traffic(0.0, AHT), read_targets("sl>=0.8"), T).operators == 0


@pytest.mark.parametrize("load", [10_001.0, 9_999.9])
def test_fewest__out_of_reach(load: float) -> None:
    with pytest.raises(Unreachable):
        fewest(traffic(load), read_targets("sl>=0.99"), T)


@pytest.mark.parametrize(("operators", "shrinkage", "people"), [(7, 0.3, 10), (10, 0.0, 10), (9, 0.1, 10), (0, 0.5, 0)])
def test_rostered__whole_people(operators: int, shrinkage: float, people: int) -> None:
    assert rostered(operators, shrinkage) == people


def test_rostered__nobody_left() -> None:
    with pytest.raises(ValueError, match="less than 1"):
        rostered(3, 1.0)


def test_targets__shares_and_percent() -> None:
    assert read_targets("sl>=80%, asa <= 30") == (Target("sl", 0.8), Target("asa", 30.0))
    assert str(Target("sl", 0.8)) == "sl>=0.8"


@pytest.mark.parametrize(("text", "said"), [
    ("sl>0.8", "is no target"), ("", "is no target"), ("level>=1", "no figure `level`"), ("sl<=0.8", "write sl>=0.8"),
    ("asa>=30", "the lower it is"), ("sl>=80", "more than all")])
def test_targets__what_is_none(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_targets(text)
