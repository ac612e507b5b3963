"""Values against phrases that were written by hand: `ru.txt` and `en.txt`, 300 and more in each language."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ivr.audio.spoken import FORMS, LANGUAGES, Value, spoken, text, vocabulary

LENGTH = re.compile(r"(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?")


def length(written: str) -> timedelta:
    found = LENGTH.fullmatch(written)
    assert found is not None, written
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    whole = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -whole if found[1] else whole


READERS: dict[str, Callable[[str], Value]] = {
    "count": Decimal, "money": Decimal, "digits": str, "duration": length, "date": date.fromisoformat,
    "time": time.fromisoformat}


def rows(language: str) -> list[tuple[str, str, str, str]]:
    """Form, value, detail and phrase of each line."""
    lines = (Path(__file__).parent / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    cut = [line.partition(" = ") for line in lines if line and not line.startswith("#")]
    return [(*f"{left}  ".split(" ", 2)[:2], left.partition(" ")[2].partition(" ")[2], phrase)
            for left, _, phrase in cut]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_spoken__is_the_phrase_that_a_person_wrote(language: str, form: str) -> None:
    asked = [row for row in rows(language) if row[0] == form]
    said = [(value, detail, text(language, form, READERS[form](value), detail)) for _, value, detail, _ in asked]
    assert said == [row[1:] for row in asked]
    assert asked


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_phrases__are_at_least_300_and_no_value_stands_twice(language: str) -> None:
    keys = [row[:3] for row in rows(language)]
    assert len(keys) == len(set(keys)) >= 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_reference_phrases__are_all_of_the_vocabulary(language: str) -> None:
    nouns = [detail for form, _, detail, _ in rows(language) if form == "count" and detail]
    known = set(vocabulary(language, nouns))
    said = {word for form, value, detail, _ in rows(language)
            for word in spoken(language, form, READERS[form](value), detail)}
    assert said <= known


def test_spoken__an_int_is_said_as_the_decimal_is() -> None:
    assert spoken("en", "count", 21, "day|days") == ("twenty", "one", "days")
    assert spoken("ru", "money", 21, "RUB") == ("двадцать", "один", "рубль")
    assert spoken("en", "digits", 407) == spoken("en", "digits", Decimal("4.07E+2")) == ("four", "zero", "seven")


@pytest.mark.parametrize("written", [
    "+7 916 123-45-67", "+7 (916) 123–45–67", " +7.916.123.45.67 ", "+7\u00a09161234567"])
def test_digits__separators_are_not_heard(written: str) -> None:
    assert text("en", "digits", written, "phone") == "plus seven, nine one six, one two three, four five, six seven"


def test_digits__a_number_of_no_country_is_cut_into_pairs() -> None:
    assert text("en", "digits", "+99912345", "phone") == "plus nine nine, nine one, two three, four five"
    assert text("ru", "digits", "+" + "0" * 39, "phone").startswith("плюс ноль ноль ноль, ноль ноль, ")
