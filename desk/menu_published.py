"""Who published which text of a menu file: rows of the audit log, which the history of the file reads back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.audit import AuditLog
from desk.menu_files import Change, Stored
from ivr.menu.loader import version_of
from routing.requests.audit import AuditFilter

WORDS = ("menus.publish", "menus.roll_back")
MOST = 200


@dataclass(frozen=True)
class Publication:
    """A text that somebody published."""

    at: datetime
    who: str
    what: str
    version: str
    note: str


class Publications:
    """What the audit log knows of menus."""

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit

    def add(self, who: str, what: str, change: Change, before: Stored, note: str, lines: Mapping[str, int]) -> None:
        """`lines`: how many came and went."""
        self._audit.note(who, what, change.file, {"version": before.version},
                         {"version": version_of(change.text), "note": note, **lines})

    def are_written(self, changes: Sequence[Change]) -> bool:
        """Whether the database has what was added for these. Blocks. SQLAlchemyError if it is away."""
        self._audit.flush()
        newest = [self.of(change.file, 1) for change in changes]
        return all(found and found[0].version == version_of(change.text)
                   for found, change in zip(newest, changes, strict=True))

    def of(self, file: str, limit: int = MOST) -> Sequence[Publication]:
        """The newest first. Blocks. SQLAlchemyError if the database is away."""
        rows = self._audit.kept.page(AuditFilter(what="menus.", subject=file), None, limit).items
        return [Publication(row.at, row.who, row.what, str((row.after or {}).get("version", "")),
                            str((row.after or {}).get("note", ""))) for row in rows if row.what in WORDS]
