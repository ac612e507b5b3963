"""`verify`: a register is asked who the caller is; right, wrong, again, locked, without an answer."""

from collections.abc import Callable
from typing import Any

import pytest

from ivr.base.errors import AdminError
from ivr.menu.actions.verify import REFUSED
from ivr.menu.dialogue import Dialogue
from ivr.menu.facts import Facts
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu
from ivr.menu.steps import EnterQueue, SecretInput, Verified, Verify
from tests.menu.conftest import HEAD, PROMPTS

MENUS = """
  first:
    do:
      - collect: {into: number, prompts: ask, digits: 4}
      - collect: {into: pin, prompts: hello, as: pin, digits: 4}
      - verify:
          register: customers
          customer: number
          pin: pin
          into: who
          attempts: 3
          wrong: more
          meanwhile: notice
          on_failure: [{say: news}, {queue: loans}]
      - switch: [{when: who == "Vera", do: {queue: cards}}]
      - queue: general
"""
BY_CALLER = MENUS.replace("      - collect: {into: number, prompts: ask, digits: 4}\n", "").replace(
    "customer: number", "customer: caller")
PINS = {("4711", "2468"): "Vera", ("4712", "1357"): "4712"}


@pytest.fixture
def menu(menu_of: Callable[[str], Menu]) -> Menu:
    return menu_of(MENUS)


def register(asked: Verify) -> tuple[Any, str]:
    name = PINS.get((asked.customer, asked.pin))
    return name, "" if name else REFUSED


def called(menu: Menu, lengths: dict[str, float], house: Any = register, facts: Facts | None = None) -> Dialogue:
    return Dialogue(menu, lengths, house=house, facts=facts or Facts())


def verdicts(dialogue: Dialogue) -> list[str]:
    return [step.reason for _, step in dialogue.taken if isinstance(step, Verified)]


def test_verify__known(menu: Menu, lengths: dict[str, float]) -> None:
    dialogue = called(menu, lengths).press("4711").press("2468").settle()
    assert isinstance(dialogue.end, EnterQueue)
    assert dialogue.end.queue == "cards"
    assert verdicts(dialogue) == [""]
    assert "pin" not in dialogue.interpreter.memory.variables


def test_verify__another_customer(menu: Menu, lengths: dict[str, float]) -> None:
    dialogue = called(menu, lengths).press("4712").press("1357").settle()
    assert isinstance(dialogue.end, EnterQueue)
    assert dialogue.end.queue == "general"


def test_verify__wrong_is_asked_again_from_the_number_on(menu: Menu, lengths: dict[str, float]) -> None:
    dialogue = called(menu, lengths).press("4711").press("1111").listen()
    assert dialogue.clips[-2:] == ["en/more.wav", "en/ask.wav"]
    dialogue.press("4711").press("2468").settle()
    assert verdicts(dialogue) == [REFUSED, ""]
    assert isinstance(dialogue.end, EnterQueue)
    assert dialogue.end.queue == "cards"


def test_verify__three_times_wrong_fails(menu: Menu, lengths: dict[str, float]) -> None:
    dialogue = called(menu, lengths)
    for _ in range(3):
        assert dialogue.end is None
        dialogue.press("4711").press("9876").settle()
    assert verdicts(dialogue) == [REFUSED] * 3
    assert dialogue.clips[-1] == "en/news.wav"
    assert isinstance(dialogue.end, EnterQueue)
    assert dialogue.end.queue == "loans"
    assert not known(dialogue, "who")


def known(dialogue: Dialogue, name: str) -> bool:
    return name in dialogue.interpreter.memory.variables


def test_verify__what_another_try_can_not_mend_is_no_second_time_asked(menu: Menu, lengths: dict[str, float]) -> None:
    dialogue = called(menu, lengths, lambda asked: (None, "too many wrong PINs")).press("4711").press("2468").settle()
    assert verdicts(dialogue) == ["too many wrong PINs"]
    assert isinstance(dialogue.end, EnterQueue)


def test_verify__no_answer(menu: Menu, lengths: dict[str, float]) -> None:
    """What is said meanwhile is said again, and after ten seconds it has failed."""
    dialogue = called(menu, lengths, None).press("4711").press("2468")
    asked_at = next(at for at, step in dialogue.taken if isinstance(step, Verify))
    dialogue.wait(9.0)
    assert dialogue.clips.count("en/notice.wav") == 4
    dialogue.settle()
    assert verdicts(dialogue) == ["no answer in time"]
    failed_at = next(at for at, step in dialogue.taken if isinstance(step, Verified))
    assert failed_at - asked_at == pytest.approx(10.0)


def test_verify__by_the_number_that_calls(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    asked: list[Verify] = []

    def house(step: Verify) -> tuple[Any, str]:
        asked.append(step)
        return "vera", ""

    called(menu_of(BY_CALLER), lengths, house, Facts(number="+74951234567")).press("2468").settle()
    assert [(one.customer, one.pin) for one in asked] == [("+74951234567", "2468")]


def test_verify__who_withholds_the_number_is_nobody(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    dialogue = called(menu_of(BY_CALLER), lengths).press("2468").settle()
    assert verdicts(dialogue) == ["a number or a PIN is missing"]
    assert not [step for _, step in dialogue.taken if isinstance(step, Verify)]


def test_verify__the_pin_is_in_nothing_that_is_told(menu: Menu, lengths: dict[str, float]) -> None:
    dialogue = called(menu, lengths).press("4711").press("9630").press("4711").press("2468").settle()
    assert dialogue.end is not None
    told = dialogue.story() + repr(dialogue.taken)
    assert "9630" not in told
    assert "2468" not in told


def test_verify__keys_are_masked_while_the_pin_is_asked_alone(menu: Menu, lengths: dict[str, float]) -> None:
    dialogue = called(menu, lengths).press("4711").press("9630")
    masks = [step.active for _, step in dialogue.taken if isinstance(step, SecretInput)]
    assert masks == [True, False]
    dialogue.press("4711").press("2468").settle()
    masks = [step.active for _, step in dialogue.taken if isinstance(step, SecretInput)]
    assert masks == [True, False, True, False]


@pytest.mark.parametrize(("old", "new", "code", "words"), [
    ("register: customers", "register: custmers", "register-unknown", "did you mean `customers`?"),
    ("customer: number", "customer: nummer", "variable-unknown", "`caller` is who calls"),
    ("pin: pin", "pin: number", "pin-open", "collect it with `as: pin`"),
    ("pin: pin", "pin: tin", "variable-unknown", "did you mean `pin`?"),
    ("into: who", "into: Who", "name-invalid", "small Latin letters"),
    ("          on_failure: [{say: news}, {queue: loans}]\n", "          on_failer: {queue: loans}\n", "entry-unknown",
     "did you mean `on_failure`?"),
])
def test_verify__faults(old: str, new: str, code: str, words: str) -> None:
    text = f"{HEAD}menus:\n{MENUS}{PROMPTS}".replace(old, new)
    known = Known(frozenset(["general", "cards", "loans"]), frozenset(), registers=frozenset(["customers", "staff"]))
    with pytest.raises(AdminError) as caught:
        load_menu(text, "m.yaml", None, known)
    fault = next(fault for fault in caught.value.faults if fault.code == code)
    assert words in fault.remedy
    wrong = new.strip().split(": ")[-1] if code != "entry-unknown" else "on_failer"
    line = text.splitlines()[fault.place.line - 1]
    assert line[fault.place.column - 1:].startswith(wrong)
