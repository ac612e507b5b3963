"""The hours of one day, as admins write them: `09:00-18:00`, a list of such, or `closed`."""

import re
from itertools import combinations

from ivr.base.errors import Place
from ivr.base.hours.model import DAY, Rule, Span, overlaps
from ivr.base.located_yaml import Node, Scalar, Sequence
from ivr.base.reader import Reader

CLOSED = "closed"
ALWAYS = "24/7"
MAX_SPANS = 48          # a day of half hours
SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?[-–] ?([0-9]{1,2}):([0-9]{2})( +next +day)?")
AS = "write it like 09:00-18:00, several like [09:00-13:00, 14:00-18:00]"
MEET = "let one end when the other begins"


def read_spans(reader: Reader, node: Node, what: str) -> tuple[Span, ...] | None:
    """The spans of a day, the earliest first; () where it is `closed`, None where a fault was noted."""
    if isinstance(node, Scalar) and node.text.strip().lower() == CLOSED:
        return ()
    items = node.items if isinstance(node, Sequence) else (node,)
    if not items or (isinstance(node, Scalar) and not node.text.strip()):
        reader.fault(node.place, f"{what} has no hours", f"write `{CLOSED}`, or hours like 09:00-18:00",
                     code="hours-missing")
        return None
    if len(items) > MAX_SPANS:
        reader.fault(node.place, f"{what} has more than {MAX_SPANS} spans", "join those that touch",
                     code="hours-too-many")
        return None
    found = [_span(reader, item) for item in items]
    spans = sorted((span for span in found if span is not None), key=lambda span: span.begin)
    _no_overlap(reader, spans)
    return tuple(spans) if len(spans) == len(found) else None


def whole_day(place: Place) -> tuple[Span, ...]:
    """From midnight to midnight."""
    return (Span(0, DAY, place),)


def no_overlap_at_midnight(reader: Reader, rule: Rule, next_rule: Rule) -> None:
    """Refuse spans of a day that go on into those of the next day."""
    for span, later in overlaps(rule, next_rule):
        reader.fault(later.place, f"`{later}` begins before `{span}` of {rule.name} (line {span.place.line}) has ended",
                     MEET, code="hours-overlap")


def _no_overlap(reader: Reader, spans: list[Span]) -> None:
    for one, other in combinations(spans, 2):
        if other.begin < one.end:
            first, second = sorted((one, other), key=lambda span: span.place)
            reader.fault(second.place, f"`{second}` overlaps with `{first}`", MEET, code="hours-overlap")


def _span(reader: Reader, node: Node) -> Span | None:
    if not isinstance(node, Scalar):
        reader.fault(node.place, "these are no hours", AS, code="hours-unreadable")
        return None
    text = node.text.strip()
    if not (match := SPAN.fullmatch(text)):
        reader.fault(node.place, f"`{text}` is no span of time",
                     f"`{CLOSED}` stands alone, not among hours" if text.lower() == CLOSED else AS,
                     code="hours-unreadable")
        return None
    begin, end = (_minutes(reader, node.place, *match.group(part, part + 1)) for part in (1, 3))
    if begin is None or end is None:
        return None
    if wrong := _wrong(begin, end, bool(match[5]), text):
        message, remedy, code = wrong
        reader.fault(node.place, message, remedy, code=code)
        return None
    return Span(begin, end + DAY if match[5] else end, node.place)


def _minutes(reader: Reader, place: Place, hours: str, minutes: str) -> int | None:
    at = 60 * int(hours) + int(minutes)
    if int(minutes) > 59 or at > DAY:
        reader.fault(place, f"there is no time {hours}:{minutes}", "a day goes from 00:00 to 24:00",
                     code="hours-no-time")
        return None
    return at


def _wrong(begin: int, end: int, next_day: bool, text: str) -> tuple[str, str, str] | None:
    """What is wrong with a span of two good times: message, remedy, code."""
    if begin == DAY:
        return f"`{text}` begins when the day is over", "write 00:00 on the next day", "hours-backward"
    if next_day:
        return (f"`{text}` is longer than a day", "take `next day` out, or end it earlier", "hours-too-long") \
            if end > begin else None
    if begin == end:
        return f"`{text}` is empty", "the whole day is 00:00-24:00", "hours-empty"
    if end == 0:
        return f"`{text}` ends before it begins", "midnight at the end of a day is 24:00", "hours-backward"
    if end < begin:
        return f"`{text}` ends before it begins", f"if it ends on the next day, write `{text} next day`", \
            "hours-backward"
    return None
