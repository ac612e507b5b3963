"""Periods as people name them, for reports: local days or times, bounded."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from desk.problems import Refusal
from desk.state import Desk
from desk.zones import zones_of
from routing.reports.figures import Dimension
from routing.reports.questions import Question
from routing.reports.tally import Bounds
from routing.requests.due import limits

LONGEST = timedelta(days=400)
YEARS = (1970, 2200)        # in which a period may begin: every zone can be reckoned with there
USUAL_THRESHOLD, USUAL_SHORT = 20.0, 5.0        # s
LocalTime = Annotated[str, Field(max_length=19, description="A local day, `2026-11-23`, or time, `2026-11-23T09:30`")]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=64)]


class Asked(BaseModel):
    """Which part of the record a report is about."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: Annotated[LocalTime, Field(alias="from")] = ""
    until: Annotated[LocalTime, Field(alias="to", description="A day is in it; empty: today")] = ""
    line: Annotated[list[Name], Field(max_length=50)] = []
    queue: Annotated[list[Name], Field(max_length=50)] = []
    channel: Annotated[list[Name], Field(max_length=10, description="`voice`, `web`, `telegram`, `sip`, `http`")] = []
    threshold: Annotated[Seconds | None, Field(description="T; none: `sla` of each queue, 20 s")] = None
    short: Annotated[Seconds, Field(description="S")] = USUAL_SHORT


def question_of(desk: Desk, asked: Asked, by: tuple[Dimension, ...]) -> Question:
    """Reads the small file of hours. Raises Refusal for a time that there is not."""
    today = datetime.fromtimestamp(desk.wall_clock(), UTC).astimezone(zones_of(desk.config).other).date()
    since = bound(asked.since, last=False) if asked.since else datetime.combine(today, time())
    until = bound(asked.until, last=True) if asked.until else datetime.combine(today + timedelta(days=1), time())
    if not (since < until and until - since <= LONGEST and YEARS[0] <= since.year < YEARS[1]):
        raise Refusal(400, "bad_period", f"It must end after it begins, and be no longer than {LONGEST.days} days.")
    found = (desk.config.line_for(number) for number in asked.line)
    lines = frozenset(line.numbers[0] for line in found if line is not None)
    if asked.line and not lines:
        raise Refusal(400, "unknown_line", f"No line has the number {asked.line[0]}.")
    return Question(since, until, by, bounds_of(desk, asked), lines, frozenset(asked.queue), limits(desk.config),
                    frozenset(asked.channel))


def today_of(desk: Desk) -> Question:
    """The present day, by queue and operator."""
    return replace(question_of(desk, Asked(), ("queue", "operator")), promised={})


def bounds_of(desk: Desk, asked: Asked) -> Bounds:
    given = USUAL_THRESHOLD if asked.threshold is None else asked.threshold
    single = {} if asked.threshold is not None else {
        name: queue.sla.answer_s for name, queue in desk.config.queues.items() if queue.sla.answer_s != given}
    return Bounds(given, asked.short, single)


def bound(text: str, *, last: bool) -> datetime:
    """A day alone is its beginning, or, as the last one, its end."""
    try:
        if len(text) > len("2026-12-31"):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is not None:
                raise ValueError
            return moment
        return datetime.combine(date.fromisoformat(text) + timedelta(days=last), time())
    except (ValueError, OverflowError):
        raise Refusal(400, "bad_period", f"{text!r} is no local time: 2026-12-31, or 2026-12-31T23:59.") from None
