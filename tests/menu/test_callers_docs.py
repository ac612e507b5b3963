"""The menus of docs/callers.md are right, and do on a dialogue what the text beside them says."""

import re
from pathlib import Path
from typing import Any

from ivr.menu.actions.verify import REFUSED
from ivr.menu.dialogue import Dialogue
from ivr.menu.lint.checked import Surroundings, check_menu
from ivr.menu.model import Known, Menu
from ivr.menu.steps import EnterQueue, HangUp

DOCS = (Path(__file__).parent.parent.parent / "docs" / "callers.md").read_text()
CUSTOMERS, *_ = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
KNOWN = Known(frozenset(["general", "cards"]), frozenset(), frozenset(), frozenset(["customers", "staff"]),
              frozenset(), frozenset(["100", "200"]))


def menu_of(text: str) -> Menu:
    checked = check_menu(text, "docs/callers.md", Surroundings(known=KNOWN))
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
