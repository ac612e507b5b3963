"""`callback`: who is to be called, that nobody is told of it before it is safe, and what comes when it is not."""

from collections.abc import Callable

import pytest

from ivr.menu.dialogue import Dialogue
from ivr.menu.events import InputTimeout, KeyPressed, PlaybackFinished, RequestKept
from ivr.menu.facts import Facts
from ivr.menu.interpreter import Interpreter
from ivr.menu.keeping import LONG, MOST_LEFT
from ivr.menu.memory import Phase
from ivr.menu.model import Menu
from ivr.menu.steps import (
    EnterQueue,
    HangUp,
    LeaveRequest,
    Play,
    PlayMusic,
    RequestLeft,
    SetTimer,
    StopPlayback,
)
from ivr.menu.text.events import Typed
from ivr.menu.text.interpreter import TextInterpreter
from tests.support.rewritten_menu import rewritten

MENUS = """
  first:
    prompts: ask
    options:
      "1":
        - callback: {queue: cards, subject: a card, done: news, on_failure: [{say: more}, {queue: loans}]}
        - hangup
      "2": [{callback: loans}, hangup]
      "3":
        - collect: {into: other, prompts: hello, as: phone}
        - callback: {queue: cards, number: other, meanwhile: hello}
        - hangup
      "4": {callback: cards}
"""
CALLER = Facts(number="+74951234567", country="RU")


@pytest.fixture
def menu(menu_of: Callable[[str], Menu]) -> Menu:
    return menu_of(MENUS)


def began(menu: Menu, keys: str, facts: Facts = CALLER) -> tuple[Interpreter, list[object]]:
    """An interpreter that was told these keys at 1 s, and the steps of the last one."""
    interpreter, steps = Interpreter(menu, facts=facts), []
    interpreter.start(0.0)
    for key in keys:
        steps = interpreter.handle(KeyPressed(key, 1.0), 1.0)
    return interpreter, list(steps)


def test_callback__nothing_is_said_before_it_is_safe(menu: Menu) -> None:
    interpreter, steps = began(menu, "1")
    assert steps[-2:] == [LeaveRequest("callback", "cards", "a card", "+74951234567"), SetTimer(1.0 + LONG)]
    assert not any(isinstance(step, Play) for step in steps)
    steps = interpreter.handle(RequestKept(True), 1.2)
    assert steps == [SetTimer(None), RequestLeft("first", "callback", "cards"), Play(2, ("en/news.wav",), False)]
    assert interpreter.handle(PlaybackFinished(2, stopped=False), 3.0)[-1] == HangUp("self_served")


def test_callback__refused_does_what_it_says_for_that(menu: Menu) -> None:
    interpreter, _ = began(menu, "1")
    steps = interpreter.handle(RequestKept(False), 1.2)
    assert RequestLeft("first", "callback", "cards", "no room for the request") in steps
    assert steps[-1] == Play(2, ("en/more.wav",), True)
    assert interpreter.handle(PlaybackFinished(2, stopped=False), 3.0)[-1] == EnterQueue("loans", "loans")


def test_callback__refused_without_words_of_its_own_does_the_menus(menu: Menu) -> None:
    interpreter, _ = began(menu, "2")
    assert interpreter.handle(RequestKept(False), 1.2)[-1] == EnterQueue("general", "general")


@pytest.mark.parametrize(("typed", "number"), [
    ("+49 151 23456789", "+4915123456789"), ("+7 (916) 123-45-67", "+79161234567"),
    ("8 916 123-45-67", "+79161234567")])
def test_callback__a_foreign_number_that_is_written_keeps_its_plus(menu: Menu, typed: str, number: str) -> None:
    interpreter, left = TextInterpreter(menu, facts=CALLER), list[object]()
    interpreter.start(0.0)
    for text in ("3", typed):
        said = interpreter.handle(Typed(text, 1.0), 1.0)
        while said:
            left += said
            said = [step for play in said if isinstance(play, Play)
                    for step in interpreter.handle(PlaybackFinished(play.play_id, stopped=False), 1.0)]
    assert interpreter.values(1.0)["other"] == typed.translate(str.maketrans("", "", " ()-"))
    assert [step.number for step in left if isinstance(step, LeaveRequest)] == [number]


def test_callback__who_withholds_the_number_has_none(menu: Menu) -> None:
    interpreter, steps = began(menu, "1", Facts())
    assert not any(isinstance(step, LeaveRequest) for step in steps)
    assert RequestLeft("first", "callback", "cards", "no number to call") in steps
    assert interpreter.state is Phase.SAYING


def test_callback__music_from_the_first_second_on(menu: Menu) -> None:
    interpreter, _ = began(menu, "1")
    assert interpreter.handle(InputTimeout(), 1.0 + LONG) == [PlayMusic("cards")]
    steps = interpreter.handle(RequestKept(True), 20.0)
    assert steps[0] == StopPlayback()
    assert isinstance(steps[-1], Play)


def test_callback__its_own_words_again_and_again(menu: Menu) -> None:
    interpreter, _ = began(menu, "3" + "4951234567#")
    first, = interpreter.handle(InputTimeout(), 1.0 + LONG)
    again, = interpreter.handle(PlaybackFinished(first.play_id, stopped=False), 5.0)    # type: ignore[union-attr]
    assert (first.clips, again.clips) == (("en/hello.wav",), ("en/hello.wav",))         # type: ignore[union-attr]
    assert interpreter.handle(RequestKept(True), 6.0)[0] == StopPlayback()


def test_callback__a_number_that_was_typed_as_at_home(menu: Menu) -> None:
    _, steps = began(menu, "3" + "4951234567#")
    left, = (step for step in steps if isinstance(step, LeaveRequest))
    assert left.number == "+74951234567"
    assert "4951234567" not in repr(steps)


def test_callback__keys_meanwhile_count_after_it(menu: Menu) -> None:
    interpreter, _ = began(menu, "4")
    assert interpreter.handle(KeyPressed("2", 1.1), 1.1) == []
    steps = interpreter.handle(RequestKept(True), 1.2)
    assert LeaveRequest("callback", "loans", "loans", "+74951234567") in steps


def test_callback__a_late_answer_changes_nothing(menu: Menu) -> None:
    interpreter, _ = began(menu, "1")
    interpreter.handle(RequestKept(False), 1.2)
    assert interpreter.handle(RequestKept(True), 1.3) == []


def test_callback__no_call_leaves_any_number_of_them(menu: Menu, lengths: dict[str, float]) -> None:
    dialogue = Dialogue(menu, lengths, facts=CALLER)
    for _ in range(MOST_LEFT + 1):
        dialogue.listen().press("4")
    left = [step for _, step in dialogue.taken if isinstance(step, LeaveRequest)]
    assert len(left) == MOST_LEFT
    assert dialogue.end == EnterQueue("general", "general")


def test_callback__written_down_and_read_back_while_it_waits(menu: Menu) -> None:
    interpreter, _ = began(menu, "1")
    interpreter.handle(InputTimeout(), 1.0 + LONG)
    again = rewritten(interpreter)
    assert again.handle(RequestKept(True), 20.0) == interpreter.handle(RequestKept(True), 20.0)


@pytest.mark.parametrize(("written", "fault"), [
    ("callback: crads", "there is no queue `crads` in the configuration"),
    ("callback: {queue: cards, number: othr}", "there is no variable `othr`"),
    ("callback: {queue: cards, number: amount}", "variable `amount` is a number and can't be called"),
    ("callback: {queue: cards, number: code}", "`code` is secret, and operators would see it"),
    ("callback: {subject: x}", "`callback` lacks `queue`"),
    ("callback: {queue: cards, don: sorry}", "`don`"),
])
def test_callback__faults_of_the_file(written: str, fault: str, good: str,
                                      faults_of: Callable[[str], list[str]]) -> None:
    text = good.replace('      "1": {queue: cards}', f'      "1": [{{{written}}}, hangup]').replace(
        "menus:\n", "variables: {amount: number, code: {kind: text, secret: yes}}\nmenus:\n", 1)
    found = faults_of(text)
    assert any(fault in one for one in found), found
