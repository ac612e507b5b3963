"""The example of docs/menus.md that confirms a number before it is called."""

import pytest

from ivr.menu.dialogue import Dialogue
from ivr.menu.facts import Facts
from ivr.menu.loader import load_menu
from ivr.menu.steps import LeaveRequest
from tests.menu.test_menu_docs import EXAMPLES, KNOWN

TEXT = next(text for text in EXAMPLES if "is_it_yours" in text)


@pytest.mark.parametrize(("number", "keys", "left"), [
    ("+74951234567", "1", "+74951234567"), ("+74951234567", "2+74957654321", ""),
    ("+74951234567", "2" "84957654321#" "1", "+74957654321"), ("", "84957654321#" "1", "+74957654321"),
    ("", "84957654321#" "2" "84957654322#" "1", "+74957654322"), ("", "84957654321#", ""),
])
def test_number__is_called_only_once_it_is_confirmed(number: str, keys: str, left: str) -> None:
    menu = load_menu(TEXT, "docs/menus.md", None, KNOWN)
    dialogue = Dialogue(menu, dict.fromkeys(menu.clips(), 1.0), facts=Facts(number=number, country="RU"))
    for key in keys.replace("+", ""):
        dialogue.listen().press(key)
    dialogue.wait(1)
    assert [step.number for _, step in dialogue.taken if isinstance(step, LeaveRequest)] == [left] * bool(left)
