"""Who changed what: `audit(desk, who, "menus.publish", "bank.yaml", before, after)`, from every route that changes
something for others.

It may be called from any thread, never waits and never fails: the line is in the log at once, and the row in the
database a moment later. While that is away rows wait, as many as MOST_WAITING; of those beyond it the log alone knows.
What is secret does not get here: values under a key that sounds like it are not kept, long ones are cut, and of what is
dialled the last digits alone stay.
"""

import itertools
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.drivers.log import Log
from routing.requests.audit import Audit, AuditRow
from routing.requests.rows import clean
from routing.requests.transaction import said

if TYPE_CHECKING:
    from desk.state import Desk
    from desk.who import Who

MOST_WAITING = 10_000       # rows
AT_ONCE = 500               # rows of one transaction
MOST_KEYS = 50              # of one value
MOST_LETTERS = 500
SECRET = re.compile(r"pass|secret|token|pin\b|pins\b|key\b", re.IGNORECASE)
DIALLED = re.compile(r"\+?\d(?:[ ()./-]{0,3}\d){6,}")       # seven digits or more

Value = Mapping[str, Any] | None
log = Log("audit")


def audit(desk: "Desk", who: "Who | str", what: str, subject: str = "", before: Value = None,
          after: Value = None) -> None:
    """Note that `who` did `what` with `subject`: ids, logins and names of ours, nothing of callers. `before`, `after`:
    what it was and became, JSON-ready, where that says more."""
    desk.audit.note(who if isinstance(who, str) else who.name, what, subject, before, after)


def without_digits(text: str) -> str:
    """A number that may be a caller's, for a log: its last two digits alone."""
    return DIALLED.sub(lambda found: f"…{found[0][-2:]}", text)


class AuditLog:
    """Writes rows in a thread of its own. `clock` gives seconds since the epoch."""

    def __init__(self, engine: Engine, node: str, clock: Callable[[], float]) -> None:
        self.kept = Audit(engine)
        self._node, self._clock = node, clock
        self._numbers = itertools.count()
        self._waiting: list[AuditRow] = []
        self._lock = threading.Lock()
        self._writing = self._closed = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")

    def note(self, who: str, what: str, subject: str, before: Value, after: Value) -> None:
        """Log it now, and have it written."""
        # Numbered first: what is of one moment is shown in its order.
        row = AuditRow(f"{next(self._numbers):08x}{uuid4().hex[:16]}", datetime.fromtimestamp(self._clock(), UTC),
                       self._node, clean(who)[:128], what[:128], clean(subject)[:MOST_LETTERS], _kept(before),
                       _kept(after))
        with self._lock:
            full = len(self._waiting) >= MOST_WAITING
            if not full:
                self._waiting.append(row)
            begin = not self._writing and not full and not self._closed
            self._writing = self._writing or begin
        log.info("audit", who=row.who, what=row.what, subject=row.subject, only_here=full)
        if begin:
            self._thread.submit(self._write)

    def flush(self) -> None:
        """Wait until what was noted is written, or can't be. Blocks."""
        self._thread.submit(self._write).result()

    def forget(self, before: datetime) -> int:
        """What is older goes. Blocks. Raises SQLAlchemyError."""
        return self.kept.forget(before)

    def close(self) -> None:
        """Write what waits, as far as the database answers. Blocks."""
        self.flush()
        with self._lock:
            self._closed = True
        self._thread.shutdown()

    def _write(self) -> None:
        while True:
            with self._lock:
                rows = self._waiting[:AT_ONCE]
                if not rows:
                    self._writing = False
                    return
            try:
                self.kept.add(rows)
            except SQLAlchemyError as error:        # tried again with the next one, and every minute
                log.warning("audit_not_written", rows=len(self._waiting), reason=said(error))
                with self._lock:
                    self._writing = False
                return
            with self._lock:
                del self._waiting[:len(rows)]


def forget_before(days: float, now: float) -> datetime:
    """Before which moment rows are too old."""
    return datetime.fromtimestamp(now, UTC) - timedelta(days=days)


def _kept(value: Value) -> dict[str, Any] | None:
    if value is None:
        return None
    return {str(key)[:128]: "…" if SECRET.search(str(key)) else _short(item)
            for key, item in list(value.items())[:MOST_KEYS]}


def _short(value: Any) -> Any:
    """What a database can hold, bounded."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return _kept(value)
    if isinstance(value, list | tuple):
        return [_short(item) for item in value[:MOST_KEYS]]
    return str(clean(str(value)))[:MOST_LETTERS]
