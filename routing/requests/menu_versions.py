"""The texts of menu files that calls were given, as rows: read for the command, and added by a rollback."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, desc, select

from ivr.call.record import MenuVersionRow
from routing.requests.rows import clean, from_columns
from routing.requests.statements import upsert
from routing.requests.tables import MenuVersion

_COLUMNS: list[Any] = [getattr(MenuVersion, name) for name in MenuVersionRow.__dataclass_fields__]


class MenuVersions:
    """Every method is one short transaction; SQLAlchemyError if the database is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self, limit: int, file: str | None = None) -> Sequence[MenuVersionRow]:
        """The newest first; of one file, or of all."""
        query = select(*_COLUMNS).order_by(desc(MenuVersion.at), desc(MenuVersion.id)).limit(limit)
        return self._rows(query if file is None else query.where(MenuVersion.file == clean(file)))

    def beginning(self, version: str, limit: int = 50) -> Sequence[MenuVersionRow]:
        """Those whose hash begins so, the newest first."""
        return self._rows(select(*_COLUMNS).where(MenuVersion.version.startswith(clean(version), autoescape=True))
                          .order_by(desc(MenuVersion.at), desc(MenuVersion.id)).limit(limit))

    def keep(self, row: MenuVersionRow) -> None:
        """Add a row, unless it is there."""
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            upsert(connection, "menu_versions", [row])

    def _rows(self, query: Any) -> Sequence[MenuVersionRow]:
        with self._engine.connect() as connection:
            # Rows from before there were several files have none.
            return [from_columns(MenuVersionRow, {**row, "files": row["files"] or {}})
                    for row in connection.execute(query).mappings()]
