"""The database as the writer sees it: groups of batches go in, or it is away."""

import contextlib
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from ivr.call.record import Batch, EntryRow, Outcome
from routing.requests.quarantine import Quarantine, Refused
from routing.requests.rows import AnyRow
from routing.requests.tables import Call, ChatState, Entry
from routing.requests.transaction import is_content_fault, said, write, write_apart

ORPHANS_AT_ONCE = 500
ORPHAN_REASON = "the service ended during the call"


class Away(Exception):
    """The transaction is not known to be committed; the same rows are to be written again later."""


class Store:
    """One connection of one thread, opened when it is needed and given up after every failure."""

    def __init__(self, engine: Engine, quarantine: Quarantine) -> None:
        self._engine = engine
        self._quarantine = quarantine
        self._connection: Connection | None = None

    def write(self, batches: Sequence[Batch]) -> list[Refused]:
        """Commit `batches` in one transaction. Rows that the database refuses for their content are in quarantine

        before the others are committed, and are returned. Raises Away.
        """
        try:
            connection = self._connected()
            try:
                with connection.begin():
                    write(connection, batches)
                return []
            except Exception as error:
                if not is_content_fault(error):
                    raise
            return self._write_apart(connection, batches)
        except (SQLAlchemyError, OSError) as error:
            self.close()
            raise Away(said(error)) from error

    def close_orphans(self, node: str, boot_id: str, at: datetime, but: Collection[str] = ()) -> int:
        """End the calls of earlier runs on `node` that nobody will end: outcome `failed` at `at`; those of `but` go on.
        Returns how many."""
        closed, last = 0, ""
        try:
            while True:
                connection = self._connected()
                with connection.begin():
                    left = (Call.node == node, Call.outcome.is_(None), Call.boot_id != boot_id, Call.id > last)
                    found = connection.scalars(select(Call.id).where(*left).order_by(Call.id)
                                               .limit(ORPHANS_AT_ONCE)).all()
                    ids = [call for call in found if call not in but]
                    _end(connection, ids, at)
                closed += len(ids)
                if len(found) < ORPHANS_AT_ONCE:
                    return closed
                last = found[-1]
        except SQLAlchemyError as error:
            self.close()
            raise Away(said(error)) from error

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                connection.close()

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(immediate=True)
        return self._connection

    def _write_apart(self, connection: Connection, batches: Sequence[Batch]) -> list[Refused]:
        refused: list[Refused] = []

        def reject(table: str, row: AnyRow, reason: str) -> None:
            refused.append(Refused(row, reason, table))

        with connection.begin():
            write_apart(connection, batches, reject)
            self._quarantine.put(refused)
        return refused


def _end(connection: Connection, ids: Sequence[str], at: datetime) -> None:
    if not ids:
        return
    entries = connection.execute(select(Entry.call_id, func.max(Entry.position).label("last"))
                                 .where(Entry.call_id.in_(ids)).group_by(Entry.call_id))
    last: dict[str, int] = {row.call_id: row.last for row in entries}
    connection.execute(update(Call).where(Call.id.in_(ids)).values(
        revision=Call.revision + 1, outcome=Outcome.FAILED.value, ended_at=at, ended_by="hotline",
        reason=ORPHAN_REASON))
    connection.execute(update(ChatState).where(ChatState.call_id.in_(ids)).values(
        revision=ChatState.revision + 1, state=""))
    details = {"outcome": Outcome.FAILED.value, "by": "hotline", "reason": ORPHAN_REASON}
    write(connection, [Batch(entries=tuple(
        EntryRow(str(uuid5(NAMESPACE_OID, f"orphan {call}")), call, last.get(call, -1) + 1, at, "ended", details)
        for call in ids))])
