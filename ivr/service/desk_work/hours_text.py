"""One day in the text of a file of hours: written, changed or taken out, and every other line stays as it is.

Remarks stay, too: those on lines of their own, and the one behind an entry that is changed.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.located_yaml import Mapping, Node, Scalar, load

BY_HAND = "write this day into the file itself"
INDENT = "  "
SPAN = re.compile(r"[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}( next day)?")


@dataclass(frozen=True)
class DayHours:
    """The hours of one day, as a file has them: without `spans` it is closed. `why` may be empty."""

    spans: tuple[str, ...] = ()
    why: str = ""

    def written(self) -> str:
        """As the value of an entry of `exceptions`."""
        hours = "closed" if not self.spans else self.spans[0] if len(self.spans) == 1 else f"[{', '.join(self.spans)}]"
        return f"{{hours: {hours}, why: {json.dumps(self.why, ensure_ascii=False)}}}" if self.why else hours


def with_day(text: str, file: str, schedule: str, day: date, hours: DayHours | None) -> str:
    """The text in which this date of a schedule has these hours; None: no hours of its own any more.

    Raises AdminError where the text is no YAML, has no such schedule, or writes it in a form that is left to people.
    The new text is not checked here.
    """
    lines = text.split("\n")
    node = _schedule(text, file, schedule)
    exceptions = node.entries.get("exceptions")
    if exceptions is None:
        return text if hours is None else _first(lines, node, day, hours)
    at = node.key_places["exceptions"]
    if isinstance(exceptions, Scalar) and not exceptions.text.strip():
        return text if hours is None else _after(lines, at.line, " " * (at.column - 1) + INDENT, day, hours)
    if not isinstance(exceptions, Mapping) or _is_flow(lines, exceptions):
        _refuse(at, "these `exceptions` are not written line by line")
    known = next((key for key in exceptions if key.strip() == day.isoformat()), None)
    if known is not None:
        return _changed(lines, exceptions.key_places[known], day, hours)
    if hours is None:
        return text
    last = max(exceptions.key_places.values())
    indent = " " * (last.column - 1)
    return _after(lines, _end(lines, last), indent, day, hours)


def _schedule(text: str, file: str, name: str) -> Mapping:
    root = load(text, file)
    schedules = root.entries.get("schedules") if isinstance(root, Mapping) else None
    if not isinstance(schedules, Mapping) or name not in schedules.entries:
        _refuse(root.place, f"there is no schedule `{name}`", "look at the list again")
    node, place = schedules.entries[name], schedules.key_places[name]
    if not isinstance(node, Mapping) or _is_flow(text.split("\n"), node):
        _refuse(place, f"schedule `{name}` is written in one line", f"give it lines of its own, with `week:` or `like:`"
                f"; then {BY_HAND}, or come back")
    return node


def _first(lines: list[str], node: Mapping, day: date, hours: DayHours) -> str:
    """With `exceptions` that there were not, behind all that the schedule says."""
    last = max(node.key_places.values())
    indent, end = " " * (last.column - 1), _end(lines, last)
    return _joined(lines, end, end, [f"{indent}exceptions:", _entry(indent + INDENT, day, hours)])


def _after(lines: list[str], end: int, indent: str, day: date, hours: DayHours) -> str:
    return _joined(lines, end, end, [_entry(indent, day, hours)])


def _changed(lines: list[str], at: Place, day: date, hours: DayHours | None) -> str:
    """Another value in the place of an entry's own; its remarks stay."""
    begin, end = at.line - 1, _end(lines, at)
    remarks = [line for line in lines[begin + 1:end] if line.lstrip().startswith("#")]
    if hours is None:
        return _joined(lines, begin, end, remarks)
    written = _entry(" " * (at.column - 1), day, hours)
    remark = _remark(lines[begin])
    return _joined(lines, begin, end, [f"{written}   {remark}" if remark else written, *remarks])


def _entry(indent: str, day: date, hours: DayHours) -> str:
    return f"{indent}{day.isoformat()}: {hours.written()}"


def _joined(lines: list[str], begin: int, end: int, instead: Sequence[str]) -> str:
    return "\n".join([*lines[:begin], *instead, *lines[end:]])


def _end(lines: list[str], key: Place) -> int:
    """The number of lines up to the end of what stands at a key: the last line that is indented deeper and says
    something."""
    end = key.line
    for number in range(key.line, len(lines)):
        line = lines[number]
        stripped = line.lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        if len(line) - len(stripped) < key.column and not (stripped.startswith(("}", "]"))):
            break
        end = number + 1
    return end


def _is_flow(lines: list[str], node: Node) -> bool:
    """Whether a mapping is written in braces."""
    line = lines[node.place.line - 1] if node.place.line <= len(lines) else ""
    return line[node.place.column - 1:node.place.column] == "{"


def _remark(line: str) -> str:
    """What stands behind the # of a line, with it; "" if there is none. A # in quotes is none."""
    quote = ""
    for index, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "#" and line[index - 1:index].isspace():
            return line[index:].rstrip()
    return ""


def _refuse(place: Place, message: str, remedy: str = BY_HAND) -> NoReturn:
    raise AdminError([Fault(place, message, remedy, code="hours-by-hand")])
