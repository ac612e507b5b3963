"""Requests whose time ended in the period, and whether they were closed by then. Raises SQLAlchemyError if the database
is away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, case, func, literal, or_, select

from routing.reports.period import Period
from routing.reports.stream import AGAIN, AT_ONCE
from routing.requests.columns import UtcDateTime
from routing.requests.tables import Call, Request, RequestChange, RequestWork
from routing.requests.worked import CLOSED_AT, OPERATOR, QUEUE, STATUS, TOPIC

# When a request was closed for the first time that is open again since its caller came again: else the figure of a
# period would fall long after it.
_FIRST_CLOSED = case((AGAIN.c.at.is_not(None), func.coalesce(
    select(func.min(RequestChange.at)).where(RequestChange.request_id == Request.id,
                                             RequestChange.what["status"].as_string() == "closed")
    .correlate(Request).scalar_subquery(), Request.closed_at, type_=UtcDateTime())))


@dataclass(frozen=True, slots=True)
class Due:
    """One, due `at`."""

    queue: str
    operator: str
    topic: str
    line: str
    language: str
    channel: str
    at: datetime
    in_time: bool
    call: str


def due_requests(engine: Engine, period: Period, promised: Mapping[str, timedelta], now: datetime) -> Iterator[Due]:
    """Those that are for people: an operator answered, the caller left them behind, or somebody worked on them. What
    the caller gave up is closed with the call, and no promise was made of it. What is due after `now` is open yet."""
    with engine.connect() as connection:
        for queue, limit in promised.items():
            query = (select(OPERATOR.label("operator"), TOPIC.label("subject"), Request.language, Request.opened_at,
                            CLOSED_AT.label("closed_at"), _FIRST_CLOSED.label("first_closed_at"), Call.line,
                            Call.channel, Request.call_id)
                     .join(Call, Call.id == Request.call_id)
                     .outerjoin(RequestWork, RequestWork.request_id == Request.id)
                     .outerjoin(AGAIN, AGAIN.c.other_id == Request.id)
                     .where(literal(queue) == QUEUE, Request.opened_at >= period.begin - limit,
                            Request.opened_at < min(period.end, now) - limit,
                            or_(OPERATOR != "", Request.kind != "queue", RequestWork.request_id.is_not(None),
                                STATUS != "closed")))
            for row in connection.execution_options(yield_per=AT_ONCE).execute(query):
                at = row.opened_at + limit
                if period.holds(at, row.line):
                    yield Due(queue, row.operator, row.subject, row.line, row.language, row.channel, at,
                              any(closed is not None and closed <= at
                                  for closed in (row.closed_at, row.first_closed_at)), row.call_id)
