"""A call's record becomes a dialogue that ends as the call did: for ways through menus, as the record tells of them."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import islice

import pytest

from ivr.menu import steps
from ivr.menu.dialogue import Dialogue
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu
from ivr.menu.testing.lengths import estimated
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.model import Circumstances
from ivr.menu.testing.outcome import keys_taken, outcome
from ivr.menu.testing.recorded import Happened, exported
from ivr.menu.testing.runner import Went, run_all
from ivr.menu.testing.story import story
from ivr.menu.testing.ways import ways

# The kind of entry that the call's machine writes for a step; tests/phones holds that a real call is written so.
KINDS = {steps.MenuEntered: "menu_entered", steps.KeysTaken: "option_chosen", steps.NoInputCounted: "noinput",
         steps.NoMatchCounted: "nomatch", steps.LanguageChosen: "language_chosen", steps.EnterQueue: "request_opened",
         steps.TransferTo: "transferring"}
PREFIX = """
languages: [en]
start: first
defaults: {on_failure: {queue: general}}
menus:
  first: {prompts: ask, options: {"1": {goto: second}, "12": {queue: cards}, "345": {queue: loans}}}
  second: {prompts: ask, options: {"1": {transfer: branch}, "2": [{say: bye}, hangup]}}
prompts: {ask: {en: "What do you want to hear about today?"}, bye: {en: Goodbye.}}
"""


def record_of(dialogue: Dialogue) -> Iterator[Happened]:
    for at, step in dialogue.taken:
        if type(step) in KINDS:
            details = {key: value for key, value in asdict(step).items() if key != "play_id"}
            if isinstance(step, steps.NoMatchCounted):
                del details["keys"]
            yield Happened(at + 0.004, KINDS[type(step)], details)
    by = "hotline" if isinstance(dialogue.end, steps.HangUp) else "caller"
    yield Happened(dialogue.now + 0.3, "ended", {"by": by, "outcome": outcome(dialogue), "reason": ""})


def replayed(dialogue: Dialogue, known: Known) -> tuple[str, Went]:
    menu = dialogue.menu
    text = exported("call 1", Circumstances("100", at=datetime(2026, 11, 27, 23, 10)), list(record_of(dialogue)), menu)
    (went,) = run_all(load_dialogues(text, "x.test.yaml", menu, known), menu, dialogue.lengths)
    return text, went


@pytest.mark.parametrize("sample", ["bank", "prefix"])
def test_exported__ways_end_the_same(sample: str, bank_text: str, known: Known) -> None:
    menu = load_menu(bank_text if sample == "bank" else PREFIX, "m.yaml", None, known)
    lengths = estimated(menu)
    for way in islice(ways(menu, lengths), 0, None, 5 if sample == "bank" else 1):
        call = way.walk(menu, lengths)
        text, went = replayed(call, known)
        assert went.passed, "\n".join([str(way), text, *map(str, went.failures), *story(went)])
        assert went.dialogue.end == call.end
        assert keys_taken(went.dialogue) == keys_taken(call)


def test_exported__as_an_admin_reads_it(known: Known) -> None:
    menu: Menu = load_menu(PREFIX, "m.yaml", None, known)
    call = Dialogue(menu, estimated(menu)).wait(1.3).press("1").wait(2.4).silence().wait(1).press("7").press("1")
    call.give_back("transfer_failed").wait(2).press("2").settle()
    text, went = replayed(call, known)
    assert text == """- dialogue: "call 1"
  on: voice                           # at the pace of a call
  line: "100"
  at: 2026-11-27 23:10
  steps:
    - wait_s: 1.3
    - press: "1"
    - wait_s: 2.5
    - silence
    - wait_s: 1
    - wrong_key
    - press: "1"
    - comes_back
    - wait_s: 2
    - press: "2"
  expect:
    keys: ["1", "1", "2"]
    menu: second
    hangup: yes
    outcome: self_served
"""
    assert went.passed, "\n".join(map(str, went.failures))


def test_exported__no_number_and_nothing_that_was_typed_beside_options(known: Known) -> None:
    menu = load_menu(PREFIX, "m.yaml", None, known)
    call = list(record_of(Dialogue(menu, estimated(menu)).press("1").wait(3)))
    secrets = [Happened(0.5, "digits_collected", {"name": "pin", "digits": "4711"}),
               Happened(0.6, "offered", {"dialled": "100", "caller": "+74951234567"}),
               Happened(0.7, "nomatch", {"menu": "first", "count": 1, "keys": "4711"})]
    text = exported("call 1", Circumstances("100"), [*secrets, *call], menu)
    assert "4711" not in text
    assert "7495" not in text


LEFT = """
languages: [en]
start: first
defaults: {on_failure: {queue: general}}
menus:
  first:
    prompts: ask
    options:
      "1": [{voicemail: {queue: cards, subject: a card, prompts: bye, silence_s: 3}}, hangup]
      "2": [{callback: loans}, hangup]
prompts: {ask: {en: "What do you want?"}, bye: {en: Goodbye.}}
"""


def left(key: str, *happened: Happened, by: str = "hotline", outcome: str = "voicemail") -> list[Happened]:
    return [Happened(0.0, "menu_entered", {"menu": "first"}),
            Happened(2.0, "option_chosen", {"menu": "first", "keys": key, "option": "x"}), *happened,
            Happened(16.3, "ended", {"by": by, "outcome": outcome, "reason": ""})]


@pytest.mark.parametrize(("reason", "by"), [("silence", "hotline"), ("the caller ended it", "hotline"),
                                            ("the call ended", "caller")])
def test_exported__a_message(reason: str, by: str, known: Known) -> None:
    """How long the caller spoke stands in no record: as long as they were recorded."""
    menu = load_menu(LEFT, "m.yaml", None, known)
    happened = left("1", Happened(4.0, "recording_started", {"recording": "c-1", "why": "voicemail"}),
                    Happened(16.0, "recording_ended", {"recording": "c-1", "reason": reason, "failed": False}),
                    Happened(16.1, "request_left", {"left": "voicemail", "queue": "cards", "subject": "a card"}), by=by)
    text = exported("a message", Circumstances(), happened, menu)
    assert "    - speaks_s: 12\n" in text
    assert "    voicemail: cards\n" in text
    (went,) = run_all(load_dialogues(text, "x.test.yaml", menu, known), menu, estimated(menu))
    assert went.passed, "\n".join([text, *map(str, went.failures), *story(went)])


def test_exported__a_callback_asks_for_the_number_that_is_left_out(known: Known) -> None:
    menu = load_menu(LEFT, "m.yaml", None, known)
    happened = left("2", Happened(2.0, "request_left", {"left": "callback", "queue": "loans", "subject": "loans"}),
                    outcome="callback")
    text = exported("a callback", Circumstances(), happened, menu)
    assert "# who called is left out: add `caller:`" in text
    completed = text.replace("  steps:", '  caller: "+74951234567"\n  steps:', 1)
    (went,) = run_all(load_dialogues(completed, "x.test.yaml", menu, known), menu, estimated(menu))
    assert went.passed, "\n".join([text, *map(str, went.failures), *story(went)])
