"""The tables of the record. Columns carry the names of the fields of `ivr.call.record`."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from routing.requests.channel_tables import Delivery as Delivery  # so that who has these tables has all
from routing.requests.columns import Base, of_call
from routing.requests.web_tables import ApiToken as ApiToken
from routing.requests.web_tables import AuditEntry as AuditEntry
from routing.requests.web_tables import File as File


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
    channel: Mapped[str] = mapped_column(server_default="voice")

    __table_args__ = (
        Index(None, "began_at", "id"),
        # The calls in progress: few among millions, looked for at each start.
        Index("ix_calls_unfinished", "node", sqlite_where=text("outcome IS NULL"),
              postgresql_where=text("outcome IS NULL")),
    )


class Person(Base):
    """Who called, or was called (`PersonRow`): the only table with personal data; an erased row stays, empty."""

    __tablename__ = "people"

    call_id: Mapped[str] = of_call(primary=True)
    caller_number: Mapped[str | None] = mapped_column(index=True)
    caller_name: Mapped[str | None]
    callback_number: Mapped[str | None]
    filled: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    # Set, it keeps a late batch out of the spool from bringing back what was erased.
    erased_at: Mapped[datetime | None]


class Request(Base):
    """What a caller wanted (`RequestRow`); `path` is a list of {menu, keys, option, at}."""

    __tablename__ = "requests"

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = of_call()
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
    call_id: Mapped[str] = of_call()
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
    call_id: Mapped[str] = of_call()
    position: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSON())

    __table_args__ = (UniqueConstraint("call_id", "position"), Index(None, "at", "id"))


class Trace(Base):
    """The ladder of a visit (`TraceRow`); `rows` is a list of [at, source, target, text]."""

    __tablename__ = "traces"

    call_id: Mapped[str] = of_call(primary=True)
    rows: Mapped[list[list[Any]]] = mapped_column(JSON())


class Leg(Base):
    """How the audio of a leg was (`LegRow`)."""

    __tablename__ = "legs"

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = of_call()
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
    files: Mapped[dict[str, Any] | None] = mapped_column(JSON())

    __table_args__ = (Index(None, "at", "id"), Index(None, "version"))


class OperatorEntry(Base):
    """How an operator stood from then on (`OperatorEntryRow`): appended, never changed."""

    __tablename__ = "operator_entries"

    id: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str]
    boot_id: Mapped[str]
    operator: Mapped[str]
    position: Mapped[int]
    at: Mapped[datetime]
    status: Mapped[str]
    reason: Mapped[str]
    by: Mapped[str]
    state: Mapped[str]
    reachable: Mapped[bool]
    # No foreign key: it is no part of the call, and outlives it.
    call_id: Mapped[str]
    queue: Mapped[str]

    __table_args__ = (Index(None, "operator", "at", "position"), Index(None, "at", "id"))


class Message(Base):
    """One message of a chat (`MessageRow`): appended, never changed but where its body is erased."""

    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = of_call()
    position: Mapped[int]
    at: Mapped[datetime]
    sender: Mapped[str]
    audience: Mapped[str]
    kind: Mapped[str]
    # Personal data: what people write of themselves.
    body: Mapped[str | None]
    key: Mapped[str]
    options: Mapped[list[list[str]]] = mapped_column(JSON())

    __table_args__ = (UniqueConstraint("call_id", "position"),)


class ChatState(Base):
    """What a chat that goes on is (`ChatStateRow`): sealed, and emptied when it is over."""

    __tablename__ = "chat_states"

    call_id: Mapped[str] = of_call(primary=True)
    revision: Mapped[int]
    version: Mapped[int]
    at: Mapped[datetime]
    state: Mapped[str]


class RequestWork(Base):
    """What people made of a request (routing.requests.work); what is null stands in the request's own row."""

    __tablename__ = "request_work"

    request_id: Mapped[str] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str]
    status: Mapped[str | None]
    queue: Mapped[str | None]
    operator: Mapped[str | None]
    topic: Mapped[str | None] = mapped_column(index=True)
    result: Mapped[str | None]
    # Personal data, as callers are spoken of: erased with them.
    note: Mapped[str | None]
    filled: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    closed_at: Mapped[datetime | None]
    topics_version: Mapped[str]


class RequestChange(Base):
    """Somebody changed a request: appended, never changed; `what` names what, and has nothing personal."""

    __tablename__ = "request_changes"

    id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    at: Mapped[datetime]
    who: Mapped[str]
    what: Mapped[dict[str, Any]] = mapped_column(JSON())


class RequestLink(Base):
    """The caller came again about an earlier request (routing.requests.links): `kind` says whether that was closed
    (reopens) or still open (duplicates). Appended, never changed."""

    __tablename__ = "request_links"

    request_id: Mapped[str] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("requests.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    at: Mapped[datetime]
