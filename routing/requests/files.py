"""The files of chats as rows: written before their message is said, read for who asks for one, erased."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from ivr.base.file_said import FileSaid
from routing.requests.rows import clean
from routing.requests.tables import File, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file. `visitor` is channel and name of who may have it, "" for a file of people of ours alone; `width` and
    `height` are 0 for what is not shown in pages."""

    id: str
    call_id: str
    node: str
    at: datetime
    sender: str
    visitor: str
    name: str
    type: str
    octets: int
    width: int
    height: int
    said: bool = False
    erased_at: datetime | None = None

    def as_said(self) -> FileSaid:
        """What its message says of it."""
        return FileSaid(self.id, self.name, self.type, self.octets, self.width, self.height)


_COLUMNS: list[Any] = [getattr(File, name) for name in FileRow.__dataclass_fields__]


class Files:
    """Every method is one short transaction and may be called from any thread; SQLAlchemyError if the database is
    away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, row: FileRow, check: Callable[[tuple[int, int, int]], None] = lambda room: None) -> None:
        """`check` hears `room` in the same transaction, with SQLite's lock held: what it raises keeps the row out."""
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            check(_room(connection, row.call_id, row.node))
            connection.execute(insert(File), {name: getattr(row, name) for name in FileRow.__dataclass_fields__})

    def get(self, file: str) -> FileRow | None:
        """None for one that never was, or is erased."""
        query = select(*_COLUMNS).where(File.id == clean(file), File.erased_at.is_(None))
        with self._engine.connect() as connection:
            return _row(connection.execute(query).mappings().first())

    def room(self, call: str, node: str) -> tuple[int, int, int]:
        """How many files a chat has, their octets, and the octets of all of this node."""
        with self._engine.connect() as connection:
            return _room(connection, call, node)

    def erase(self, files: Collection[str], at: datetime) -> None:
        """From now on nobody gets them."""
        change = update(File).where(File.id.in_(files), File.erased_at.is_(None))
        self._change(change.values(erased_at=at, name="", visitor=""))

    def there(self, node: str, among: Collection[str]) -> set[str]:
        """Which of these are files of this node that have not been erased."""
        query = select(File.id).where(File.node == node, File.id.in_(among), File.erased_at.is_(None))
        with self._engine.connect() as connection:
            return set(connection.scalars(query))

    def known(self, among: Collection[str]) -> set[str]:
        """Which of these have a row at all."""
        with self._engine.connect() as connection:
            return set(connection.scalars(select(File.id).where(File.id.in_(among))))

    def unsaid(self, node: str, before: datetime, limit: int) -> list[FileRow]:
        """Those sent before then whose message has not been seen; the oldest first."""
        query = select(*_COLUMNS).where(File.node == node, File.erased_at.is_(None), File.said.is_(False),
                                        File.at < before).order_by(File.at, File.id).limit(limit)
        with self._engine.connect() as connection:
            return [row for found in connection.execute(query).mappings() if (row := _row(found)) is not None]

    def has_message(self, row: FileRow) -> bool:
        """Whether a message of its chat says it."""
        query = select(Message.id).where(Message.call_id == row.call_id, Message.kind == "file",
                                         Message.body.contains(row.id, autoescape=True)).limit(1)
        with self._engine.connect() as connection:
            return connection.scalar(query) is not None

    def are_said(self, files: Collection[str]) -> None:
        self._change(update(File).where(File.id.in_(files)).values(said=True))

    def _change(self, statement: Any) -> None:
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            connection.execute(statement)


def erased_at(engine: Engine, at: datetime) -> dict[str, int]:
    """How many files were erased at just this moment (aware), by the node that has their content. Raises
    SQLAlchemyError."""
    query = select(File.node, func.count()).where(File.erased_at == at).group_by(File.node)
    with engine.connect() as connection:
        return {str(found[0]): int(found[1]) for found in connection.execute(query)}


def _room(connection: Connection, call: str, node: str) -> tuple[int, int, int]:
    there = File.erased_at.is_(None)
    count, octets = connection.execute(select(func.count(), func.coalesce(func.sum(File.octets), 0)).where(
        File.call_id == clean(call), there)).one()
    whole = connection.scalar(select(func.coalesce(func.sum(File.octets), 0)).where(File.node == node, there))
    return int(count), int(octets), int(whole or 0)


def _row(found: RowMapping | None) -> FileRow | None:
    return None if found is None else FileRow(**found)
