"""What is written: a text of its own where there is one, values in figures, no sentences that tell keys."""

from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ivr.base.errors import AdminError
from ivr.menu.announcements import load_announcements
from ivr.menu.expressions.values import Money
from ivr.menu.loader import load_menu
from ivr.menu.model import Menu, Spoken, Wording, Written
from ivr.menu.needed_clips import needed_clips
from ivr.menu.text.values import written
from ivr.menu.text.written import text_of, texts_of, without_keys

NBSP = "\u00a0"


@pytest.mark.parametrize(("language", "form", "value", "detail", "text"), [
    ("ru", "money", Money(Decimal("1200.5"), "RUB"), "", f"1{NBSP}200,50{NBSP}₽"),
    ("en", "money", Money(Decimal("1200.5"), "RUB"), "", f"RUB{NBSP}1,200.50"),
    ("ru", "money", Money(Decimal(-7), "CHF"), "accusative", f"−7{NBSP}CHF"),
    ("en", "money", Decimal("0.05"), "USD", f"USD{NBSP}0.05"),
    ("ru", "count", Decimal(3), "день|дня|дней", f"3{NBSP}дня"),
    ("ru", "count", Decimal(11), "день|дня|дней", f"11{NBSP}дней"),
    ("ru", "count", Decimal("2.5"), "день|дня|дней", f"2,5{NBSP}дня"),
    ("ru", "count", Decimal(21), "минуту|минуты|минут", f"21{NBSP}минуту"),
    ("en", "count", Decimal(1), "day|days", f"1{NBSP}day"),
    ("en", "count", Decimal("-1234.5"), "day|days", f"−1,234.5{NBSP}days"),
    ("en", "count", Decimal(12), "", "12"),
    ("ru", "digits", "123456", "", "123456"), ("ru", "digits", "1234567890", "3-3-4", "123-456-7890"),
    ("en", "digits", "4111111111111111", "card", "4111 1111 1111 1111"),
    ("ru", "digits", "+79123456789", "phone", "+7 912 345 67 89"),
    ("ru", "date", date(2026, 12, 31), "", f"31 декабря 2026{NBSP}г."),
    ("en", "date", date(2026, 12, 31), "", "31 December 2026"),
    ("ru", "date", date(2026, 5, 1), "no_year", "1 мая"), ("en", "date", date(2026, 5, 1), "no_year", "1 May"),
    ("ru", "time", time(9, 5), "", "09:05"), ("en", "time", time(14, 30), "", "14:30"),
    ("en", "time", time(0, 5), "12", f"12:05{NBSP}a.m."), ("en", "time", time(12, 0), "12", f"12:00{NBSP}p.m."),
    ("ru", "duration", timedelta(hours=2, minutes=5), "", f"2{NBSP}часа 5{NBSP}минут"),
    ("ru", "duration", timedelta(seconds=61), "minutes accusative", f"1{NBSP}минуту"),
    ("en", "duration", timedelta(days=1, hours=1), "", f"1{NBSP}day 1{NBSP}hour"),
])
def test_values(language: str, form: str, value: Any, detail: str, text: str) -> None:
    assert written(language, form, value, detail) == text


@pytest.mark.parametrize(("language", "form", "value"), [
    ("en", "money", Money(Decimal(10 ** 13), "RUB")), ("en", "date", date(1812, 1, 1)), ("en", "digits", "12a"),
    ("de", "count", Decimal(1)), ("en", "count", "x"), ("ru", "time", "x"), ("en", "duration", timedelta(10 ** 6)),
])
def test_values__what_is_beyond_words_is_not_quoted(language: str, form: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"[a-z]") as caught:
        written(language, form, value)
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize(("language", "offered", "text", "left"), [
    ("en", "123", "Cards. To change your limits, press three.", "Cards."),
    ("en", "12", "Cards. To change your limits, press three.", "Cards. To change your limits, press three."),
    ("en", "12", "For English, press one.", ""),
    ("en", "123", "To keep it, press one. To hear it, two. To begin again, three.", ""),
    ("en", "12", "{amount}. If that is right, press one; else two.", "{amount}."),
    ("en", "12", "To be called at {number}, press one. At another number, two.",
     "To be called at {number}, press one. At another number, two."),
    ("en", "12", "We have two offices. For cards, press one.", "We have two offices."),
    ("en", "", "For cards, press one.", "For cards, press one."),
    ("ru", "12", "Карты. Лимиты — нажмите один. Кредит 3.5 % — два. Звоните!", "Карты. Звоните!"),
    ("ru", "*#", "Ещё раз — звёздочка. Назад — решётка. Мы рядом…", "Мы рядом…"),
    ("de", "1", "Für Karten drücken Sie die 1.", "Für Karten drücken Sie die 1."),
])
def test_without_keys(language: str, offered: str, text: str, left: str) -> None:
    assert without_keys(text, language, frozenset(offered)) == left


def test_text_of__its_own_is_left_as_it_is() -> None:
    own = Wording("en/a.wav", "Press one.", written=Written("Press one, or write {n}.", (Spoken("n", "count"),)))
    assert text_of(own, "en", {"n": Decimal(2)}, "1") == "Press one, or write 2."
    assert text_of(own, "en", {}, "1") is None


HEAD = """languages: [en]
start: first
variables: {tries: {kind: number, default: 0}, code: {kind: text, secret: yes}}
menus:
  first: {prompts: ask, options: {"1": repeat}, on_failure: {queue: general}}
prompts:
  ask:
"""


def loaded(wording: str) -> Menu:
    return load_menu(f"{HEAD}    en: {wording}\n", "m.yaml", None, None)


@pytest.mark.parametrize(("wording", "expected"), [
    ('"Ask."', Wording("en/ask.wav", "Ask.")),
    ('{text: "Ask."}', Wording("en/ask.wav", "Ask.")),
    ('{voice: "Ask."}', Wording("en/ask.wav", "Ask.")),
    ('{voice: "Say.", text: "Write."}', Wording("en/ask.wav", "Say.", written=Written("Write."))),
    ('{voice: "Say.", text: "Write {tries}.", file: en/x.wav}',
     Wording("en/x.wav", "Say.", written=Written("Write {tries}.", (Spoken("tries", "count"),)))),
    ('{text: "Ask.", file: en/x.wav}', Wording("en/x.wav", "Ask.")),
])
def test_wording(wording: str, expected: Wording) -> None:
    assert loaded(wording).prompts["ask"].wordings["en"] == expected


def test_wording__what_is_recorded_is_what_is_spoken() -> None:
    menu = loaded('{voice: "Say it.", text: "Write it {tries}."}')
    assert [(one.clip, one.text) for one in needed_clips([menu])] == [("en/ask.wav", "Say it.")]
    assert texts_of(menu) == {"en/ask.wav": "Write it {tries}."}


@pytest.mark.parametrize(("wording", "says"), [
    ('{voice: "Say.", text: "{tires}"}', "8:32: error: there is no variable `tires` (did you mean `tries`?"),
    ('{voice: "Say.", text: "{code}"}', "8:32: error: `code` is secret"),
    ('{voice: "Say.", text: "{tries"}', "8:32: error: a brace without its other one"),
    ('{voice: "Say.", text: "{tries:money}"}', "8:32: error: `tries` has no currency"),
    ('{voice: "Say.", text: [a]}', "8:31: error: what `en` of prompt `ask` writes must be a text"),
    ('{voice: "", text: "Write."}', "8:17: error: the text of `en` of prompt `ask`"),
    ('{speech: "Say."}', "8:10: error: `speech` means nothing in `en` of prompt `ask`"),
])
def test_wording__faults(wording: str, says: str) -> None:
    with pytest.raises(AdminError) as caught:
        loaded(wording)
    assert str(caught.value.faults[0]).startswith(f"m.yaml:{says}")


def test_announcements__may_be_written_otherwise() -> None:
    text = (Path(__file__).parents[3] / "menus/announcements.yaml").read_text()
    changed = text.replace('en: "You are next in line."', 'en: {voice: "You are next in line.", text: "You are next."}')
    announcements = load_announcements(changed, "a.yaml", None, ("en", "ru"))
    assert texts_of(announcements)[announcements.place(1, "en")] == "You are next."
    assert texts_of(announcements)[announcements.place(2, "en")] == "You are number two in line."
