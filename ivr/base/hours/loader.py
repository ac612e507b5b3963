"""Reads a file of hours: its YAML becomes `Hours`, or every fault in it is named with its place and what to do."""

from collections import ChainMap
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from ivr.base.errors import Place
from ivr.base.hours.exceptions import Own, neighbours, read_exceptions
from ivr.base.hours.holidays_schema import NONE, read_holidays
from ivr.base.hours.model import EXCEPTIONS, About, DayKey, HolidayRule, Rule, Strength, Timetable
from ivr.base.hours.schedule import Hours, Schedule
from ivr.base.hours.spans import no_overlap_at_midnight
from ivr.base.hours.week import Week, full_week, read_week
from ivr.base.hours.zones import read_zone
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar, load
from ivr.base.reader import Reader

KEYS = ("like", "zone", "week", "holidays", "exceptions")
MAX_SCHEDULES = 500     # an organisation has a dozen
DEEPEST = 8             # schedules that are like one another in a row
UTC = ZoneInfo("UTC")   # of a schedule that is the same at every hour, where no zone is given


def load_hours(text: str, file: str) -> Hours:
    """The schedules that the file describes. Raises AdminError with every fault."""
    reader = Reader()
    fields = reader.fields(load(text, file), "a file of hours", ("zone", "schedules"), required=("schedules",))
    node = fields.get("schedules")
    named = reader.named(node, "`schedules`")
    zone = read_zone(reader, fields.get("zone"))
    if len(named) > MAX_SCHEDULES and node is not None:
        reader.fault(node.place, f"there are more than {MAX_SCHEDULES} schedules", "lines can share one",
                     code="schedules-too-many")
        reader.refuse_faulty()
    places = node.key_places if isinstance(node, YamlMapping) else {}
    drafts = {name: _draft(reader, name, value, places[name], named) for name, value in named.items()}
    ways = {name: _way(reader, name, drafts) for name in drafts}
    schedules = {name: _schedule(reader, [drafts[step] for step in way], zone) for name, way in ways.items() if way}
    if "zone" not in fields:
        zoned = {name for name, way in ways.items() if any(drafts[step].has_zone for step in way)}
        _need_zone(reader, schedules, zoned)
    reader.refuse_faulty()
    return Hours(file, schedules)


@dataclass(frozen=True)
class _Draft:
    """What the file says of one schedule, without those that it is like. Of `holidays` NONE takes away what others
    say, and None says nothing."""

    name: str
    place: Place
    like: Scalar | None = None
    zone: ZoneInfo | None = None
    has_zone: bool = False
    week: Week | None = None
    week_place: Place | None = None
    holidays: HolidayRule | str | None = None
    exceptions: Own = field(default_factory=lambda: {strength: {} for strength in EXCEPTIONS})


def _draft(reader: Reader, name: str, node: Node, place: Place, named: Mapping[str, Node]) -> _Draft:
    if isinstance(node, Scalar):        # `always: 24/7`
        return _Draft(name, place, week=read_week(reader, node), week_place=node.place)
    fields = reader.fields(node, f"schedule `{name}`", KEYS)
    like = fields.get("like")
    week = fields.get("week")
    if fields and like is None and week is None:
        reader.fault(node.place, f"schedule `{name}` has no hours", "add `week:`, or `like:` and another schedule",
                     code="hours-missing")
    known = reader.one_of(like, "schedule", named)
    return _Draft(name, place, like if known and isinstance(like, Scalar) else None,
                  read_zone(reader, fields.get("zone")), "zone" in fields,
                  read_week(reader, week) if week is not None else None, week.place if week is not None else None,
                  read_holidays(reader, fields.get("holidays")), read_exceptions(reader, fields.get("exceptions")))


def _way(reader: Reader, name: str, drafts: Mapping[str, _Draft]) -> list[str]:
    """The schedule and those that it is like, one after the other; none where they go in a circle."""
    way = [name]
    while (like := drafts[way[-1]].like) is not None:
        after = like.text.strip()
        if after in way or len(way) >= DEEPEST:
            _endless(reader, [*way, after], drafts)
            return []
        way.append(after)
    return way


def _endless(reader: Reader, way: list[str], drafts: Mapping[str, _Draft]) -> None:
    first = drafts[way[0]].like
    place = first.place if first else drafts[way[0]].place
    if way[-1] not in way[:-1]:
        reader.fault(place, f"more than {DEEPEST} schedules are like one another: {' → '.join(way)}",
                     "let it be like one that has hours of its own", code="schedule-too-deep")
    elif way[-1] == way[0] == min(way, key=lambda name: drafts[name].place):     # said once, of the first of the circle
        reader.fault(place, f"a schedule can't be like itself: {' → '.join(way)}",
                     "give one of them hours of its own in place of `like`", code="schedule-circle")


def _schedule(reader: Reader, drafts: list[_Draft], zone: ZoneInfo | None) -> Schedule:
    """Out of what a schedule says and, where it says nothing, what those say that it is like."""
    own = drafts[0]
    week = full_week({day: rule for draft in reversed(drafts) for day, rule in (draft.week or {}).items()},
                     next((draft.week_place for draft in drafts if draft.week_place), own.place))
    holidays = next((draft.holidays for draft in drafts if draft.holidays is not None), NONE)
    # In a chain, not in one mapping: a thousand exceptions that hundreds of schedules share are kept once.
    exceptions: dict[Strength, Mapping[DayKey, Rule]] = {
        strength: ChainMap(*(draft.exceptions[strength] for draft in drafts)) for strength in EXCEPTIONS}
    timetable = Timetable(week, holidays if isinstance(holidays, HolidayRule) else None, exceptions)
    _no_overlaps(reader, own, timetable)
    return Schedule(own.name, next((draft.zone for draft in drafts if draft.zone), zone) or UTC, timetable, own.place)


def _need_zone(reader: Reader, schedules: Mapping[str, Schedule], zoned: Collection[str]) -> None:
    """Said once: most files want one zone for all."""
    for name, schedule in schedules.items():
        if name not in zoned and not schedule.timetable.is_constant:
            reader.fault(schedule.place, f"nothing says in which time zone `{name}` has its hours",
                         "add a line such as `zone: Europe/Moscow` here, or at the top of the file for all",
                         code="zone-missing")
            return


def _no_overlaps(reader: Reader, own: _Draft, timetable: Timetable) -> None:
    """Spans that go on beyond midnight, against those of the next day that a rule of the same strength gives."""
    week = timetable.week
    for day, rule in enumerate(week if own.week else ()):
        no_overlap_at_midnight(reader, rule, week[(day + 1) % len(week)])
    for strength in EXCEPTIONS:
        for rule, after in neighbours(own.exceptions[strength], timetable.exceptions[strength]):
            no_overlap_at_midnight(reader, rule, after)
    if isinstance(own.holidays, HolidayRule):
        holiday = Rule(Strength.HOLIDAY, "a public holiday before", own.holidays.spans, own.holidays.place,
                       About("holiday", str(own.holidays.public)))
        no_overlap_at_midnight(reader, holiday, holiday)
