"""Whether the record accounts for everybody: offered = the sum of the outcomes + in progress, by line for visits and by
queue for stays, derived from entries alone and held against the rows of the calls.

What is found wrong is named with its calls: a visit whose entries have a gap or two ends, whose row says another
outcome than its entries, a stay that never ended though its call did, or that ended twice.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, func, select

from routing.reports.facts import UNANSWERED, WAITING, Visit
from routing.reports.period import Period
from routing.reports.stream import visits
from routing.requests.tables import Call, Entry

SHOWN = 10          # calls named for each sort of fault; the number is always exact
NO_END, TWO_ENDS, OTHER_OUTCOME = "over-without-end", "two-ends", "other-outcome"
ENDED_OPEN, STAY_OPEN, STAY_DOUBLED, GAP = "ended-in-progress", "stay-without-end", "stay-doubled", "entries-missing"
MEANINGS = {
    NO_END: "the call is over, and no entry says so",
    TWO_ENDS: "more than one entry ends the call",
    OTHER_OUTCOME: "the call's row has another outcome than its entries",
    ENDED_OPEN: "entries end the call, and its row is in progress",
    STAY_OPEN: "the call is over, and a stay in a queue never ended",
    STAY_DOUBLED: "a stay in a queue began before the one before it had ended",
    GAP: "entries of the call are missing, or came twice",
}


@dataclass
class Account:
    """Of a line or a queue. `over`: by outcome or ending; `open`: in progress, or waiting."""

    offered: int = 0
    over: Counter[str] = field(default_factory=Counter)
    open: int = 0

    @property
    def unaccounted(self) -> int:
        """Always 0, or somebody was lost or counted twice."""
        return self.offered - sum(self.over.values()) - self.open


@dataclass
class Balance:
    """`faults`: by sort the number of calls, and the ids of the first."""

    lines: dict[str, Account] = field(default_factory=dict)
    queues: dict[str, Account] = field(default_factory=dict)
    faults: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.faults and not any(account.unaccounted for account in self._accounts)

    @property
    def _accounts(self) -> Iterator[Account]:
        yield from self.lines.values()
        yield from self.queues.values()

    def fault(self, sort: str, call: str) -> None:
        count, calls = self.faults.get(sort, (0, []))
        self.faults[sort] = count + 1, [*calls, call][:SHOWN]

    def as_data(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"holds": self.holds, "lines": _accounts(self.lines), "queues": _accounts(self.queues),
                "faults": [{"fault": sort, "meaning": MEANINGS[sort], "calls": count, "first": calls}
                           for sort, (count, calls) in self.faults.items()]}


def _accounts(accounts: dict[str, Account]) -> dict[str, dict[str, Any]]:
    return {name: {"offered": account.offered, **account.over, "open": account.open,
                   "unaccounted": account.unaccounted} for name, account in sorted(accounts.items())}


def balance(engine: Engine, period: Period) -> Balance:
    """Of the visits that began in the period. Raises SQLAlchemyError if the database is away."""
    found = Balance()
    for visit in visits(engine, period):
        _account(found, visit)
    for call, line, began_at in _with_gaps(engine, period):
        if period.holds(began_at, line):
            found.fault(GAP, call)
    return found


def _account(found: Balance, visit: Visit) -> None:
    """What is over is counted by the entries, what is offered and open by the rows: each can show the other's loss."""
    line = found.lines.setdefault(visit.line, Account())
    line.offered += 1
    for ending in visit.endings:
        line.over[ending] += 1
    line.open += visit.outcome is None
    for stay in visit.stays:
        queue = found.queues.setdefault(stay.queue, Account())
        queue.offered += 1
        if stay.ending == WAITING:
            queue.open += visit.outcome is None
        elif stay.ending != UNANSWERED:
            queue.over[stay.ending] += 1
    for sort in _faults(visit):
        found.fault(sort, visit.id)


def _faults(visit: Visit) -> Iterator[str]:
    if len(visit.endings) > 1:
        yield TWO_ENDS
    elif visit.outcome is None and visit.endings:
        yield ENDED_OPEN
    elif visit.outcome is not None and not visit.endings:
        yield NO_END
    elif visit.endings and visit.endings[0] != visit.outcome:
        yield OTHER_OUTCOME
    if visit.outcome is not None and any(stay.ending == WAITING for stay in visit.stays):
        yield STAY_OPEN
    if any(stay.ending == UNANSWERED for stay in visit.stays):
        yield STAY_DOUBLED


def _with_gaps(engine: Engine, period: Period) -> list[Any]:
    """Calls whose entries do not count from 0 without a gap; few, or the record is in ruins."""
    query = (select(Call.id, Call.line, Call.began_at)
             .join(Entry, Entry.call_id == Call.id)
             .where(Call.began_at >= period.begin, Call.began_at < period.end, Call.direction == "inbound")
             .group_by(Call.id, Call.line, Call.began_at)
             .having(func.max(Entry.position) + 1 != func.count(Entry.id)).limit(MOST_GAPS))
    with engine.connect() as connection:
        return list(connection.execute(query))


MOST_GAPS = 100_000
