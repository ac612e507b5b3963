"""How a row is written: one prepared statement for each table, and what fills its places.

SQLAlchemy makes the statement and knows each column's type; past that its own execution is left out, as it takes
three times as long as the driver.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Dialect, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite

from routing.requests.rows import ROW_TYPES, AnyRow, converted, field_names
from routing.requests.tables import (
    Call,
    ChatState,
    Entry,
    Leg,
    MenuVersion,
    Message,
    OperatorEntry,
    Person,
    Recording,
    Request,
    Trace,
)

TABLES: dict[str, Table] = {
    name: cast(Table, model.__table__)
    for name, model in (("calls", Call), ("people", Person), ("requests", Request), ("entries", Entry),
                        ("traces", Trace), ("recordings", Recording), ("legs", Leg),
                        ("menu_versions", MenuVersion), ("operator_entries", OperatorEntry), ("messages", Message),
                        ("chat_states", ChatState))
}
APPENDED = ("entries", "operator_entries", "messages")      # rows that never change: one that is there stays as it is
Process = Callable[[Any], Any]


class Statement(NamedTuple):
    """SQL in the driver's own words; `values` are the fields of a row as it takes them, in the order of `names`."""

    sql: str
    values: Callable[[AnyRow], tuple[Any, ...]]
    names: Sequence[str]
    positional: bool

    def parameters(self, rows: Iterable[AnyRow]) -> list[Any]:
        """What the driver's executemany takes. Raises ValueError or TypeError for what a column can't hold."""
        values = map(self.values, rows)
        return list(values) if self.positional else [dict(zip(self.names, each, strict=True)) for each in values]


def upsert(connection: Connection, table: str, rows: Sequence[AnyRow]) -> None:
    """Write `rows`; those that are there already in a later revision stay. Raises what the database raises."""
    statement = _statement(connection.dialect, table)
    connection.exec_driver_sql(statement.sql, statement.parameters(rows))


@lru_cache(maxsize=64)      # ten tables for each engine: a service has one or two
def _statement(dialect: Dialect, name: str) -> Statement:
    table, fields = TABLES[name], field_names(ROW_TYPES[name])
    compiled: Any = _insert(dialect.name, table).compile(dialect=dialect, column_keys=list(fields))
    processes: dict[str, Process | None] = {
        field: table.c[field].type.dialect_impl(dialect).bind_processor(dialect) for field in fields}
    order = compiled.positiontup or fields
    return Statement(compiled.string, converted(ROW_TYPES[name], order, processes), order, compiled.positional)


def _insert(dialect: str, table: Table) -> Insert:
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    if table.name in APPENDED:
        return cast(Insert, insert.on_conflict_do_nothing())
    key = table.primary_key.columns.keys()
    new = insert.excluded
    changed = {field: new[field] for field in field_names(ROW_TYPES[table.name]) if field not in key}
    where = None
    if "revision" in table.c:
        where = new.revision > table.c.revision
    elif "erased_at" in table.c:
        where = table.c.erased_at.is_(None)
    return cast(Insert, insert.on_conflict_do_update(index_elements=key, set_=changed, where=where))
