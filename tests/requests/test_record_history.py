"""What was recorded becomes traffic of a simulation, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from ivr.call.record import Batch, Outcome
from routing.reports.simulation.distributions import exponential
from routing.reports.simulation.recorded import read_history
from routing.reports.simulation.ways import Way
from routing.requests.transaction import write
from tests.requests.visits import BEGAN, call_row, request_row, uuid


def visited(number: int, outcome: Outcome, wait: float, talk: float | None, queue: str = "cards",
            direction: str = "inbound") -> Batch:
    """A visit that was over two minutes after it began; a request of `queue` was opened after five seconds."""
    began = BEGAN + timedelta(seconds=number)
    call = call_row(number, ended_at=began + timedelta(seconds=120), outcome=outcome, queue=queue,
                    wait_time=wait if queue else None, talk_time=talk,
                    request_id=uuid(f"request {number}") if queue else None, direction=direction)
    return Batch(calls=(call,), requests=(request_row(number, queue=queue),) if queue else ())


def test_history__arrivals_ways_and_times(engine: Engine) -> None:
    visits = [
        visited(1, Outcome.ANSWERED, 10.0, 60.0), visited(2, Outcome.ANSWERED, 30.0, 90.0),
        visited(3, Outcome.ABANDONED, 50.0, None), visited(4, Outcome.SELF_SERVED, 0.0, None, queue=""),
        visited(5, Outcome.REFUSED, 0.0, None, queue=""), visited(6, Outcome.ANSWERED, 5.0, 20.0, queue="gone"),
        visited(7, Outcome.ANSWERED, 0.0, 40.0, direction="internal"), visited(100, Outcome.ANSWERED, 1.0, 1.0)]
    with engine.begin() as connection:
        write(connection, visits)
    found = read_history(engine, BEGAN, BEGAN + timedelta(seconds=99), BEGAN, {"cards", "loans"})
    queued = Way("bank", "cards", 5.0, "queued", "ru")
    assert list(found.arrivals.calls) == [
        (1.0, queued), (2.0, queued), (3.0, queued), (4.0, Way("bank", "", 120.0, "self_served", "ru"))]
    assert found.handles["cards"].values == (60.0, 90.0)
    assert found.patiences == {"cards": exponential(90.0)}     # 90 s were waited, and one gave up
    assert (found.calls, found.truncated) == (4, False)


def test_history__of_no_calls(engine: Engine) -> None:
    found = read_history(engine, BEGAN, BEGAN + timedelta(days=1), BEGAN, {"cards"})
    assert (found.calls, found.handles, found.patiences) == (0, {}, {})
    with pytest.raises(StopIteration):
        next(iter(found.arrivals.calls))
