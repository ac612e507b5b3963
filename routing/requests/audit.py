"""The audit log: rows appended, read a page at a time, forgotten when they are old."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, RowMapping, delete, func, insert, literal, select

from routing.requests.paging import PAGE, page
from routing.requests.rows import clean
from routing.requests.views import Page
from routing.requests.web_tables import AuditEntry

AT_ONCE = 10_000        # rows that one statement forgets


@dataclass(frozen=True)
class AuditRow:
    """Who changed what of which subject; `before` and `after` what it was and became, as far as that is not secret."""

    id: str
    at: datetime
    node: str
    who: str
    what: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """What must hold; None asks nothing. `what`: one word, or the beginning of words up to a dot (`tokens.`)."""

    who: str | None = None
    what: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Audit:
    """Every method is one short transaction and may be called from any thread; SQLAlchemyError if the database is
    away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, rows: Sequence[AuditRow]) -> None:
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            connection.execute(insert(AuditEntry), [clean(vars(row)) for row in rows])

    def page(self, wanted: AuditFilter, cursor: str | None = None, limit: int = PAGE) -> Page[AuditRow]:
        """The newest first. ValueError for a cursor that no page gave."""
        query = select(*_COLUMNS).where(*_conditions(wanted))
        return page(self._engine, query, AuditEntry.at, AuditEntry.id, cursor, limit, _row)

    def latest(self, what: str) -> dict[str, datetime]:
        """When each did that last, by name."""
        query = select(AuditEntry.who, func.max(AuditEntry.at)).where(AuditEntry.what == literal(what))
        with self._engine.connect() as connection:
            return {str(who): at for who, at in connection.execute(query.group_by(AuditEntry.who))}

    def forget(self, before: datetime) -> int:
        """Delete what is older. Returns how much."""
        old = select(AuditEntry.id).where(AuditEntry.at < before).limit(AT_ONCE)
        gone = 0
        while True:
            with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
                count = connection.execute(delete(AuditEntry).where(AuditEntry.id.in_(old))).rowcount
            gone += count
            if count < AT_ONCE:
                return gone


_COLUMNS: list[Any] = [getattr(AuditEntry, name) for name in AuditRow.__dataclass_fields__]


def _row(row: RowMapping) -> AuditRow:
    return AuditRow(**row)


def _conditions(wanted: AuditFilter) -> list[Any]:
    asked = ((AuditEntry.who, wanted.who), (AuditEntry.subject, wanted.subject))
    conditions = [column == literal(clean(value)) for column, value in asked if value is not None]
    if wanted.what is not None:
        what = clean(wanted.what)
        conditions.append(AuditEntry.what.startswith(what, autoescape=True) if what.endswith(".")
                          else AuditEntry.what == literal(what))
    if wanted.since is not None:
        conditions.append(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditEntry.at < wanted.until)
    return conditions
