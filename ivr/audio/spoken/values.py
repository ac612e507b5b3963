"""What a value is before it is put into words: whole and fraction, major and minor units, days to seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Protocol, runtime_checkable

Words = tuple[str, ...]

LARGEST = 999_999_999_999           # of what is counted and of money's major units: no language here goes on to 10^12
LONGEST_DAYS = 100_000              # no duration reaches it: 273 years; a longer one is a mistake
PLACES = 4                          # decimals that are said: an exchange rate has four; Russian names each of them
PAUSE = ","                         # the word between groups of digits; its clip is silence
PAUSE_MS = 250                      # and so long
_EXACT = Context(prec=40)           # more digits than LARGEST and PLACES have, whatever context the caller's thread has

MINOR_DIGITS: Mapping[str, int] = {   # decimals of each currency (ISO 4217)
    "RUB": 2, "USD": 2, "EUR": 2, "GBP": 2, "KZT": 2, "CNY": 2, "BYN": 2, "CHF": 2, "JPY": 0}
UNITS: Mapping[str, int] = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}      # in seconds


@runtime_checkable
class Amount(Protocol):
    """Money: so much of a currency by its ISO 4217 code."""

    @property
    def amount(self) -> Decimal: ...

    @property
    def currency(self) -> str: ...


Value = int | Decimal | str | date | time | timedelta | Amount


@dataclass(frozen=True)
class Split:
    """A number cut at its decimal point; `fraction` has the digits after it, without zeros at the end."""

    negative: bool
    whole: int
    fraction: str


@dataclass(frozen=True)
class Sum:
    """Money in whole units: 12.50 of RUB is major 12, minor 50."""

    currency: str
    negative: bool
    major: int
    minor: int


@dataclass(frozen=True)
class Length:
    """A duration as (unit, how many), the longest unit first; units of which there are none are left out."""

    negative: bool
    parts: tuple[tuple[str, int], ...]


def number(value: object) -> Decimal:
    """The value if it is a finite number; a flag is none. Raises ValueError, which never quotes the value."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("it is no number")
    exact = Decimal(value)
    if not exact.is_finite():
        raise ValueError("it is no finite number")
    return exact


def rounded(value: Decimal, places: int) -> Decimal:
    """To so many decimals; a half goes away from zero. Raises ValueError beyond LARGEST."""
    if abs(value) <= LARGEST + 1:                       # asked first: quantize cannot hold 1e999999
        exact = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
        if int(abs(exact)) <= LARGEST:
            return exact
    raise ValueError(f"it is larger than {LARGEST:,}")


def split(value: object) -> Split:
    """The number with PLACES decimals at most."""
    exact = rounded(number(value), PLACES)
    whole, _, fraction = f"{abs(exact):f}".partition(".")
    return Split(exact < 0, int(whole), fraction.rstrip("0"))


def sum_of(value: object, currency: str) -> Sum:
    """Money rounded to its minor unit. `currency` is what the detail named: "" if the value must bring its own."""
    amount, code = (value.amount, value.currency) if isinstance(value, Amount) else (value, currency)
    if not code:
        raise ValueError("it has no currency: name one, as in money RUB")
    if currency not in ("", code):
        raise ValueError(f"it is in {code}, not in {currency}")
    if code not in MINOR_DIGITS:
        raise ValueError(f"the currency {code} is not among {', '.join(MINOR_DIGITS)}")
    exact = rounded(number(amount), MINOR_DIGITS[code])
    minor_per_major = 10 ** MINOR_DIGITS[code]
    major, minor = divmod(int(abs(exact).scaleb(MINOR_DIGITS[code])), minor_per_major)
    return Sum(code, exact < 0, major, minor)


def length_of(value: object, smallest: str) -> Length:
    """A duration in units down to `smallest`, to which it is rounded; a half goes up."""
    if not isinstance(value, timedelta):
        raise ValueError("it is no duration")
    if abs(value) >= timedelta(LONGEST_DAYS):
        raise ValueError(f"it is {LONGEST_DAYS:,} days or longer")
    step_us = UNITS[smallest] * 1_000_000
    steps = (abs(value) // timedelta(microseconds=1) + step_us // 2) // step_us
    left, parts = steps * UNITS[smallest], []
    for unit, seconds in UNITS.items():
        count, left = divmod(left, seconds)
        parts += [(unit, count)] if count else []
    return Length(steps > 0 and value < timedelta(), tuple(parts) or ((smallest, 0),))


def day_of(value: object) -> date:
    """The value if it is a date whose year the languages have words for."""
    if not isinstance(value, date):
        raise ValueError("it is no date")
    if not 1900 <= value.year <= 2199:
        raise ValueError("its year is not between 1900 and 2199")
    return value


def hour_and_minute(value: object) -> tuple[int, int]:
    """As a clock shows them; seconds that have begun don't count."""
    if not isinstance(value, time):
        raise ValueError("it is no time of day")
    return value.hour, value.minute
