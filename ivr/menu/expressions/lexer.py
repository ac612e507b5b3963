"""Cuts the text of an expression into tokens, each with the place of its first character."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from ivr.base.suggestions import RUSSIAN
from ivr.menu.expressions.values import Money, Value

MAX_LENGTH = 500          # characters; a condition longer than this is read by nobody
MAX_DIGITS = 15           # of a number

UNITS = {name: seconds for names, seconds in (
    ("s sec second seconds", 1), ("min minute minutes", 60), ("h hour hours", 3600), ("day days", 86_400),
    ("week weeks", 604_800)) for name in names.split()}
WORDS = frozenset(["or", "and", "not", "in", "starts", "with", "yes", "no"])

TOKEN = re.compile(r"""\s*(?:
      (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9]))
    | (?P<time>[0-9]{1,2}:[0-9]{2}(?![0-9]))
    | (?P<number>[0-9]+(?:\.[0-9]+)?)(?:[ ]?(?!(?:or|and|not|in)\b)(?P<unit>%|[A-Za-z]+))?
    | "(?P<double>[^"]*)" | '(?P<single>[^']*)'
    | (?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)
    | (?P<sign>==|!=|<=|>=|[-<>+*/(),\[\]])
)""", re.VERBOSE)


class Mistaken(Exception):
    """The expression is wrong at `offset`: what is wrong, and what to do."""

    def __init__(self, offset: int, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Token:
    """`kind` is "name", "sign" (words such as `and` too), "value" or "end"; `text` is as written."""

    kind: str
    text: str
    offset: int
    value: Value | None = None


def tokens(text: str) -> list[Token]:
    """All tokens, and one of kind "end". Raises Mistaken."""
    if len(text) > MAX_LENGTH:
        raise Mistaken(MAX_LENGTH, f"the expression is longer than {MAX_LENGTH} characters",
                       "`set` a part of it to a variable before")
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    end = len(text.rstrip())
    position = 0
    while position < end:
        found = TOKEN.match(text, position)
        if found is None:
            raise _unreadable(text, position)
        yield _token(found)
        position = found.end()
    yield Token("end", "", end)


def _token(found: re.Match[str]) -> Token:
    sort = next(name for name, group in found.groupdict().items() if group is not None)
    text, offset = found[sort], found.start(sort)
    if sort in ("double", "single"):
        return Token("value", text, offset - 1, text)
    if sort == "name" and text not in WORDS:
        return Token("name", text, offset)
    if sort in ("name", "sign"):
        return Token("value", text, offset, text == "yes") if text in ("yes", "no") else Token("sign", text, offset)
    return Token("value", found.group().strip(), offset, VALUES[sort](found, offset))


def _date(found: re.Match[str], offset: int) -> date:
    try:
        return date.fromisoformat(found["date"])
    except ValueError:
        raise Mistaken(offset, f"there is no day {found['date']}", "year, month and day, such as 2026-12-31") from None


def _time(found: re.Match[str], offset: int) -> time:
    hour, minute = found["time"].split(":")
    if int(hour) > 23 or int(minute) > 59:
        raise Mistaken(offset, f"there is no time {found['time']}", "from 00:00 to 23:59")
    return time(int(hour), int(minute))


def _number(found: re.Match[str], offset: int) -> Value:
    digits, unit = found["number"], found["unit"]
    if len(digits.replace(".", "")) > MAX_DIGITS:
        raise Mistaken(offset, f"the number has more than {MAX_DIGITS} digits")
    number = Decimal(digits)
    if unit is None:
        return number
    if unit == "%":
        return number / 100
    if unit in UNITS:
        return _duration(number, unit, offset)
    if re.fullmatch(r"[A-Z]{3}", unit):
        return Money(number, unit)
    raise Mistaken(found.start("unit"), f"`{unit}` is no unit", "allowed: s, min, h, days, weeks, %, "
                                        "or a currency in three capital letters such as RUB")


def _duration(number: Decimal, unit: str, offset: int) -> timedelta:
    try:
        return timedelta(seconds=float(number * UNITS[unit]))
    except OverflowError:
        raise Mistaken(offset, "the duration is longer than any") from None


VALUES: Mapping[str, Callable[[re.Match[str], int], Value]] = {"date": _date, "time": _time, "number": _number}


def _unreadable(text: str, position: int) -> Mistaken:
    offset = position + len(text[position:]) - len(text[position:].lstrip())
    char = text[offset]
    if char in "\"'":
        return Mistaken(offset, "a text without its closing quote")
    if char == "=":
        return Mistaken(offset, "`=` compares nothing", "write `==`")
    if char in "«»“”„‘’":
        return Mistaken(offset, f"`{char}` is no quote of an expression", 'write straight ones: "text"')
    if char in RUSSIAN:
        return Mistaken(offset, f"`{char}` is a Russian letter", "names have Latin letters: type the name anew; texts "
                                                                 "stand in quotes")
    return Mistaken(offset, f"`{char}` means nothing in an expression",
                    "names have small Latin letters; texts stand in quotes")
