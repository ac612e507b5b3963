"""Dialogues that say who is in a group or a register, and what must have been ordered."""

import re
from pathlib import Path

import pytest

from ivr.base.errors import AdminError
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu
from ivr.menu.testing.lengths import estimated
from ivr.menu.testing.loader import load_answers, load_dialogues
from ivr.menu.testing.model import Circumstances
from ivr.menu.testing.recorded import Happened, exported
from ivr.menu.testing.runner import Went, run_all

STAFF = re.findall(r"```yaml\n(.*?)```", (Path(__file__).parent.parent.parent / "docs/callers.md").read_text(),
                   re.DOTALL)[0]
KNOWN = Known(frozenset(["cards", "general"]), frozenset(), frozenset(), frozenset(["staff", "customers"]),
              frozenset(["vip", "partners"]), frozenset(["100"]))
GROUPS = """
languages: [en]
start: first
defaults: {on_failure: {queue: general}}
menus:
  first:
    do:
      - switch: [{when: '"vip" in caller.groups', do: {queue: cards}}]
      - queue: general
prompts: {hello: {en: "Hello."}}
"""
CLOSES = """
- dialogue: vera closes the line
  pins: {staff: {"7": "246810"}}
  steps: [press: "7#246810#", listen, press: "1", listen, press: "2"]
  expect: {orders: [close 100, open 100, "end_announcement 100"], keys: ["1", "2"]}
"""


def menu_of(text: str) -> Menu:
    return load_menu(text, "m.yaml", None, KNOWN)


def ran(menu: str, dialogues: str) -> list[Went]:
    loaded = menu_of(menu)
    return run_all(load_dialogues(dialogues, "m.test.yaml", loaded, KNOWN), loaded, estimated(loaded))


def failures(menu: str, dialogues: str) -> list[str]:
    return [str(fault) for went in ran(menu, dialogues) for fault in went.failures]


def test_pins__orders_are_done_and_expected() -> None:
    assert failures(STAFF, CLOSES) == []
    assert failures(STAFF, CLOSES.replace("close 100, ", "")) == [
        "m.test.yaml:5:12: error: expected `orders: open 100, end_announcement 100`, but what was ordered: close 100, "
        "open 100, end_announcement 100"]


def test_pins__wrong_and_no_answer() -> None:
    dialogues = """
- dialogue: a wrong PIN, and then the right one
  pins: {staff: {"7": "246810"}}
  steps: [press: "7#1357#", listen, press: "7#246810#", listen]
  expect: {menu: orders, heard: [not_right, options]}
- dialogue: the register is locked
  pins: {staff: fails}
  steps: [press: "7#246810#"]
  expect: {hangup: yes, orders: []}
"""
    assert failures(STAFF, dialogues) == []


def test_pins__of_which_a_dialogue_says_nothing() -> None:
    said, *_ = failures(STAFF, '\n- dialogue: who\n  steps: [press: "7#246810#"]\n  expect: {hangup: yes}\n')
    assert "the menu asked register `staff` of PINs" in said


def test_caller__in_groups() -> None:
    dialogues = """
- dialogue: a good customer
  caller: {number: "+74951234567", groups: [vip, partners]}
  steps: [listen]
  expect: {queue: cards}
- dialogue: anybody
  caller: "+74951234567"
  steps: [listen]
  expect: {queue: general}
"""
    assert failures(GROUPS, dialogues) == []
    with pytest.raises(AdminError, match="did you mean `partners`"):
        ran(GROUPS, dialogues.replace("partners", "partner"))


@pytest.mark.parametrize(("when", "column"), [
    ("'\"vp\" in caller.groups'", 26),
    ("'language == \"en\" and not \"vp\" in caller.groups'", 51),
])
def test_menu__a_group_that_there_is_not(when: str, column: int) -> None:
    with pytest.raises(AdminError) as caught:
        menu_of(GROUPS.replace("'\"vip\" in caller.groups'", when))
    (fault,) = caught.value.faults
    assert (fault.place.line, fault.place.column, fault.code) == (8, column, "expression-wrong")
    assert "did you mean `vip`" in fault.remedy


def test_answers__of_a_file() -> None:
    said = load_answers('pins: {staff: {"7": "246810"}, customers: fails}', "a.yaml", menu_of(STAFF), KNOWN)
    assert said.pins == {"staff": {"7": "246810"}, "customers": None}
    with pytest.raises(AdminError, match="did you mean `staff`"):
        load_answers("pins: {stuff: fails}", "a.yaml", menu_of(STAFF), KNOWN)


def test_exported__says_what_is_missing_and_expects_the_orders() -> None:
    happened = [Happened(1.0, "menu_entered", {"menu": "door"}),
                Happened(3.0, "verified", {"register": "staff", "reason": ""}),
                Happened(4.0, "lines_ordered", {"order": "order close 100", "by": "vera", "reason": ""}),
                Happened(5.0, "lines_ordered", {"order": "order open 100", "by": "", "reason": "no"})]
    text = exported("a call", Circumstances(), happened, menu_of(STAFF))
    assert "# register `staff` knew the caller: say in `pins:` who is in it" in text
    assert 'orders: ["close 100"]' in text
    assert "vera" not in text
