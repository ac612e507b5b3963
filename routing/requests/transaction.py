"""One transaction of the writer: many batches in, at most one row each in the tables, whatever was there before."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError, StatementError

from ivr.call.record import Batch
from routing.requests.rows import AnyRow
from routing.requests.statements import TABLES, upsert
from routing.requests.tables import ChatState, Message, Person

Reject = Callable[[str, AnyRow, str], None]
# Tables whose rows have a revision.
REVISED = frozenset({"calls", "requests", "recordings", "menu_versions", "chat_states"})


def write(connection: Connection, batches: Sequence[Batch]) -> None:
    """Write the rows of `batches`; the caller commits. Writing the same again, or older revisions, changes nothing.

    Whatever the database raises goes up: `is_content_fault` tells whose fault it is.
    """
    for name in TABLES:
        rows = _latest(name, batches)
        if rows:
            upsert(connection, name, rows)
    written = {row.call_id for batch in batches for row in batch.messages}
    written |= {row.call_id for batch in batches for row in batch.chat_states}
    if written:
        _forget(connection, written)


def _forget(connection: Connection, calls: Collection[str]) -> None:
    """Messages and states that come late, of people who have been erased meanwhile, say nothing. The lock is for a
    database where somebody else may write at this moment: who erases waits for us, or we see their mark."""
    locked = select(Person.call_id, Person.erased_at).where(Person.call_id.in_(calls)).with_for_update(read=True)
    erased = [row.call_id for row in connection.execute(locked) if row.erased_at is not None]
    if erased:
        connection.execute(update(Message).where(Message.call_id.in_(erased), Message.body.is_not(None))
                           .values(body=None))
        connection.execute(update(ChatState).where(ChatState.call_id.in_(erased), ChatState.state != "")
                           .values(state=""))


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


def _latest(name: str, batches: Sequence[Batch]) -> Sequence[AnyRow]:
    rows: list[Any] = [row for batch in batches for row in getattr(batch, name)]
    if name == "entries":
        return rows
    if name not in REVISED:
        return list({getattr(row, "id", row.call_id): row for row in rows}.values())
    kept: dict[str, Any] = {}
    for row in rows:
        key = getattr(row, "id", None) or row.call_id
        if key not in kept or row.revision > kept[key].revision:
            kept[key] = row
    return list(kept.values())
