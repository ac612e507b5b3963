"""One transaction of the writer: many batches in, at most one row each in the tables, whatever was there before."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError, StatementError

from ivr.call.record import Batch
from routing.requests.rows import AnyRow, to_columns
from routing.requests.tables import Call, Entry, Person, Request, Trace

TABLES: dict[str, Table] = {
    name: cast(Table, model.__table__)
    for name, model in (("calls", Call), ("people", Person), ("requests", Request), ("entries", Entry),
                        ("traces", Trace))
}
Reject = Callable[[str, AnyRow, str], None]


def write(connection: Connection, batches: Sequence[Batch]) -> None:
    """Write the rows of `batches`; the caller commits. Writing the same again, or older revisions, changes nothing.

    Whatever the database raises goes up: `is_content_fault` tells whose fault it is.
    """
    for name, table in TABLES.items():
        columns = [to_columns(row) for row in _latest(name, batches)]
        if columns:
            connection.execute(_upsert(connection.dialect.name, table), columns)


def write_apart(connection: Connection, batches: Sequence[Batch], reject: Reject) -> None:
    """The same after `write` failed for the content of some row: such rows go to `reject(table, row, reason)`.

    A batch in order is written at once, one with a fault row by row, each in a savepoint.
    """
    for batch in batches:
        if _try(connection, batch) is None:
            continue
        for name in TABLES:
            for row in getattr(batch, name):
                reason = _try(connection, Batch(**{name: (row,)}))
                if reason is not None:
                    reject(name, row, reason)


def is_content_fault(error: Exception) -> bool:
    """Would the same row fail again on a healthy database? All other faults are the database's own trouble."""
    if isinstance(error, (IntegrityError, DataError)):
        return True
    if isinstance(error, ProgrammingError):
        # The driver itself could not adapt a value. What the server says of statements (no such table, no
        # permission) is for an admin to mend, and the rows wait.
        return getattr(error.orig, "sqlstate", None) is None and not hasattr(error.orig, "sqlite_errorcode")
    if isinstance(error, SQLAlchemyError):
        return isinstance(error, StatementError) and not isinstance(error, DBAPIError)
    return not isinstance(error, (OSError, MemoryError))    # a field of the wrong type


def said(error: BaseException) -> str:
    """One line of what the database said, without the row that it would quote as detail."""
    cause = getattr(error, "orig", None) or error
    primary = getattr(getattr(cause, "diag", None), "message_primary", None)
    return " ".join(str(primary or cause).split())[:300]


def _try(connection: Connection, batch: Batch) -> str | None:
    """None if the batch is written, else why its content was refused."""
    try:
        with connection.begin_nested():
            write(connection, (batch,))
    except Exception as error:
        if not is_content_fault(error):
            raise
        return said(error)
    return None


def _latest(name: str, batches: Sequence[Batch]) -> Iterable[AnyRow]:
    rows: Iterable[Any] = (row for batch in batches for row in getattr(batch, name))
    if name == "entries":
        return list(rows)
    kept: dict[str, Any] = {}
    for row in rows:
        key = row.id if hasattr(row, "revision") else row.call_id
        if key not in kept or not hasattr(row, "revision") or row.revision > kept[key].revision:
            kept[key] = row
    return kept.values()


@cache
def _upsert(dialect: str, table: Table) -> Insert:
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    if table is TABLES["entries"]:
        return cast(Insert, insert.on_conflict_do_nothing())
    key = table.primary_key.columns.keys()
    new = insert.excluded
    changed = {column.name: new[column.name] for column in table.columns
               if column.name not in key and column.name != "erased_at"}
    where = None
    if "revision" in table.c:
        where = new.revision > table.c.revision
    elif "erased_at" in table.c:
        where = table.c.erased_at.is_(None)
    return cast(Insert, insert.on_conflict_do_update(index_elements=key, set_=changed, where=where))
