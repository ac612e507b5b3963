"""Days that have other hours than their week: dates, ranges of dates, days of every year."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from ivr.base.errors import Place
from ivr.base.hours.model import EXCEPTIONS, About, DayKey, Rule, Strength
from ivr.base.hours.spans import read_spans
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar
from ivr.base.reader import Reader

DATE = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
DAY_OF_YEAR = r"([0-9]{2})-([0-9]{2})"
FORMS = {Strength.DATE: re.compile(DATE), Strength.RANGE: re.compile(f"{DATE} to {DATE}"),
         Strength.YEARLY_DAY: re.compile(f"every {DAY_OF_YEAR}"),
         Strength.YEARLY_RANGE: re.compile(f"every {DAY_OF_YEAR} to {DAY_OF_YEAR}")}
FORMS_SAID = "write 2026-12-31, 2026-12-31 to 2027-01-08, every 12-31 or every 12-29 to 01-08: year, month, day"
OTHERWISE = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})")      # as in 31.12.2026
YEARS = range(2000, 2100)
LEAP_YEAR = 2000        # has every day that any year has
DAYS_OF_LEAP_YEAR = 366
LONGEST = 366           # days of a range; also bounds what a file can make us keep

Own = dict[Strength, dict[DayKey, Rule]]


def read_exceptions(reader: Reader, node: Node | None) -> Own:
    """The rule of every day that is named, by how it is named."""
    reading = _Reading(reader)
    if isinstance(node, Scalar) and not node.text.strip():      # every line below it is a comment
        return reading.found
    mapping = reader.mapping(node, "`exceptions`")
    for key, value in mapping.entries.items() if mapping else ():
        if mapping:
            reading.exception(key, mapping.key_places[key], value)
    return reading.found


def neighbours(own: Mapping[DayKey, Rule], known: Mapping[DayKey, Rule]) -> Iterator[tuple[Rule, Rule]]:
    """The rules of two days of `known` that follow one another, of which one is in `own`."""
    for key in own:
        for first, second in ((_moved(key, -1), key), (key, _moved(key, 1))):
            rule, after = known.get(first), known.get(second)
            if rule is not None and after is not None:
                yield rule, after


def _moved(key: DayKey, days: int) -> DayKey:
    """The day so many days later; days of every year are those of a leap year."""
    moved = (key if isinstance(key, date) else date(LEAP_YEAR, *key)) + timedelta(days=days)
    return moved if isinstance(key, date) else (moved.month, moved.day)


@dataclass
class _Reading:
    reader: Reader
    found: Own = field(default_factory=lambda: {strength: {} for strength in EXCEPTIONS})

    def exception(self, key: str, place: Place, value: Node) -> None:
        hours, why = self._hours(key, value)
        strength, days = self._days(" ".join(key.split()), place)
        spans = read_spans(self.reader, hours, key) if hours is not None else None
        if strength is None or spans is None:
            return
        rule = Rule(strength, f"{key} ({why})" if why else key, spans, place,
                    About("dates", " ".join(key.split()), why or ""))
        for day in days:
            if (other := self.found[strength].setdefault(day, rule)) is not rule:
                self.reader.fault(place, f"`{key}` names a day that `{other.name}` in line {other.place.line} has "
                                  "already", "keep one of the two", code="hours-date-twice")
                return

    def _hours(self, key: str, value: Node) -> tuple[Node | None, str | None]:
        """The node of the hours, and why they are others, if it is said."""
        if not isinstance(value, YamlMapping):
            return value, None
        fields = self.reader.fields(value, f"`{key}`", ("hours", "why"), required=("hours",))
        return fields.get("hours"), self.reader.text(fields.get("why"), f"`why` of {key}")

    def _days(self, key: str, place: Place) -> tuple[Strength | None, list[DayKey]]:
        for strength, form in FORMS.items():
            if match := form.fullmatch(key):
                numbers = [int(group) for group in match.groups()]
                yearly = strength < Strength.RANGE
                size = 2 if yearly else 3
                ends = [self._date(numbers[at:at + size], place) for at in range(0, len(numbers), size)]
                if None in ends:
                    return None, []
                return strength, self._range([end for end in ends if end is not None], yearly, key, place)
        self.reader.fault(place, f"`{key}` is no date", _did_you_mean(key) or FORMS_SAID, code="date-unreadable")
        return None, []

    def _date(self, numbers: list[int], place: Place) -> date | None:
        written = "-".join(f"{number:02}" for number in numbers)
        year, month, day = numbers if len(numbers) == 3 else (LEAP_YEAR, *numbers)
        try:
            found = date(year, month, day)
        except ValueError:
            self.reader.fault(place, f"there is no day {written}", "year, month, day" if len(numbers) == 3
                              else "month, then day: every 12-31", code="date-impossible")
            return None
        if year not in YEARS:
            self.reader.fault(place, f"{written} lies too far away", f"a year from {YEARS[0]} to {YEARS[-1]}",
                              code="date-far-away")
            return None
        return found

    def _range(self, ends: list[date], yearly: bool, key: str, place: Place) -> list[DayKey]:
        """Every day from the first to the last; a range of every year may go over the end of the year."""
        first, last = ends[0], ends[-1]
        if yearly:
            count = (last - first).days % DAYS_OF_LEAP_YEAR + 1
            return [_moved((first.month, first.day), number) for number in range(count)]
        if last < first:
            self.reader.fault(place, f"`{key}` ends before it begins", "the earlier date stands first",
                              code="dates-backward")
            return []
        if (last - first).days >= LONGEST:
            self.reader.fault(place, f"`{key}` is longer than a year", "change the week instead, or write it year by "
                              "year", code="dates-too-long")
            return []
        return [_moved(first, number) for number in range((last - first).days + 1)]


def _did_you_mean(key: str) -> str:
    if not (match := OTHERWISE.fullmatch(key)):
        return ""
    first, second, year = (int(group) for group in match.groups())
    day, month = (first, second) if second <= 12 else (second, first)
    return f"did you mean {year}-{month:02}-{day:02}? {FORMS_SAID}"
