"""Reports on SQLite and PostgreSQL against naive figures of the same 2,000 visits; and a period without any."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from routing.reports.figures import EVERY, FIGURES, Dimension
from routing.reports.period import Period
from routing.reports.report import Report, Wanted, make
from routing.reports.report_data import as_data, values
from routing.reports.tally import Bounds
from routing.requests.transaction import write
from tests.reports import reference
from tests.reports.day import LINES, MIDNIGHT, Told, ToldSpell, a_day, a_day_of_operators
from tests.reports.reference import Figures

SINCE, UNTIL = datetime(2024, 5, 17), datetime(2024, 5, 18)
PERIOD = Period(SINCE, UNTIL, UTC, {line: ZoneInfo(zone) for line, zone in LINES.items()})
BOUNDS = Bounds(threshold=20.0, short=5.0, thresholds={"corporate": 8.0})
NOW = MIDNIGHT + timedelta(days=30)
BATCHES, TOLD = a_day(2_000)
SHIFTS, SPELLS = a_day_of_operators(BATCHES, TOLD)
VISITS = reference.of_period(TOLD, SINCE, UNTIL)
CLOSED = reference.closed_in(TOLD, SINCE, UNTIL)
WRAP_UPS = reference.wrap_ups(SPELLS, SINCE, UNTIL)
KEYS: dict[str, Any] = {
    "line": lambda told: told.line, "topic": lambda told: told.topic,
    "hour": lambda told: f"{reference.local(told.began, told.line):%H}:00"}


@pytest.fixture
def day(engine: Engine) -> Engine:
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [*BATCHES, SHIFTS])
    return engine


def wanted(by: Dimension, **more: Any) -> Wanted:
    return Wanted(PERIOD, by, BOUNDS, **more)


def compare(report: Report, key: str, expected: Figures) -> None:
    tally = report.total if key == "total" else report.groups[key]
    found = {name: EVERY[name].value(tally) for name in expected}
    assert found == {name: value if value is None else pytest.approx(value, abs=1e-6)
                     for name, value in expected.items()}, key


def test_day__has_every_outcome_and_every_ending() -> None:
    """What these tests stand on."""
    assert {told.outcome for told in VISITS} == {None, *reference.OUTCOMES}
    endings = {stay.ending for told in VISITS for stay in told.stays}
    assert endings >= {"answered", "abandoned", "overflow", "callback", "voicemail", "failed", "waiting"}
    assert len(TOLD) > len(VISITS) > 1_000
    assert {again for _, again in CLOSED} == {True, False}
    assert len(WRAP_UPS) > 10


def test_report__every_group_of_every_dimension(day: Engine) -> None:
    """One test for all: the 2,000 visits are written once for each database."""
    for by in ("line", "topic", "hour") if day.dialect.name == "sqlite" else ("hour",):     # the others are as these
        by_visit(make(day, wanted(by), NOW), KEYS[by])
    by_queue(make(day, wanted("queue"), NOW))
    by_operator(make(day, wanted("operator"), NOW))
    by_menu(make(day, wanted("menu"), NOW))
    by_day_and_language(day)
    one_line_and_queue(day)
    more_groups_than_are_kept_apart(day)


def by_visit(report: Report, key: Any) -> None:
    of_parts = report.wanted.by == "hour"
    if not of_parts:
        assert set(report.groups) == {key(told) or "(none)" for told in VISITS}
    for group in report.groups:
        name = "" if group == "(none)" else group
        compare(report, group, reference.figures_of_visits([told for told in VISITS if key(told) == name]))
        if not of_parts:
            of_group = [told for told in VISITS if key(told) == name]
            compare(report, group, everything(of_group, [each for each in CLOSED if key(each[0]) == name],
                                              [each for each in WRAP_UPS if key(each[1]) == name]))
    compare(report, "total", {**reference.figures_of_visits(VISITS), **everything(VISITS, CLOSED, WRAP_UPS)})
    if of_parts:
        stays = [(reference.local(stay.began, told.line), stay) for told in VISITS for stay in told.stays]
        for group in report.groups:
            compare(report, group, reference.figures_of_stays(
                [stay for at, stay in stays if f"{at.hour:02}:00" == group], BOUNDS.of, BOUNDS.short))


def everything(visits: Sequence[Told], closed: Sequence[tuple[Told, bool]],
               wrap_ups: Sequence[tuple[ToldSpell, Told, float]]) -> Figures:
    stays = [stay for told in visits for stay in told.stays]
    talks = [talk for told in visits for talk in told.talks]
    return {**reference.figures_of_stays(stays, BOUNDS.of, BOUNDS.short),
            **reference.figures_of_talks(talks, sum(seconds for _, _, seconds in wrap_ups)),
            **reference.figures_of_opinions(visits), **reference.figures_of_closed(closed)}


def by_queue(report: Report) -> None:
    for queue in report.groups:
        stays = [stay for told in VISITS for stay in told.stays if stay.queue == queue]
        talks = [talk for told in VISITS for talk in told.talks if talk.queue == queue]
        compare(report, queue, {
            **reference.figures_of_stays(stays, BOUNDS.of, BOUNDS.short),
            **reference.figures_of_talks(talks, sum(each[2] for each in WRAP_UPS if each[0].queue == queue)),
            **reference.figures_of_opinions([told for told in VISITS if told.stays and told.stays[-1].queue == queue]),
            **reference.figures_of_closed([each for each in CLOSED if each[0].request[0] == queue])})    # type: ignore[index]
    assert sum(tally.offered for tally in report.groups.values()) == report.total.offered


def by_operator(report: Report) -> None:
    for operator in report.groups:
        talks = [talk for told in VISITS for talk in told.talks if talk.operator == operator]
        offers = [offer for told in VISITS for offer in told.offers if offer[0] == operator]
        spells = [spell for spell in SPELLS if spell.operator == operator]
        last = [told for told in VISITS if told.talks and told.talks[-1].operator == operator]
        compare(report, operator, {
            "rung": len(offers), "missed": sum(missed for _, _, missed in offers),
            **reference.figures_of_talks(talks, sum(each[2] for each in WRAP_UPS if each[0].operator == operator)),
            **reference.figures_of_operator(spells, SINCE, UNTIL, NOW), **reference.figures_of_opinions(last),
            **reference.figures_of_closed([each for each in CLOSED if each[0].request[1] == operator])})    # type: ignore[index]
    compare(report, "total", reference.figures_of_operator(SPELLS, SINCE, UNTIL, NOW))


def by_menu(report: Report) -> None:
    for menu in report.groups:
        entered = [told for told in VISITS if menu in told.menus]
        served = [told for told in entered if told.menus[-1] == menu and told.outcome == "self_served"]
        left = [told for told in entered if told.menus[-1] == menu and told.outcome == "abandoned" and not told.stays]
        compare(report, menu, {
            "entered": len(entered), "contained": len(served), "left": len(left),
            "to_queue": sum(told.first_queue_from == menu for told in entered),
            "containment": reference.divided(len(served), len(entered))})
    entered = [told for told in VISITS if told.menus]
    served = [told for told in entered if told.outcome == "self_served"]
    compare(report, "total", {"entered": len(entered), "contained": len(served),
                              "containment": len(served) / len(entered)})


def by_day_and_language(day: Engine) -> None:
    days = make(day, wanted("day"), NOW)
    assert [(key, tally.visits) for key, tally in days.rows() if tally.visits] == [("2024-05-17", len(VISITS))]
    languages = {key: tally.visits for key, tally in make(day, wanted("language"), NOW).rows()}
    assert languages == {name: sum(told.language == name for told in VISITS) for name in ("en", "ru")}


def one_line_and_queue(day: Engine) -> None:
    report = make(day, wanted("queue", lines=frozenset(("100",)), queues=frozenset(("cards",))), NOW)
    stays = [stay for told in VISITS for stay in told.stays if told.line == "100" and stay.queue == "cards"]
    assert list(report.groups) == ["cards"]
    compare(report, "cards", reference.figures_of_stays(stays, BOUNDS.of, BOUNDS.short))
    compare(report, "total", reference.figures_of_stays(stays, BOUNDS.of, BOUNDS.short))


def more_groups_than_are_kept_apart(day: Engine) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("routing.reports.report.MOST_GROUPS", 3)
        report = make(day, wanted("hour"), NOW)
    assert len(report.groups) == 4
    assert report.groups["(others)"].visits == len(VISITS) - sum(
        tally.visits for key, tally in report.groups.items() if key != "(others)")


def test_report__nothing_was_there(engine: Engine) -> None:
    for by in get_args(Dimension):
        report = make(engine, wanted(by), NOW)
        assert report.groups == {}
        assert set(values(report.total, FIGURES[by]).values()) <= {0, None}
        assert as_data(report)["groups"] == []


def test_period__one_local_day_of_a_line_where_summer_time_begins_has_23_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    period = Period(datetime(2026, 3, 29), datetime(2026, 3, 30), UTC, {"1": berlin})
    quarters = [datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=15 * count) for count in range(4 * 96)]
    assert sum(period.holds(at, "1") for at in quarters) == 23 * 4
    assert all(period.begin <= at < period.end for at in quarters if period.holds(at, "1"))
