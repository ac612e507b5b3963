"""Visits for the tests of the record: what is submitted for a call from its beginning to its end."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Engine, select, text

from ivr.base.trace import Row
from ivr.call.record import (
    Batch,
    CallRow,
    EntryRow,
    LegRow,
    Outcome,
    PathStep,
    PersonRow,
    RecordingRow,
    RequestRow,
    RequestStatus,
    TraceRow,
)
from routing.requests.ledger import Durable, Notice
from routing.requests.rows import ROW_TYPES, from_columns
from routing.requests.transaction import TABLES

BEGAN = datetime(2024, 5, 17, 9, 30, 0, 123456, tzinfo=UTC)
NAMES = UUID("0b9f7a52-6f0e-4d0b-8a5e-3d6a2b1c4e5f")


def uuid(name: str) -> str:
    return str(uuid5(NAMES, name))


def call_row(number: int, revision: int = 1, **changed: object) -> CallRow:
    fields: dict[str, object] = {
        "id": uuid(f"call {number}"), "revision": revision, "node": "a", "boot_id": "boot", "line": "bank",
        "dialled": "100", "language": "ru", "began_at": BEGAN + timedelta(seconds=number),
        "sip_call_id": f"{number}@phone",
    }
    return CallRow(**{**fields, **changed})    # type: ignore[arg-type]


def entry_row(number: int, position: int, kind: str = "moved", **details: object) -> EntryRow:
    return EntryRow(uuid(f"entry {number} {position}"), uuid(f"call {number}"), position,
                    BEGAN + timedelta(seconds=number, milliseconds=position), kind, details)


def request_row(number: int, revision: int = 1, **changed: object) -> RequestRow:
    at = BEGAN + timedelta(seconds=number + 5)
    fields: dict[str, object] = {
        "id": uuid(f"request {number}"), "call_id": uuid(f"call {number}"), "revision": revision, "queue": "cards",
        "subject": "утеря", "language": "ru", "path": (PathStep("main", "1", "cards", at),), "opened_at": at,
    }
    return RequestRow(**{**fields, **changed})    # type: ignore[arg-type]


def visit(number: int) -> list[Batch]:
    """Four batches: the call begins, it is queued (the one that has to be durable), it is answered, it ends."""
    call, request = call_row(number), uuid(f"request {number}")
    queued = call_row(number, 2, queue="cards", request_id=request, answered_at=BEGAN)
    ended = call_row(number, 3, queue="cards", request_id=request, answered_at=BEGAN, ended_at=BEGAN,
                     outcome=Outcome.ANSWERED, ended_by="caller", operator="anna", wait_time=1.25, talk_time=60.5)
    return [
        Batch((call,), (PersonRow(call.id, f"+7{number}", "Ünal \N{SNOWMAN}"),), entries=(entry_row(number, 0),)),
        Batch((queued,), requests=(request_row(number),), entries=(entry_row(number, 1, "queued", place=number),)),
        Batch(requests=(request_row(number, 2, operator="anna", status=RequestStatus.ANSWERED),),
              entries=(entry_row(number, 2, "connecting"), entry_row(number, 3, "bridged", operator="anna"))),
        Batch((ended,),
              requests=(request_row(number, 3, operator="anna", status=RequestStatus.CLOSED, closed_at=BEGAN),),
              entries=(entry_row(number, 4, "ended"),),
              traces=(TraceRow(call.id, (Row(0.5, "phone", "hotline", "INVITE"),
                                         Row(0.6, "call", "call", "in_menu"))),),
              recordings=(recording_row(call.id, 1), recording_row(call.id, 2, ended_at=BEGAN, seconds=60.5,
                                                                   muted=((1.5, 4.25),), octets=1_936_044)),
              legs=tuple(LegRow(f"{call.id}/{leg}", call.id, party, "PCMA", False, BEGAN,
                                {"packets_received": number, "mos_in": 4.4, "round_trip_ms": None})
                         for leg, party in enumerate(("caller", "anna")))),
    ]


def recording_row(call: str, revision: int, **changes: Any) -> RecordingRow:
    return RecordingRow(**{"id": f"{call}-1", "call_id": call, "revision": revision, "queue": "cards",
                           "operator": "anna", "why": "always", "by": "", "format": "wav",
                           "file": f"2026-03-02/{call}-1.wav", "began_at": BEGAN, **changes})


def interleaved(calls: int) -> list[Batch]:
    """The batches of many visits at once, each visit's own in order."""
    visits = [visit(number) for number in range(calls)]
    return [batches[step] for step in range(4) for batches in visits]


def expected(batches: Sequence[Batch]) -> dict[str, list[object]]:
    """What the tables must hold once all of `batches` are written."""
    kept: dict[str, dict[str, object]] = {name: {} for name in ROW_TYPES}
    for batch in batches:
        for name in ROW_TYPES:
            for row in getattr(batch, name):
                kept[name][getattr(row, "id", None) or row.call_id] = row
    return {name: sorted(rows.values(), key=repr) for name, rows in kept.items()}


def stored(engine: Engine) -> dict[str, list[object]]:
    """What the tables hold."""
    with engine.connect() as connection:
        return {name: sorted((from_columns(kind, row) for row in connection.execute(select(TABLES[name])).mappings()),
                             key=repr)
                for name, kind in ROW_TYPES.items()}


class Notices:
    """What a writer tells, with the time of each."""

    def __init__(self) -> None:
        self.all: list[Notice] = []
        self.at: dict[str, float] = {}
        self._changed = threading.Condition()

    def __call__(self, notices: Sequence[Notice]) -> None:
        with self._changed:
            self.all.extend(notices)
            for notice in notices:
                if isinstance(notice, Durable):
                    assert notice.token not in self.at, f"{notice.token} came twice"
                    self.at[notice.token] = time.monotonic()
            self._changed.notify_all()

    def of(self, kind: type[Notice]) -> list[Notice]:
        return [notice for notice in self.all if isinstance(notice, kind)]

    def wait(self, *tokens: str, timeout: float = 10.0) -> None:
        with self._changed:
            missing = set(tokens)
            assert self._changed.wait_for(lambda: missing <= self.at.keys(), timeout), missing - self.at.keys()

    def wait_for(self, notice: Notice, timeout: float = 10.0) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: notice in self.all, timeout), (notice, self.all)


def eventually(condition: Callable[[], object], timeout: float = 10.0) -> None:
    """Wait until a condition of another thread holds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Somebody else holds what a writer needs: the database hangs, and says so only after its time-outs."""
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE"))
        yield
