"""What people type, and the keys that it stands for: whatever it is, nothing is raised and nothing is told of it."""

import time as clock
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.menu.actions.collect import Collect
from ivr.menu.expressions.values import Money
from ivr.menu.settings import Settings
from ivr.menu.text.chosen import chosen
from ivr.menu.text.cleaned import LONGEST, LONGEST_ANSWER, cleaned
from ivr.menu.text.typed import READ, collected
from ivr.menu.text.values import written

BOUNDS = {"digits": (1, 32), "number": (1, 12), "money": (1, 12), "date": (8, 8), "time": (4, 4), "card": (12, 19),
          "phone": (7, 15), "pin": (4, 12)}


def question(sort: str, *, point: str = "", other: str = "", anew: str = "", currency: str = "RUB") -> Collect:
    return Collect("it", ("ask",), sort, *BOUNDS[sort], f"0123456789{other}{point}", Settings(), anew, point,
                   currency if sort == "money" else "")


@pytest.mark.parametrize(("sort", "text", "keys"), [
    ("digits", "12 34-56", "123456"), ("digits", "１２３４", "1234"), ("digits", "٣٤٥", "345"),
    ("digits", " 1\u200b2\u202e3\u2066 ", "123"), ("digits", "12\u00a034", "1234"), ("digits", "1️⃣2️⃣", "12"),
    ("digits", "№ 12", "12"), ("digits", "12a", None), ("digits", "", None), ("digits", "1" * 33, None),
    ("digits", "12#", None), ("digits", "*", None), ("digits", "1.2", None),
    ("pin", "24 68", "2468"), ("pin", "2468!", None), ("pin", "123", None),
    ("card", "4111 1111 1111 1111", "4111111111111111"), ("card", "4111-1111-1111-1111", "4111111111111111"),
    ("phone", "+7 (912) 345-67-89", "+79123456789"), ("phone", "+49 151 23456789", "+4915123456789"),
    ("phone", "++49 151 23456789", None), ("phone", "+1234567890123456", None), ("phone", "+", None),
    ("phone", "+123456", None), ("phone", "8.912.345.67.89", "89123456789"),
    ("phone", "912345678901234567", None), ("phone", "+7 912 abc", None), ("phone", "7+9123456789", None),
    ("date", "31.12.2026", "31122026"), ("date", "2026-12-31", "31122026"), ("date", "31/12/26", "31122026"),
    ("date", "31 декабря 2026", "31122026"), ("date", "31 декабря 2026 г.", "31122026"),
    ("date", "31 December 2026", "31122026"), ("date", "December 31st, 2026", "31122026"),
    ("date", "1-го мая 2026 года", "01052026"), ("date", "1.2.85", "01021985"), ("date", "31122026", "31122026"),
    ("date", "31 12", None), ("date", "завтра", None), ("date", "31 брюмера 2026", None), ("date", "2026", None),
    ("time", "14:30", "1430"), ("time", "9.05", "0905"), ("time", "0930", "0930"), ("time", "в 9 утра", "0900"),
    ("time", "9:05 p.m.", "2105"), ("time", "12 am", "0000"), ("time", "7 вечера", "1900"), ("time", "14ч30", "1430"),
    ("time", "14 часов 30 минут", "1430"), ("time", "9", None), ("time", "14:3", None), ("time", "14:30:15", None),
    ("number", "1 200", "1200"), ("number", "1,200", "1200"), ("number", "1.200", "1200"), ("number", "1e3", None),
    ("number", "5 $", "5"), ("number", "-5", None), ("number", ".5", None), ("number", "12 50", None),
    ("money", "100", "100"), ("money", "1 200 ₽", "1200"), ("money", "1 200,00 руб.", "1200"), ("money", "5р", "5"),
    ("money", "RUB 1,200.00", "1200"), ("money", "1'000'000 рублей", "1000000"), ("money", "$5", None),
    ("money", "1200,50", None), ("money", "5 рублей штраф", None), ("money", "−5 ₽", None), ("money", "руб", None),
])
def test_collected(sort: str, text: str, keys: str | None) -> None:
    assert collected(question(sort), text) == keys


@pytest.mark.parametrize(("sort", "text", "keys"), [
    ("money", "1200,50", "1200*50"), ("money", "1 200.5 руб", "1200*5"), ("money", "RUB 1,200.50", "1200*50"),
    ("money", "1.200,50 ₽", "1200*50"), ("money", "100 рублей 50 копеек", "100*50"), ("money", "100 р. 5 к.", "100*05"),
    ("money", "1.234.50", None), ("money", "0,5", "0*5"), ("number", "2,5", "2*5"), ("number", "2*5", None),
])
def test_collected__a_fraction_has_the_key_of_the_point(sort: str, text: str, keys: str | None) -> None:
    assert collected(question(sort, point="*"), text) == keys


def test_collected__keys_of_telephones_alone_mean_nothing() -> None:
    assert collected(question("digits", anew="*"), "12*34") is None
    assert collected(question("digits", anew="*"), "*") is None
    assert collected(question("digits"), "1234#") is None
    assert collected(question("digits", other="*#"), "12*34#") == "12*34#", "unless they are part of what is asked"


@pytest.mark.parametrize("code", ["USD", "EUR", "GBP", "KZT", "CNY", "BYN", "CHF", "JPY"])
def test_collected__money_of_each_currency_is_understood_as_it_is_written(code: str) -> None:
    for language in ("ru", "en"):
        text = written(language, "money", Money(Decimal(1200), code))
        assert collected(question("money", currency=code), text) == "1200"
        assert collected(question("money", currency="RUB"), text) is None


OPTIONS = {"1": ("Карты", "Cards"), "2": ("Кредиты для бизнеса", "Business loans"), "3": ("Кредитные каникулы",),
           "12": ("Вклады",), "*": ("Ещё раз",), "#": ("Назад",), "0": ("Поговорить с оператором",)}


@pytest.mark.parametrize(("text", "keys"), [
    ("1", "1"), ("1.", "1"), ("№1", "1"), ("(1)", "1"), (" 1 2 ", "12"), ("１", "1"), ("*", "*"), ("#", "#"),
    ("＊", "*"),
    ("4", None), ("карты", "1"), ("КАРТЫ!", "1"), ("  карты  ", "1"), ("cards", "1"), ("Ка\u0440ты", "1"),
    ("ещё раз", "*"), ("еще  раз", "*"), ("1. карты", "1"), ("2. карты", None), ("кар", "1"), ("ка", None),
    ("кредиты", "2"), ("кредит", None), ("кредиты, для-бизнеса", "2"), ("оператором", "0"), ("оператор", None),
    ("каникулы", "3"), ("поговорить", "0"), ("поговорить с кем-нибудь", None), ("", None), ("?", None), ("—", None),
    ("12#", None), ("карты и вклады", None), ("1\u202e", "1"), ("\u0000к\u0000арты", "1"), ("Карты\n", "1"),
])
def test_chosen(text: str, keys: str | None) -> None:
    assert chosen(OPTIONS, text) == keys


def test_chosen__two_options_of_one_name_are_none() -> None:
    assert chosen({"1": ("Карты",), "2": ("карты",)}, "Карты") is None
    assert chosen({"1": ("Карты",), "2": ("карты",)}, "2") == "2"


@pytest.mark.parametrize("text", ["9" * 4096, "a " * 2048, "\u202e" * 4096, "ﷺ" * 4096, "1 " * 2048, "'" * 4096,
                                  "1,111" * 819, "й\u0306" * 2048, "\ud800" * 4096, "9" * 200 + ".",
                                  ". " * 100, "x" * 10**6])
def test_cleaned__hostile_messages_are_short_and_cost_little(text: str) -> None:
    begin = clock.perf_counter()
    assert len(cleaned(text)) <= LONGEST_ANSWER
    for sort in READ:
        collected(question(sort, point="*" if sort in ("number", "money") else ""), text)
    chosen(OPTIONS, text)
    assert clock.perf_counter() - begin < 2, "milliseconds, on a machine that is not busy"


@settings(deadline=None)
@given(text=st.text(max_size=LONGEST), sort=st.sampled_from(list(READ)))
def test_collected__nothing_raises_and_all_keys_are_some(text: str, sort: str) -> None:
    asked = question(sort, point="*" if sort in ("number", "money") else "", other="*#" if sort == "digits" else "")
    keys = collected(asked, text)
    if keys is not None:
        bare = keys.removeprefix("+") if sort == "phone" else keys
        assert asked.least <= len(bare) <= asked.most
        assert set(bare) <= set(asked.keys)
        asked.value_of(keys)
    assert chosen(OPTIONS, text) in (None, *OPTIONS)
    assert len(cleaned(text)) <= LONGEST_ANSWER


@given(text=st.text(max_size=40))
def test_cleaned__twice_is_once(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


SOME_MONEY = st.decimals(0, 9_999_999, places=2)


@given(amount=SOME_MONEY, language=st.sampled_from(["ru", "en"]))
def test_money__what_is_written_is_understood(amount: Decimal, language: str) -> None:
    asked = question("money", point="*")
    keys = collected(asked, written(language, "money", Money(amount, "RUB")))
    assert keys is not None
    assert asked.value_of(keys) == Money(amount, "RUB")


@given(number=SOME_MONEY, language=st.sampled_from(["ru", "en"]))
def test_number__what_is_written_is_understood(number: Decimal, language: str) -> None:
    asked = question("number", point="#")
    keys = collected(asked, written(language, "count", number))
    assert keys is not None
    assert asked.value_of(keys) == number


@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)), language=st.sampled_from(["ru", "en"]))
def test_date__what_is_written_is_understood(day: date, language: str) -> None:
    asked = question("date")
    short = f"{day.day}/{day.month}/{day.year}"
    for text in (written(language, "date", day), f"{day:%d.%m.%Y}", day.isoformat(), short):
        keys = collected(asked, text)
        assert keys is not None
        assert asked.value_of(keys) == day


@given(at=st.times(), language=st.sampled_from(["ru", "en"]), detail=st.sampled_from(["", "12"]))
def test_time__what_is_written_is_understood(at: time, language: str, detail: str) -> None:
    asked, minute = question("time"), at.replace(second=0, microsecond=0)
    keys = collected(asked, written(language, "time", minute, detail if language == "en" else ""))
    assert keys is not None
    assert asked.value_of(keys) == minute
