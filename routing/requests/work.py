"""What people make of a request: topic, note, outcome, fields; passed on, closed, opened again.

It lies beside the row that control writes while the call goes on, so that neither overwrites the other: what stands
here wins. Each change says which `revision` it was made from, and one that somebody else was faster with is refused
with `ChangedMeanwhile`. That something changed is a row of `request_changes`, appended for good; what people wrote into
notes and fields is personal data, stands only here, and is erased with the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.call.record import RequestStatus
from routing.requests.rows import clean
from routing.requests.tables import Person, Request, RequestChange, RequestWork

MOST_CHANGES = 1_000
PERSONAL = ("note", "filled")       # what is in them is for no other table


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be another; None leaves it. `filled`: values of fields by name, added to those there; "" takes one
    away. `queue` passes the request on; `status` closes it, or opens it again."""

    status: RequestStatus | None = None
    queue: str | None = None
    operator: str | None = None
    topic: str | None = None
    result: str | None = None
    note: str | None = None
    filled: Mapping[str, str] | None = None

    def given(self) -> dict[str, Any]:
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}


@dataclass(frozen=True)
class Work:
    """As it stands; `revision` 0: nobody has touched it. `queue` and `status` are those that hold; `filled` by people
    and, where they left it, `by_menu`."""

    request_id: str
    revision: int
    status: RequestStatus
    queue: str
    operator: str
    topic: str
    result: str
    note: str
    filled: Mapping[str, str]
    closed_at: datetime | None
    by_menu: Mapping[str, str]


@dataclass(frozen=True)
class Changed:
    """That somebody changed a request; `what`: what it became, by name, None of what is personal."""

    revision: int
    at: datetime
    who: str
    what: Mapping[str, str | None]


class NoSuchRequest(Exception):
    """There is none of this id."""


class ChangedMeanwhile(Exception):
    """Somebody was faster; `now` is how it stands."""

    def __init__(self, now: Work) -> None:
        super().__init__(f"the request is at revision {now.revision}")
        self.now = now


def work_of(engine: Engine, request_id: str) -> Work:
    """Raises NoSuchRequest."""
    with engine.connect() as connection:
        return _work(connection, clean(request_id))


def change_request(engine: Engine, request_id: str, revision: int, change: Change, who: str, now: datetime,
                   topics_version: str = "") -> Work:
    """Make the change, if the request is still at `revision`; what is given must have been checked. Returns how it
    stands then. Raises NoSuchRequest, ChangedMeanwhile."""
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        return change_within(connection, clean(request_id), revision, change, who, now, topics_version)


def change_within(connection: Connection, request_id: str, revision: int | None, change: Change, who: str,
                  now: datetime, topics_version: str = "") -> Work:
    """The same in a transaction that writes already; None: at whatever revision it is."""
    before = _work(connection, request_id)
    if revision is not None and before.revision != revision:
        raise ChangedMeanwhile(before)
    given = {name: clean(value) for name, value in change.given().items()}
    columns = _columns(before, given, now) | {"by": clean(who), "at": now, "topics_version": topics_version}
    if not _put(connection, before, columns):
        raise ChangedMeanwhile(_work(connection, before.request_id))
    _note_change(connection, before, given, who, now)
    return _work(connection, before.request_id)


def changes_of(engine: Engine, request_id: str) -> tuple[Changed, ...]:
    """In order; the latest MOST_CHANGES."""
    query = (select(RequestChange.revision, RequestChange.at, RequestChange.who, RequestChange.what)
             .where(RequestChange.request_id == clean(request_id)).order_by(RequestChange.revision.desc())
             .limit(MOST_CHANGES))
    with engine.connect() as connection:
        return tuple(Changed(*row) for row in reversed(connection.execute(query).all()))


def together(by_menu: Mapping[str, str] | None, by_people: Mapping[str, str] | None) -> dict[str, str]:
    """What stands in the fields: people's values win, an empty one of theirs takes the menu's away."""
    return {name: value for name, value in {**(by_menu or {}), **(by_people or {})}.items() if value}


def _work(connection: Connection, request_id: str) -> Work:
    query = (select(Request.id, Request.queue.label("first_queue"), Request.status.label("first_status"),
                    Request.operator.label("first_operator"), Request.subject, Request.closed_at.label("first_closed"),
                    Person.filled.label("by_menu"), *RequestWork.__table__.columns)
             .outerjoin(RequestWork, RequestWork.request_id == Request.id)
             .outerjoin(Person, Person.call_id == Request.call_id)
             .where(Request.id == request_id))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NoSuchRequest(request_id)
    status = row["status"] or row["first_status"]
    return Work(row["id"], row["revision"] or 0, RequestStatus(status), row["queue"] or row["first_queue"],
                row["operator"] or row["first_operator"], row["topic"] or "", row["result"] or "", row["note"] or "",
                together(row["by_menu"], row["filled"]), row["closed_at"] if row["status"] else row["first_closed"],
                row["by_menu"] or {})


def _columns(before: Work, given: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Of the row as it is to be. Who passes a request on leaves it open, and nobody's."""
    columns = dict(given)
    if "filled" in given:
        # What people took away of the menu's is not among what stands, and stays away.
        merged = {**dict.fromkeys(before.by_menu, ""), **before.filled, **given["filled"]}
        columns["filled"] = {name: value for name, value in merged.items() if value or name in before.by_menu}
    if "queue" in given and given["queue"] != before.queue:
        columns.setdefault("status", str(RequestStatus.OPEN))
    if "status" in columns:
        closed = columns["status"] == RequestStatus.CLOSED
        columns["status"] = str(columns["status"])
        columns["closed_at"] = (before.closed_at or now) if closed else None
    return columns


def _put(connection: Connection, before: Work, columns: dict[str, Any]) -> bool:
    """False if somebody else changed it between our reading and this."""
    if before.revision == 0:
        first: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(RequestWork)
        put = first.values(request_id=before.request_id, revision=1, **columns).on_conflict_do_nothing()
        return connection.scalar(put.returning(RequestWork.revision)) is not None
    changed = connection.execute(
        update(RequestWork).where(RequestWork.request_id == before.request_id, RequestWork.revision == before.revision)
        .values(revision=before.revision + 1, **columns))
    return changed.rowcount == 1


def _note_change(connection: Connection, before: Work, given: dict[str, Any], who: str, now: datetime) -> None:
    """Names of what changed; of what is not personal, also what it is now."""
    revision = before.revision + 1
    connection.execute(insert(RequestChange), {
        "id": str(uuid5(NAMESPACE_OID, f"{before.request_id} {revision}")), "request_id": before.request_id,
        "revision": revision, "at": now, "who": clean(who),
        "what": {name: None if name in PERSONAL else str(value) for name, value in given.items()}})
