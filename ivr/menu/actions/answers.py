"""What callers type for a `collect`: a row for each word after `as:`, with its kind, its length and how it is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from ivr.menu.expressions.values import Kind, Money, Value

MAX_DIGITS = 32         # nobody types more without a mistake
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class Answer:
    """`least` and `most` keys unless a menu asks for others (a `fixed` one has no others).

    `read(digits, currency)` gives the value, or None if there is none such. A `point` may stand in it; one that is
    `secret` always is.
    """

    kind: Kind
    least: int
    most: int
    read: Callable[[str, str], Value | None]
    fixed: bool = False
    point: bool = False
    secret: bool = False


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812: every second digit from the right counts twice."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _digits(typed: str, currency: str) -> Value | None:
    return typed


def _number(typed: str, currency: str) -> Value | None:
    return Decimal(typed) if AMOUNT.fullmatch(typed) else None


def _money(typed: str, currency: str) -> Value | None:
    return Money(Decimal(typed), currency) if AMOUNT.fullmatch(typed) else None


def _date(typed: str, currency: str) -> Value | None:
    """Day, month and year, as people write dates where callers of this house live: 31122026."""
    try:
        return date(int(typed[4:]), int(typed[2:4]), int(typed[:2]))
    except ValueError:
        return None


def _time(typed: str, currency: str) -> Value | None:
    try:
        return time(int(typed[:2]), int(typed[2:]))
    except ValueError:
        return None


def _card(typed: str, currency: str) -> Value | None:
    return typed if luhn(typed) and int(typed) else None


def _phone(typed: str, currency: str) -> Value | None:
    """E.164 has at most 15 digits, and no subscriber has one digit alone, seven times. Who writes may have put
    a plus before it."""
    return typed if len(set(typed.removeprefix("+"))) > 1 else None


ROWS: Mapping[str, Answer] = {
    "digits": Answer(Kind.TEXT, 1, MAX_DIGITS, _digits),
    "number": Answer(Kind.NUMBER, 1, 12, _number, point=True),
    "money": Answer(Kind.MONEY, 1, 12, _money, point=True),
    "date": Answer(Kind.DATE, 8, 8, _date, fixed=True),
    "time": Answer(Kind.TIME, 4, 4, _time, fixed=True),
    "card": Answer(Kind.TEXT, 12, 19, _card),
    "phone": Answer(Kind.TEXT, 7, 15, _phone),
    "pin": Answer(Kind.TEXT, 4, 12, _digits, secret=True),
}
