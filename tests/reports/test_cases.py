"""The calls behind figures: as many as the figure says, whatever it is parted by."""

from typing import get_args

import pytest
from sqlalchemy import Engine

from routing.reports.cases import Behind, cases
from routing.reports.counted import COUNTS, counts, opened
from routing.reports.figures import EVERY, Dimension
from routing.reports.questions import Question, Zones, answer
from routing.reports.report import make, make_all
from routing.requests.transaction import write
from tests.reports.day import a_day, a_day_of_operators
from tests.reports.test_report import BOUNDS, NOW, PERIOD, SINCE, UNTIL, wanted

BATCHES, TOLD = a_day(70)
SHIFTS, _ = a_day_of_operators(BATCHES, TOLD)


@pytest.fixture
def small_day(engine: Engine) -> Engine:
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [*BATCHES, SHIFTS])
    return engine


def test_cases__are_as_many_as_the_figure(small_day: Engine) -> None:
    """Every count of every group of four dimensions; and of everybody."""
    compared = 0
    for by in ("queue", "operator", "hour") if small_day.dialect.name == "sqlite" else ("queue",):
        report = make(small_day, wanted(by), NOW)
        for group, tally in [("", report.total), *list(report.rows())[:1]]:
            for count, number in counts(tally).items():
                found = list(cases(small_day, Behind(report.wanted, count, group), NOW))
                assert sum(case.times for case in found) == number, (by, group, count)
                assert len({case.call for case in found}) == len(found)
                compared += 1
    assert compared > 30


def test_cases__every_figure_of_calls_can_be_opened() -> None:
    closed = {name for name, figure in EVERY.items() if not opened(figure)}
    assert closed == {name for name in EVERY if name.startswith("estimates") or name.endswith(("_low", "_high"))} | {
        "on_call", "idle", "on_break", "occupancy"}
    assert all(name in COUNTS for figure in EVERY.values() for name in opened(figure))


def test_shares__are_part_by_whole(small_day: Engine) -> None:
    """What is opened behind a share are its part and its whole."""
    for by in ("queue", "operator", "menu"):
        total = make(small_day, wanted(by), NOW).total
        for figure in EVERY.values():
            if figure.unit == "share" and len(opened(figure)) == 2:
                part, whole = (COUNTS[name](total) or 0 for name in opened(figure))
                assert figure.value(total) == (pytest.approx(part / whole) if whole else None), figure.name


def test_waits__bars_hold_everybody_and_open(small_day: Engine) -> None:
    zones = Zones(PERIOD.zone, PERIOD.zones)
    told = answer(small_day, Question(SINCE, UNTIL, ("queue",), BOUNDS), zones, NOW)
    counted = told["reports"]["queue"]["total"]["counts"]
    bars = told["waits"]
    assert sum(bar["answered"] for bar in bars) == counted["answered"]
    assert sum(bar["abandoned"] for bar in bars) == counted["abandoned"]
    assert sum(bar["answered"] + bar["abandoned"] + bar["other"] for bar in bars) == (
        counted["offered"] - counted.get("waiting", 0))
    for bar in bars:
        asked = Question(SINCE, UNTIL, ("queue",), BOUNDS, count="answered", waited=(bar["from_s"], bar["to_s"]))
        assert answer(small_day, asked, zones, NOW)["count"] == bar["answered"]
    cards = answer(small_day, Question(SINCE, UNTIL, ("queue",), BOUNDS, queues=frozenset(["cards"])), zones, NOW)
    of_cards = next(group for group in told["reports"]["queue"]["groups"] if group["key"] == "cards")
    assert sum(bar["answered"] for bar in cards["waits"]) == of_cards["counts"]["answered"] > 0


def test_make_all__says_what_each_says_alone(small_day: Engine) -> None:
    every = get_args(Dimension)
    together = make_all(small_day, [wanted(by) for by in every], NOW)
    for by, report in zip(every, together, strict=True):
        if by in ("queue", "hour", "menu"):
            alone = make(small_day, wanted(by), NOW)
            assert (report.total, report.groups) == (alone.total, alone.groups)
