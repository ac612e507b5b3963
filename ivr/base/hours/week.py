"""The hours of the days of the week."""

from ivr.base.errors import Place
from ivr.base.hours.model import WEEKDAYS, About, Rule, Strength
from ivr.base.hours.spans import ALWAYS, CLOSED, read_spans, whole_day
from ivr.base.located_yaml import Node, Scalar
from ivr.base.reader import Reader
from ivr.base.suggestions import did_you_mean

Week = dict[int, Rule]
"""The rules of the days that are named; Monday is 0."""


def read_week(reader: Reader, node: Node) -> Week:
    """`24/7`, `closed`, or days and spans of days with their hours."""
    if isinstance(node, Scalar):
        return _every_day(reader, node)
    mapping = reader.mapping(node, "`week`")
    week: Week = {}
    for key, value in mapping.entries.items() if mapping else ():
        place = mapping.key_places[key] if mapping else node.place
        days = _days(reader, key, place)
        spans = read_spans(reader, value, key)
        for day in days if spans is not None else ():
            if day in week:
                reader.fault(place, f"{WEEKDAYS[day]} has hours already, in line {week[day].place.line}",
                             "keep one of the two", code="hours-day-twice")
            else:
                week[day] = Rule(Strength.WEEK, key, spans or (), place, About("days", key))
    return week


def full_week(week: Week, place: Place) -> tuple[Rule, ...]:
    """All seven days, Monday first; the hotline is closed on those that nothing is said of."""
    return tuple(week.get(day) or Rule(Strength.WEEK, f"{name} (not in `week`)", (), place, About("unnamed", name))
                 for day, name in enumerate(WEEKDAYS))


def read_weekday(reader: Reader, node: Node | None) -> int | None:
    """One day of the week."""
    if node is None:
        return None
    text = getattr(node, "text", "").strip().lower()
    if text not in WEEKDAYS:
        reader.fault(node.place, f"`{text}` is no day of the week", did_you_mean(text, WEEKDAYS),
                     code="weekday-unknown")
        return None
    return WEEKDAYS.index(text)


def _every_day(reader: Reader, node: Scalar) -> Week:
    text = node.text.strip().lower()
    if text not in (ALWAYS, CLOSED):
        reader.fault(node.place, f"`{node.text}` is no week" if text else "there are no hours here",
                     f"write `{ALWAYS}`, `{CLOSED}`, or lines like `monday-friday: 09:00-18:00`",
                     code="week-unreadable")
    spans = whole_day(node.place) if text == ALWAYS else ()
    rule = Rule(Strength.WEEK, "every day", spans, node.place, About("every_day"))
    return dict.fromkeys(range(len(WEEKDAYS)), rule)


def _days(reader: Reader, key: str, place: Place) -> range:
    """The days that `monday` or `monday-friday` names; none where a fault was noted."""
    names = [part.strip() for part in key.lower().replace("–", "-").split("-")]
    for name in names:
        if name not in WEEKDAYS:
            reader.fault(place, f"`{name}` is no day of the week", did_you_mean(name, WEEKDAYS), code="weekday-unknown")
            return range(0)
    first, last = WEEKDAYS.index(names[0]), WEEKDAYS.index(names[-1])
    if len(names) > 2 or (len(names) == 2 and last <= first):
        reader.fault(place, f"`{key}` does not go forward from monday to sunday",
                     "write `monday-friday`, and other days in lines of their own", code="weekdays-backward")
        return range(0)
    return range(first, last + 1)
