"""What can be done by telephone can be done in a chat, and comes to the same: every dialogue and way on both."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.menu.dialogue import Dialogue
from ivr.menu.loader import load_menu
from ivr.menu.memory import Phase
from ivr.menu.model import Known, Menu
from ivr.menu.steps import FieldsFilled, KeysTaken, MenuEntered, NoInputCounted, NoMatchCounted
from ivr.menu.taking import BEEP
from ivr.menu.testing.lengths import estimated
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.model import BOTH, DialogueTest
from ivr.menu.testing.outcome import left, opinions, orders_given, outcome
from ivr.menu.testing.runner import run_all
from ivr.menu.testing.story import lines, story
from ivr.menu.testing.surroundings import Surroundings
from ivr.menu.testing.ways import ways
from ivr.menu.text_dialogue import TextDialogue
from tests.menu import test_dialogue_files, test_dialogue_house, test_dialogue_left, test_dialogue_surroundings
from tests.menu.test_menu_random import MENUS, VARIABLES

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/menus.md").read_text(), re.DOTALL)
KNOWN = Known(frozenset(["general", "vip"]), frozenset(["branch"]), frozenset(["office"]))
NINE_TO_SIX = Surroundings(opens=lambda schedule, moment: 9 <= moment.hour < 18)


def came_to(dialogue: Dialogue) -> Mapping[str, Any]:
    """Whatever of a dialogue must not depend on how it was held."""
    memory, taken = dialogue.interpreter.memory, [step for _, step in dialogue.taken]
    counted = [(type(step).__name__, step.menu, step.count) for step in taken
               if isinstance(step, NoInputCounted | NoMatchCounted)]
    return {
        "end": dialogue.end, "outcome": outcome(dialogue), "language": memory.language, "path": memory.path,
        "menus": [step.menu for step in taken if isinstance(step, MenuEntered)],
        "keys": [step.keys for step in taken if isinstance(step, KeysTaken)], "counted": counted,
        "variables": memory.variables, "fields": [step.filled for step in taken if isinstance(step, FieldsFilled)],
        "opinions": opinions(dialogue), "orders": orders_given(dialogue), "left": left(dialogue),
    }


def held(tests: tuple[DialogueTest, ...], menu: Menu, lengths: Mapping[str, float],
         around: Surroundings = NINE_TO_SIX) -> int:
    """Hold each dialogue that is for both ways on both; how many there were."""
    both = [test for test in tests if test.on == BOTH]
    for test in both:
        voice, text = run_all([test], menu, lengths, around, BOTH)
        assert (voice.on, text.on) == BOTH
        for went in (voice, text):
            assert went.passed, "\n".join([went.on, *map(str, went.failures), *story(went)])
        assert came_to(text.dialogue) == came_to(voice.dialogue), "\n".join([*story(voice), "", *story(text)])
    return len(both)


def test_parity__the_dialogues_of_the_sample(known: Known, bank: Menu) -> None:
    tests = load_dialogues((ROOT / "menus/bank.test.yaml").read_text(), "bank.test.yaml", bank, known)
    assert held(tests, bank, estimated(bank)) == len(tests) - 3, "two are about barge-in, one has words"


@pytest.mark.parametrize("path", sorted((ROOT / "menus").glob("*.test.yaml")), ids=lambda path: path.name)
def test_parity__those_held_by_telephone_alone_say_why(path: Path) -> None:
    marks = [line for line in path.read_text().splitlines() if re.match(r"\s+on: ", line)]
    assert all("#" in line for line in marks)


@pytest.mark.parametrize(("menus", "text"), [
    (test_dialogue_left.MENUS, test_dialogue_left.KEPT),
    (test_dialogue_left.SPOKEN, test_dialogue_left.MESSAGES),
])
def test_parity__callbacks_and_messages(menus: str, text: str, menu_of: Callable[[str], Menu], known: Known,
                                        lengths: dict[str, float]) -> None:
    menu = menu_of(menus)
    tests = load_dialogues(text, "m.test.yaml", menu, known)
    assert held(tests, menu, lengths | {BEEP: 0.3}) >= len(tests) - 1


@pytest.mark.parametrize(("menu", "text"), [
    (test_dialogue_house.STAFF, test_dialogue_house.CLOSES),
    (test_dialogue_house.STAFF, """
- dialogue: a wrong PIN, and then the right one
  pins: {staff: {"7": "246810"}}
  steps: [press: "7#1357#", listen, press: "7#246810#", listen]
  expect: {menu: orders, heard: [not_right, options]}
- dialogue: the register is locked
  pins: {staff: fails}
  steps: [press: "7#246810#"]
  expect: {hangup: yes, orders: []}
"""),
    (test_dialogue_house.GROUPS, """
- dialogue: a good customer
  caller: {number: "+74951234567", groups: [vip, partners]}
  steps: [listen]
  expect: {queue: cards}
"""),
])
def test_parity__registers_orders_and_groups(menu: str, text: str) -> None:
    loaded = test_dialogue_house.menu_of(menu)
    assert held(load_dialogues(text, "m.test.yaml", loaded, test_dialogue_house.KNOWN), loaded, estimated(loaded))


@pytest.mark.parametrize(("key", "fields", "expect"), [
    ("1", "", "{queue: cards}"),
    ("1", "at: 2026-11-27 23:10", "{heard: [closed], hangup: yes, outcome: closed}"),
    ("2", 'caller: "+74951234567"', "{queue: loans}"),
    ("3", "lookups: {balance: {amount: 99.50, blocked: no}}", "{queue: loans}"),
    ("3", "lookups: {balance: fails}", "{heard: [no_answer], queue: general}"),
])
def test_parity__hours_and_look_ups(key: str, fields: str, expect: str, known: Known) -> None:
    names = Known(known.queues, known.transfers, frozenset(["branch"]))
    menu = load_menu(test_dialogue_surroundings.MENU, "m.yaml", None, names)
    text = f'- dialogue: it\n  {fields}\n  steps: [press: "{key}"]\n  expect: {expect}\n'
    assert held(load_dialogues(text, "m.test.yaml", menu, names), menu, estimated(menu)) == 1


@pytest.mark.parametrize(("steps", "expect"), [
    ("[]", "{heard: [ask], menu: first, keys: [], hangup: no}"),
    ('[press: "1"]', "{queue: cards, subject: cards}"),
    ('[press: "1", wait_s: 2.4]', "{queue: cards}"),
    ('[press: "1", wait_s: 2.2, press: "2"]', "{queue: loans, keys: [\"12\"]}"),
    ('[press: "1", silence]', "{queue: cards}"),
    ('[press: "2", wait_s: 2, hangup]', "{heard: [news], outcome: self_served}"),
    ('[press: "3"]', "{heard: [notice], hangup: yes, outcome: self_served}"),
    ('[silence, wrong_key, wrong_key, silence]', "{heard: [wrong_2, silent_2], menu: first}"),
    ('[press: "1", wait_s: 2.4, talk_over: first, silence]', "{menu: first, heard: [silent_1], hangup: no}"),
    ('[press: "1#", comes_back, listen, press: "12"]', "{queue: loans, keys: [\"1\", \"12\"]}"),
])
def test_parity__options_that_begin_with_others(steps: str, expect: str, menu_of: Callable[[str], Menu],
                                                known: Known) -> None:
    menu = menu_of(test_dialogue_files.PREFIX)
    text = f"- dialogue: it\n  steps: {steps}\n  expect: {expect}\n"
    assert held(load_dialogues(text, "m.test.yaml", menu, known), menu, estimated(menu)) == 1


def test_parity__every_way_of_the_bank(bank: Menu) -> None:
    """Each option after each order of misses, to the failure: a fourth of them, spread."""
    lengths = estimated(bank)
    found = list(ways(bank, lengths))[::4]
    assert len(found) > 200
    for way in found:
        assert came_to(way.walk(bank, lengths, kind=TextDialogue)) == came_to(way.walk(bank, lengths)), str(way)


ACTS = st.one_of(st.text("0123456789*#", min_size=1, max_size=8), st.sampled_from([
    "", "1", "5", "51234", "1234", "12345#", "200#", "50*5#", "31122026", "0930", "2", "79161234567#"]))
SIGHTLESS = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SIGHTLESS
@given(acts=st.lists(ACTS, max_size=8))
@pytest.mark.parametrize("text", EXAMPLES)
def test_parity__whatever_is_pressed_in_the_examples_of_the_docs(text: str, acts: list[str]) -> None:
    menu = load_menu(text, "docs/menus.md", None, KNOWN)
    alike(menu, acts)


@SIGHTLESS
@given(acts=st.lists(ACTS, max_size=10))
def test_parity__whatever_is_pressed(menu_of: Callable[[str], Menu], acts: list[str]) -> None:
    alike(menu_of(MENUS + VARIABLES), acts)


def alike(menu: Menu, acts: list[str]) -> None:
    """Each of them pressed where the menu waits; "": nothing is, until it acts."""
    voice, text = (done(kind(menu, estimated(menu)), acts) for kind in (Dialogue, TextDialogue))
    assert came_to(text) == came_to(voice), "\n".join([*lines(voice), "", *lines(text)])


def done(dialogue: Dialogue, acts: list[str]) -> Dialogue:
    """Who has given a whole answer hears out what is said to it: what a key cuts off is no matter of chats."""
    for keys in acts:
        dialogue.settle()
        if not keys:
            dialogue.silence()
        for digit in keys:
            dialogue.press(digit)
            if dialogue.interpreter.state is not Phase.COLLECTING and not (
                    isinstance(dialogue, TextDialogue) and dialogue.goes_on):
                dialogue.settle()
    return dialogue.settle()
