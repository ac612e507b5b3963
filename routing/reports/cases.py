"""The calls behind a count of a report.

Each visit is counted alone, by the very code that counts them together: a list can't differ from its figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from routing.reports.counted import COUNTS, OF_CLOSED, OF_DUE, OF_SOLVED
from routing.reports.due import due_requests
from routing.reports.report import Report, Wanted, add_closed, add_due, add_solved, add_visit
from routing.reports.solved import solved_requests
from routing.reports.stream import closed_requests, visits
from routing.reports.waits import within


@dataclass(frozen=True)
class Behind:
    """Which calls: of a count, of one group or ("") of all. `waited`: of stays of so many seconds alone, from, and up
    to (None: without an end)."""

    wanted: Wanted
    count: str
    group: str = ""
    waited: tuple[float, float | None] | None = None


@dataclass(frozen=True)
class Case:
    """A call, and how often it was counted: who waited twice is two stays."""

    call: str
    times: int


def cases(engine: Engine, behind: Behind, now: datetime) -> Iterator[Case]:
    """In order of their beginning (of requests: of what is counted). Raises KeyError for a count that there is not, and
    SQLAlchemyError if the database is away."""
    count, found = COUNTS[behind.count], dict[str, int]()
    for call, report in _counted_alone(engine, behind, now):
        tally = report.total if not behind.group else report.groups.get(behind.group)
        if tally is not None and (times := int(count(tally) or 0)):
            found[call] = found.get(call, 0) + times
    return (Case(call, times) for call, times in found.items())


def _counted_alone(engine: Engine, behind: Behind, now: datetime) -> Iterator[tuple[str, Report]]:
    wanted = behind.wanted
    if behind.count in OF_CLOSED:
        for closed in closed_requests(engine, wanted.period):
            add_closed(report := Report(wanted), closed)
            yield closed.call, report
    elif behind.count in OF_SOLVED:
        for solved in solved_requests(engine, wanted.period):
            add_solved(report := Report(wanted), solved)
            yield solved.call, report
    elif behind.count in OF_DUE:
        for due in due_requests(engine, wanted.period, wanted.promised, now):
            add_due(report := Report(wanted), due)
            yield due.call, report
    else:
        for visit in visits(engine, wanted.period):
            if behind.waited is not None:
                since, until = behind.waited
                visit = replace(visit, stays=[stay for stay in visit.stays if within(stay, since, until)])
            add_visit(report := Report(wanted), visit)
            yield visit.id, report
