"""The last messages of a chat that are safe: for pages that come while the database does not have them yet, since they
wait in the spool."""

from collections import deque
from dataclasses import dataclass, field

from ivr.call.record import MessageRow

MOST = 30               # messages; who was away for more of them sees the rest when the database has it


@dataclass
class Recent:
    """All that are safe behind position `after`; None: there were none yet."""

    after: int | None = None
    rows: deque[MessageRow] = field(default_factory=deque)

    def add(self, row: MessageRow) -> None:
        """In order of position."""
        if self.after is None:
            self.after = row.position - 1
        self.rows.append(row)
        if len(self.rows) > MOST:
            self.after = self.rows.popleft().position

    @property
    def last(self) -> int:
        """The position of the last one; -1: of none."""
        return self.rows[-1].position if self.rows else -1 if self.after is None else self.after

    def reaches(self, position: int) -> bool:
        """Whether what came after that is here, all of it."""
        return self.after is None or position >= self.after

    def behind(self, position: int) -> list[MessageRow]:
        """What came after that; nothing where some of it is not here any more: a page shows no chat with a hole."""
        if self.after is None or position < self.after:
            return []
        return [row for row in self.rows if row.position > position]
