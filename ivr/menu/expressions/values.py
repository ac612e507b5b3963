"""The values of a menu: their kinds, and the texts that stand for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Context, Decimal, InvalidOperation
from enum import Enum


class Kind(Enum):
    """What sort of value a name or an expression has; the text is the word for admins, and the one in `variables:`."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"             # yes or no
    DATE = "date"
    TIME = "time"             # of a day, on the wall
    DURATION = "duration"
    MONEY = "money"
    TEXTS = "list"            # of texts; only of names that the house gives, such as caller.groups


@dataclass(frozen=True)
class Money:
    """An amount in a currency of ISO 4217."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


Value = Decimal | str | bool | date | time | timedelta | Money | tuple[str, ...]

KIND_OF: Mapping[type, Kind] = {
    Decimal: Kind.NUMBER, str: Kind.TEXT, bool: Kind.FLAG, date: Kind.DATE, time: Kind.TIME, timedelta: Kind.DURATION,
    Money: Kind.MONEY, tuple: Kind.TEXTS,
}
LARGEST = Decimal(999_999_999_999)       # beyond it an amount is a mistake; no language here has words for it
# No traps: a division by zero and an overflow give no number, which `bounded` turns into "no value".
ARITHMETIC = Context(prec=28, Emin=-99, Emax=99, traps=[])


def bounded(number: Decimal) -> Decimal | None:
    """The number, or None where it is none (a division by zero) or too large. 1e-999999999 is none either: it is zero
    here, as written out it would fill the memory."""
    number = ARITHMETIC.plus(number)
    return number if number.is_finite() and abs(number) <= LARGEST else None


def value_of(text: str, kind: Kind, currency: str = "") -> Value | None:
    """The value of this kind that a text stands for, None if for none: `2026-12-31`, `09:30`, `yes`, `12.50`, and a
    duration in seconds. `currency` is that of an amount of money."""
    try:
        return _READERS[kind](text, currency)
    except (ValueError, InvalidOperation, OverflowError):
        return None


def _number(text: str, currency: str = "") -> Decimal | None:
    return bounded(Decimal(text))


def _money(text: str, currency: str) -> Money | None:
    amount, _, own = text.partition(" ")
    number = _number(amount)
    return Money(number, own or currency) if number is not None and (own or currency) else None


def _time(text: str) -> time | None:
    """On the wall here: 09:30Z is elsewhere, and can't be compared with it."""
    found = time.fromisoformat(text)
    return found if found.tzinfo is None else None


_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
_READERS: Mapping[Kind, Callable[[str, str], Value | None]] = {
    Kind.NUMBER: _number,
    Kind.TEXT: lambda text, currency: text,
    Kind.FLAG: lambda text, currency: _FLAGS.get(text.lower()),
    Kind.DATE: lambda text, currency: date.fromisoformat(text),
    Kind.TIME: lambda text, currency: _time(text),
    Kind.DURATION: lambda text, currency: timedelta(seconds=float(text)),
    Kind.MONEY: _money,
    Kind.TEXTS: lambda text, currency: (text,),
}
