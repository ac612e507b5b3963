"""Reads arrivals that another system has recorded: CSV with a head, a line for each caller.

    time,queue,priority
    08:00:12,cards,
    08:00:15,loans,1
"""

import csv
import re
from collections.abc import Collection

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.suggestions import did_you_mean
from routing.reports.simulation.arrivals import Recorded
from routing.reports.simulation.ways import Way

TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]+)?))?")
FIELDS = ("time", "queue", "priority")
MOST_FAULTS = 50        # who reads more of them?
HEAD = "the first line names the columns: time,queue, and priority if there is one"


def read_arrivals(text: str, file: str, queues: Collection[str]) -> Recorded:
    """Callers of one day who come straight into their queues. Raises AdminError with every fault, 50 at most."""
    rows = csv.reader(text.splitlines())
    head = [name.strip() for name in next(rows, [])]
    if not {"time", "queue"} <= set(head) or not set(head) <= set(FIELDS):
        raise AdminError([Fault(Place(file, 1, 1), "this is no list of arrivals", HEAD)])
    reader = _Arrivals(file, queues)
    for row in rows:
        if row and len(reader.faults) < MOST_FAULTS:
            reader.read(dict(zip(head, row, strict=False)), rows.line_num)
    if reader.faults:
        raise AdminError(reader.faults)
    return Recorded(sorted(reader.calls, key=lambda call: call[0]))


class _Arrivals:
    def __init__(self, file: str, queues: Collection[str]) -> None:
        self.file, self.queues = file, queues
        self.calls: list[tuple[float, Way]] = []
        self.faults: list[Fault] = []

    def read(self, row: dict[str, str], line: int) -> None:
        at = self.time(row.get("time", "").strip(), line)
        queue = row.get("queue", "").strip()
        if queue not in self.queues:
            self.fault(line, f"there is no queue `{queue}`", did_you_mean(queue, self.queues))
        priority = row.get("priority", "").strip() or "0"
        if not re.fullmatch("[0-9]{1,4}", priority):
            self.fault(line, f"`{priority}` is no priority", "a whole number of steps from 0 on, or nothing")
        elif at is not None:
            self.calls.append((at, Way(queue, queue, priority=int(priority))))

    def time(self, text: str, line: int) -> float | None:
        match = TIME.fullmatch(text)
        if match is None or int(match[1]) > 23 or int(match[2]) > 59 or float(match[3] or 0) >= 60:
            self.fault(line, f"`{text}` is no time of day", "write it like 08:30 or 08:30:15")
            return None
        return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3] or 0)

    def fault(self, line: int, message: str, remedy: str) -> None:
        self.faults.append(Fault(Place(self.file, line, 1), message, remedy))
