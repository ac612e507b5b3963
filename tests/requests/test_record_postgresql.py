"""A PostgreSQL that hangs, or dies under load and comes back: nothing is lost, nothing stands twice."""

import threading
import time
from collections.abc import Iterator

import pytest

from ivr.call.record import Batch
from routing.requests.database import open_database
from routing.requests.ledger import Accepted, DatabaseAway, RowsQuarantined
from routing.requests.writer import RecordWriter
from tests.postgresql import Cluster
from tests.requests.conftest import Start
from tests.requests.visits import Notices, eventually, expected, interleaved, stored, visit

CALLS = 50


@pytest.fixture
def server(postgresql: Cluster) -> Iterator[Cluster]:
    yield postgresql
    postgresql.stop()
    postgresql.start()


def test_postgresql__frozen(server: Cluster, start: Start) -> None:
    engine = open_database(server.new_database())
    writer, notices = start(engine)
    batches = interleaved(30)
    for number, batch in enumerate(batches[:30]):
        writer.submit(batch, str(number))
    notices.wait(*map(str, range(30)))
    server.freeze()
    begin = time.monotonic()
    for number, batch in enumerate(batches[30:90], 30):
        writer.submit(batch, str(number))
    notices.wait(*map(str, range(30, 90)))
    assert min(notices.at[str(number)] for number in range(30, 90)) - begin >= 0.2
    assert max(notices.at[str(number)] for number in range(30, 90)) - begin < 1.0
    eventually(lambda: notices.of(DatabaseAway))
    server.thaw()
    for number, batch in enumerate(batches[90:], 90):
        writer.submit(batch, str(number))
    notices.wait(*map(str, range(90, 120)))
    eventually(lambda: stored(engine) == expected(batches))
    assert writer.close()
    assert [notice.away for notice in notices.of(DatabaseAway)] == [True, False]
    engine.dispose()


def test_postgresql__killed_under_load_and_started_again(server: Cluster, start: Start) -> None:
    """50 calls at once; each waits for its request to be durable before it goes on, as a caller does."""
    engine = open_database(server.new_database())
    writer, notices = start(engine)
    callers = [threading.Thread(target=_call, args=(writer, notices, number)) for number in range(CALLS)]
    for caller in callers:
        caller.start()
    time.sleep(0.5)
    server.stop()
    eventually(lambda: notices.of(DatabaseAway))
    time.sleep(0.5)
    server.start()
    for caller in callers:
        caller.join()
    rounds = [batch for round_ in range(4) for number in range(CALLS) for batch in _visits(number)[round_]]
    eventually(lambda: stored(engine) == expected(rounds))
    assert writer.close()
    assert [notice.away for notice in notices.of(DatabaseAway)] == [True, False]
    assert not notices.of(RowsQuarantined)
    assert len(notices.at) == CALLS * 16
    engine.dispose()


def _visits(number: int) -> list[list[Batch]]:
    """Four calls one after another on one line."""
    return [visit(number * 4 + round_) for round_ in range(4)]


def _call(writer: RecordWriter, notices: Notices, number: int) -> None:
    for round_, batches in enumerate(_visits(number)):
        for step, batch in enumerate(batches):
            token = f"{number} {round_} {step}"
            begin = time.monotonic()
            assert writer.submit(batch, token) is Accepted.TAKEN
            notices.wait(token)
            assert notices.at[token] - begin < 3.0
            time.sleep(0.1)


def test_postgresql__away_at_the_start(server: Cluster, start: Start) -> None:
    url = server.new_database()
    engine = open_database(url)
    server.stop()
    writer, notices = start(engine)
    batches = interleaved(5)
    for number, batch in enumerate(batches):
        writer.submit(batch, str(number))
    notices.wait(*map(str, range(20)))
    server.start()
    eventually(lambda: not writer._ledger.away)
    eventually(lambda: stored(engine) == expected(batches))
    assert writer.close()
    engine.dispose()
