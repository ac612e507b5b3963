"""What the record answers: rows joined for the people who read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from ivr.base.trace import Row
from ivr.call.record import Direction, EntryRow, LegRow, Outcome, PathStep, RequestKind, RequestStatus

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Newest first; `next_cursor` asks for the older ones, None at the end."""

    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A visit with its caller; `outcome` is None while it goes on, the caller None once erased."""

    id: str
    node: str
    line: str
    dialled: str
    language: str
    caller_number: str | None
    caller_name: str | None
    began_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    ended_by: str
    reason: str
    queue: str
    operator: str
    wait_time: float | None
    talk_time: float | None
    menu_version: str
    sip_call_id: str
    request_id: str | None
    direction: Direction
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """A request with what its call tells: who, where to, how long, and how the call ended; and with what people made of
    it. `callback_number`: where the caller of a callback wants to be called; None once erased, and of any other
    request. `revision`: from which the next change must start; `reopens`, `duplicates`: the earlier request that the
    caller came about again; `solved`: "yes" or "no", as the caller said after the talk, None if they said neither."""

    id: str
    call_id: str
    caller_number: str | None
    caller_name: str | None
    line: str
    dialled: str
    language: str
    path: tuple[PathStep, ...]
    queue: str
    subject: str
    operator: str
    status: RequestStatus
    opened_at: datetime
    closed_at: datetime | None
    wait_time: float | None
    talk_time: float | None
    outcome: Outcome | None
    kind: RequestKind
    callback_number: str | None
    recording_id: str | None
    revision: int
    topic: str
    result: str
    note: str
    filled: Mapping[str, str]
    reopens: str | None
    duplicates: str | None
    solved: str | None


@dataclass(frozen=True, slots=True)
class CallStory:
    """Everything that is known of one visit; entries by position, the ladder empty until the visit has ended; legs
    that are over, as they ended."""

    call: CallView
    requests: tuple[RequestView, ...]
    entries: tuple[EntryRow, ...]
    trace: tuple[Row, ...]
    legs: tuple[LegRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one operator may see: what they did, and what is of these queues."""

    operator: str
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What must hold of a call; None asks nothing. `caller_number` as a whole; `in_progress` is outcome or none."""

    node: str | None = None
    line: str | None = None
    dialled: str | None = None
    language: str | None = None
    queue: str | None = None
    operator: str | None = None
    outcome: Outcome | None = None
    direction: Direction | None = None
    channel: str | None = None
    caller_number: str | None = None
    in_progress: bool | None = None
    topic: str | None = None
    """Of its request, as operators chose it or else as the menu said."""
    wait_from: float | None = None
    wait_to: float | None = None
    """Seconds in queues: from, included, to, not included."""
    ids: tuple[str, ...] | None = None
    """These alone."""
    seen: Seen | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """What must hold of a request and its call; None asks nothing."""

    call_id: str | None = None
    line: str | None = None
    language: str | None = None
    queue: str | None = None
    subject: str | None = None
    topic: str | None = None
    operator: str | None = None
    status: RequestStatus | None = None
    kind: RequestKind | None = None
    outcome: Outcome | None = None
    caller_number: str | None = None
    overdue: Mapping[str, datetime] | None = None
    """By queue: what was opened before that and is not closed."""
    seen: Seen | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """What must hold of an entry; None asks nothing."""

    call_id: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
