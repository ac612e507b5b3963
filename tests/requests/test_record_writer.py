"""The writer on both databases: groups, order, revisions, a database that does not answer, rows that it refuses."""

import json
import os
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from ivr.call.record import Batch, Outcome, PersonRow, TraceRow
from routing.requests.database import make_engine, open_database
from routing.requests.ledger import Accepted, DatabaseAway, RowsQuarantined, SpoolFilled
from routing.requests.transaction import write
from tests.requests.conftest import Start
from tests.requests.visits import (
    call_row,
    entry_row,
    eventually,
    expected,
    interleaved,
    locked,
    request_row,
    stored,
    uuid,
    visit,
)

SOON = 0.2 + 0.8    # s: the bound of durability, and what a busy machine may add


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs of the database that a test can wait for; before `engine` in the arguments."""
    monkeypatch.setattr("routing.requests.database.BUSY_TIMEOUT", 0.4)
    monkeypatch.setattr("routing.requests.database.LOCK_TIMEOUT", 0.4)


def test_writer__visits_are_stored_to_the_field(engine: Engine, start: Start) -> None:
    writer, notices = start(engine)
    batches = interleaved(20)
    for number, batch in enumerate(batches):
        assert writer.submit(batch, str(number) if number % 4 == 1 else None) is Accepted.TAKEN
    notices.wait(*(str(number) for number in range(1, 80, 4)))
    assert writer.close()
    assert stored(engine) == expected(batches)
    assert len(notices.all) == 20


def test_writer__group_commit(engine: Engine, start: Start) -> None:
    writer, notices = start(engine)
    committing, go_on = threading.Event(), threading.Event()
    commits = []

    @event.listens_for(engine, "commit")
    def commit(connection: Connection) -> None:
        commits.append(len(notices.at))
        committing.set()
        go_on.wait(5)

    writer.submit(visit(0)[0], "first")
    assert committing.wait(5)
    tokens = [str(number) for number in range(1, 101)]
    for token in tokens:
        writer.submit(visit(int(token))[0], token)
    go_on.set()
    notices.wait("first", *tokens)
    assert commits == [0, 1]


def test_writer__written_again_in_any_order_changes_nothing(engine: Engine, start: Start) -> None:
    writer, _ = start(engine)
    batches = interleaved(5)
    for batch in [*batches, *reversed(batches), *batches]:
        writer.submit(batch)
    assert writer.close()
    assert stored(engine) == expected(batches)


def test_write__highest_revision_of_one_transaction_wins(engine: Engine) -> None:
    with engine.begin() as connection:
        write(connection, [*visit(1), *reversed(visit(1))])
    assert stored(engine) == expected(visit(1))


def test_writer__older_revision_in_a_transaction_of_its_own(engine: Engine, start: Start) -> None:
    writer, notices = start(engine)
    for token, batch in zip("abcd", visit(1), strict=True):
        writer.submit(batch, token)
        notices.wait(token)
    writer.submit(visit(1)[0], "again")
    notices.wait("again")
    assert stored(engine) == expected(visit(1))


def test_writer__database_hangs(impatient: None, engine: Engine, start: Start) -> None:
    writer, notices = start(engine)
    batches = interleaved(10)
    writer.submit(batches[0], "before")
    notices.wait("before")
    with locked(engine):
        begin = time.monotonic()
        writer.submit(batches[1], "first")
        notices.wait("first")
        assert 0.2 <= notices.at["first"] - begin < SOON
        eventually(lambda: notices.of(DatabaseAway))
        begin = time.monotonic()
        for number, batch in enumerate(batches[2:20]):
            writer.submit(batch, str(number))
        notices.wait(*map(str, range(18)))
        assert max(notices.at[str(number)] for number in range(18)) - begin < SOON
        assert writer.behind
    for batch in batches[20:]:
        writer.submit(batch)
    notices.wait_for(DatabaseAway(False))
    eventually(lambda: stored(engine) == expected(batches))
    assert [notice.away for notice in notices.of(DatabaseAway)] == [True, False]
    eventually(lambda: not list((writer.quarantine_path.parent).glob("*.spool")))
    eventually(lambda: not writer.behind)
    assert not writer.quarantine_path.exists()


def test_writer__tables_are_missing(url: str, start: Start) -> None:
    """Nothing is wrong with the rows: they wait."""
    engine = make_engine(url)
    writer, notices = start(engine)
    batches = visit(1)
    for batch in batches:
        writer.submit(batch, str(id(batch)))
    notices.wait(*(str(id(batch)) for batch in batches))
    assert notices.of(DatabaseAway)
    open_database(url).dispose()
    eventually(lambda: stored(engine) == expected(batches))
    assert not notices.of(RowsQuarantined)
    assert writer.close()
    engine.dispose()


def test_writer__spool_is_written_at_the_next_start(engine: Engine, start: Start) -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:1/nowhere")
    batches = interleaved(10)
    writer, notices = start(away)
    for number, batch in enumerate(batches[:30]):
        writer.submit(batch, str(number))
    notices.wait(*map(str, range(30)))
    assert writer.close()
    writer, notices = start(engine)
    for number, batch in enumerate(batches[30:]):
        writer.submit(batch, str(number))
    notices.wait(*map(str, range(10)))
    eventually(lambda: stored(engine) == expected(batches))
    away.dispose()


def test_writer__close_spools_what_the_database_does_not_take(engine: Engine, start: Start) -> None:
    batches = visit(1)
    writer, _ = start(engine)
    with locked(engine):
        for batch in batches:
            writer.submit(batch)
        assert writer.close()
    eventually(lambda: not _still_owned(writer))
    start(engine)
    eventually(lambda: stored(engine) == expected(batches))


def _still_owned(writer: object) -> bool:
    """The database's thread hangs in the driver, and holds on to the spool until it comes back."""
    return any(thread.is_alive() for thread in writer._threads)    # type: ignore[attr-defined]


def test_writer__rows_that_the_database_refuses(engine: Engine, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine must not send them to the spool as well: they would be refused, and told, once more.
    monkeypatch.setattr("routing.requests.ledger.SPOOL_AFTER", 30.0)
    writer, notices = start(engine)
    good, other = visit(1), visit(2)
    stray = entry_row(77, 0)
    no_json = entry_row(1, 9, "strange", level=float("nan"))
    naive = call_row(5, began_at=datetime(2024, 5, 17))
    spoiled = replace(good[0], calls=(*good[0].calls, naive), entries=(*good[0].entries, stray, no_json))
    for number, batch in enumerate([spoiled, *good[1:], *other]):
        writer.submit(batch, str(number))
    notices.wait(*map(str, range(8)))
    assert writer.close()
    assert stored(engine) == expected([*good, *other])
    assert sum(notice.count for notice in notices.of(RowsQuarantined)) == 3
    kept = [json.loads(line) for line in writer.quarantine_path.read_text().splitlines()]
    assert [(line["table"], line["row"]["id"]) for line in kept] == [
        ("calls", naive.id), ("entries", stray.id), ("entries", no_json.id)]
    assert "no time zone" in kept[0]["reason"]
    assert "oreign key" in kept[1]["reason"].replace("FOREIGN KEY", "foreign key")
    assert writer.quarantine_path.stat().st_mode & 0o777 == 0o600


def test_writer__refused_rows_out_of_the_spool(impatient: None, engine: Engine, start: Start) -> None:
    writer, notices = start(engine)
    with locked(engine):
        writer.submit(visit(1)[0], "first")
        eventually(lambda: writer._ledger.group)    # the database hangs with this one
        writer.submit(Batch(entries=(entry_row(77, 0),)), "stray")
        writer.submit(visit(2)[0], "good")
        writer.submit(Batch(calls=("no row",)), "nonsense")    # type: ignore[arg-type]
        notices.wait("first", "stray", "good", "nonsense")
    eventually(lambda: stored(engine) == expected([visit(1)[0], visit(2)[0]]))
    assert writer.close()
    reasons = [json.loads(line)["reason"].lower() for line in writer.quarantine_path.read_text().splitlines()]
    assert len(reasons) == len(notices.of(RowsQuarantined)) == 2
    assert "not writable" in reasons[0]
    assert "foreign key" in reasons[1]


def test_writer__damaged_spool(engine: Engine, start: Start, tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "000000000001.spool").write_bytes(b'00000000 2 {}\n99914b93 2 {"\n9e26cf79 4 null\nto')
    writer, notices = start(engine)
    writer.submit(visit(1)[0], "good")
    notices.wait("good")
    eventually(lambda: notices.of(RowsQuarantined))
    assert writer.close()
    assert stored(engine) == expected(visit(1)[:1])
    assert len(writer.quarantine_path.read_text().splitlines()) == 3


def test_writer__text_that_no_database_holds_is_cleaned(engine: Engine, start: Start) -> None:
    writer, notices = start(engine)
    call = call_row(1, sip_call_id="a\0b\ud800")
    person = PersonRow(call.id, "\0", "\udcff")
    entry = entry_row(1, 0, "keys", nested=[{"\0": "\ud800"}])
    writer.submit(Batch((call,), (person,), entries=(entry,)), "odd")
    notices.wait("odd")
    rows = stored(engine)
    assert rows["calls"] == [replace(call, sip_call_id="a\ufffdb?")]
    assert rows["people"] == [PersonRow(call.id, "\ufffd", "?")]
    assert rows["entries"] == [replace(entry, details={"nested": [{"\ufffd": "?"}]})]
    assert not notices.of(RowsQuarantined)


def test_writer__number_too_large_for_a_database(engine: Engine, start: Start) -> None:
    writer, notices = start(engine)
    huge = replace(entry_row(1, 0), position=2**70)
    writer.submit(replace(visit(1)[0], entries=(huge,)), "huge")
    notices.wait("huge")
    eventually(lambda: notices.of(RowsQuarantined))
    assert stored(engine)["calls"] == [call_row(1)]
    assert stored(engine)["entries"] == []


def test_writer__orphans(engine: Engine, start: Start) -> None:
    at = datetime(2024, 5, 18, tzinfo=UTC)
    writer, notices = start(engine)
    lost = call_row(1, 4, boot_id="old")
    batches = [Batch((lost,), requests=(request_row(1),), entries=(entry_row(1, 0), entry_row(1, 1))),
               Batch((call_row(2, boot_id="old", outcome=Outcome.CLOSED),)),
               Batch((call_row(3, boot_id="old", node="b"),)),
               Batch((call_row(4, boot_id="new"),)), Batch((call_row(5, boot_id="older"),))]
    for batch in batches:
        writer.submit(batch)
    assert writer.close()
    for _ in range(2):
        writer, notices = start(engine)
        writer.close_orphans("a", "new", at)
        writer.submit(Batch((call_row(6, boot_id="new"),)), "later")
        notices.wait("later")
        assert writer.close()
    rows = stored(engine)
    outcomes = {row.id: row.outcome for row in rows["calls"]}
    assert outcomes == {uuid(f"call {number}"): outcome for number, outcome in (
        (1, "failed"), (2, "closed"), (3, None), (4, None), (5, "failed"), (6, None))}
    ended = next(row for row in rows["calls"] if row.id == lost.id)
    assert ended == replace(lost, revision=5, outcome=Outcome.FAILED, ended_at=at, ended_by="hotline",
                            reason="the service ended during the call")
    assert sorted((entry.position, entry.kind) for entry in rows["entries"] if entry.call_id == lost.id) == [
        (0, "moved"), (1, "moved"), (2, "ended")]
    assert rows["requests"] == [request_row(1)]


def test_writer__orphans_after_the_spool_and_once_the_database_is_back(impatient: None, engine: Engine,
                                                                       start: Start) -> None:
    writer, notices = start(engine)
    with locked(engine):
        for batch in visit(1):
            writer.submit(batch, str(id(batch)))
        writer.submit(visit(2)[0], "lost")
        notices.wait("lost")
        assert writer.close(0.1)
        eventually(lambda: not _still_owned(writer))
        writer, notices = start(engine)
        writer.close_orphans("a", "new", datetime(2024, 5, 18, tzinfo=UTC))
        writer.submit(Batch((call_row(3, boot_id="new"),)), "new")
        notices.wait("new")
    eventually(lambda: {row.outcome for row in stored(engine)["calls"]} == {Outcome.ANSWERED, Outcome.FAILED, None})
    assert {row.id: row.outcome for row in stored(engine)["calls"]}[uuid("call 3")] is None


def test_writer__spool_fills_up(impatient: None, engine: Engine, start: Start) -> None:
    writer, notices = start(engine, limit=24_000, reserve=12_000, segment=4000)
    batches = interleaved(40)
    submitted: list[Batch] = []
    with locked(engine):
        while not writer.full:
            submitted.append(batches[len(submitted)])
            writer.submit(submitted[-1], str(len(submitted)))
            notices.wait(str(len(submitted)))
        notices.wait_for(SpoolFilled(True))
        assert len(submitted) > 10
        for _ in range(10):        # calls in progress are still written
            submitted.append(batches[len(submitted)])
            assert writer.submit(submitted[-1], str(len(submitted))) is Accepted.RESERVE
            notices.wait(str(len(submitted)))
        while len(submitted) < len(batches):      # more than there is room for: kept in memory
            submitted.append(batches[len(submitted)])
            assert writer.submit(submitted[-1], str(len(submitted))) is not Accepted.REFUSED
        time.sleep(0.3)
        assert str(len(submitted)) not in notices.at
    notices.wait(str(len(submitted)))
    eventually(lambda: stored(engine) == expected(submitted))
    notices.wait_for(SpoolFilled(False))
    assert not writer.full


def test_writer__submit_never_waits(engine: Engine, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for a database that hangs nor for a disk that does."""
    writer, notices = start(engine)
    go_on = threading.Event()
    real = os.fsync
    with locked(engine):
        monkeypatch.setattr("routing.requests.spool.os.fsync", lambda file: go_on.wait(5) and real(file))
        longest = 0.0    # the hangs last for 5 s
        for number in range(100):
            begin = time.perf_counter()
            writer.submit(visit(number)[0], str(number))
            longest = max(longest, time.perf_counter() - begin)
            time.sleep(0.004)
        assert longest < 1.0
        assert not notices.at
        go_on.set()
        notices.wait(*map(str, range(100)))


def test_writer__a_notice_that_is_not_taken_stops_nothing(engine: Engine, start: Start,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    writer, _ = start(engine)
    taken = []

    def notify(some: object) -> None:
        taken.append(some)
        raise RuntimeError("the loop is closed")

    monkeypatch.setattr(writer, "_notify", notify)
    writer.submit(visit(1)[0], "a")
    eventually(lambda: len(taken) == 1)
    writer.submit(visit(2)[0], "b")
    eventually(lambda: len(taken) == 2)
    assert writer.close()


def test_writer__ladder_is_bounded(engine: Engine, start: Start) -> None:
    writer, notices = start(engine)
    call = call_row(1)
    row = visit(1)[3].traces[0].rows[0]
    rows = tuple(row._replace(at=float(number), text="x" * 1000) for number in range(1000))
    writer.submit(Batch((call,), traces=(TraceRow(call.id, rows),)), "long")
    notices.wait("long")
    kept = stored(engine)["traces"][0].rows
    assert (len(kept), kept[-1].at, len(kept[0].text)) == (400, 999.0, 300)
