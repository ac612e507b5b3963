"""Which batch waits for the database and which for the spool: pure decisions, with `now` as an argument.

Every batch has a number. At any time the order is: what the spool holds, then `waiting`. What the database is writing
(`group`) and what is being spooled (`spooling`) are both the head of `waiting` until they are done, and may overlap: a
batch that the database is slow to answer for goes into the spool as well, and is written twice, which changes nothing.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import islice

from ivr.call.record import Batch

GATHER = 0.1             # s that a batch nobody waits for is kept for company: a transaction costs as much as ten calls
PACE = 0.02              # s from one transaction to the next; one for each of 200 requests a second costs 1.3 ms a call
SPOOL_AFTER = 0.2        # s without the database's answer: the bound that a caller may wait for durability
HUNG_AFTER = 2.0         # s in one transaction: now people are told
FIRST_PAUSE = 0.5        # s until the database is tried again, doubled …
LONGEST_PAUSE = 5.0      # … up to this
SPOOL_PAUSE = 1.0        # s until a full spool is tried again
GROUP = 500              # batches in one transaction or one append: 0.1 s of work
STATE_ROWS = 10          # as many count for the state of a chat
MOST_ROWS = 200_000      # in memory, rows of ladders counted: 100 MB, reached if neither disk nor database take any


class Accepted(Enum):
    """What became of a batch that was submitted."""

    TAKEN = "taken"
    RESERVE = "reserve"      # taken, but only what is kept for calls in progress is left: take no new calls
    REFUSED = "refused"      # not taken: its token will never be durable


@dataclass(frozen=True)
class Durable:
    """The batch with this token survives from now on whatever dies."""

    token: str


@dataclass(frozen=True)
class DatabaseAway:
    away: bool
    reason: str = ""


@dataclass(frozen=True)
class SpoolFilled:
    full: bool


@dataclass(frozen=True)
class RowsQuarantined:
    count: int
    reason: str


Notice = Durable | DatabaseAway | SpoolFilled | RowsQuarantined


@dataclass(eq=False, slots=True)
class Item:
    """A batch on its way; `at` is when it was submitted."""

    number: int
    batch: Batch
    token: str | None
    at: float
    weight: int


class Ledger:
    """The order of all batches and the state of both ways out. Not thread-safe: its owner holds a lock.

    `backlog` says whether the spool holds records; then nothing newer may go to the database. `late` says that the
    database is not to be waited for: batches go into the spool at once. `orphans` asks for a turn of the database that
    ends what earlier processes left, after the backlog and before the next group.
    """

    def __init__(self, backlog: bool = False) -> None:
        self.waiting: dict[int, Item] = {}
        self.group: list[Item] = []
        self.spooling: list[Item] = []
        self.backlog = backlog
        self.late = backlog
        self.away = False
        self.full = False
        self.orphans = False
        self._count = 0
        self._rows = 0
        self._urgent = 0                        # of `waiting`: those with a token
        self._asked_at: float | None = None
        self._last_asked_at = -PACE
        self._pause = 0.0
        self._try_at = 0.0
        self._spool_at = 0.0
        self._spool_most = GROUP
        self._check_at = 0.0

    def submit(self, batch: Batch, token: str | None, now: float) -> Accepted:
        """Take a batch in, behind all others. Of one that is refused the end of a chat is taken all the same, or the
        next process would go on with it: there are no more of them than chats, of which none begins meanwhile."""
        weight = _weight(batch)
        if self._rows + weight > MOST_ROWS and self.waiting:
            if any(row.over for row in batch.chat_states):
                self._take(Batch(batch.calls, chat_states=batch.chat_states), None, now)
            return Accepted.REFUSED
        self._take(batch, token, now)
        return Accepted.RESERVE if self.crowded else Accepted.TAKEN

    def _take(self, batch: Batch, token: str | None, now: float) -> None:
        self._count += 1
        item = self.waiting[self._count] = Item(self._count, batch, token, now, _weight(batch))
        self._rows += item.weight
        self._urgent += token is not None

    @property
    def crowded(self) -> bool:
        """No room for new calls, on the disk or in memory."""
        return self.full or self._rows > MOST_ROWS * 3 // 4

    @property
    def idle(self) -> bool:
        """Nothing is left that can be brought any further now."""
        return not self.waiting and (self.away or not (self.backlog or self.orphans))

    def next_try_at(self) -> float | None:
        """When the database is to be asked again: None while there is nothing for it or it has not answered."""
        if self._asked_at is not None:
            return None
        if self.backlog or self.orphans:
            return self._try_at
        if not self.waiting or self.spooling:
            return None
        return max(self._try_at, self._last_asked_at + PACE if self._urgent else self._oldest_at() + GATHER)

    def asked(self, now: float) -> None:
        """A transaction begins."""
        self._asked_at = self._last_asked_at = now

    def take_group(self) -> list[Item]:
        """What is next for the database, if it is the turn of what waits in memory."""
        self.group = [] if self.backlog or self.spooling or self.orphans else _first(self.waiting)
        return self.group

    def answered(self) -> list[Notice]:
        """The transaction is committed, and with it the group if there was one."""
        notices = self._done(self.group)
        self.group = []
        self._asked_at = None
        self._pause = self._try_at = 0.0
        if self.away:
            self.away = False
            notices.append(DatabaseAway(False))
        return notices

    def failed(self, reason: str, now: float) -> list[Notice]:
        """The transaction is not, or not surely, committed: what was in it keeps its place."""
        self.group = []
        self._asked_at = None
        self._pause = min(max(FIRST_PAUSE, self._pause * 2), LONGEST_PAUSE)
        self._try_at = now + self._pause
        self.late = True
        return self._tell_away(reason)

    def next_spool_at(self) -> float | None:
        """When `take_for_spool`, `hung` or `spool_is` has something to do."""
        times = []
        if self.waiting and not self.spooling:
            times.append(max(self._spool_at, self._oldest_at() + (0.0 if self.late else SPOOL_AFTER)))
        if self.full:
            times.append(self._check_at)
        if self._asked_at is not None and not self.away:
            times.append(self._asked_at + HUNG_AFTER)
        return min(times, default=None)

    def hung(self, now: float) -> list[Notice]:
        """Tell people if a transaction takes too long."""
        if self._asked_at is None or now < self._asked_at + HUNG_AFTER:
            return []
        return self._tell_away(f"no answer for {now - self._asked_at:.1f} s")

    def take_for_spool(self, now: float) -> list[Item]:
        """What is to be appended to the spool now; `spooled` or `not_spooled` must follow if there is any."""
        if self.spooling or not self.waiting or now < self._spool_at:
            return []
        if not self.late and now < self._oldest_at() + SPOOL_AFTER:
            return []
        self.late = True
        self.spooling = _first(self.waiting, self._spool_most)
        return self.spooling

    def spooled(self, readable: bool = True) -> list[Notice]:
        """What was taken is on the disk: in the spool, unless none of it could be written there (not `readable`)."""
        notices = self._done(self.spooling)
        self.spooling = []
        self._spool_most = GROUP
        self.backlog = self.backlog or readable
        return notices

    def not_spooled(self, now: float) -> bool:
        """There is no room: what was taken keeps its place. True if half of it shall try at once, since that may fit:
        what is left is for the calls in progress, and they write little at a time."""
        smaller = len(self.spooling) > 1
        self._spool_most = len(self.spooling) // 2 if smaller else GROUP
        if not smaller:
            self._spool_at = now + SPOOL_PAUSE
        self.spooling = []
        return smaller

    def spool_is(self, full: bool, now: float) -> list[Notice]:
        """Note whether there is room for new calls."""
        self._check_at = now + SPOOL_PAUSE
        if full == self.full:
            return []
        self.full = full
        return [SpoolFilled(full)]

    def caught_up(self) -> None:
        """The spool has nothing to read: from here batches may go straight to the database again.

        What is being spooled at this moment goes first, but nothing follows it there: else a steady stream of calls
        would never leave the spool.
        """
        self.backlog = False
        self.late = False

    def _done(self, items: list[Item]) -> list[Notice]:
        notices: list[Notice] = []
        for item in items:
            if self.waiting.pop(item.number, None) is not None:
                self._rows -= item.weight
                if item.token is not None:
                    self._urgent -= 1
                    notices.append(Durable(item.token))
        return notices

    def _oldest_at(self) -> float:
        return next(iter(self.waiting.values())).at

    def _tell_away(self, reason: str) -> list[Notice]:
        if self.away:
            return []
        self.away = True
        return [DatabaseAway(True, reason)]


def _first(waiting: dict[int, Item], most: int = GROUP) -> list[Item]:
    return list(islice(waiting.values(), most))


def _weight(batch: Batch) -> int:
    return (len(batch.calls) + len(batch.people) + len(batch.requests) + len(batch.entries)
            + len(batch.recordings) + len(batch.menu_versions) + len(batch.operator_entries)
            + len(batch.messages) + STATE_ROWS * len(batch.chat_states)
            + sum(len(trace.rows) for trace in batch.traces))
