"""Estimates of waits and what came of them are judged from the record, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ivr.call.record import Batch
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
    found = wait_calibration(engine, BEGAN, BEGAN + timedelta(seconds=100))["cards"]
    assert (found.judged, found.below, found.above) == (3, 1, 1)
    assert (found.given_up, found.given_up_above) == (1, 1)
    assert (found.said, found.said_kept) == (2, 2)
    assert found.coverage == pytest.approx(1 / 3)
    assert wait_calibration(engine, BEGAN - timedelta(days=2), BEGAN - timedelta(days=1)) == {}
