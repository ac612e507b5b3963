"""Requests that belong together: one reopens another, or duplicates it. They are one case, and end together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import aliased

from routing.requests.rows import clean
from routing.requests.tables import Call, Request, RequestLink, RequestWork
from routing.requests.worked import DUPLICATES, REOPENS, STATUS

How = Literal["reopens", "reopened_by", "duplicates", "duplicated_by"]
MOST = 100
_HOW: dict[tuple[str, bool], How] = {
    (REOPENS, True): "reopens", (REOPENS, False): "reopened_by", (DUPLICATES, True): "duplicates",
    (DUPLICATES, False): "duplicated_by"}


@dataclass(frozen=True)
class Related:
    """Another request of the same case: `how` the one that was asked for stands to it. `note` is what people wrote."""

    id: str
    how: How
    opened_at: datetime
    status: str
    operator: str
    topic: str
    result: str
    note: str


def related(engine: Engine, request_id: str) -> tuple[Related, ...]:
    """Those that this one is linked with, the newest first. Raises SQLAlchemyError."""
    asked = clean(request_id)
    other: Any = aliased(Request)
    query = (select(RequestLink.kind, RequestLink.request_id, other.id, other.opened_at,
                    func.coalesce(RequestWork.status, other.status).label("status"),
                    func.coalesce(RequestWork.operator, other.operator).label("operator"),
                    func.coalesce(RequestWork.topic, "").label("topic"),
                    func.coalesce(RequestWork.result, "").label("result"),
                    func.coalesce(RequestWork.note, "").label("note"))
             .join(other, or_(other.id == RequestLink.request_id, other.id == RequestLink.other_id))
             .outerjoin(RequestWork, RequestWork.request_id == other.id)
             .where(or_(RequestLink.request_id == asked, RequestLink.other_id == asked), other.id != asked)
             .order_by(other.opened_at.desc(), other.id).limit(MOST))
    with engine.connect() as connection:
        return tuple(Related(row.id, _HOW[row.kind, row.request_id == asked], row.opened_at, row.status, row.operator,
                             row.topic, row.result, row.note) for row in connection.execute(query))


def open_of_case(engine: Engine, request_id: str) -> tuple[str, ...]:
    """The ids of those of the whole case that are not closed, but for this one and for those whose caller is on the
    line: what is linked with what is linked."""
    seen, waiting = {clean(request_id)}, [clean(request_id)]
    with engine.connect() as connection:
        while waiting and len(seen) < MOST:
            links = connection.execute(select(RequestLink.request_id, RequestLink.other_id).where(
                or_(RequestLink.request_id.in_(waiting), RequestLink.other_id.in_(waiting))))
            waiting = list({each for link in links for each in link} - seen)
            seen.update(waiting)
        query = (select(Request.id).outerjoin(RequestWork, RequestWork.request_id == Request.id)
                 .join(Call, Call.id == Request.call_id)
                 .where(Request.id.in_(seen - {clean(request_id)}), STATUS != "closed", Call.outcome.is_not(None))
                 .order_by(Request.opened_at))
        return tuple(connection.scalars(query))
