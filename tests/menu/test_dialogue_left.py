"""Dialogues in which callers leave something: a callback at a number, or nothing where it finds no room."""

from collections.abc import Callable

import pytest

from ivr.menu.model import Known, Menu
from ivr.menu.script import walk
from ivr.menu.taking import BEEP
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.outcome import outcome
from ivr.menu.testing.runner import run_all
from ivr.menu.testing.story import lines, story

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


SPOKEN = """
  first:
    prompts: ask
    options:
      "1":
        - voicemail: {queue: cards, subject: a card, prompts: hello, silence_s: 3, min_s: 2, review: more, done: news,
                      on_failure: {queue: loans}}
        - hangup
      "2":
        - record: {into: said, attempts: 1, on_failure: [{say: wrong_1}]}
        - switch: [{when: known(said), do: {queue: deposits}}]
        - queue: loans
"""
MESSAGES = """
- dialogue: a message
  steps: [press: "1", speaks_s: 12, listen, press: "1"]
  expect: {heard: [hello, more, news], voicemail: cards, subject: a card, outcome: voicemail, hangup: yes}
- dialogue: heard before it is kept
  steps: [press: "1", speaks_s: 12, listen, press: "2", listen, press: "1"]
  expect: {heard: [hello, more, more, news], voicemail: cards}
- dialogue: who just hangs up
  steps: [press: "1", speaks_s: 2, hangup]
  expect: {voicemail: cards, outcome: voicemail, hangup: no}
- dialogue: who hangs up after a word
  on: voice                             # every message that is typed is one
  steps: [press: "1", speaks_s: 1.5, hangup]
  expect: {outcome: abandoned}
- dialogue: who says nothing is asked three times
  steps: [press: "1", silence, silence, silence]
  expect: {heard: [hello, silent_1, hello, silent_2, hello], queue: loans}
- dialogue: who ends it with a key
  steps: [press: "1", speaks_s: 5, press: "#", listen, hangup]
  expect: {heard: [more], voicemail: cards}
- dialogue: the menu keeps what was said
  steps: [press: "2", speaks_s: 5]
  expect: {queue: deposits}
- dialogue: nothing said
  steps: [press: "2", listen]
  expect: {heard: [wrong_1], queue: loans}
- dialogue: no room
  requests: refused
  steps: [press: "1", speaks_s: 5, listen, press: "1"]
  expect: {queue: loans}
"""


def test_left__messages(menu_of: Callable[[str], Menu], known: Known, lengths: dict[str, float]) -> None:
    assert failures(MESSAGES, menu_of(SPOKEN), known, lengths | {BEEP: 0.3}) == []


def test_left__nobody_listens(menu_of: Callable[[str], Menu], known: Known, lengths: dict[str, float]) -> None:
    text = '- {dialogue: x, steps: [speaks_s: 3], expect: {queue: cards}}'
    assert failures(text, menu_of(SPOKEN), known, lengths) == ["nobody listens: nothing is recorded here"]


def test_left__a_script_that_speaks(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    dialogue = walk(menu_of(SPOKEN), lengths | {BEEP: 0.3}, "1 listen speaks4s silence 1 listen")
    assert outcome(dialogue) == "voicemail"
    told = "\n".join(lines(dialogue))
    assert "is recorded from here on: a message" in told
    assert "said something for 4 s: it is kept" in told
