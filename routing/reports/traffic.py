"""The traffic that the record shows: calls by half hour, work a call, and how long callers have patience. Chats are
left out: an operator has several at one time, and Erlang's formulas know nothing of that."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from routing.reports.period import Period
from routing.reports.report import Wanted, make
from routing.reports.stream import visits
from routing.staffing.arrivals import Interval

HALF_HOURS = 48
VOICE = frozenset(["voice"])


@dataclass(frozen=True)
class Seen:
    """`intervals`: of a mean day, half hours in which calls came into a queue; seconds of work a call, and of mean
    patience; None where nobody was answered, or hung up."""

    intervals: tuple[Interval, ...]
    handle_time: float | None
    patience: float | None


def seen(engine: Engine, period: Period, queue: str | None, now: datetime) -> Seen:
    """Of all queues, or of one. Patience is that of an exponential distribution: all waits, of those who were answered
    too, by the number of callers who hung up (maximum likelihood: whoever was answered might have waited on)."""
    days = max(1, round((period.until - period.since) / timedelta(days=1)))
    counts: Counter[int] = Counter()
    for visit in visits(engine, period):
        for stay in visit.stays if visit.channel in VOICE else ():
            if queue is None or stay.queue == queue:
                local = period.local(stay.began_at, visit.line)
                counts[(local.hour * 60 + local.minute) // 30] += 1
    of_queue = frozenset([queue]) if queue is not None else frozenset()
    total = make(engine, Wanted(period, "queue", queues=of_queue, channels=VOICE), now).total
    handled = total.talk + total.hold + total.wrap_up
    return Seen(tuple(Interval(f"{half // 2:02}:{half % 2 * 30:02}", round(counts[half] / days, 3))
                      for half in range(HALF_HOURS) if counts[half]),
                handled / total.handled if total.handled else None,
                total.wait_all / total.abandoned if total.abandoned else None)
