"""Numerals, years, days and money against num2words, which others wrote. Where the two differ, it says here why."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from num2words import num2words

from ivr.audio.spoken import text

_CHANCE = random.Random(5)
SPREAD = sorted({_CHANCE.randrange(10 ** digits) for digits in range(4, 13) for _ in range(25)}
                | {10 ** power + more for power in range(3, 12) for more in (-1, 0, 1)})
AGREEING = {                        # the mark behind our noun, and what num2words calls the same
    "masculine": {"gender": "m"}, "feminine": {"gender": "f"}, "neuter": {"gender": "n"},
    "masculine|accusative": {"gender": "m", "case": "a", "animate": False},
    "feminine|accusative": {"gender": "f", "case": "a", "animate": False}}


def english(phrase: str) -> str:
    """Its commas and hyphens are signs of writing; ours are pauses."""
    return phrase.replace(",", "").replace("-", " ")


def test_count__english() -> None:
    wrong = [number for number in (*range(2001), *SPREAD) if text("en", "count", number) != english(num2words(number))]
    assert wrong == []


@pytest.mark.parametrize("mark", AGREEING)
def test_count__russian_in_every_gender(mark: str) -> None:
    """Up to a million: num2words makes миллион agree with what is counted (одна миллион), which is wrong."""
    numbers = [*range(2001), *(number for number in SPREAD if number < 10 ** 6)]
    wrong = [number for number in numbers
             if text("ru", "count", number, mark) != num2words(number, lang="ru", **AGREEING[mark])]
    assert wrong == []


def test_count__russian_beyond_a_million() -> None:
    assert [number for number in SPREAD if text("ru", "count", number) != num2words(number, lang="ru")] == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_count__decimals(language: str) -> None:
    """Positive ones: num2words loses the minus of -0.5. English from 0.1 on: it loses the nought of 0.01."""
    numbers = [Decimal(number) / 1000 for number in range(100, 23000, 23)]
    wrong = [number for number in numbers
             if text(language, "count", number) != english(num2words(number.normalize(), lang=language))]
    assert wrong == []


def test_date__russian_years_and_days() -> None:
    """Every year of the two hundred from 1900 on, and every day of one."""
    days = [date(year, 1, 1) for year in range(1900, 2200)]
    assert [day.year for day in days if text("ru", "date", day)
            != f"первого января {num2words(day.year, lang='ru', to='ordinal', case='g')} года"] == []
    january = [date(2026, 1, 1) + timedelta(days=more) for more in range(31)]
    assert [day for day in january if text("ru", "date", day, "no_year")
            != f"{num2words(day.day, lang='ru', to='ordinal', case='g', gender='n')} января"] == []


def test_date__english_years_and_days() -> None:
    years = [date(year, 1, 1) for year in range(1900, 2200)]
    assert [day.year for day in years if text("en", "date", day)
            != f"the first of January {english(num2words(day.year, to='year'))}"] == []
    january = [date(2026, 1, 1) + timedelta(days=more) for more in range(31)]
    assert [day for day in january if text("en", "date", day, "no_year")
            != f"the {english(num2words(day.day, to='ordinal'))} of January"] == []


SUMS = [Decimal(f"{major}.{minor:02d}") for major in (*range(1, 130), *SPREAD[::7]) if major
        for minor in (1 + major % 99, 1 + major % 4)]


@pytest.mark.parametrize("currency", ["RUB", "USD", "EUR", "KZT", "BYN"])
def test_money__russian(currency: str) -> None:
    """Both parts there: num2words says ноль копеек, and ноль рублей before kopecks alone. Its comma is not ours."""
    wrong = [amount for amount in SUMS if text("ru", "money", amount, currency)
             != num2words(amount, lang="ru", to="currency", currency=currency).replace(",", "")]
    assert wrong == []


@pytest.mark.parametrize("currency", ["RUB", "USD", "EUR", "GBP"])
def test_money__english(currency: str) -> None:
    """We join the parts by "and", say kopeck for kopek, euros for euro, pound for pound sterling."""
    def theirs(amount: Decimal) -> str:
        major, _, minor = num2words(amount, to="currency", currency=currency).rpartition(", ")
        joined = english(f"{major} and {minor}").replace("kopek", "kopeck").replace(" sterling", "")
        return joined.replace(" euro ", " euros ") if amount >= 2 else joined

    assert [amount for amount in SUMS if text("en", "money", amount, currency) != theirs(amount)] == []
