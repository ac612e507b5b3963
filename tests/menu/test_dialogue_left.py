"""Dialogues in which callers leave something: a callback at a number, or nothing where it finds no room."""

from collections.abc import Callable

import pytest

from ivr.menu.model import Known, Menu
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.runner import run_all
from ivr.menu.testing.story import story

MENUS = """
  first:
    prompts: ask
    options:
      "1":
        - callback: {queue: cards, subject: a card, done: news, on_failure: [{say: more}, {queue: loans}]}
        - hangup
"""
KEPT = """
- dialogue: a callback
  caller: "+74951234567"
  steps: [press: "1"]
  expect: {heard: [news], callback: cards, subject: a card, number: "+74951234567", outcome: callback, hangup: yes}
- dialogue: who withholds their number
  steps: [press: "1"]
  expect: {heard: [more], queue: loans, not_heard: [news]}
- dialogue: no room
  caller: "+74951234567"
  requests: refused
  steps: [press: "1"]
  expect: {queue: loans}
"""


def failures(text: str, menu: Menu, known: Known, lengths: dict[str, float]) -> list[str]:
    went = run_all(load_dialogues(text, "m.test.yaml", menu, known), menu, lengths)
    return [fault.message for one in went for fault in one.failures]


def test_left__as_expected(menu_of: Callable[[str], Menu], known: Known, lengths: dict[str, float]) -> None:
    assert failures(KEPT, menu_of(MENUS), known, lengths) == []


@pytest.mark.parametrize(("was", "wrong", "says"), [
    ("callback: cards", "callback: loans", "expected `callback: loans`, but `cards`: the caller was hung up on"),
    ("number: \"+74951234567\", o", "number: \"+7495\", o", "expected `number: +7495`, but `+74951234567`"),
    ("outcome: callback", "outcome: abandoned", "expected `outcome: abandoned`, but `callback`"),
    ("requests: refused\n  steps: [press: \"1\"]\n  expect: {queue: loans}",
     "requests: refused\n  steps: [press: \"1\"]\n  expect: {callback: cards}", "expected `callback: cards`, but"),
])
def test_left__otherwise(was: str, wrong: str, says: str, menu_of: Callable[[str], Menu], known: Known,
                         lengths: dict[str, float]) -> None:
    found, = failures(KEPT.replace(was, wrong), menu_of(MENUS), known, lengths)
    assert found.startswith(says)


def test_left__told_in_the_story(menu_of: Callable[[str], Menu], known: Known, lengths: dict[str, float]) -> None:
    went = run_all(load_dialogues(KEPT, "m.test.yaml", menu_of(MENUS), known), menu_of(MENUS), lengths)
    told = [line.split("  ", 1)[-1].strip() for line in story(went[0])]
    assert "leaves a callback for queue cards, about: a card, at +74951234567" in " ".join(told)
    assert any("no callback was left: no number to call" in line for line in story(went[1]))
