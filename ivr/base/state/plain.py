"""Values of the standard library that are written as a text, and how each is read."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from ivr.base.state.errors import NotWritable

AS_THEY_ARE = frozenset((str, int, bool, type(None)))      # floats too, if they are finite

Written = Callable[[Any], str]
Read = Callable[[str], Any]


def _moment(moment: datetime) -> str:
    """A zone has a name that an offset from UTC has not."""
    if isinstance(moment.tzinfo, ZoneInfo):
        return f"{moment.replace(tzinfo=None).isoformat()} {moment.fold} {moment.tzinfo.key}"
    if moment.tzinfo not in (None, UTC):
        raise NotWritable(f"the zone of {moment!r} has no name")
    return moment.isoformat()


def _read_moment(text: str) -> datetime:
    moment, _, rest = text.partition(" ")
    if not rest:
        return datetime.fromisoformat(moment)
    fold, _, key = rest.partition(" ")
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(key), fold=int(fold))


def _float(text: str) -> float:
    number = float(text)
    if isfinite(number):
        raise ValueError(f"{text} is written as itself")
    return number


def no_number(word: str) -> float:
    """NaN and its like, which Python reads in JSON."""
    raise ValueError(f"{word} is no number of JSON")


PLAIN: Mapping[type, tuple[Written, Read]] = {
    float: (repr, _float),              # those without end
    bytes: (lambda octets: octets.decode("latin-1"), lambda text: text.encode("latin-1")),
    bytearray: (lambda octets: octets.decode("latin-1"), lambda text: bytearray(text, "latin-1")),
    datetime: (_moment, _read_moment),
    date: (date.isoformat, date.fromisoformat),
    time: (time.isoformat, time.fromisoformat),
    timedelta: (lambda span: f"{span.days} {span.seconds} {span.microseconds}",
                lambda text: timedelta(*map(int, text.split(" ")))),
    Decimal: (str, Decimal),
    ZoneInfo: (lambda zone: zone.key, ZoneInfo),
    **{kind: (str, kind) for kind in (IPv4Address, IPv6Address, IPv4Network, IPv6Network)},
}
BY_NAME = {kind.__name__: (kind, read) for kind, (_, read) in PLAIN.items()}
