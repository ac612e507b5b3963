"""A request as it stands now, in SQL: what people made of it where they did, else what its call left."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from ivr.base.config import Config
from routing.requests.rows import clean
from routing.requests.tables import Entry, Request, RequestLink, RequestWork
from routing.requests.views import RequestFilter, Seen

QUESTION = "solved"     # of a survey: whether the caller was helped
REOPENS, DUPLICATES = "reopens", "duplicates"
_link: Any = aliased(RequestLink)
STATUS: ColumnElement[str] = func.coalesce(RequestWork.status, Request.status)
QUEUE: ColumnElement[str] = func.coalesce(RequestWork.queue, Request.queue)
OPERATOR: ColumnElement[str] = func.coalesce(RequestWork.operator, Request.operator)
# As operators chose, else as the menu said.
TOPIC: Any = func.coalesce(func.nullif(RequestWork.topic, ""), Request.subject)
CLOSED_AT: Any = case((RequestWork.status.is_not(None), RequestWork.closed_at), else_=Request.closed_at)
_answer: Any = aliased(Entry)
SOLVED: Any = case((Request.kind == "queue", (
    select(_answer.details["answer"].as_string())
    .where(_answer.call_id == Request.call_id, _answer.kind == "survey_answered",
           _answer.details["question"].as_string() == QUESTION)
    .order_by(_answer.position.desc()).limit(1).correlate(Request).scalar_subquery())))
COLUMNS: list[Any] = [
    STATUS.label("status"), QUEUE.label("queue"), OPERATOR.label("operator"), CLOSED_AT.label("closed_at"),
    func.coalesce(RequestWork.revision, 0).label("revision"), func.coalesce(RequestWork.topic, "").label("topic"),
    func.coalesce(RequestWork.result, "").label("result"), func.coalesce(RequestWork.note, "").label("note"),
    RequestWork.filled, case((_link.kind == REOPENS, _link.other_id)).label("reopens"),
    case((_link.kind == DUPLICATES, _link.other_id)).label("duplicates"),
    SOLVED.label("solved")]


def due_before(config: Config, now: datetime) -> dict[str, datetime]:
    """By queue: what was opened before that should be closed at `now` (aware)."""
    return {name: now - timedelta(hours=queue.sla.close_h) for name, queue in config.queues.items()
            if queue.sla.close_h is not None}


def joined(query: Any) -> Any:
    """`query` over requests, with what COLUMNS need."""
    return (query.outerjoin(RequestWork, RequestWork.request_id == Request.id)
            .outerjoin(_link, _link.request_id == Request.id))


def equal(wanted: RequestFilter) -> list[ColumnElement[bool]]:
    """Conditions on what people may have changed."""
    asked = ((QUEUE, wanted.queue), (OPERATOR, wanted.operator), (STATUS, wanted.status),
             (func.coalesce(RequestWork.topic, ""), wanted.topic))
    conditions = [column == literal(clean(str(value))) for column, value in asked if value is not None]
    if wanted.overdue is not None:
        due = (and_(literal(queue) == QUEUE, Request.opened_at < before) for queue, before in wanted.overdue.items())
        conditions += [STATUS.is_distinct_from("closed"), or_(false(), *due)]
    if wanted.seen is not None:
        conditions.append(or_(seen(wanted.seen, OPERATOR, QUEUE), had(wanted.seen.operator, Request.call_id)))
    return conditions


def seen(by: Seen, operator: Any, queue: Any) -> ColumnElement[bool]:
    """What an operator may see. Nobody answered has no name, and is nobody's."""
    return or_(and_(operator == literal(by.operator), operator != ""), queue.in_(by.queues))


def had(operator: str, call_id: Any) -> ColumnElement[bool]:
    """Whether the operator talked with the caller, if only before a colleague did: they write it up too. The entries of
    one call are found by its id."""
    if not operator:
        return false()
    return (select(Entry.id)
            .where(Entry.call_id == call_id, Entry.kind == "bridged",
                   Entry.details["operator"].as_string() == literal(clean(operator)))
            .correlate(Request).exists())
