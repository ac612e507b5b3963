"""Every example of docs/menus.md is a menu that the reader takes, and does what the text beside it says."""

import pickle
import re
from pathlib import Path

import pytest

from ivr.menu.actions.table import ROWS
from ivr.menu.dialogue import Dialogue
from ivr.menu.loader import load_menu
from ivr.menu.model import Known
from ivr.menu.sources import Sources

DOCS = (Path(__file__).parent.parent.parent / "docs" / "menus.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
KNOWN = Known(frozenset(["general", "vip"]), frozenset(["branch"]), frozenset(["office"]))


@pytest.mark.parametrize("text", EXAMPLES)
def test_docs__each_example_is_right_and_can_be_walked(text: str) -> None:
    menu = load_menu(text, "docs/menus.md", None, KNOWN)
    dialogue = Dialogue(menu, dict.fromkeys(menu.clips(), 1.0)).listen().wait(1000)
    assert dialogue.end is not None


@pytest.mark.parametrize("text", EXAMPLES)
def test_docs__each_example_can_be_handed_to_another_process(text: str) -> None:
    """Menus are read in one of their own while the service runs: with a condition in it, no change was ever taken."""
    menu = load_menu(text, "docs/menus.md", None, KNOWN)
    handed = pickle.loads(pickle.dumps(menu, pickle.HIGHEST_PROTOCOL))
    assert handed == menu
    lengths = dict.fromkeys(menu.clips(), 1.0)
    here, there = (Dialogue(one, lengths).listen().wait(1000) for one in (menu, handed))
    assert here.taken == there.taken


def test_docs__every_action_is_listed() -> None:
    table = DOCS[DOCS.index("## All actions"):]
    assert all(f"| `{word}" in table for word in ROWS)


def test_docs__several_files() -> None:
    """What is written of `transfer` to another file can be put into the first example."""
    lines = "\n".join(re.findall(r'^      "\d": \{transfer: \{menu.*$', DOCS, re.MULTILINE))
    text = EXAMPLES[0].replace('      "0":', f'{lines}\n      "0":')
    other = EXAMPLES[0].replace("  cards:", "  mortgage:").replace("{goto: cards}", "{goto: mortgage}").replace(
        "start: main", "start: main\nfolder: loans")
    menu = load_menu(text, "docs/menus.md", None, KNOWN, Sources({"docs/loans.yaml": other}))
    assert {str(menu.choices["main"].options[key][0]) for key in "34"} == {
        "transfer loans/main", "transfer loans/mortgage"}
    assert "loans/mortgage" in menu.choices
