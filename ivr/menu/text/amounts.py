"""Numbers and money as people write them: `1 200,50 ₽`, `RUB 1,200.50`, `100 рублей 50 копеек`."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from ivr.audio.spoken import english, russian
from ivr.audio.spoken.english_numbers import Noun as EnglishNoun
from ivr.audio.spoken.russian_numbers import Noun as RussianNoun
from ivr.audio.spoken.values import MINOR_DIGITS

# Beside the names that the spoken languages have for them.
SIGNS = {
    "RUB": "₽ руб р rur ruble rubles", "USD": "$ us$", "EUR": "€", "GBP": "£ фунт фунта фунтов", "KZT": "₸ тг",
    "CNY": "¥ rmb", "BYN": "br руб р", "CHF": "fr франк франка франков", "JPY": "¥ йена йены йен",
}
SMALL_SIGNS = {"RUB": "коп к", "USD": "c ¢", "EUR": "c ¢", "GBP": "p", "BYN": "коп к"}
NUMBER = re.compile(r"[0-9]+")
GROUPED = re.compile(r"[0-9]{1,3}(?:(?P<mark>[ '.,])[0-9]{3})(?:(?P=mark)[0-9]{3})*")
FRACTION = re.compile(r"(?P<whole>[0-9][0-9 '.,]*)(?P<point>[.,])(?P<fraction>[0-9]{1,2})")


def amount(plain: str, currency: str, point: str) -> str | None:
    """The keys of a cleaned text that is an amount in `currency` ("": a number, with or without any). `point` is the
    key that stands before a fraction, "" where there can be none. None where it is no such thing."""
    digits = [place for place, char in enumerate(plain) if char in "0123456789"]
    if not digits or plain[:digits[0]].endswith((".", ",")):        # .5 is not 5
        return None
    before, middle, after = plain[:digits[0]], plain[digits[0]:digits[-1] + 1], plain[digits[-1] + 1:]
    parts = _in_two_units(middle, after, currency) if _bare(before) == "" else None
    if parts is None:
        if not _named(before, after, major_words(currency)):
            return None
        parts = _number(middle)
    return None if parts is None else _keys(*parts, point)


def _keys(whole: str, fraction: str, point: str) -> str | None:
    if not fraction.strip("0"):
        return whole
    return f"{whole}{point}{fraction}" if point else None


def _number(text: str) -> tuple[str, str] | None:
    """Whole and fraction. What has three digits behind its only sign is no fraction: money has none so long."""
    if (whole := _whole(text)) is not None:
        return whole, ""
    found = FRACTION.fullmatch(text)
    if found is None or found["point"] in found["whole"]:       # no sign is both
        return None
    whole = _whole(found["whole"])
    return None if whole is None else (whole, found["fraction"])


def _whole(text: str) -> str | None:
    if NUMBER.fullmatch(text):
        return text
    grouped = GROUPED.fullmatch(text)
    return text.replace(grouped["mark"], "") if grouped and not text.startswith("0") else None


def _in_two_units(middle: str, after: str, currency: str) -> tuple[str, str] | None:
    """`100 рублей 50` and `копеек`."""
    first = next((place for place, char in enumerate(middle) if char not in "0123456789 '.,"), None)
    if first is None:
        return None
    major, rest = middle[:first].strip(), middle[first:]
    last = len(rest.rstrip("0123456789"))
    unit, minor = _bare(rest[:last]), rest[last:]
    for code in [currency] if currency else MINOR_DIGITS:
        if unit in major_words(code) and _bare(after) in minor_words(code) and len(minor) <= 2:
            whole = _whole(major)
            return (whole, f"{int(minor):02}") if whole is not None else None
    return None


def _named(before: str, after: str, units: frozenset[str]) -> bool:
    """Whether nothing but the name of a currency stands around a number, and that on one side alone."""
    names = [name for name in (_bare(before), _bare(after)) if name]
    return not names or (len(names) == 1 and names[0] in units)


def _bare(text: str) -> str:
    return text.replace(".", "").strip(" ,")


@cache
def major_words(currency: str) -> frozenset[str]:
    """What people write for a currency; "": for any that is known."""
    if not currency:
        return frozenset[str]().union(*map(major_words, MINOR_DIGITS))
    signs = SIGNS.get(currency, "").split()
    return frozenset([currency.lower(), *signs, *_nouns(english.MAJOR, russian.MAJOR, currency)])


@cache
def minor_words(currency: str) -> frozenset[str]:
    """And for its hundredth part."""
    return frozenset([*SMALL_SIGNS.get(currency, "").split(), *_nouns(english.MINOR, russian.MINOR, currency)])


def _nouns(in_english: Mapping[str, EnglishNoun], in_russian: Mapping[str, Mapping[bool, RussianNoun]],
           currency: str) -> Iterator[str]:
    if currency in in_english:
        noun = in_english[currency]
        yield from (noun.one.casefold(), noun.many.casefold())
    for case in in_russian.get(currency, {}).values():
        yield from (word.casefold().replace("ё", "е") for word in case.words())
