"""Values in prompts: cut into what is recorded and what is said, in each language."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ivr.audio.spoken import clip_of, spoken, vocabulary
from ivr.base.errors import AdminError
from ivr.menu.dialogue import Dialogue
from ivr.menu.expressions.values import Money, Value
from ivr.menu.facts import Facts
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu, Piece, Spoken, texts

TEXT = """\
languages: [en, ru]
start: main
variables: {amount: money, days: number, due: date, code: {kind: text, secret: yes}, seen: flag, ref: text}
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: balance
    options: {"1": repeat}
prompts:
  balance:
    en: "Your balance is {amount}."
    ru: "На счёте {amount:money}, осталось {days:count день|дня|дней}."
"""


def load(text: str = TEXT, catalogue: dict[str, float] | None = None) -> Menu:
    return load_menu(text, "m.yaml", catalogue, Known(frozenset(["general"]), frozenset()))


@pytest.fixture
def menu() -> Menu:
    return load()


def heard(menu: Menu, language: str, facts: Facts | None = None, **values: Value) -> list[str]:
    dialogue = Dialogue(menu, dict.fromkeys(menu.clips(), 0.5), language)
    dialogue.interpreter.facts = facts or dialogue.interpreter.facts
    dialogue.interpreter.memory.variables |= values
    return dialogue.silence().listen().clips      # what was missing at first is there when it is said again


def words(language: str, form: str, value: Value, detail: str = "") -> list[str]:
    assert not isinstance(value, bool | tuple)
    return [clip_of(language, word) for word in spoken(language, form, value, detail)]


def test_templates__a_wording_is_cut_into_pieces_and_values(menu: Menu) -> None:
    wordings = menu.prompts["balance"].wordings
    assert wordings["en"].parts == (Piece("en/balance.1.wav", "Your balance is"), Spoken("amount", "money"))
    assert wordings["ru"].parts == (
        Piece("ru/balance.1.wav", "На счёте"), Spoken("amount", "money"), Piece("ru/balance.2.wav", ", осталось"),
        Spoken("days", "count", "день|дня|дней"))


def test_templates__clips_and_texts_have_the_pieces_and_every_word_that_may_come(menu: Menu) -> None:
    needed = {clip_of("ru", word) for word in vocabulary("ru", ["день|дня|дней"], ["count", "money"])}
    assert needed < set(menu.clips())
    assert {"en/balance.1.wav", "ru/balance.2.wav"} < set(menu.clips())
    assert "en/balance.wav" not in menu.clips()
    assert texts(menu)["ru/balance.2.wav"] == ("ru", ", осталось")
    assert texts(menu)[clip_of("ru", "дня")] == ("ru", "дня")


@pytest.mark.parametrize("amount", ["0", "1", "21.50", "1250.5", "999999999"])
def test_templates__values_are_said_rightly_in_both_languages(menu: Menu, amount: str) -> None:
    money = Money(Decimal(amount), "RUB")
    assert heard(menu, "en", amount=money) == ["en/balance.1.wav", *words("en", "money", money)]
    assert heard(menu, "ru", amount=money, days=Decimal(2)) == [
        "ru/balance.1.wav", *words("ru", "money", money), "ru/balance.2.wav",
        *words("ru", "count", Decimal(2), "день|дня|дней")]


@pytest.mark.parametrize("values", [{}, {"amount": Money(Decimal(5), "XXX")}, {"days": Decimal(2)}])
def test_templates__a_sentence_with_a_hole_is_not_said(menu: Menu, values: dict[str, Value]) -> None:
    assert heard(menu, "ru", **values) == []


def test_templates__a_menu_that_has_nothing_to_say_waits(menu: Menu) -> None:
    dialogue = Dialogue(menu, dict.fromkeys(menu.clips(), 0.5))
    assert dialogue.is_waiting
    dialogue.silence().silence().silence()
    assert dialogue.now == 15.0
    assert dialogue.end is not None


def test_templates__what_the_house_knows_can_be_said() -> None:
    text = TEXT.replace("Your balance is {amount}.", "You call from {caller.number:digits phone}. Today is {today}.")
    facts = Facts(number="+74951234567", clock=lambda now: datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert heard(load(text), "en", facts) == [
        "en/balance.1.wav", *words("en", "digits", "+74951234567", "phone"), "en/balance.2.wav",
        *words("en", "date", datetime(2026, 3, 2).date())]


def test_templates__every_word_that_is_missing_among_the_sounds_is_counted(menu: Menu) -> None:
    there = dict.fromkeys(menu.clips(), 1.0)
    assert load(TEXT, there) == menu
    del there["en/balance.1.wav"], there[clip_of("ru", "дня")]
    with pytest.raises(AdminError) as caught:
        load(TEXT, there)
    first, second = caught.value.faults
    assert str(first).startswith("m.yaml:11:5: error: prompt `balance` has no sound in language `en`: "
                                 "en/balance.1.wav is missing from the folder of prompts")
    assert (str(second.place), second.code) == ("m.yaml:12:5", "clip-missing")
    assert f"1 of the {len(menu.prompts['balance'].wordings['ru'].words)} words" in second.message
    assert "ru/words/dnya.wav" in second.message


@pytest.mark.parametrize(("text", "column", "message", "remedy"), [
    ("Your {amont}.", 15, "there is no variable `amont`", "did you mean `amount`?"),
    ("Your {code}.", 15, "`code` is secret: it can't be said aloud", "take it out"),
    ("Your {seen}.", 15, "`seen` can't be said: it is yes or no", "`switch`"),
    ("Your {caller.groups}.", 15, "`caller.groups` can't be said: it is a list", "`switch`"),
    ("Your {due:money}.", 15, "`due` is a date: it can't be said as money", "allowed: date"),
    ("Your {days:money}.", 15, "`days` has no currency", "{days:money RUB}"),
    ("Your {days:counted}.", 15, "`days` can't be said so: “counted” is no form", ""),
    ("Your {days:count x|y|z|a}.", 15, "`days` can't be said so: ", ""),
    ("Your {ref:digits loud}.", 15, "`ref` can't be said so: “loud” means nothing here", ""),
    ("Your {days + 1}.", 15, "`{days + 1}` is no value", "{name:form}"),
    ("Your {}.", 15, "`{}` is no value", "{name:form}"),
    ("Your {days.", 15, "a brace without its other one", "{name}"),
    ("Your {days} and }.", 26, "a brace without its other one", "{name}"),
])
def test_templates__faults_at_their_columns(text: str, column: int, message: str, remedy: str) -> None:
    with pytest.raises(AdminError) as caught:
        load(TEXT.replace("Your balance is {amount}.", text))
    fault = caught.value.faults[0]
    assert (fault.place.line, fault.place.column) == (11, column)
    assert fault.message.startswith(message)
    assert remedy in fault.remedy


def test_templates__one_recording_can_not_hold_values() -> None:
    with pytest.raises(AdminError) as caught:
        load(TEXT.replace('"Your balance is {amount}."', '{text: "Your {amount}.", file: en/mine.wav}'))
    assert str(caught.value).startswith("m.yaml:11:40: error: one file can't hold the values of this prompt")


def test_templates__a_confirmation_reads_the_value_back(menu_of: Callable[[str], Menu]) -> None:
    text = TEXT.replace('    prompts: balance\n    options: {"1": repeat}\n',
                        "    do: [{collect: {into: days, as: number, prompts: balance, confirm: right}}, hangup]\n")
    text += '  right: {en: "{days:count day|days}, right?", ru: "{days:count день|дня|дней}, верно?"}\n'
    menu = load(text)
    dialogue = Dialogue(menu, dict.fromkeys(menu.clips(), 0.5)).press("21#").listen()
    assert dialogue.clips == [*words("en", "count", Decimal(21), "day|days"), "en/right.1.wav"]
