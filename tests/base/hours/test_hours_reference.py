"""Every minute of two years against a reference that is written differently: rules are painted, the weakest first, over
one long array of minutes on the clock on the wall, and zones are two dates a year. Holidays are copied out."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ivr.base.hours.loader import load_hours
from ivr.base.hours.schedule import Schedule

Minutes = npt.NDArray[np.int64]

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
FIRST, LAST = date(2025, 12, 30), date(2028, 1, 3)      # painted a little beyond: zones are ahead and behind
DAY = 1440
OFTEN = 31              # minutes from one question to the next, where there is no change

TEXT = """
schedules:
  some:
    zone: {zone}
    week:
      monday-thursday: [09:00-13:00, 14:00-18:30]
      friday: [09:00-13:00, 22:00-04:30 next day]
      saturday: 10:15-16:00
      sunday: [01:30-02:45, 23:59-00:01 next day]
    holidays: {{country: {country}, hours: 11:00-01:30 next day}}
    exceptions:
      2026-03-07: 20:00-02:30 next day
      2026-03-28: 20:00-02:30 next day
      2026-10-24: [00:00-00:30, 22:00-02:30 next day]
      2026-10-31: 22:00-01:30 next day
      2027-03-13: 02:30-03:00
      2026-07-06 to 2026-07-19: 08:00-08:00 next day
      2026-07-10: closed
      2027-02-22 to 2027-02-25: closed
      every 12-24: 08:00-12:00
      every 12-27 to 01-02: [10:00-12:00, 20:00-24:00]
      every 02-28 to 03-01: closed
      every 06-12: 12:00-13:00
"""


@dataclass(frozen=True)
class Layer:
    """A rule: how its words begin, and its spans in minutes."""

    name: str
    spans: tuple[tuple[int, int], ...]


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def at(clock: str) -> int:
    return 60 * int(clock[:2]) + int(clock[3:])


def layer(name: str, *spans: str) -> Layer:
    """Spans as `09:00 13:00`, with hours beyond 24 on the next day."""
    return Layer(name, tuple((at(span[:5]), at(span[6:])) for span in spans))


def named(year: int, *texts: str) -> set[date]:
    return {date.fromisoformat(f"{year}-{text}") for text in texts}


HOLIDAYS = {
    "DE": named(2026, "01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "10-03", "12-25", "12-26")
    | named(2027, "01-01", "03-26", "03-29", "05-01", "05-06", "05-17", "10-03", "12-25", "12-26")
    | named(2028, "01-01"),
    "US": named(2026, "01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "07-04", "09-07", "10-12", "11-11", "11-26",
                "12-25")
    | named(2027, "01-01", "01-18", "02-15", "05-31", "06-18", "06-19", "07-04", "07-05", "09-06", "10-11", "11-11",
            "11-25", "12-24", "12-25", "12-31") | named(2028, "01-01"),
    "RU": named(2025, "12-31")
    | named(2026, *(f"01-0{day}" for day in range(1, 10)), "02-23", "03-08", "03-09", "05-01", "05-09", "05-11",
            "06-12", "11-04", "12-31")
    | named(2027, *(f"01-0{day}" for day in range(1, 9)), "02-22", "02-23", "03-08", "05-01", "05-03", "05-09", "05-10",
            "06-12", "06-14", "11-04", "11-05", "12-31") | named(2028, *(f"01-0{day}" for day in range(1, 9))),
}


def layers(country: str) -> list[dict[date, Layer]]:
    """The rule of each day that has one, the weakest kind of rule first."""
    every = days(FIRST, LAST)
    workday = layer("monday-thursday, ", "09:00 13:00", "14:00 18:30")
    week = [workday] * 4 + [layer("friday, ", "09:00 13:00", "22:00 28:30"), layer("saturday, ", "10:15 16:00"),
                            layer("sunday, ", "01:30 02:45", "23:59 24:01")]
    turn = layer("every 12-27 to 01-02, ", "10:00 12:00", "20:00 24:00")
    spring, eve, june = layer("every 02-28 to 03-01, "), layer("every 12-24, ", "08:00 12:00"), \
        layer("every 06-12, ", "12:00 13:00")
    return [
        {day: week[day.weekday()] for day in every},
        dict.fromkeys(HOLIDAYS[country], layer(f"public holiday of {country} (", "11:00 25:30")),
        {day: turn for day in every if (day.month, day.day) >= (12, 27) or (day.month, day.day) <= (1, 2)}
        | {day: spring for day in every if (2, 28) <= (day.month, day.day) <= (3, 1)},
        {day: eve for day in every if (day.month, day.day) == (12, 24)}
        | {day: june for day in every if (day.month, day.day) == (6, 12)},
        dict.fromkeys(days(date(2026, 7, 6), date(2026, 7, 19)), layer("2026-07-06 to 2026-07-19, ", "08:00 32:00"))
        | dict.fromkeys(days(date(2027, 2, 22), date(2027, 2, 25)), layer("2027-02-22 to 2027-02-25, ")),
        {date.fromisoformat(day): layer(f"{day}, ", *spans) for day, *spans in (
            ("2026-03-07", "20:00 26:30"), ("2026-03-28", "20:00 26:30"), ("2026-10-24", "00:00 00:30", "22:00 26:30"),
            ("2026-10-31", "22:00 25:30"), ("2027-03-13", "02:30 03:00"), ("2026-07-10",))},
    ]


def painted(country: str) -> tuple[Minutes, list[str]]:
    """For each minute on the wall since FIRST the number of its rule, twice, and one more where it is open."""
    kinds = layers(country)
    wall = np.zeros((LAST - FIRST).days * DAY + 3 * DAY, dtype=np.int64)
    names = sorted({one.name for kind in kinds for one in kind.values()})
    for strength, kind in enumerate(kinds):
        stronger = {day for other in kinds[strength + 1:] for day in other}
        mine = {(day - FIRST).days * DAY: one for day, one in kind.items() if day not in stronger and day >= FIRST}
        for midnight, one in mine.items():
            wall[midnight:midnight + DAY] = 2 * names.index(one.name)
        for midnight, one in mine.items():
            for begin, end in one.spans:
                wall[midnight + begin:midnight + end] = 2 * names.index(one.name) + 1
    return wall, names


def minute_of(at: datetime) -> int:
    return int((at - BEGIN).total_seconds()) // 60


def sunday(year: int, month: int, number: int) -> date:
    """The first Sunday (number 1), the second (2), the last (-1) of a month."""
    found = [day for day in days(date(year, month, 1), date(year, month, 28) + timedelta(days=3))
             if day.month == month and day.weekday() == 6]
    return found[number - 1 if number > 0 else number]


def offsets(winter: int, *summers: tuple[datetime, datetime]) -> Minutes:
    """Minutes that the clock on the wall is ahead of UTC, for every minute of the two years."""
    ahead = np.full(minute_of(END), winter, dtype=np.int64)
    for begin, end in summers:
        ahead[minute_of(begin):minute_of(end)] += 60
    return ahead


def moment(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


ZONES = {
    "Europe/Moscow": ("RU", offsets(180)),
    "Europe/Berlin": ("DE", offsets(60, *((moment(sunday(year, 3, -1), 1), moment(sunday(year, 10, -1), 1))
                                          for year in (2026, 2027)))),
    "America/New_York": ("US", offsets(-300, *((moment(sunday(year, 3, 2), 7), moment(sunday(year, 11, 1), 6))
                                               for year in (2026, 2027)))),
}


def told(schedule: Schedule) -> npt.NDArray[np.bool_]:
    """Whether it is open in each minute, by going from change to change."""
    opens = np.zeros(minute_of(END), dtype=np.bool_)
    now = BEGIN
    while now < END:
        verdict = schedule.at(now)
        assert verdict.until is not None
        assert verdict.until > now
        opens[minute_of(now):minute_of(verdict.until)] = verdict.open
        now = verdict.until.astimezone(UTC)
    return opens


@pytest.mark.parametrize("zone", ZONES)
def test_hours__every_minute_of_two_years(zone: str) -> None:
    country, ahead = ZONES[zone]
    schedule = load_hours(TEXT.format(zone=zone, country=country), "hours.yaml").schedules["some"]
    wall, names = painted(country)
    since = -minute_of(moment(FIRST, 0))
    wanted = wall[np.arange(len(ahead)) + ahead + since]
    opens = told(schedule)
    wrong = np.flatnonzero(opens != (wanted % 2 == 1))
    assert [str(BEGIN + timedelta(minutes=int(minute))) for minute in wrong[:3]] == []
    assert 0.2 < opens.mean() < 0.5
    changes = np.flatnonzero(np.diff(wanted)) + 1
    turns = np.flatnonzero(np.diff(ahead))
    hours = np.concatenate([np.arange(turn - 300, turn + 300) for turn in turns]) if len(turns) else turns
    asked: Any = np.unique(np.concatenate([changes - 1, changes, np.arange(0, len(ahead), OFTEN), hours]))
    for minute in asked.tolist():
        verdict = schedule.at(BEGIN + timedelta(minutes=minute))
        rule, is_open = divmod(int(wanted[minute]), 2)
        assert (verdict.open, verdict.rule[:len(names[rule])]) == (is_open == 1, names[rule]), minute
    assert {names[int(rule)] for rule in np.unique(wanted // 2)} == set(names)      # each rule was asked for
