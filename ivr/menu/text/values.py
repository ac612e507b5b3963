"""Values as they are written: `1 200,50 ₽`, `RUB 1,200.50`, `31 декабря 2026 г.`, `3 дня`. What can't be said can't be
written either, so that both ways tell the same prompts."""

from collections.abc import Callable, Mapping
from typing import Any

from ivr.audio.spoken import digits, english, english_numbers, russian, russian_nouns
from ivr.audio.spoken.forms import keywords
from ivr.audio.spoken.values import MINOR_DIGITS, UNITS, Sum, Value, day_of, hour_and_minute, length_of, split, sum_of

NBSP = "\N{NO-BREAK SPACE}"         # a number and its unit stay in one line
MINUS = "\N{MINUS SIGN}"
RUSSIAN_SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£", "KZT": "₸"}
GROUPS = {"ru": NBSP, "en": ","}
POINT = {"ru": ",", "en": "."}
# Between the groups of digits that are read out.
GROUPED = {"card": " ", "phone": " "}


def written(language: str, form: str, value: Value, detail: str = "") -> str:
    """The value in a form of `ivr.audio.spoken`. Raises ValueError with the reason, which never quotes the value."""
    if language not in GROUPS:
        raise ValueError(f"values can be written in {' and '.join(GROUPS)}, not in “{language}”")
    return WRITERS[form](language, value, detail)


def _count(language: str, value: Value, detail: str) -> str:
    number = split(value)
    noun = _noun(language, detail, number.whole, bool(number.fraction))
    said = _grouped(number.whole, language) + (POINT[language] + number.fraction if number.fraction else "")
    return f"{_sign(number.negative)}{said}{NBSP if noun else ''}{noun}"


def _noun(language: str, detail: str, count: int, fraction: bool) -> str:
    """The admin's own noun in the form that goes with so many."""
    if language == "ru":
        russian_noun = russian_nouns.read(detail)
        return "" if russian_noun is None else russian_noun.part if fraction else russian_noun.after(count)
    english_noun = english_numbers.read_noun(detail)
    return "" if english_noun is None else english_noun.many if fraction else english_noun.after(count)


def _digits(language: str, value: Value, detail: str) -> str:
    kind = digits.read(detail)
    return GROUPED.get(kind, "-").join(digits.groups(value, kind))


def _money(language: str, value: Value, detail: str) -> str:
    total = sum_of(value, _keyword(detail, tuple(MINOR_DIGITS)))
    amount = _grouped(total.major, language) + _minor(total, language)
    if language == "ru":
        return f"{_sign(total.negative)}{amount}{NBSP}{RUSSIAN_SIGNS.get(total.currency, total.currency)}"
    return f"{total.currency}{NBSP}{_sign(total.negative)}{amount}"


def _minor(total: Sum, language: str) -> str:
    return f"{POINT[language]}{total.minor:0{MINOR_DIGITS[total.currency]}}" if total.minor else ""


def _duration(language: str, value: Value, detail: str) -> str:
    length = length_of(value, _keyword(detail, tuple(UNITS)) or "seconds")
    parts = [f"{_grouped(count, language)}{NBSP}{_unit(language, unit, count, detail)}" for unit, count in length.parts]
    return _sign(length.negative) + " ".join(parts)


def _unit(language: str, unit: str, count: int, detail: str) -> str:
    if language == "ru":
        return russian.LENGTHS[unit][russian_nouns.ACCUSATIVE in detail.split()].after(count)
    return english.LENGTHS[unit].after(count)


def _date(language: str, value: Value, detail: str) -> str:
    day, no_year = day_of(value), "no_year" in detail.split()
    if language == "ru":
        return f"{day.day} {russian.MONTHS[day.month - 1]}" + ("" if no_year else f" {day.year}{NBSP}г.")
    return f"{day.day} {english.MONTHS[day.month - 1].removeprefix('of ')}" + ("" if no_year else f" {day.year}")


def _time(language: str, value: Value, detail: str) -> str:
    hour, minute = hour_and_minute(value)
    if language == "en" and "12" in detail.split():
        return f"{(hour - 1) % 12 + 1}:{minute:02}{NBSP}{english.HALVES[hour // 12]}"
    return f"{hour:02}:{minute:02}"


def _keyword(detail: str, allowed: tuple[str, ...]) -> str:
    """The one of them that the detail names; in Russian a case may stand beside it."""
    return keywords(allowed, (russian_nouns.ACCUSATIVE,))(detail)[0]


def _grouped(number: int, language: str) -> str:
    return f"{number:,}".replace(",", GROUPS[language])


def _sign(negative: bool) -> str:
    return MINUS if negative else ""


WRITERS: Mapping[str, Callable[[str, Any, str], str]] = {
    "count": _count, "digits": _digits, "money": _money, "duration": _duration, "date": _date, "time": _time,
}
