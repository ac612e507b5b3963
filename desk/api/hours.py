"""/api/hours: when lines are open, as a calendar, and other hours for a single day."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from desk.api.rules_said import RuleSaid, rule_said, said
from desk.audit import audit
from desk.hours_now import Read
from desk.problems import Refusal, problems
from desk.state import Desk
from desk.who import Admin, DeskOf, Supervisor, Who
from ivr.base.hours.model import Strength
from ivr.base.hours.schedule import Schedule

MOST_DAYS = 400
YEARS = range(2000, 2100)       # as in files of hours

Name = Annotated[str, Path(max_length=100, description="A schedule of the file of hours")]
Span = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d( next day)?|24:00)$",
                            description="09:00-18:00, or 22:00-04:00 next day")]

router = APIRouter(prefix="/api/hours", tags=["hours"])


class ScheduleNow(BaseModel):
    """A schedule, and what holds now."""

    name: str
    zone: str
    lines: Annotated[list[str], Field(description="First numbers of the lines that have it")]
    queues: Annotated[list[str], Field(description="Queues that call back within it")]
    open: bool
    rule: str
    said: RuleSaid
    line: Annotated[int, Field(description="Where the rule stands in the file")]
    until: datetime | None
    today: Annotated[date, Field(description="In its zone")]


class HoursShown(BaseModel):
    """All schedules. `version` goes with a change, so that nobody overwrites another's."""

    file: Annotated[str | None, Field(description="null: config.yaml names none")]
    version: str
    faults: Annotated[list[str], Field(description="Why the file as it is now is not used; empty: it is")]
    schedules: list[ScheduleNow]
    lines_without: Annotated[list[str], Field(description="Lines that never close")]


class Part(BaseModel):
    """A part of a day in which it is open."""

    hours: Annotated[str, Field(examples=["09:00-18:00"])]
    rule: str


class Day(BaseModel):
    """A day on the clock on the wall."""

    date: date
    open: list[Part]
    rule: Annotated[str, Field(description="What gives the day its hours")]
    why: Annotated[str, Field(description="How that rule is named in the file")]
    said: RuleSaid
    kind: Annotated[str, Field(description="week, holiday, yearly_range, yearly_day, range or date")]
    line: Annotated[int, Field(description="Where it stands in the file")]


class Days(BaseModel):
    """Days one after the other."""

    schedule: str
    zone: str
    version: str
    days: list[Day]


class NewDay(BaseModel):
    """Other hours for a day. Without `spans` it is closed."""

    model_config = ConfigDict(extra="forbid")

    spans: Annotated[list[Span], Field(max_length=10)] = []
    why: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*$",
                              description="Such as: short day before the New Year")] = ""
    version: Annotated[str, Field(max_length=64)]


class Written(BaseModel):
    """The file after a change."""

    version: str
    changed: bool


@router.get("", summary="Every schedule, and what holds now", responses=problems(401, 403))
async def hours(desk: DeskOf, who: Supervisor) -> HoursShown:
    return await run_in_threadpool(_shown, desk)


@router.get("/{name}/days", summary="Days of a schedule", responses=problems(401, 403, 404))
async def days(desk: DeskOf, who: Supervisor, name: Name,
               first: Annotated[date | None, Query(description="Without it today")] = None,
               count: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7) -> Days:
    return await run_in_threadpool(_days, desk, name, first, count)


@router.put("/{name}/days/{day}", summary="Give a day other hours", responses=problems(400, 401, 403, 404, 409, 503),
            description="Written into the file of hours, in which every other line and every remark stays. It is "
                        "checked before it is written; new calls go by it a few seconds later.")
async def set_day(desk: DeskOf, who: Admin, name: Name, day: date, new: NewDay) -> Written:
    return await _write(desk, who, name, day, new.version, {"spans": new.spans, "why": new.why.strip()})


@router.delete("/{name}/days/{day}", summary="Take a day's own hours out of the file",
               responses=problems(400, 401, 403, 404, 409, 503))
async def clear_day(desk: DeskOf, who: Admin, name: Name, day: date,
                    version: Annotated[str, Query(max_length=64)]) -> Written:
    return await _write(desk, who, name, day, version, None)


def _shown(desk: Desk) -> HoursShown:
    read, config = desk.administration.hours.get(desk.config), desk.config
    now = datetime.fromtimestamp(desk.wall_clock(), UTC)
    return HoursShown(
        file=str(config.hours) if config.hours else None, version=read.version, faults=list(read.faults),
        schedules=[_schedule(desk, schedule, now) for schedule in read.hours.schedules.values()],
        lines_without=[line.numbers[0] for line in config.lines if line.hours is None])


def _schedule(desk: Desk, schedule: Schedule, now: datetime) -> ScheduleNow:
    verdict, config, today = schedule.at(now), desk.config, now.astimezone(schedule.zone).date()
    return ScheduleNow(
        name=schedule.name, zone=str(schedule.zone), open=verdict.open, rule=verdict.rule, line=verdict.place.line,
        until=verdict.until, today=today, said=said(schedule, verdict.reason, today),
        lines=[line.numbers[0] for line in config.lines if line.hours == schedule.name],
        queues=[name for name, queue in config.queues.items()
                if queue.callback is not None and queue.callback.hours == schedule.name])


def _days(desk: Desk, name: str, first: date | None, count: int) -> Days:
    read = desk.administration.hours.get(desk.config)
    schedule = _known(read, name)
    today = datetime.fromtimestamp(desk.wall_clock(), UTC).astimezone(schedule.zone).date()
    begin = _in_reach(first or today)
    wanted = [begin + timedelta(days=ahead) for ahead in range(count)]
    return Days(schedule=name, zone=str(schedule.zone), version=read.version,
                days=[_day(schedule, day) for day in wanted if day.year in YEARS])


def _day(schedule: Schedule, day: date) -> Day:
    rule, stretches = schedule.timetable.rule_on(day), schedule.day(day)
    return Day(date=day, kind=Strength(rule.strength).name.lower(), why=rule.name, line=rule.place.line,
               said=rule_said(schedule, rule, day),
               rule=rule.words(rule.spans[0]) if len(rule.spans) == 1 else rule.words(None),
               open=[Part(hours=str(one), rule=one.rule) for one in stretches if one.open])


async def _write(desk: Desk, who: Who, name: str, day: date, version: str,
                 given: dict[str, object] | None) -> Written:
    schedule = _known(await run_in_threadpool(desk.administration.hours.get, desk.config), name)
    before = _day(schedule, _in_reach(day))
    done = await desk.administration.apart.write("set_hours", desk.config, schedule=name, hours=given, version=version,
                                                 day=_in_reach(day).isoformat())
    audit(desk, who, "hours.day", f"{name} {day.isoformat()}",
          {"hours": ", ".join(part.hours for part in before.open) or "closed", "rule": before.why},
          given if given is not None else {"rule": "as the others"})
    return Written.model_validate(done)


def _known(read: Read, name: str) -> Schedule:
    if name not in read.hours.schedules:
        raise Refusal(404, "not_found", "There are no such hours.")
    return read.hours.schedules[name]


def _in_reach(day: date) -> date:
    if day.year not in YEARS:
        raise Refusal(400, "far_away", f"A day from {YEARS[0]} to {YEARS[-1]}.")
    return day
