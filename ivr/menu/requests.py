"""Questions to other systems by HTTP: what a menu asks, and what of the answer it keeps. Nothing here does I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

from ivr.base.values import frozen
from ivr.menu.expressions.values import Kind, Money, Value, bounded, value_of

VALUE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
MAX_TEXT = 500          # characters that are kept of a text of an answer
MAX_PLACE = 6           # digits of a place in a list


@frozen
class Request:
    """One question, with its values filled in. Times in seconds. Printed, it tells nobody what it asks."""

    method: str
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: Mapping[str, Any] | None = field(repr=False)
    timeout: float
    retries: int

    @property
    def host(self) -> str:
        """Whom it asks, for the log."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True)
class Wanted:
    """A value of the answer: the variable that it becomes, its kind, and the keys that lead to it in the JSON."""

    name: str
    kind: Kind
    way: tuple[str, ...]
    currency: str = ""


def names_in(text: str) -> list[str]:
    """The names of the values in a text."""
    return VALUE.findall(text)


def places_in(text: str) -> dict[str, int]:
    """The names of the values in a text, and where the brace of each stands first."""
    places: dict[str, int] = {}
    for found in VALUE.finditer(text):
        places.setdefault(found[1], found.start())
    return places


def filled(text: str, values: Mapping[str, Value], *, in_url: bool = False) -> str | None:
    """The text with its values; None if one is missing, or would lead an address elsewhere."""
    if any(name not in values for name in names_in(text)):
        return None
    write = _in_url if in_url else plain
    done = VALUE.sub(lambda found: write(values[found[1]]), text)
    return None if in_url and _climbs(text, done) else done


def _climbs(text: str, done: str) -> bool:
    """Whether values have become `..`: whoever calls from such a number would have another address asked."""
    before, after = (re.split("[?#]", url, maxsplit=1)[0].split("/") for url in (text, done))
    return any(part in (".", "..") and part != was for was, part in zip(before, after, strict=False))


def _in_url(value: Value) -> str:
    return quote(plain(value), safe="")


def plain(value: Value) -> str:
    """A value as other systems read it: ISO 8601 for dates and times, seconds, an amount without its currency."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Money):
        return format(value.amount, "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, timedelta):
        return format(Decimal(str(value.total_seconds())).normalize(), "f")
    if isinstance(value, date | time):
        return value.isoformat()
    return ",".join(value) if isinstance(value, tuple) else value


def found_in(answer: Any, wanted: Wanted) -> Value | None:
    """The value in an answer (JSON, its fractions as Decimal), None where there is none or another kind of thing."""
    for key in wanted.way:
        if isinstance(answer, list) and key.isdecimal() and len(key) <= MAX_PLACE and int(key) < len(answer):
            answer = answer[int(key)]
        elif isinstance(answer, Mapping):
            answer = answer.get(key)
        else:
            return None
    if wanted.kind is Kind.FLAG or isinstance(answer, bool):
        return answer if wanted.kind is Kind.FLAG and isinstance(answer, bool) else None
    if wanted.kind is Kind.TEXT:
        return _text(str(answer)) if isinstance(answer, str | int | Decimal) else None
    if wanted.kind in (Kind.NUMBER, Kind.MONEY) and isinstance(answer, int | Decimal):
        number = bounded(Decimal(answer))
        return Money(number, wanted.currency) if number is not None and wanted.kind is Kind.MONEY else number
    if isinstance(answer, int | Decimal) and wanted.kind is Kind.DURATION:
        return value_of(str(answer), wanted.kind)
    return value_of(answer, wanted.kind, wanted.currency) if isinstance(answer, str) and len(answer) < 40 else None


def _text(text: str) -> str:
    """JSON may hold halves of signs (\\ud800), which nobody can write down."""
    return text[:MAX_TEXT].encode(errors="replace").decode()
