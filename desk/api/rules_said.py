"""A rule of hours as pages are told of it: not in words, for these they have themselves, in each language."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ivr.base.hours.model import Reason, Rule
from ivr.base.hours.schedule import Schedule

RUSSIAN = "ru"      # of the names of holidays, besides English


class RuleSaid(BaseModel):
    """What gives a day its hours."""

    sort: Annotated[Literal["days", "unnamed", "every_day", "dates", "holiday", "worked_weekend"], Field(
        description="`days` of the week, or `dates`, as the file has them; `unnamed`: a day that `week` leaves out")]
    of: Annotated[str, Field(description="The days or dates; the country of a holiday")]
    more: Annotated[str, Field(description="Why, of dates; of a worked weekend the day whose hours it has")]
    names: Annotated[dict[str, str], Field(description="What is celebrated, by language")]
    within: Annotated[str, Field(description="Open: within these hours; else empty")] = ""
    outside: Annotated[list[str], Field(description="Closed: outside these hours; closed all day without any")] = []


def said(schedule: Schedule, reason: Reason, day: date) -> RuleSaid:
    """The reason that holds on that day."""
    outside = [] if reason.span is not None else [str(span) for span in reason.by.spans]
    return rule_said(schedule, reason.by, day).model_copy(update={
        "within": str(reason.span) if reason.span is not None else "", "outside": outside})


def rule_said(schedule: Schedule, rule: Rule, day: date) -> RuleSaid:
    """The rule of that day, whatever the hour."""
    about = rule.about
    if about.sort != "holiday":
        return RuleSaid(sort=about.sort, of=about.of, more=about.more, names={})
    return RuleSaid(sort=about.sort, of=about.of, more="", names={"en": about.more, **_russian(schedule, day)})


def _russian(schedule: Schedule, day: date) -> dict[str, str]:
    holidays = schedule.timetable.holidays
    if holidays is None or not holidays.public.speaks(RUSSIAN):
        return {}
    name = holidays.public.name(day, RUSSIAN)
    return {RUSSIAN: name} if name else {}
