"""Traffic as it was: who called when, where their way led, how long operators talked, how patient callers were."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from routing.reports.simulation.arrivals import Recorded
from routing.reports.simulation.distributions import Distribution, empirical, exponential
from routing.reports.simulation.ways import Ending, Way
from routing.requests.tables import Call, Request

MOST_CALLS = 1_000_000      # of one simulation
MOST_TIMES = 20_000         # handle times of a queue: the latest of them, as many as tell the shape
# Visits without a queue, by outcome; what was refused or failed is no traffic that a queue could have had.
ENDINGS: Mapping[str, Ending] = {"abandoned": "abandoned", "self_served": "self_served", "transferred": "transferred",
                                 "closed": "closed"}


@dataclass(frozen=True)
class History:
    """What the record gives for a simulation. `patiences` lack queues in which nobody gave up."""

    arrivals: Recorded
    handles: Mapping[str, Distribution]
    patiences: Mapping[str, Distribution]
    calls: int
    truncated: bool = False


def read_history(engine: Engine, begin: datetime, end: datetime, midnight: datetime, queues: Collection[str],
                 ) -> History:
    """Of inbound calls that began from `begin` until just before `end`; times count from `midnight`, all aware.

    Callers of queues that the configuration has no longer are left out. Raises SQLAlchemyError.
    """
    rows = _rows(engine, begin, end)
    calls: list[tuple[float, Way]] = []
    handles: defaultdict[str, list[float]] = defaultdict(list)
    waits: defaultdict[str, list[tuple[float, bool]]] = defaultdict(list)
    for row in rows[:MOST_CALLS]:
        way = _way(row)
        if way is None or (way.queue and way.queue not in queues):
            continue
        calls.append(((row.began_at - midnight).total_seconds(), way))
        if way.queue and row.talk_time is not None:
            handles[way.queue].append(row.talk_time)
        waits[way.queue].extend(_waited(row))
    return History(Recorded(calls), {name: empirical(tuple(times[-MOST_TIMES:])) for name, times in handles.items()},
                   dict(_patiences(waits)), len(calls), len(rows) > MOST_CALLS)


def _rows(engine: Engine, begin: datetime, end: datetime) -> list[Any]:
    wanted = (select(Call.line, Call.began_at, Call.ended_at, Call.outcome, Call.wait_time, Call.talk_time,
                     Call.language, Request.queue.label("queue"), Request.opened_at)
              .outerjoin(Request, Request.id == Call.request_id)
              .where(Call.began_at >= begin, Call.began_at < end, Call.direction == "inbound",
                     Call.ended_at.is_not(None))
              .order_by(Call.began_at, Call.id).limit(MOST_CALLS + 1))
    with engine.connect() as connection:
        return list(connection.execute(wanted).all())


def _way(row: Any) -> Way | None:
    if row.queue:
        return Way(row.line, row.queue, max(0.0, (row.opened_at - row.began_at).total_seconds()), "queued",
                   row.language)
    ending = ENDINGS.get(row.outcome or "")
    seconds = (row.ended_at - row.began_at).total_seconds()
    return Way(row.line, "", seconds, ending, row.language) if ending else None


def _waited(row: Any) -> Iterator[tuple[float, bool]]:
    """Seconds in the queue, and whether the caller gave up then."""
    if row.queue and row.wait_time is not None:
        yield row.wait_time, row.outcome == "abandoned" and row.talk_time is None


def _patiences(waits: Mapping[str, list[tuple[float, bool]]]) -> Iterator[tuple[str, Distribution]]:
    """All waits / those who gave up: the mean of an exponential patience of which most was cut short by an answer
    (maximum likelihood under censoring)."""
    for queue, times in waits.items():
        gave_up = sum(left for _, left in times)
        if queue and gave_up:
            yield queue, exponential(max(1.0, sum(wait for wait, _ in times) / gave_up))
