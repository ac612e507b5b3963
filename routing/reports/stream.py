"""Reads the record for reports: visits with their entries, requests that were closed, how operators stood.

Everything is streamed in an order that an index has, and holds one visit at a time in memory, however long the period.
Every function runs in one transaction of its own connection and raises SQLAlchemyError if the database is away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, case, func, select
from sqlalchemy.orm import aliased

from routing.reports.facts import KINDS, Step, Visit, read
from routing.reports.period import Period
from routing.reports.replies import FIRST_MESSAGE
from routing.requests.columns import UtcDateTime
from routing.requests.tables import Call, Entry, Message, OperatorEntry, Person, Request, RequestLink, RequestWork
from routing.requests.worked import CLOSED_AT, OPERATOR, QUEUE, REOPENS, TOPIC

AT_ONCE = 2_000         # rows that the driver fetches together
REPEAT_WITHIN = timedelta(days=7)
WRAP_UP, GONE = "wrap_up", "gone"       # states: the work after a call; the last row of a process that ended in order
WRAP_UP_WITHIN = timedelta(days=1)      # of the end of a period: when the last wrap-up of its visits has ended

# A request that is open again was closed all the same, if not later than its caller came again.
_later: Any = aliased(Request)
AGAIN = (select(RequestLink.other_id, func.min(_later.opened_at).label("at"))
          .join(_later, _later.id == RequestLink.request_id).where(RequestLink.kind == REOPENS)
          .group_by(RequestLink.other_id).subquery())
_CLOSED: Any = func.coalesce(CLOSED_AT, AGAIN.c.at, type_=UtcDateTime())
_VISIT = (Call.id, Call.line, Call.language, Call.began_at, Call.outcome, Call.channel)


def visits(engine: Engine, period: Period) -> Iterator[Visit]:
    """Calls and chats from outside that began in the period, in order of their beginning."""
    query = (select(*_VISIT, TOPIC.label("subject"), Message.at.label("replied_at"),
                    Message.sender.label("replied_by"), Entry.position, Entry.at, Entry.kind, Entry.details)
             .outerjoin(Request, Request.id == Call.request_id)
             .outerjoin(RequestWork, RequestWork.request_id == Request.id)
             .outerjoin(Message, FIRST_MESSAGE)
             .outerjoin(Entry, and_(Entry.call_id == Call.id, Entry.kind.in_(KINDS)))
             .where(Call.began_at >= period.begin, Call.began_at < period.end, Call.direction == "inbound")
             .order_by(Call.began_at, Call.id, Entry.position))
    with engine.connect() as connection:
        for _, rows in groupby(_streamed(connection, query), attrgetter("id")):
            if (visit := _visit(rows, period)) is not None:
                yield visit


def _visit(rows: Iterator[Row[Any]], period: Period) -> Visit | None:
    """The call of `rows`; None if it is not of the period."""
    first = next(rows)
    if not period.holds(first.began_at, first.line):
        return None
    visit = Visit(first.id, first.line, first.language, first.began_at, first.outcome, first.subject or "",
                  first.channel, first.replied_at, first.replied_by or "")
    return read(visit, _steps(first, rows))


def _steps(first: Row[Any], rows: Iterator[Row[Any]]) -> Iterator[Step]:
    if first.position is not None:
        yield Step(first.position, first.at, first.kind, first.details)
        for row in rows:
            yield Step(row.position, row.at, row.kind, row.details)


@dataclass(frozen=True, slots=True)
class Closed:
    """A request that an operator answered and that was closed; `repeated`: the caller had to come again."""

    queue: str
    operator: str
    topic: str
    line: str
    language: str
    channel: str
    at: datetime
    repeated: bool
    call: str


def closed_requests(engine: Engine, period: Period) -> Iterator[Closed]:
    """Of callers whose number is known. Repeated: the same number opened another request on the same subject after
    this one, and not later than 7 days after it was closed."""
    with engine.connect() as connection:
        first = connection.scalar(select(func.min(Request.opened_at))
                                  .outerjoin(RequestWork, RequestWork.request_id == Request.id)
                                  .outerjoin(AGAIN, AGAIN.c.other_id == Request.id)
                                  .where(_CLOSED.between(period.begin, period.end), OPERATOR != ""))
        if first is None:
            return
        for row in _streamed(connection, _with_next(first, period.end + REPEAT_WITHIN)):
            if row.closed_at is None or not row.operator or not period.holds(row.closed_at, row.line):
                continue
            yield Closed(row.queue, row.operator, row.subject, row.line, row.language, row.channel, row.closed_at,
                         row.next_at is not None and row.next_at <= row.closed_at + REPEAT_WITHIN, row.call_id)


def _with_next(first: datetime, last: datetime) -> Any:
    """Requests with the time of the caller's next one on the same subject."""
    following = func.lead(Request.opened_at, type_=UtcDateTime()).over(
        partition_by=(Person.caller_number, TOPIC),
        order_by=(Request.opened_at, Request.id)).label("next_at")
    return (select(QUEUE.label("queue"), OPERATOR.label("operator"), TOPIC.label("subject"), Request.language,
                   _CLOSED.label("closed_at"), Call.line, Call.channel, Request.call_id, following)
            .outerjoin(RequestWork, RequestWork.request_id == Request.id)
            .outerjoin(AGAIN, AGAIN.c.other_id == Request.id)
            .join(Call, Call.id == Request.call_id).join(Person, Person.call_id == Request.call_id)
            .where(Request.opened_at >= first, Request.opened_at < last, Person.caller_number.is_not(None),
                   Call.direction == "inbound"))


@dataclass(frozen=True, slots=True)
class Spell:
    """How an operator stood from `began_at` to `ended_at`. Of a wrap-up: the visit that is written up, with its queue,
    where it is known."""

    operator: str
    status: str
    state: str
    reachable: bool
    began_at: datetime
    ended_at: datetime
    queue: str = ""
    visit: Visit | None = None


def spells(engine: Engine, period: Period, now: datetime) -> Iterator[Spell]:
    """Spells that reach into the period, or are of its visits, whole; what stands last goes on until `now`, or the end
    of what is looked at. A spell whose process died is left out: nobody knows how long it was. So is the time in which
    control did not run."""
    last = period.end + WRAP_UP_WITHIN
    with engine.connect() as connection:
        standing: list[Row[Any]] = []
        for operator, rows in groupby(_streamed(connection, _standings(period.begin, last)), attrgetter("operator")):
            before: Row[Any] | None = None
            for row in rows:
                if before is not None and before.boot_id == row.boot_id and before.state != GONE:
                    yield _spell(operator, before, row.at)
                before = row
            standing += [before] if before is not None else []
        for row in standing:
            if row.state != GONE and _goes_on(connection, row, last):
                yield _spell(row.operator, row, max(min(now, last), row.at))


def _standings(begin: datetime, last: datetime) -> Any:
    """How each operator stood at `begin`, and from then on, in order."""
    at = OperatorEntry.at
    first = (select(OperatorEntry.operator.label("who"),
                    func.coalesce(func.max(case((at < begin, at))), func.min(at)).label("first_at"))
             .where(at < last).group_by(OperatorEntry.operator).subquery())
    return (select(OperatorEntry.operator, OperatorEntry.boot_id, at, OperatorEntry.status, OperatorEntry.state,
                   OperatorEntry.reachable, OperatorEntry.queue,
                   *(column.label(f"visit_{column.key}") for column in _VISIT), TOPIC.label("subject"), Call.direction)
            .select_from(first)
            .join(OperatorEntry, and_(OperatorEntry.operator == first.c.who, at >= first.c.first_at, at < last))
            .outerjoin(Call, and_(Call.id == OperatorEntry.call_id, OperatorEntry.state == WRAP_UP))
            .outerjoin(Request, Request.id == Call.request_id)
            .outerjoin(RequestWork, RequestWork.request_id == Request.id)
            .order_by(OperatorEntry.operator, at, OperatorEntry.position))


def _goes_on(connection: Connection, row: Row[Any], last: datetime) -> bool:
    """Whether the same process still told of the operator after what was looked at, or nobody did."""
    query = (select(OperatorEntry.boot_id).where(OperatorEntry.operator == row.operator, OperatorEntry.at >= last)
             .order_by(OperatorEntry.at, OperatorEntry.position).limit(1))
    return connection.scalar(query) in (None, row.boot_id)


def _spell(operator: str, row: Row[Any], until: datetime) -> Spell:
    visit = None
    if row.visit_id is not None and row.direction == "inbound":
        visit = Visit(row.visit_id, row.visit_line, row.visit_language, row.visit_began_at, row.visit_outcome,
                      row.subject or "", row.visit_channel)
    return Spell(operator, row.status, row.state, row.reachable, row.at, until, row.queue, visit)


def _streamed(connection: Connection, query: Any) -> Iterator[Row[Any]]:
    yield from connection.execution_options(yield_per=AT_ONCE).execute(query)
