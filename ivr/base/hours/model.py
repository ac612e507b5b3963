"""What a file of hours says: spans of a day, rules that give a day its spans, and which rule is stronger."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from typing import Literal

from ivr.base.errors import Place
from ivr.base.hours.public_holidays import PublicHolidays

DAY = 24 * 60       # minutes
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Strength(IntEnum):
    """Which rule has a day where several could: the strongest."""

    WEEK = 0
    HOLIDAY = 1
    YEARLY_RANGE = 2
    YEARLY_DAY = 3
    RANGE = 4
    DATE = 5


EXCEPTIONS = (Strength.DATE, Strength.RANGE, Strength.YEARLY_DAY, Strength.YEARLY_RANGE)

DayKey = date | tuple[int, int]
"""A date, or the month and day of every year."""


@dataclass(frozen=True)
class Span:
    """Open from `begin` until just before `end`: minutes on the clock on the wall since the midnight that its day
    begins with. Over midnight `end` is beyond DAY."""

    begin: int
    end: int
    place: Place

    def __str__(self) -> str:
        over = self.end > DAY
        return f"{clock(self.begin)}-{clock(self.end - DAY if over else self.end)}{' next day' if over else ''}"

    @property
    def tail(self) -> int:
        """Minutes of the next day that belong to this span; none: 0 or less."""
        return self.end - DAY


@dataclass(frozen=True)
class About:
    """`sort` of a rule: `days` of the week (as written), `unnamed` (a day that `week` does not name), `every_day`,
    `dates` (as written; `more`: why), `holiday` (of a country; `more`: its name), `worked_weekend` (of a country;
    `more`: the day of the week whose hours it has)."""

    sort: Literal["days", "unnamed", "every_day", "dates", "holiday", "worked_weekend"]
    of: str = ""
    more: str = ""


@dataclass(frozen=True)
class Rule:
    """The hours of a day, and what gives them. `name` is as the admin wrote it; without `spans` it is closed. `about`
    says the same for pages, which have words in several languages: what sort of rule, and of what."""

    strength: Strength
    name: str
    spans: tuple[Span, ...]
    place: Place
    about: About

    def words(self, span: Span | None) -> str:
        """This rule as the reason why it is open within `span`, or closed outside of all."""
        if span is not None:
            return f"{self.name}, {span}"
        return f"{self.name}, {'outside ' + ' and '.join(map(str, self.spans)) if self.spans else 'closed'}"


@dataclass(frozen=True)
class Reason:
    """Why it is open within `span` of a rule, or closed outside of all."""

    by: Rule
    span: Span | None = None

    def __str__(self) -> str:
        return self.by.words(self.span)


@dataclass(frozen=True)
class HolidayRule:
    """The hours of public holidays, and of weekends that a country works in exchange for days off."""

    public: PublicHolidays
    spans: tuple[Span, ...]
    place: Place
    worked_weekends: int | None = None
    """The weekday (0: Monday) whose hours a worked weekend has."""

    def on(self, day: date, week: tuple[Rule, ...]) -> Rule | None:
        """The rule of that day, if it is such a day."""
        if name := self.public.name(day):
            return Rule(Strength.HOLIDAY, f"public holiday of {self.public} ({name})", self.spans, self.place,
                        About("holiday", str(self.public), name))
        if self.worked_weekends is None or not self.public.is_worked_weekend(day):
            return None
        like = week[self.worked_weekends]
        return replace(like, strength=Strength.HOLIDAY, name=f"working {WEEKDAYS[day.weekday()]} of {self.public}, "
                       f"as on {WEEKDAYS[self.worked_weekends]}",
                       about=About("worked_weekend", str(self.public), WEEKDAYS[self.worked_weekends]))


@dataclass(frozen=True)
class Timetable:
    """Every rule of a schedule: its own and, behind them, those of the schedule that it is like."""

    week: tuple[Rule, ...]
    holidays: HolidayRule | None
    exceptions: Mapping[Strength, Mapping[DayKey, Rule]]

    @property
    def is_constant(self) -> bool:
        """Whether it is open at every hour, or at none: then there is no change, and the zone does not matter."""
        spans = {tuple((span.begin, span.end) for span in rule.spans) for rule in self.week}
        return self.holidays is None and not any(self.exceptions.values()) and spans in ({()}, {((0, DAY),)})

    def rule_on(self, day: date) -> Rule:
        """The strongest rule of that day."""
        yearly = (day.month, day.day)
        for strength in EXCEPTIONS:
            if rule := self.exceptions[strength].get(day if strength >= Strength.RANGE else yearly):
                return rule
        holiday = self.holidays.on(day, self.week) if self.holidays is not None else None
        return holiday or self.week[day.weekday()]


def overlaps(rule: Rule, next_rule: Rule) -> Iterator[tuple[Span, Span]]:
    """Spans of `rule` that go on beyond midnight, with those of the next day that begin before they end."""
    for span in rule.spans:
        yield from ((span, later) for later in next_rule.spans if later.begin < span.tail)


def clock(minutes: int) -> str:
    """Minutes since midnight as a clock shows them."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
