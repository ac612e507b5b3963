"""What can't be spoken is refused with a reason that an admin understands and that never shows the value."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ivr.audio.spoken import FORMS, LANGUAGES, check, spoken, text, vocabulary


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str


BAD_VALUES: list[tuple[str, Any, str, str]] = [
    ("count", 10 ** 12, "", "larger than 999,999,999,999"),
    ("count", -10 ** 12, "", "larger than"),
    ("count", Decimal("999999999999.99995"), "", "larger than"),
    ("count", Decimal("1e999999"), "", "larger than"),
    ("count", Decimal("NaN"), "", "no finite number"),
    ("count", Decimal("sNaN"), "", "no finite number"),
    ("count", Decimal("-Infinity"), "", "no finite number"),
    ("count", True, "", "no number"),
    ("count", "12", "", "no number"),
    ("count", 1.5, "", "no number"),
    ("count", None, "", "no number"),
    ("digits", "", "", "more than digits"),
    ("digits", "+", "phone", "more than digits"),
    ("digits", "12a", "", "more than digits"),
    ("digits", "1+2", "", "more than digits"),
    ("digits", "١٢٣", "", "more than digits"),
    ("digits", -5, "", "more than digits"),
    ("digits", Decimal("1.5"), "", "more than digits"),
    ("digits", Decimal("1e999999999"), "", "more than digits"),
    ("digits", Decimal("1e-999999999"), "", "more than digits"),
    ("digits", "1" * 41, "card", "more than 40 digits"),
    ("digits", timedelta(1), "", "no number"),
    ("money", Decimal(5), "", "no currency"),
    ("money", Money(Decimal(5), "XAU"), "", "XAU is not among RUB, USD"),
    ("money", Money(Decimal(5), "USD"), "RUB", "in USD, not in RUB"),
    ("money", Money(Decimal("Infinity"), "USD"), "", "no finite number"),
    ("money", Decimal("999999999999.995"), "RUB", "larger than"),
    ("money", "5 RUB", "RUB", "no number"),
    ("duration", 60, "", "no duration"),
    ("duration", timedelta(-100_000), "", "100,000 days or longer"),
    ("duration", time(1), "", "no duration"),
    ("date", "2026-11-23", "", "no date"),
    ("date", time(1), "", "no date"),
    ("date", date(1899, 12, 31), "", "between 1900 and 2199"),
    ("date", date(2200, 1, 1), "no_year", "between 1900 and 2199"),
    ("time", timedelta(hours=1), "", "no time of day"),
    ("time", "09:05", "", "no time of day")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("form", "value", "detail", "reason"), BAD_VALUES)
def test_spoken__a_value_that_has_no_words(language: str, form: str, value: Any, detail: str, reason: str) -> None:
    check(language, form, detail)
    with pytest.raises(ValueError, match=reason):
        spoken(language, form, value, detail)


@pytest.mark.parametrize(("form", "value"), [
    ("digits", "4000x1234"), ("digits", "40001234" * 6), ("count", 4000_1234_4000_1234), ("time", "40001234")])
def test_spoken__the_reason_never_shows_the_value(form: str, value: Any) -> None:
    with pytest.raises(ValueError, match="it ") as refusal:
        spoken("en", form, value)
    assert "4000" not in str(refusal.value)


@pytest.mark.parametrize(("language", "form", "detail", "reason"), [
    ("kk", "count", "", "en and ru, not in “kk”"),
    ("en", "sum", "", "“sum” is no form of saying a value: count, digits, money"),
    ("en", "count", "day", "two forms, such as day|days"),
    ("en", "count", "day|days|days", "two forms"),
    ("en", "count", "day|", "two forms"),
    ("en", "count", "|", "two forms"),
    ("en", "count", "x" * 61 + "|days", "60 characters at most"),
    ("ru", "count", "день|дня", "three forms, such as день|дня|дней"),
    ("ru", "count", "день|дня|дней|дня|дня", "three forms"),
    ("ru", "count", "день||дней", "three forms"),
    ("ru", "count", "||", "three forms"),
    ("ru", "count", "feminine|день|дня|дней", "stands behind the forms"),
    ("ru", "count", "день|дня|дней|masculine|feminine", "one gender, not 2"),
    ("ru", "count", "евро|евро|евро", "don't tell the gender of “евро”"),
    ("ru", "count", "сутки|суток|суток", "don't tell the gender"),
    ("ru", "count", "day|days|days", "don't tell the gender of “day”"),
    ("ru", "count", "ъ" * 61 + "|дня|дней", "60 characters at most"),
    ("en", "digits", "cards", "“cards” means nothing here: card, phone or the sizes"),
    ("en", "digits", "3-0", "means nothing"),
    ("en", "digits", "3 3", "means nothing"),
    ("en", "money", "RUR", "“RUR” means nothing here: RUB, USD"),
    ("en", "money", "RUB USD", "RUB and USD don't go together"),
    ("en", "money", "RUB accusative", "“accusative” means nothing"),
    ("ru", "duration", "weeks", "days, hours, minutes, seconds, accusative is allowed"),
    ("ru", "duration", "days hours", "don't go together"),
    ("en", "date", "short", "no_year is allowed"),
    ("ru", "time", "12", "“12” means nothing here: accusative is allowed"),
    ("en", "time", "24", "12 is allowed")])
def test_check__a_detail_that_means_nothing(language: str, form: str, detail: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("|", "[|]")):
        check(language, form, detail)
    with pytest.raises(ValueError, match=reason.replace("|", "[|]")):
        spoken(language, form, 1, detail)


def test_vocabulary__a_noun_that_is_none() -> None:
    with pytest.raises(ValueError, match="two forms"):
        vocabulary("en", ["day"])
    assert set(FORMS) == {"count", "digits", "money", "duration", "date", "time"}


def test_money__brings_its_currency() -> None:
    assert text("en", "money", Money(Decimal("5.5"), "USD")) == "five dollars and fifty cents"
    assert text("ru", "money", Money(Decimal("1"), "RUB"), "RUB accusative") == "один рубль"
    assert text("ru", "money", Money(Decimal("1000"), "JPY"), "accusative") == "одну тысячу иен"


def test_date__a_moment_is_its_own_day() -> None:
    assert text("en", "date", datetime.fromisoformat("2026-11-23T23:59:00+03:00"), "no_year") == (
        "the twenty third of November")


@pytest.mark.parametrize(("detail", "one"), [
    ("час|часа|часов", "один час"), ("ребёнок|ребёнка|детей", "один ребёнок"), ("рубль|рубля|рублей", "один рубль"),
    ("платёж|платежа|платежей", "один платёж"), ("случай|случая|случаев", "один случай"),
    ("дежурный|дежурных|дежурных", "один дежурный"), ("рабочий день|рабочих дня|рабочих дней", "один рабочий день"),
    ("квартал|квартала|кварталов", "один квартал"), ("месяц|месяца|месяцев", "один месяц"),
    ("неделя|недели|недель", "одна неделя"), ("ночь|ночи|ночей", "одна ночь"),
    ("комиссия|комиссии|комиссий", "одна комиссия"),
    ("запятая|запятые|запятых", "одна запятая"), ("новая карта|новые карты|новых карт", "одна новая карта"),
    ("Заявка на кредит|Заявки на кредит|Заявок на кредит", "одна Заявка на кредит"),
    ("запятую|запятые|запятых", "одну запятую"), ("операцию|операции|операций", "одну операцию"),
    ("отделение|отделения|отделений", "одно отделение"), ("окно|окна|окон", "одно окно"),
    ("имя|имени|имён", "одно имя"),
    ("животное|животных|животных", "одно животное"), ("ружьё|ружья|ружей", "одно ружьё"),
    ("место в очереди|места в очереди|мест в очереди", "одно место в очереди"),
    ("тенге|тенге|тенге|masculine", "один тенге"), (" день | дня|дней ", "один день"),
    ("машина  скорой помощи|машины скорой помощи|машин скорой помощи", "одна машина скорой помощи")])
def test_count__the_forms_of_a_russian_noun_tell_its_gender(detail: str, one: str) -> None:
    assert text("ru", "count", 1, detail) == one
