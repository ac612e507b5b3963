"""What operators do with which kinds of values: one row each. Rows that are missing are faults when a menu is read."""

import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ivr.menu.expressions.values import ARITHMETIC, Kind, Money, Value, bounded

Apply = Callable[[Any, Any], Value | None]
K = Kind

WORDS: Mapping[Kind, str] = {
    K.NUMBER: "a number", K.TEXT: "a text", K.FLAG: "yes or no", K.DATE: "a date", K.TIME: "a time",
    K.DURATION: "a duration", K.MONEY: "money", K.TEXTS: "a list",
}


def _numbers(name: str) -> Apply:
    work = getattr(ARITHMETIC, name)
    return lambda left, right: bounded(work(left, right))


def _amount(number: Decimal | None, currency: str) -> Money | None:
    return Money(number, currency) if number is not None else None


def _amounts(name: str) -> Apply:
    """Of one currency; amounts of two have no sum."""
    work = _numbers(name)
    return lambda left, right: (_amount(work(left.amount, right.amount), left.currency)  # type: ignore[arg-type]
                                if left.currency == right.currency else None)


def _scaled(name: str) -> Apply:
    work = _numbers(name)
    return lambda left, right: _amount(work(left.amount, right), left.currency)  # type: ignore[arg-type]


def _share(left: Money, right: Money) -> Value | None:
    return bounded(ARITHMETIC.divide(left.amount, right.amount)) if left.currency == right.currency else None


def _kept(work: Callable[[Any, Any], Any]) -> Apply:
    """Dates and durations that leave the calendar are no value."""
    def apply(left: Any, right: Any) -> Value | None:
        try:
            done: Value = work(left, right)
        except (OverflowError, ZeroDivisionError, ValueError):
            return None
        return done
    return apply


def _apart(left: time, right: time) -> timedelta:
    day = date(2000, 1, 1)
    return datetime.combine(day, left) - datetime.combine(day, right)


def _swapped(apply: Apply) -> Apply:
    return lambda left, right: apply(right, left)


def _stretched(left: timedelta, right: Decimal) -> timedelta:
    return left * float(right)


def _cut(left: timedelta, right: Decimal) -> timedelta:
    return left / float(right)


ROWS: Mapping[tuple[str, Kind, Kind], tuple[Kind, Apply]] = {
    ("+", K.NUMBER, K.NUMBER): (K.NUMBER, _numbers("add")),
    ("-", K.NUMBER, K.NUMBER): (K.NUMBER, _numbers("subtract")),
    ("*", K.NUMBER, K.NUMBER): (K.NUMBER, _numbers("multiply")),
    ("/", K.NUMBER, K.NUMBER): (K.NUMBER, _numbers("divide")),
    ("+", K.MONEY, K.MONEY): (K.MONEY, _amounts("add")),
    ("-", K.MONEY, K.MONEY): (K.MONEY, _amounts("subtract")),
    ("*", K.MONEY, K.NUMBER): (K.MONEY, _scaled("multiply")),
    ("*", K.NUMBER, K.MONEY): (K.MONEY, _swapped(_scaled("multiply"))),
    ("/", K.MONEY, K.NUMBER): (K.MONEY, _scaled("divide")),
    ("/", K.MONEY, K.MONEY): (K.NUMBER, _share),
    ("+", K.DURATION, K.DURATION): (K.DURATION, _kept(operator.add)),
    ("-", K.DURATION, K.DURATION): (K.DURATION, _kept(operator.sub)),
    ("*", K.DURATION, K.NUMBER): (K.DURATION, _kept(_stretched)),
    ("*", K.NUMBER, K.DURATION): (K.DURATION, _swapped(_kept(_stretched))),
    ("/", K.DURATION, K.NUMBER): (K.DURATION, _kept(_cut)),
    ("/", K.DURATION, K.DURATION): (K.NUMBER, _kept(lambda left, right: bounded(Decimal(str(left / right))))),
    ("+", K.DATE, K.DURATION): (K.DATE, _kept(operator.add)),
    ("-", K.DATE, K.DURATION): (K.DATE, _kept(operator.sub)),
    ("-", K.DATE, K.DATE): (K.DURATION, _kept(operator.sub)),
    ("-", K.TIME, K.TIME): (K.DURATION, _apart),
}

ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
EQUALITY = ("==", "!=")
ORDERED = frozenset([K.NUMBER, K.DATE, K.TIME, K.DURATION, K.MONEY])


def compare(sign: str) -> Apply:
    """A comparison of two values of one kind; amounts of two currencies can't be compared."""
    work = ORDER[sign]

    def apply(left: Any, right: Any) -> Value | None:
        if not isinstance(left, Money):
            return work(left, right)
        return work(left.amount, right.amount) if left.currency == right.currency else None
    return apply
