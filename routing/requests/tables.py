"""The tables of the record. Columns carry the names of the fields of `ivr.call.record`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


def _sqlite_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes a time for SQLite, in a quarter of the time: every row has one to three."""
    if value is None:
        return None
    return _utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC on every database; SQLite itself would forget the zone. ValueError for a naive time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _utc(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    })
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Text(), float: Double(), datetime: UtcDateTime()}


def _of_call(primary: bool = False) -> Mapped[str]:
    return mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=primary)


class Call(Base):
    """One visit (`CallRow`); no personal data."""

    __tablename__ = "calls"

    id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    node: Mapped[str]
    boot_id: Mapped[str]
    line: Mapped[str]
    dialled: Mapped[str]
    language: Mapped[str]
    began_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    ended_by: Mapped[str]
    reason: Mapped[str]
    queue: Mapped[str]
    operator: Mapped[str]
    wait_time: Mapped[float | None]
    talk_time: Mapped[float | None]
    menu_version: Mapped[str]
    sip_call_id: Mapped[str]
    # No foreign key: the call is written before the request that it leads to.
    request_id: Mapped[str | None]
    direction: Mapped[str] = mapped_column(server_default="inbound")

    __table_args__ = (
        Index(None, "began_at", "id"),
        # The calls in progress: few among millions, looked for at each start.
        Index("ix_calls_unfinished", "node", sqlite_where=text("outcome IS NULL"),
              postgresql_where=text("outcome IS NULL")),
    )


class Person(Base):
    """Who called, or was called (`PersonRow`): the only table with personal data; an erased row stays, empty."""

    __tablename__ = "people"

    call_id: Mapped[str] = _of_call(primary=True)
    caller_number: Mapped[str | None] = mapped_column(index=True)
    caller_name: Mapped[str | None]
    callback_number: Mapped[str | None]
    # Set, it keeps a late batch out of the spool from bringing back what was erased.
    erased_at: Mapped[datetime | None]


class Request(Base):
    """What a caller wanted (`RequestRow`); `path` is a list of {menu, keys, option, at}."""

    __tablename__ = "requests"

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = _of_call()
    revision: Mapped[int]
    queue: Mapped[str]
    subject: Mapped[str]
    language: Mapped[str]
    path: Mapped[list[dict[str, Any]]] = mapped_column(JSON())
    operator: Mapped[str]
    status: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(server_default="queue")
    # No foreign key: a message's request is written when its file may not be closed yet.
    recording_id: Mapped[str | None]

    __table_args__ = (
        Index(None, "opened_at", "id"), Index(None, "call_id"),
        # Who is still to be called back: few among millions, looked for again and again.
        Index("ix_requests_callbacks", "queue", "opened_at", sqlite_where=text("kind = 'callback' AND status = 'open'"),
              postgresql_where=text("kind = 'callback' AND status = 'open'")),
    )


class Recording(Base):
    """Audio of a visit (`RecordingRow`), in a file. Once that is erased the row stays, and says by whom."""

    __tablename__ = "recordings"

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = _of_call()
    revision: Mapped[int]
    queue: Mapped[str]
    operator: Mapped[str]
    why: Mapped[str]
    by: Mapped[str]
    format: Mapped[str]
    file: Mapped[str] = mapped_column(index=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seconds: Mapped[float | None]
    octets: Mapped[int | None] = mapped_column(BigInteger())
    muted: Mapped[list[list[float]]] = mapped_column(JSON())
    reason: Mapped[str]
    failed: Mapped[bool]
    erased_at: Mapped[datetime | None]
    erased_by: Mapped[str | None]

    __table_args__ = (Index(None, "began_at", "id"), Index(None, "call_id"))


class RecordingUse(Base):
    """Somebody fetched a recording, or erased it: appended, never changed."""

    __tablename__ = "recording_uses"

    id: Mapped[str] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    who: Mapped[str]
    what: Mapped[str]


class Entry(Base):
    """One thing that happened in a visit (`EntryRow`): appended, never changed."""

    __tablename__ = "entries"

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = _of_call()
    position: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSON())

    __table_args__ = (UniqueConstraint("call_id", "position"), Index(None, "at", "id"))


class Trace(Base):
    """The ladder of a visit (`TraceRow`); `rows` is a list of [at, source, target, text]."""

    __tablename__ = "traces"

    call_id: Mapped[str] = _of_call(primary=True)
    rows: Mapped[list[list[Any]]] = mapped_column(JSON())


class Leg(Base):
    """How the audio of a leg was (`LegRow`)."""

    __tablename__ = "legs"

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = _of_call()
    party: Mapped[str]
    codec: Mapped[str]
    encrypted: Mapped[bool]
    closed_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON())

    __table_args__ = (Index(None, "call_id"),)


class MenuVersion(Base):
    """A text of a menu file that calls were given (`MenuVersionRow`)."""

    __tablename__ = "menu_versions"

    id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    node: Mapped[str]
    file: Mapped[str]
    version: Mapped[str]
    at: Mapped[datetime]
    author: Mapped[str]
    text: Mapped[str]
    state: Mapped[str]

    __table_args__ = (Index(None, "at", "id"), Index(None, "version"))
