"""Requests to be called back that are still open: read when control starts, which then calls on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, or_, select

from ivr.call.record import RequestRow
from routing.requests.rows import clean, from_columns
from routing.requests.tables import Call, Person, Request, RequestWork
from routing.requests.worked import STATUS

_COLUMNS: list[Any] = [getattr(Request, name) for name in RequestRow.__dataclass_fields__]
_CALLER: list[Any] = [Call.line.label("line"), Person.callback_number, Person.caller_name]


@dataclass(frozen=True)
class OpenCallback:
    """A request with its caller, how often they were dialled for it, and when last."""

    request: RequestRow
    line: str
    number: str = field(repr=False)
    name: str = field(repr=False)
    attempts: int
    tried_at: datetime | None


def open_callbacks(engine: Engine, node: str, since: datetime, limit: int) -> Sequence[OpenCallback]:
    """Those that callers of this node left `since` then, the oldest first; none that people closed, or whose caller is
    erased. SQLAlchemyError if the database is away."""
    query = (select(*_COLUMNS, *_CALLER).join(Call, Call.id == Request.call_id)
             .outerjoin(Person, Person.call_id == Call.id)
             .outerjoin(RequestWork, RequestWork.request_id == Request.id)
             .where(Request.kind == "callback", Request.status == "open", STATUS != "closed",
                    Person.erased_at.is_(None), Request.opened_at >= since, Call.node == clean(node))
             .order_by(Request.opened_at).limit(limit))
    tried = (select(Call.request_id, func.count().label("attempts"), func.max(Call.ended_at).label("tried_at"))
             .where(Call.began_at >= since, Call.direction == "outbound", Call.dialled != "",
                    Call.request_id.is_not(None)).group_by(Call.request_id))
    with engine.connect() as connection:
        found = connection.execute(query).mappings().all()
        attempts = {row["request_id"]: row for row in connection.execute(tried).mappings()} if found else {}
    return [_open(row, attempts.get(row["id"])) for row in found]


def done_with(engine: Engine, requests: Collection[str]) -> tuple[str, ...]:
    """Those of `requests` that people have closed, or whose caller is erased: nobody is to be called for them any more.
    SQLAlchemyError if the database is away."""
    query = (select(Request.id).join(Person, Person.call_id == Request.call_id)
             .outerjoin(RequestWork, RequestWork.request_id == Request.id)
             .where(Request.id.in_(requests), or_(RequestWork.status == "closed", Person.erased_at.is_not(None)))
             .order_by(Request.id))
    with engine.connect() as connection:
        return tuple(connection.scalars(query))


def _open(row: Any, tried: Any) -> OpenCallback:
    return OpenCallback(from_columns(RequestRow, row), row["line"],
                        row["callback_number"] or "", row["caller_name"] or "",
                        tried["attempts"] if tried is not None else 0,
                        tried["tried_at"] if tried is not None else None)
