"""A list a page at a time, the newest first; the next page begins where the last row of this one was."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine, RowMapping, and_, desc, or_
from sqlalchemy.orm import InstrumentedAttribute

from routing.requests.views import Page

PAGE = 50
LARGEST_PAGE = 500
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
T = TypeVar("T")


def page(engine: Engine, query: Any, at: InstrumentedAttribute[datetime], key: InstrumentedAttribute[str],
         cursor: str | None, limit: int, view: Callable[[RowMapping], T]) -> Page[T]:
    """Rows of `query` by time and key. Raises ValueError for a cursor that no page gave."""
    limit = max(1, min(limit, LARGEST_PAGE))
    if cursor is not None:
        time, last = _from_cursor(cursor)
        query = query.where(or_(at < time, and_(at == time, key < last)))
    query = query.order_by(desc(at), desc(key)).limit(limit + 1)
    with engine.connect() as connection:
        rows: Sequence[RowMapping] = connection.execute(query).mappings().all()
    more = _to_cursor(rows[limit - 1][at.key], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page(tuple(view(row) for row in rows[:limit]), more)


def _to_cursor(at: datetime, key: str) -> str:
    return f"{(at - EPOCH) // timedelta(microseconds=1)}_{key}"


def _from_cursor(cursor: str) -> tuple[datetime, str]:
    micros, mark, key = cursor.partition("_")
    if not mark or not micros.isdecimal() or len(micros) > 17:
        raise ValueError("not a cursor of a page")
    return EPOCH + timedelta(microseconds=int(micros)), key
