"""How long it takes until a request is solved: from the begin of its first call or chat to its closing. Raises
SQLAlchemyError if the database is away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import aliased

from routing.reports.figure import Figure
from routing.reports.period import Period
from routing.reports.stream import AT_ONCE
from routing.requests.tables import Call, Request, RequestLink, RequestWork
from routing.requests.worked import CLOSED_AT, OPERATOR, QUEUE, STATUS, TOPIC

SOLVED = "solved"       # the outcome of a request; a house that calls it otherwise has no such figures

_first: Any = aliased(RequestWork)
# Who comes again about the same makes one case of several requests: it counts once, from its beginning.
_OF_ANOTHER = (select(RequestLink.request_id).join(_first, _first.request_id == RequestLink.other_id)
               .where(RequestLink.request_id == Request.id, _first.result == SOLVED, _first.status == "closed")
               .correlate(Request).exists())


@dataclass(frozen=True, slots=True)
class Solved:
    """One request, closed as solved `at`, after so many `seconds`; `call`: its first."""

    queue: str
    operator: str
    topic: str
    line: str
    language: str
    channel: str
    at: datetime
    seconds: float
    call: str


def solved_requests(engine: Engine, period: Period) -> Iterator[Solved]:
    """Those that were closed in the period and are closed still."""
    query = (select(QUEUE.label("queue"), OPERATOR.label("operator"), TOPIC.label("subject"), Request.language,
                    CLOSED_AT.label("closed_at"), Call.line, Call.channel, Call.began_at, Request.call_id)
             .join(RequestWork, RequestWork.request_id == Request.id).join(Call, Call.id == Request.call_id)
             .where(RequestWork.result == SOLVED, STATUS == "closed", CLOSED_AT.between(period.begin, period.end),
                    Call.direction == "inbound", ~_OF_ANOTHER)
             .order_by(CLOSED_AT, Request.id))
    with engine.connect() as connection:
        for row in connection.execution_options(yield_per=AT_ONCE).execute(query):
            if period.holds(row.closed_at, row.line):
                yield Solved(row.queue, row.operator, row.subject or "", row.line, row.language, row.channel,
                             row.closed_at, max((row.closed_at - row.began_at).total_seconds(), 0.0), row.call_id)


RESOLUTION = (
    Figure("solved_requests", "solved requests", "count", "Z: requests closed as `solved` in the period; who came "
           "again about the same is counted once", lambda tally: len(tally.resolutions)),
    Figure("resolution_time", "resolution s", "seconds",
           "mean over Z of (closing - begin of its first call or chat)", lambda tally: tally.resolutions.mean),
    Figure("resolution_median", "resolution 50 % s", "seconds",
           "median over Z of (closing - begin of its first call or chat)",
           lambda tally: tally.resolutions.percentile(0.5)),
    Figure("resolution_90", "resolution 90 % s", "seconds",
           "90th percentile over Z of (closing - begin of its first call or chat)",
           lambda tally: tally.resolutions.percentile(0.9)),
)
