"""Whether everybody who called is accounted for: what was written, held against the calls that are open.

Running sums of the rows that leave for the store, by line for visits and by queue for stays. At any moment between two
turns, as many visits and stays are open in these sums as there are calls in the house and callers in the queues: else a
caller was lost, or counted twice, and people are told. By hours, the sums also show whether all that left has arrived:
the web process compares them with the database (desk/accounts.py), since no query may hold up a call.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from ivr.call.record import Batch, CallRow, EntryRow

HOURS = 3               # of the latest calls are kept apart: what the web process compares
SHOWN = 10              # faults that are told at one time
LAST = 5_000            # calls: their last rows are written seconds after their end
FIGURES = ("offered", "over", "queued", "ended")


@dataclass
class Sums:
    """`open`: visits that have not ended, by call their line and hour; `stays`: the queue of each caller who waits."""

    offered: Counter[str] = field(default_factory=Counter)                  # visits by line
    over: Counter[tuple[str, str]] = field(default_factory=Counter)         # by line and outcome
    queued: Counter[str] = field(default_factory=Counter)                   # stays by queue
    left: Counter[tuple[str, str]] = field(default_factory=Counter)         # by queue and ending
    open: dict[str, tuple[str, str]] = field(default_factory=dict)
    stays: dict[str, str] = field(default_factory=dict)
    hours: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)   # by hour and line: FIGURES
    last: dict[str, None] = field(default_factory=dict)     # the latest calls that ended
    doubled: int = 0        # visits or stays that began again before they had ended
    faults: tuple[str, ...] = ()        # what the last check found

    def note(self, batch: Batch) -> None:
        """These rows leave for the store."""
        for row in batch.calls:
            if row.revision == 1:
                self._begin(row)
        for entry in batch.entries:
            if entry.kind in _STEPS:
                _STEPS[entry.kind](self, entry)
        for row in batch.calls:
            if row.outcome is not None:
                self._end(row)

    def _begin(self, row: CallRow) -> None:
        self.doubled += row.id in self.open
        self.open[row.id] = row.line, _hour(row.began_at)
        self.offered[row.line] += 1
        self._count(row.id, "offered")

    def resumed(self, row: CallRow, queued: int, *, waits: bool) -> None:
        """A visit of an earlier process goes on in this one: it counts here with all that it was. `queued`: how often
        it came into a queue."""
        self._begin(row)
        for _ in range(queued):
            self._count(row.id, "queued")
        if waits:
            self.stays[row.id] = row.queue
            self.queued[row.queue] += 1

    def _end(self, row: CallRow) -> None:
        """A row may be written again once it is over; `last` knows the calls of which that is to be expected."""
        if row.id in self.last:
            return
        self._count(row.id, "over")
        self.open.pop(row.id, None)
        self.over[row.line, str(row.outcome)] += 1
        self.last[row.id] = None
        if len(self.last) > LAST:
            del self.last[next(iter(self.last))]

    def _count(self, call: str, figure: str) -> None:
        if call not in self.open:
            return
        line, hour = self.open[call]
        lines = self.hours.get(hour)
        if lines is None:
            lines = self.hours[hour] = {}
            for old in sorted(self.hours)[:-HOURS]:
                del self.hours[old]         # perhaps this one, of a call that began long ago
        if line not in lines:
            lines[line] = {}
        counts = lines[line]
        counts[figure] = counts.get(figure, 0) + 1

    # --- entries ----------------------------------------------------------------------------------------------------
    def _queue(self, entry: EntryRow) -> None:
        self.doubled += entry.call_id in self.stays
        queue = str(entry.details.get("queue", ""))
        self.stays[entry.call_id] = queue
        self.queued[queue] += 1
        self._count(entry.call_id, "queued")

    def _leave(self, call: str, ending: str) -> None:
        queue = self.stays.pop(call, None)
        if queue is not None:
            self.left[queue, ending] += 1

    def _finish(self, entry: EntryRow) -> None:
        self._leave(entry.call_id, "abandoned" if entry.details.get("by") == "caller" else "failed")
        self._count(entry.call_id, "ended")

    # --- the check --------------------------------------------------------------------------------------------------
    def check(self, calls: Mapping[str, bool], queues: list[dict[str, Any]]) -> tuple[str, ...]:
        """What does not fit, in words; () where everybody is accounted for. `calls`: those in the house, and whether
        they have ended, to the last BYE; `queues`: as the dispatcher shows them."""
        self.faults = tuple(fault for fault, _ in zip(self._faults(calls, queues), range(SHOWN), strict=False))
        return self.faults

    def _faults(self, calls: Mapping[str, bool], queues: list[dict[str, Any]]) -> Iterator[str]:
        lost = [call for call in self.open if call not in calls]
        unwritten = [call for call, ended in calls.items() if not ended and call not in self.open]
        ended = [call for call, ended in calls.items() if ended and call in self.open]
        if self.doubled:
            yield f"{self.doubled} visits or stays began again before they had ended"
        if lost:
            yield f"{len(lost)} calls have no end and are in the house no more: {_some(lost)}"
        if unwritten:
            yield f"{len(unwritten)} calls go on of which no row was written: {_some(unwritten)}"
        if ended:
            yield f"{len(ended)} calls have ended, and no row says so: {_some(ended)}"
        for line, account in self.lines().items():
            if account["unaccounted"]:
                yield f"line {line}: offered less ended less in progress is {account['unaccounted']}"
        waiting = Counter(self.stays.values())
        for queue in queues:
            yield from self._faults_of(queue, waiting[queue["name"]], calls)

    def _faults_of(self, queue: Mapping[str, Any], waiting: int, calls: Mapping[str, bool]) -> Iterator[str]:
        """A queue may hold more than callers on the line (who is to be called back keeps a place), never fewer."""
        name = queue["name"]
        if queue["unaccounted"]:
            yield f"queue {name}: offered less ended less waiting is {queue['unaccounted']}"
        if queue["waiting"] < waiting:
            yield f"queue {name}: entries say that {waiting} wait, the queue has {queue['waiting']}"
        unknown = [each["call"] for each in queue["calls"] if each["call"] in calls and each["call"] not in self.stays
                   and not each.get("virtual")]
        if unknown:
            yield f"queue {name}: no entry says that these wait: {_some(unknown)}"

    # --- shown ------------------------------------------------------------------------------------------------------
    def lines(self) -> dict[str, dict[str, Any]]:
        """Visits by line since this process began: `offered`, outcomes, `in_progress`, and `unaccounted`, always 0."""
        open_now = Counter(line for line, _ in self.open.values())
        return _accounts(self.offered, self.over, open_now, "in_progress")

    def queues(self) -> dict[str, dict[str, Any]]:
        """The same of stays by queue, as entries tell them."""
        return _accounts(self.queued, self.left, Counter(self.stays.values()), "waiting")

    def shown(self) -> dict[str, Any]:
        """Plain data, a copy."""
        return {"lines": self.lines(), "queues": self.queues(), "faults": list(self.faults),
                "hours": {hour: {line: {figure: counts.get(figure, 0) for figure in FIGURES}
                                 for line, counts in lines.items()} for hour, lines in self.hours.items()}}


def _accounts(offered: Counter[str], over: Counter[tuple[str, str]], still: Counter[str],
              still_is: str) -> dict[str, dict[str, Any]]:
    ended: dict[str, dict[str, int]] = {name: {} for name in sorted({*offered, *still, *(of for of, _ in over)})}
    for (name, how), count in over.items():
        ended[name][how] = count
    return {name: {"offered": offered[name], **how, still_is: still[name],
                   "unaccounted": offered[name] - sum(how.values()) - still[name]} for name, how in ended.items()}


_STEPS = {
    "queued": Sums._queue,
    "bridged": lambda sums, entry: sums._leave(entry.call_id, "answered"),
    "overflowed": lambda sums, entry: sums._leave(entry.call_id, "overflow"),
    "queue_left": lambda sums, entry: sums._leave(entry.call_id, "transferred"),
    "stay_ended": lambda sums, entry: sums._leave(entry.call_id, str(entry.details.get("ending", "failed"))),
    "ended": Sums._finish,
}


def _hour(at: datetime) -> str:
    """Of UTC, as the web process asks the database for it."""
    return _named(at.year, at.month, at.day, at.hour)


@lru_cache(maxsize=HOURS)
def _named(year: int, month: int, day: int, hour: int) -> str:
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:00"


def _some(calls: list[str]) -> str:
    return ", ".join(calls[:3]) + (" …" if len(calls) > 3 else "")
