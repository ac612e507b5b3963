"""Where rows go that the database refuses for their content, so that they block nothing and are not lost."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from routing.requests.rows import AnyRow, to_columns

LIMIT = 16 * 1024 * 1024    # bytes; then the file becomes `.old` in place of the one before it


@dataclass(frozen=True)
class Refused:
    """A row with its table, or a line of the spool, or whatever could not be put into one; and the reason."""

    what: AnyRow | bytes | object
    reason: str
    table: str = ""


class Quarantine:
    """Lines of JSON, {at, reason, table, row}, in one file of mode 0600."""

    def __init__(self, path: Path, limit: int = LIMIT, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._limit = limit
        self._now = now
        self._lock = Lock()

    def put(self, refused: Sequence[Refused]) -> None:
        """Append and fsync. Raises OSError."""
        if not refused:
            return
        lines = b"".join(self._line(one) for one in refused)
        with self._lock:
            if self.path.exists() and self.path.stat().st_size >= self._limit:
                self.path.replace(self.path.with_suffix(".old"))
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with open(descriptor, "ab") as file:
                file.write(lines)
                file.flush()
                os.fsync(descriptor)

    def _line(self, refused: Refused) -> bytes:
        record = {"at": self._now().isoformat(), "reason": refused.reason, "table": refused.table,
                  "row": _plain(refused)}
        return json.dumps(record, default=repr).encode() + b"\n"


def _plain(refused: Refused) -> Any:
    if isinstance(refused.what, bytes):
        return refused.what.decode("utf-8", "backslashreplace")
    if isinstance(refused.what, AnyRow):
        try:
            return to_columns(refused.what)
        except Exception:    # a field of the wrong type: its text must do
            return repr(refused.what)
    return repr(refused.what)
