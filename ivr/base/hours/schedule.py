"""When a schedule is open: for any moment the winning rule, and until when it stays so.

**The clock on the wall decides.** Whenever it shows a time within a span, it is open, and outside closed. So where
summer time begins and the clock leaves out 02:00 to 03:00, a span 02:00-03:00 does not happen, and one from 02:30 to
09:00 begins at 03:00; where it ends and 02:00 to 03:00 comes twice, a span 02:00-02:30 happens twice.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ivr.base.errors import Place
from ivr.base.hours.model import DAY, Reason, Rule, Span, Timetable, clock

HORIZON = 400           # days in which the next change is looked for: more than from a day of the year to the next one
MAX_COMPILED = 8        # windows kept at one time: a running service asks for one and, at its end, for the next
WINDOW = 86_400         # s; compiled at once is a day of UTC, since days of a zone have 23 to 25 hours
STEP = WINDOW // 4      # s; no zone changes its offset from UTC twice within so many
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Verdict:
    """Whether it is open, by which rule, where that is written, and when it changes: `until` is aware, in the zone of
    the schedule, and None where nothing changes within HORIZON days."""

    open: bool
    reason: Reason
    place: Place
    until: datetime | None

    @property
    def rule(self) -> str:
        """The reason in words."""
        return str(self.reason)


@dataclass(frozen=True)
class Stretch:
    """A part of a date, in minutes on the clock on the wall, within which one rule wins."""

    begin: int
    end: int
    open: bool
    reason: Reason
    place: Place

    @property
    def rule(self) -> str:
        """The reason in words."""
        return str(self.reason)

    def __str__(self) -> str:
        return f"{clock(self.begin)}-{clock(self.end)}"


@dataclass(frozen=True)
class Schedule:
    """The hours of one name in the file."""

    name: str
    zone: ZoneInfo
    timetable: Timetable
    place: Place
    _compiled: dict[int, tuple[list[int], list[Verdict]]] = field(default_factory=dict, compare=False, repr=False)

    def at(self, moment: datetime) -> Verdict:
        """What holds at an aware `moment`; ValueError for one that names no zone."""
        if moment.utcoffset() is None:
            raise ValueError("a moment needs a time zone")
        second = moment.timestamp()
        window = int(second // WINDOW)
        begins, verdicts = self._compiled.get(window) or self._compile(window)
        return verdicts[bisect_right(begins, second) - 1]

    def day(self, day: date) -> tuple[Stretch, ...]:
        """The whole of a date, from midnight to midnight on the clock on the wall.

        A span over midnight belongs to the day on which it begins. It goes on into the next one, unless a stronger rule
        has that day: then it ends at midnight.
        """
        today, before = self.timetable.rule_on(day), self.timetable.rule_on(day - timedelta(days=1))
        claims = [_Claim(0, span.tail, before, span) for span in before.spans
                  if span.tail > 0 and before.strength >= today.strength]
        claims += [_Claim(span.begin, min(span.end, DAY), today, span) for span in today.spans]
        edges = sorted({0, DAY, *(claim.begin for claim in claims), *(claim.end for claim in claims)})
        return tuple(_stretch(begin, end, today, claims) for begin, end in pairwise(edges))

    def _compile(self, window: int) -> tuple[list[int], list[Verdict]]:
        begins: list[int] = []
        verdicts: list[Verdict] = []
        stretches = list(self._stretches(window))
        change = self._change_after(window, stretches[-1][1].open)
        was_open = stretches[-1][1].open
        for begin, stretch in reversed(stretches):
            if stretch.open != was_open:
                change, was_open = begins[-1], stretch.open
            begins.append(begin)
            until = None if change is None else datetime.fromtimestamp(change, self.zone)
            verdicts.append(Verdict(stretch.open, stretch.reason, stretch.place, until))
        if len(self._compiled) >= MAX_COMPILED:
            self._compiled.clear()
        self._compiled[window] = begins[::-1], verdicts[::-1]
        return self._compiled[window]

    def _change_after(self, window: int, was_open: bool) -> int | None:
        """The first second behind the window at which it is not as it was."""
        if self.timetable.is_constant:
            return None
        for number in range(window, window + HORIZON):
            if all(stretch.open == was_open for stretch in self.day(_date(number))):
                continue
            for later in range(max(number - 1, window + 1), number + 2):    # every window that has a part of that date
                for begin, stretch in self._stretches(later):
                    if stretch.open != was_open:
                        return begin
        return None

    def _stretches(self, window: int) -> Iterator[tuple[int, Stretch]]:
        """All of a window with the seconds since 1970 at which each begins."""
        for begin, end, offset in self._pieces(window * WINDOW):
            for number in range((begin + offset) // WINDOW, (end + offset - 1) // WINDOW + 1):
                for stretch in self.day(_date(number)):
                    start, stop = (number * WINDOW + 60 * minute - offset for minute in (stretch.begin, stretch.end))
                    if start < end and stop > begin:
                        yield max(start, begin), stretch

    def _pieces(self, begin: int) -> Iterator[tuple[int, int, int]]:
        """The window that begins there as (begin, end, offset from UTC) in seconds, cut where the offset changes."""
        edges = [begin]
        for start in range(begin, begin + WINDOW, STEP):
            if self._offset(start) != self._offset(start + STEP):
                edges.append(self._change_of_offset(start, start + STEP))
        for start, stop in pairwise([*edges, begin + WINDOW]):
            if start < stop:
                yield start, stop, self._offset(start)

    def _change_of_offset(self, low: int, high: int) -> int:
        """The first second with the offset of `high`, which is not that of `low`."""
        wanted = self._offset(high)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._offset(middle) == wanted else (middle, high)
        return high

    def _offset(self, second: int) -> int:
        offset = datetime.fromtimestamp(second, UTC).astimezone(self.zone).utcoffset() or timedelta()
        return int(offset.total_seconds())


@dataclass(frozen=True)
class Hours:
    """Every schedule of a file."""

    file: str = ""
    schedules: Mapping[str, Schedule] = field(default_factory=dict)


@dataclass(frozen=True)
class _Claim:
    """The minutes of a date that a span holds open."""

    begin: int
    end: int
    rule: Rule
    span: Span


def _date(number: int) -> date:
    """The date so many days after the first of 1970."""
    return date.fromordinal(EPOCH + number)


def _stretch(begin: int, end: int, today: Rule, claims: list[_Claim]) -> Stretch:
    for claim in claims:
        if claim.begin <= begin < claim.end:
            return Stretch(begin, end, True, Reason(claim.rule, claim.span), claim.span.place)
    return Stretch(begin, end, False, Reason(today), today.place)
