"""The record held against itself: everybody is accounted for, and each sort of lost or doubled row is found."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from routing.reports.balance import MEANINGS, balance
from routing.reports.period import Period
from routing.requests.database import open_database
from routing.requests.transaction import write
from tests.reports.day import a_day

PERIOD = Period(datetime(2024, 5, 16), datetime(2024, 5, 19), UTC)
BATCHES, TOLD = a_day(120, seed=3)
ANSWERED = "(SELECT id FROM calls WHERE outcome = 'answered')"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/record.db")
    fill(engine)
    yield engine
    engine.dispose()


def fill(engine: Engine) -> None:
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, BATCHES)


def change(engine: Engine, *statements: str) -> None:
    with engine.connect() as connection, connection.begin():
        for statement in statements:
            connection.execute(text(statement))


def test_balance__everybody_is_accounted_for(engine: Engine) -> None:
    fill(engine)
    found = balance(engine, PERIOD)
    assert found.holds
    assert found.faults == {}
    assert sum(account.offered for account in found.lines.values()) == len(TOLD)
    assert sum(account.offered for account in found.queues.values()) == sum(len(told.stays) for told in TOLD)
    assert sum(account.open for account in found.lines.values()) == sum(told.outcome is None for told in TOLD)
    assert found.as_data()["holds"] is True


@pytest.mark.parametrize(("statement", "faults"), [
    ("DELETE FROM entries WHERE kind = 'ended' AND call_id IN (SELECT call_id FROM entries WHERE kind = 'menu_entered')"
     " AND call_id NOT IN (SELECT call_id FROM entries WHERE kind = 'queued')", {"over-without-end"}),
    (f"INSERT INTO entries SELECT id || 'x', call_id, position + 1, at, kind, details FROM entries WHERE kind = 'ended'"
     f" AND call_id IN {ANSWERED}", {"two-ends"}),
    (f"UPDATE calls SET outcome = 'abandoned' WHERE id IN {ANSWERED}", {"other-outcome"}),
    (f"UPDATE calls SET outcome = NULL WHERE id IN {ANSWERED}", {"ended-in-progress"}),
    (f"DELETE FROM entries WHERE kind IN ('ended', 'bridged') AND call_id IN {ANSWERED}",
     {"over-without-end", "stay-without-end", "entries-missing"}),
    (f"INSERT INTO entries SELECT id || 'x', call_id, position + 10000, at, kind, details FROM entries"
     f" WHERE kind = 'queued' AND call_id IN {ANSWERED}", {"entries-missing", "stay-without-end"}),
    ("DELETE FROM entries WHERE kind = 'noinput'", {"entries-missing"}),
])
def test_balance__rows_are_lost_or_doubled(record: Engine, statement: str, faults: set[str]) -> None:
    change(record, statement)
    found = balance(record, PERIOD)
    assert not found.holds
    assert faults <= set(found.faults)
    assert set(found.faults) <= set(MEANINGS)
    for count, calls in found.faults.values():
        assert 0 < len(calls) <= min(count, 10)


def test_balance__a_stay_that_began_twice_is_not_accounted_for(record: Engine) -> None:
    change(record, "UPDATE entries SET kind = 'queued' WHERE kind IN ('operator_offered', 'bridged')")
    found = balance(record, PERIOD)
    assert not found.holds
    assert "stay-doubled" in found.faults
    assert any(account.unaccounted for account in found.queues.values())
