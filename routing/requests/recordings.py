"""Recordings as rows: read for screens, marked when they are erased, and who used them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Engine, RowMapping, select, update
from sqlalchemy.dialects import postgresql, sqlite

from routing.requests.paging import PAGE, page
from routing.requests.rows import clean
from routing.requests.tables import Call, Recording, RecordingUse
from routing.requests.views import Page

USES = 500              # of one recording that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingView:
    """A recording; `file` is its path in their folder. `ended_at` is None while it goes on, `erased_at` while it can be
    heard."""

    id: str
    call_id: str
    queue: str
    operator: str
    why: str
    by: str
    format: str
    file: str
    began_at: datetime
    ended_at: datetime | None
    seconds: float | None
    octets: int | None
    muted: Sequence[Sequence[float]]
    reason: str
    failed: bool
    erased_at: datetime | None
    erased_by: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """Somebody fetched a recording or erased it."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFilter:
    """What must hold; None asks nothing."""

    call_id: str | None = None
    queue: str | None = None
    operator: str | None = None
    erased: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


_COLUMNS: list[Any] = [getattr(Recording, name) for name in RecordingView.__dataclass_fields__]


class Recordings:
    """Every method is one short transaction and may be called from any thread; SQLAlchemyError if the database is
    away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, wanted: RecordingFilter | None = None, cursor: str | None = None,
             limit: int = PAGE) -> Page[RecordingView]:
        """The newest first."""
        wanted = wanted or RecordingFilter()
        query = select(*_COLUMNS)
        for name in ("call_id", "queue", "operator"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(Recording, name) == clean(value))
        if wanted.erased is not None:
            query = query.where(Recording.erased_at.is_not(None) if wanted.erased else Recording.erased_at.is_(None))
        if wanted.since is not None:
            query = query.where(Recording.began_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(Recording.began_at < wanted.until)
        return page(self._engine, query, Recording.began_at, Recording.id, cursor, limit, _view)

    def get(self, recording: str) -> RecordingView | None:
        with self._engine.connect() as connection:
            found = connection.execute(select(*_COLUMNS).where(Recording.id == clean(recording))).mappings().first()
        return None if found is None else _view(found)

    def uses(self, recording: str) -> tuple[Use, ...]:
        """The newest first."""
        query = (select(RecordingUse.at, RecordingUse.who, RecordingUse.what)
                 .where(RecordingUse.recording_id == clean(recording)).order_by(RecordingUse.at.desc()).limit(USES))
        with self._engine.connect() as connection:
            return tuple(Use(*row) for row in connection.execute(query))

    def note(self, recording: str, who: str, what: str, at: datetime) -> bool:
        """Write down a use; the same by the same person within an hour once, as a player asks for many parts. Returns
        whether this was the first."""
        key = str(uuid5(NAMESPACE_OID, f"{recording} {who} {what} {at:%Y%m%d%H}"))
        return self._note(key, recording, who, what, at)

    def node(self, recording: str) -> str | None:
        """On whose disk its file is: several nodes may share a database, but no folder."""
        query = select(Call.node).join(Recording, Recording.call_id == Call.id).where(Recording.id == clean(recording))
        with self._engine.connect() as connection:
            return connection.scalar(query)

    def oldest(self, node: str, before: datetime, limit: int) -> tuple[RecordingView, ...]:
        """Those of this node that began before then, have ended and can still be heard; the oldest first."""
        query = select(*_COLUMNS).join(Call, Call.id == Recording.call_id).where(
            Call.node == node, Recording.began_at < before, Recording.erased_at.is_(None),
            Recording.ended_at.is_not(None))
        with self._engine.connect() as connection:
            found = connection.execute(query.order_by(Recording.began_at, Recording.id).limit(limit)).mappings()
            return tuple(_view(row) for row in found)

    def erased(self, recordings: Sequence[str], by: str, at: datetime) -> None:
        """Their audio is gone."""
        change = update(Recording).where(Recording.id.in_(recordings), Recording.erased_at.is_(None))
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            connection.execute(change.values(erased_at=at, erased_by=by))

    def abandoned(self, node: str, before: datetime, limit: int = 500) -> tuple[RecordingView, ...]:
        """Those of this node that nobody ended though their call is over since then: the service died meanwhile."""
        query = (select(*_COLUMNS).join(Call, Call.id == Recording.call_id)
                 .where(Call.node == node, Recording.ended_at.is_(None), Call.ended_at < before).limit(limit))
        with self._engine.connect() as connection:
            return tuple(_view(row) for row in connection.execute(query).mappings())

    def end(self, recording: str, at: datetime, seconds: float | None, octets: int | None, reason: str) -> None:
        """End one that was abandoned, as failed."""
        change = update(Recording).where(Recording.id == recording, Recording.ended_at.is_(None))
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            connection.execute(change.values(revision=Recording.revision + 1, ended_at=at, seconds=seconds,
                                             octets=octets, reason=reason, failed=True))

    def _note(self, key: str, recording: str, who: str, what: str, at: datetime) -> bool:
        insert: Any = (sqlite if self._engine.dialect.name == "sqlite" else postgresql).insert(RecordingUse)
        row = {"id": key, "recording_id": recording, "who": clean(who), "what": what, "at": at}
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            put = insert.values(row).on_conflict_do_nothing().returning(RecordingUse.id)
            return connection.scalar(put) is not None


def _view(row: RowMapping) -> RecordingView:
    return RecordingView(**row)
