"""What is due when, who is told of it, and what reports make of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.core import Metric
from sqlalchemy import Engine

from desk.overdue import Overdue
from ivr.base.config import Config
from ivr.call.record import RequestStatus
from routing.reports.period import Period
from routing.reports.report import Wanted, make
from routing.reports.report_data import values
from routing.requests.due import Late, due_at, limits, overdue
from tests.requests.test_request_work import change, put, visit
from tests.requests.visits import BEGAN

HOUR = timedelta(hours=1)
CONFIG = Config.model_validate({
    "lines": [{"numbers": "100", "menu": "m.yaml"}],
    "queues": {"cards": {"sla": {"close_h": 2, "alarm": "Vera"}}, "loans": {"sla": {"close_h": 5}}, "general": {}}})


@pytest.fixture
def record(engine: Engine) -> Engine:
    """All opened at BEGAN. 1: closed in time; 2: too late; 3 and 4: not at all; 5: given up; 6: has longer."""
    put(engine, *(visit(number, operator="anna", status=RequestStatus.ANSWERED) for number in (1, 2, 3)),
        visit(4, kind="voicemail"), visit(5, status=RequestStatus.CLOSED, closed_at=BEGAN),
        visit(6, queue="loans", operator="anna"), visit(7, queue="general", operator="anna"))
    return engine


def opened(number: int) -> datetime:
    return BEGAN + timedelta(seconds=5 + number)


def closed(engine: Engine, number: int, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.requests.test_request_work.NOW", at)
    change(engine, 0, number=number, status=RequestStatus.CLOSED)


def look(watch: Overdue) -> dict[str, float]:
    asyncio.run(watch.look())
    metric: Metric
    metric, = watch.families()
    return {sample.labels["queue"] + " " + sample.labels["tell"]: sample.value for sample in metric.samples}


def test_due__at_the_time_of_the_queue() -> None:
    assert limits(CONFIG) == {"cards": 2 * HOUR, "loans": 5 * HOUR}
    assert [due_at(CONFIG, queue, BEGAN) for queue in ("cards", "general", "gone")] == [BEGAN + 2 * HOUR, None, None]


def test_overdue__is_told_once_and_shown_until_it_is_closed(record: Engine, monkeypatch: pytest.MonkeyPatch,
                                                           caplog: pytest.LogCaptureFixture) -> None:
    times = [BEGAN + HOUR, BEGAN + 3 * HOUR, BEGAN + 3 * HOUR, BEGAN + 6 * HOUR]
    clock = iter(at.timestamp() for at in times)
    watch = Overdue(record, CONFIG, lambda: next(clock))
    closed(record, 1, BEGAN + HOUR, monkeypatch)
    assert look(watch) == {"cards Vera": 0, "loans ": 0}
    assert look(watch) == {"cards Vera": 3, "loans ": 0}
    closed(record, 2, BEGAN + 3 * HOUR, monkeypatch)
    assert look(watch) == {"cards Vera": 2, "loans ": 0}
    assert look(watch) == {"cards Vera": 2, "loans ": 1}
    assert [record.__dict__["fields"] for record in caplog.records] == [
        {"queue": queue, "requests": number, "first_due": (opened(first) + hours * HOUR).isoformat(timespec="seconds"),
         "tell": tell} for queue, number, first, hours, tell in (("cards", 3, 2, 2, "Vera"), ("loans", 1, 6, 5, ""))]
    assert overdue(record, limits(CONFIG), BEGAN + 2 * HOUR) == {}
    assert overdue(record, limits(CONFIG), BEGAN + 6 * HOUR)["loans"] == Late(1, opened(6) + 5 * HOUR)
    assert overdue(record, limits(CONFIG), BEGAN + timedelta(days=70)) == {}, "nobody's news any more"


def test_report__what_was_due_and_closed_in_time(record: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(record, 1, BEGAN + HOUR, monkeypatch)
    closed(record, 2, BEGAN + 3 * HOUR, monkeypatch)
    day = datetime(BEGAN.year, BEGAN.month, BEGAN.day)
    period = Period(day, day + timedelta(days=1), UTC, {})
    made = make(record, Wanted(period, "queue", promised=limits(CONFIG)), BEGAN + 4 * HOUR)
    found = {queue: values(tally, made.figures) for queue, tally in made.groups.items()}
    assert {queue: (each["due_requests"], each["closed_in_time"]) for queue, each in found.items()} == {
        "cards": (4, 0.25)}
    later = make(record, Wanted(period, "operator", promised=limits(CONFIG)), BEGAN + 6 * HOUR)
    assert {name: later.groups[name].due for name in ("anna", "(none)")} == {"anna": 4, "(none)": 1}
    assert later.total.due_in_time == 1
