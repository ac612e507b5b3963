"""The menus of docs/callers.md are right, and do on a dialogue what the text beside them says."""

import re
from pathlib import Path
from typing import Any

import pytest

from ivr.menu.actions.verify import REFUSED
from ivr.menu.dialogue import Dialogue
from ivr.menu.lint.checked import Surroundings, check_menu
from ivr.menu.model import Known, Menu
from ivr.menu.steps import EnterQueue, HangUp, Order, Ordered, Verify

DOCS = (Path(__file__).parent.parent.parent / "docs" / "callers.md").read_text()
STAFF, CUSTOMERS = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
KNOWN = Known(frozenset(["general", "cards"]), frozenset(), frozenset(), frozenset(["customers", "staff"]),
              frozenset(), frozenset(["100", "200"]))


def menu_of(text: str) -> Menu:
    checked = check_menu(text, "docs/callers.md", Surroundings(known=KNOWN, orders_by={"200": "staff"}))
    assert checked.findings == ()
    assert checked.menu is not None
    return checked.menu


def called(text: str, house: Any) -> Dialogue:
    menu = menu_of(text)
    return Dialogue(menu, dict.fromkeys(menu.clips(), 1.0), house=house)


def test_customers__only_those_with_a_pin_come_into_the_menu() -> None:
    def register(asked: Any) -> tuple[Any, str]:
        return ("4711", "") if (asked.customer, asked.pin) == ("4711", "246810") else (None, REFUSED)

    known = called(CUSTOMERS, register).press("4711#246810#").listen().press("1").settle()
    assert known.end == EnterQueue("cards", "cards")
    stranger = called(CUSTOMERS, register)
    for _ in range(3):
        stranger.press("4711#123456#").settle()
    assert isinstance(stranger.end, HangUp)
    assert stranger.clips[-1] == "en/not_known.wav"


@pytest.mark.parametrize(("keys", "done", "heard"), [
    ("1", [("closure", True)], "closed"),
    ("2", [("closure", False), ("announcement", False)], "opened"),
    ("3", [("announcement", True)], "announced"),
])
def test_staff__orders_by_key_and_pin(keys: str, done: list[tuple[str, bool]], heard: str) -> None:
    orders: list[Order] = []

    def house(asked: Verify | Order) -> tuple[Any, str]:
        if isinstance(asked, Verify):
            return ("vera", "") if (asked.register, asked.customer, asked.pin) == ("staff", "7", "246810") else (
                None, REFUSED)
        orders.append(asked)
        return "vera", ""

    dialogue = called(STAFF, house).press("7#246810#").listen().press(keys).settle()
    assert [(order.kind, order.given) for order in orders] == done
    assert all(order.lines == ("100",) for order in orders)
    assert orders[-1].lasts == (4 * 3600.0 if orders[-1].given else None)
    assert f"en/{heard}.wav" in dialogue.clips
    assert dialogue.interpreter.choice.name == "orders"
    assert {step.by for _, step in dialogue.taken if isinstance(step, Ordered)} == {"vera"}


def test_staff__a_refused_order_is_said() -> None:
    dialogue = called(STAFF, lambda asked: ("vera", "") if isinstance(asked, Verify) else (None, "no such line"))
    dialogue.press("7#246810#").listen().press("3").settle()
    assert "en/not_done.wav" in dialogue.clips
    assert "en/announced.wav" not in dialogue.clips
