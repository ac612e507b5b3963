"""Estimates of waits and what came of them are judged from the record, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ivr.call.record import Batch
from routing.reports.period import Period
from routing.reports.report import Wanted, make
from routing.reports.report_data import as_data
from routing.reports.wait_calibration import wait_calibration
from routing.requests.transaction import write
from tests.requests.visits import BEGAN, call_row, entry_row


def waited(number: int, *entries: tuple[float, str, dict[str, Any]]) -> Batch:
    """A call with entries at so many seconds after it began."""
    began = BEGAN + timedelta(seconds=number)
    rows = [changed_at(entry_row(number, position, kind, **details), began + timedelta(seconds=at))
            for position, (at, kind, details) in enumerate(entries)]
    return Batch(calls=(call_row(number),), entries=tuple(rows))


def changed_at(row: Any, at: Any) -> Any:
    return type(row)(row.id, row.call_id, row.position, at, row.kind, row.details)


def estimated(at: float, low: float, high: float, said: int | None) -> tuple[float, str, dict[str, Any]]:
    return at, "wait_estimated", {"low": low, "high": high, "said": said}


def came(at: float, came_to: str) -> tuple[float, str, dict[str, Any]]:
    return at, "wait_came", {"queue": "cards", "waited": at, "came_to": came_to}


def test_waits__are_judged_by_queue(engine: Engine) -> None:
    visits = [
        waited(1, estimated(5, 10, 90, 2), estimated(35, 5, 20, 0), came(65, "answered")),     # 60 s, and 30 s left
        waited(2, estimated(5, 100, 200, None), came(65, "answered")),
        waited(3, estimated(5, 10, 20, 1), came(65, "abandoned")),
        waited(4, estimated(5, 10, 20, 1), came(65, "other")),
        waited(5, estimated(5, 10, 20, 1)),
        waited(500, estimated(5, 10, 90, 2), came(65, "answered")),
    ]
    with engine.begin() as connection:
        write(connection, visits)
    found = wait_calibration(engine, period(0, 100))["cards"]
    assert (found.judged, found.below, found.above) == (3, 1, 1)
    assert (found.given_up, found.given_up_above) == (1, 1)
    assert (found.said, found.said_kept) == (2, 2)
    assert found.coverage == pytest.approx(1 / 3)
    assert wait_calibration(engine, period(-200_000, -100_000)) == {}
    assert wait_calibration(engine, period(0, 100), {"another"}) == {}


def period(since: float, until: float) -> Period:
    begin = BEGAN.replace(tzinfo=None)
    return Period(begin + timedelta(seconds=since), begin + timedelta(seconds=until))


def test_report__shows_them_with_their_formulas(engine: Engine) -> None:
    with engine.begin() as connection:
        write(connection, [
            waited(1, estimated(5, 10, 90, 2), estimated(35, 5, 20, 0), came(65, "answered")),
            waited(3, estimated(5, 10, 20, 1), came(65, "abandoned"))])
    shown = as_data(make(engine, Wanted(period(0, 100), "queue"), BEGAN + timedelta(seconds=200)))
    (cards,) = [group for group in shown["groups"] if group["queue"] == "cards"]
    assert {name: cards[name] for name in cards if name.startswith("estimates")} == {
        "estimates": 2, "estimates_in_range": 0.5, "estimates_sooner": 0.0, "estimates_later": 0.5,
        "estimates_bias": pytest.approx((50 + 12.5) / 90 - 1, abs=1e-6), "estimates_width": 47.5, "estimates_said": 2,
        "estimates_kept": 1.0, "estimates_given_up": 1, "estimates_given_up_later": 1.0}
    assert shown["total"]["estimates_in_range"] == 0.5
    assert shown["formulas"]["estimates_in_range"].startswith("E whose true wait lay in the range / E")
    assert "estimates" not in as_data(make(engine, Wanted(period(0, 100), "line"), BEGAN))["formulas"]
