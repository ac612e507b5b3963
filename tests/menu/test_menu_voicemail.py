"""`record` and `voicemail`: what is said, the beep, who ends it and how; too little, too late, and lost."""

from collections.abc import Callable
from typing import Any

import pytest

from ivr.menu.events import InputTimeout, KeyPressed, PlaybackFinished, RecordingEnded, RequestKept
from ivr.menu.interpreter import Interpreter
from ivr.menu.model import Menu
from ivr.menu.steps import (
    CallerRecorded,
    EndRecording,
    EnterQueue,
    HangUp,
    LeaveRequest,
    NoInputCounted,
    Play,
    PlayRecording,
    RecordCaller,
    SetTimer,
    StopPlayback,
)
from ivr.menu.taking import BEEP, CLOSING, KEY_CUT, MOST_TAKES
from tests.support.rewritten_menu import rewritten

MENUS = """
  first:
    prompts: ask
    options:
      "1":
        - voicemail: {queue: cards, subject: a card, prompts: hello, max_s: 60, silence_s: 3, min_s: 2, done: news}
        - hangup
      "2":
        - voicemail: {queue: cards, prompts: notice, review: more, end_keys: "*#", on_failure: {queue: loans}}
        - hangup
      "3":
        - record: {into: complaint, beep: no, attempts: 1, end_keys: "", on_failure: [{say: more}]}
        - switch: [{when: known(complaint), do: {queue: deposits}}]
        - queue: loans
"""


@pytest.fixture
def menu(menu_of: Callable[[str], Menu]) -> Menu:
    return menu_of(MENUS)


class Caller:
    """At a menu, from the key that was pressed at 1 s on."""

    def __init__(self, menu: Menu, key: str) -> None:
        self.interpreter, self.menu = Interpreter(menu), menu
        self.interpreter.start(0.0)
        self.steps = self.press(key, 1.0)

    def press(self, key: str, at: float) -> list[Any]:
        return self.take(KeyPressed(key, at), at)

    def take(self, event: Any, at: float) -> list[Any]:
        self.steps = self.interpreter.handle(event, at)
        return self.steps

    def hear_out(self, at: float) -> list[Any]:
        """The last play ends then."""
        return self.take(PlaybackFinished(self.interpreter.memory.plays[-1], stopped=False), at)

    def said(self, seconds: float, at: float, take: int = 1, **fields: Any) -> list[Any]:
        return self.take(RecordingEnded(take, f"c-{take}", seconds, **fields), at)

    def speaking(self) -> "Caller":
        """The beep ended at 5 s."""
        self.hear_out(4.0)
        self.hear_out(5.0)
        return self


def clips(steps: list[Any]) -> list[tuple[str, ...]]:
    return [step.clips for step in steps if isinstance(step, Play)]


def test_voicemail__words_beep_and_only_then_the_recording(menu: Menu) -> None:
    caller = Caller(menu, "1")
    assert clips(caller.steps) == [("en/hello.wav",)]
    assert caller.hear_out(4.0) == [Play(3, (BEEP,), False)]
    assert caller.hear_out(5.0) == [RecordCaller(1, "voicemail", 3.0, "cards"), SetTimer(65.0)]


def test_voicemail__a_key_skips_the_words_and_not_the_beep(menu: Menu) -> None:
    caller = Caller(menu, "1")
    assert caller.press("5", 2.0) == [StopPlayback(), Play(3, (BEEP,), False)]
    assert caller.press("#", 2.1) == []
    assert isinstance(caller.hear_out(2.4)[0], RecordCaller)


def test_voicemail__an_end_key_ends_it_where_the_key_began(menu: Menu) -> None:
    caller = Caller(menu, "1").speaking()
    assert caller.press("7", 8.0) == [], "it is part of what is said"
    assert caller.press("#", 9.0) == [EndRecording(1, KEY_CUT), SetTimer(9.0 + CLOSING)]
    steps = caller.said(3.8, 9.3)
    assert CallerRecorded("first", "c-1", 3.8) in steps
    assert LeaveRequest("voicemail", "cards", "a card", "", "c-1") in steps
    assert clips(caller.take(RequestKept(True), 9.4)) == [("en/news.wav",)]
    assert caller.hear_out(12.0)[-1] == HangUp("self_served")


def test_voicemail__silence_ends_it(menu: Menu) -> None:
    steps = Caller(menu, "1").speaking().said(12.0, 20.0)
    assert SetTimer(None) in steps
    assert any(isinstance(step, LeaveRequest) for step in steps)


def test_voicemail__its_longest_ends_it(menu: Menu) -> None:
    caller = Caller(menu, "1").speaking()
    assert caller.take(InputTimeout(), 65.0) == [EndRecording(1), SetTimer(65.0 + CLOSING)]
    assert any(isinstance(step, LeaveRequest) for step in caller.said(55.0, 65.3))


def test_voicemail__who_says_too_little_is_asked_again(menu: Menu) -> None:
    caller = Caller(menu, "1").speaking()
    steps = caller.said(1.9, 9.0)
    assert NoInputCounted("first", 1) in steps
    assert clips(steps) == [("en/silent_1.wav", "en/hello.wav")]
    caller.speaking()
    assert clips(caller.said(0.0, 9.0, take=2)) == [("en/silent_2.wav", "en/hello.wav")]
    caller.speaking()
    assert caller.said(0.0, 9.0, take=3)[-1] == EnterQueue("general", "general")


def test_voicemail__kept_after_it_was_said_so(menu: Menu) -> None:
    caller = Caller(menu, "2").speaking()
    assert clips(caller.said(5.0, 10.0)) == [("en/more.wav",)]
    assert caller.press("1", 11.0)[-2] == LeaveRequest("voicemail", "cards", "cards", "", "c-1")


def test_voicemail__said_again(menu: Menu) -> None:
    caller = Caller(menu, "2").speaking()
    caller.said(5.0, 10.0)
    assert clips(caller.press("3", 11.0)) == [("en/notice.wav",)]
    assert caller.interpreter.message() is None, "the first one was not good enough"
    caller.speaking()
    caller.said(5.0, 20.0, take=2)
    assert LeaveRequest("voicemail", "cards", "cards", "", "c-2") in caller.press("1", 21.0)


def test_voicemail__heard_before_it_is_kept(menu: Menu) -> None:
    caller = Caller(menu, "2").speaking()
    caller.said(5.0, 10.0)
    (played,) = [step for step in caller.press("2", 11.0) if isinstance(step, PlayRecording)]
    assert played.number == 1
    assert caller.interpreter.message() is not None, "who hangs up now has left it"
    assert clips(caller.take(PlaybackFinished(played.play_id, stopped=False), 16.0)) == [("en/more.wav",)]
    assert LeaveRequest("voicemail", "cards", "cards", "", "c-1") in caller.press("1", 17.0)


def test_voicemail__whose_end_of_playback_is_never_told_is_asked_again(menu: Menu) -> None:
    """The phone that heard it was replaced by another one: nobody tells that it is over there."""
    caller = Caller(menu, "2").speaking()
    caller.said(5.0, 10.0)
    over = caller.press("2", 11.0)[-1].at
    assert over > 11.0 + 120.0, "who has said two minutes may hear them"
    steps = caller.take(InputTimeout(), over)
    assert steps[0] == StopPlayback()
    assert clips(steps) == [("en/more.wav",)]
    assert LeaveRequest("voicemail", "cards", "cards", "", "c-1") in caller.press("1", over + 1.0)


@pytest.mark.parametrize("cut_first", [False, True])
def test_voicemail__a_key_while_it_is_heard_is_an_answer(menu: Menu, cut_first: bool) -> None:
    caller = Caller(menu, "2").speaking()
    caller.said(5.0, 10.0)
    (played,) = [step for step in caller.press("2", 11.0) if isinstance(step, PlayRecording)]
    if cut_first:
        caller.take(PlaybackFinished(played.play_id, stopped=True), 12.0)
    steps = caller.press("1", 12.0)
    assert cut_first or steps[0] == StopPlayback()
    assert LeaveRequest("voicemail", "cards", "cards", "", "c-1") in steps


def test_voicemail__who_does_not_answer_what_is_asked_of_it_has_left_it(menu: Menu) -> None:
    caller = Caller(menu, "2").speaking()
    caller.said(5.0, 10.0)
    now = 10.0
    while not any(isinstance(step, LeaveRequest) for step in caller.steps):
        caller.hear_out(now + 2.0)
        caller.take(InputTimeout(), now + 7.0)
        now += 7.0
    assert now == 31.0, "three silences"


# --- who hangs up -----------------------------------------------------------------------------------------------------
def test_voicemail__what_was_said_before_a_hang_up(menu: Menu) -> None:
    caller = Caller(menu, "1").speaking()
    assert caller.interpreter.speaks
    assert caller.interpreter.message() is None, "nobody knows yet how much it is"
    assert caller.interpreter.message(RecordingEnded(1, "c-1", 2.0)) == LeaveRequest(
        "voicemail", "cards", "a card", "", "c-1")
    assert caller.interpreter.message(RecordingEnded(1, "c-1", 1.9)) is None
    assert caller.interpreter.message(RecordingEnded(1, "c-1", 9.0, failed=True)) is None


def test_voicemail__a_hang_up_while_it_is_asked_about(menu: Menu) -> None:
    caller = Caller(menu, "2").speaking()
    caller.said(5.0, 10.0)
    assert not caller.interpreter.speaks
    assert caller.interpreter.message() == LeaveRequest("voicemail", "cards", "cards", "", "c-1")


@pytest.mark.parametrize("moment", ["words", "beep", "kept"])
def test_voicemail__a_hang_up_that_leaves_nothing_more(menu: Menu, moment: str) -> None:
    caller = Caller(menu, "1")
    if moment == "beep":
        caller.hear_out(4.0)
    elif moment == "kept":
        caller.speaking().said(5.0, 10.0)
    assert not caller.interpreter.speaks
    assert caller.interpreter.message() is None


# --- it fails ---------------------------------------------------------------------------------------------------------
def test_voicemail__a_disk_that_is_full(menu: Menu) -> None:
    steps = Caller(menu, "2").speaking().said(0.0, 5.1, failed=True, reason="the disk is full")
    assert CallerRecorded("first", "", 0.0, "the disk is full") in steps
    assert steps[-1] == EnterQueue("loans", "loans")


def test_voicemail__a_file_that_is_never_closed(menu: Menu) -> None:
    caller = Caller(menu, "2").speaking()
    caller.press("*", 9.0)
    assert caller.take(InputTimeout(), 9.0 + CLOSING)[-1] == EnterQueue("loans", "loans")
    assert caller.said(5.0, 20.0) == [], "too late"


def test_voicemail__keys_while_it_is_closed_count_after_it(menu: Menu) -> None:
    caller = Caller(menu, "2").speaking()
    caller.press("#", 9.0)
    assert caller.press("1", 9.1) == []
    assert any(isinstance(step, LeaveRequest) for step in caller.said(3.0, 9.3))


def test_record__names_what_was_said(menu: Menu) -> None:
    caller = Caller(menu, "3")
    assert caller.steps[-2:] == [RecordCaller(1, "menu", 4.0, ""), SetTimer(121.0)]
    assert caller.press("#", 5.0) == [], "no key ends it"
    assert caller.said(3.0, 10.0)[-1] == EnterQueue("deposits", "deposits")
    assert caller.interpreter.memory.variables["complaint"] == "c-1"
    assert not caller.interpreter.speaks


def test_record__nothing_said(menu: Menu) -> None:
    caller = Caller(menu, "3")
    assert clips(caller.said(0.2, 10.0)) == [("en/more.wav",)]
    assert caller.hear_out(12.0)[-1] == EnterQueue("loans", "loans"), "what stands behind it"


def test_record__no_call_makes_any_number_of_files(menu: Menu) -> None:
    caller = Caller(menu, "2").speaking()
    for take in range(1, MOST_TAKES):
        caller.said(5.0, 10.0, take=take)
        caller.press("3", 11.0)
        caller.speaking()
    caller.said(5.0, 10.0, take=MOST_TAKES)
    caller.press("3", 11.0)
    assert caller.speaking().steps[-1] == EnterQueue("loans", "loans")


def test_voicemail__written_down_and_read_back_while_the_caller_speaks(menu: Menu) -> None:
    interpreter = Caller(menu, "2").speaking().interpreter
    again = rewritten(interpreter)
    event = RecordingEnded(1, "c-1", 5.0)
    assert again.handle(event, 10.0) == interpreter.handle(event, 10.0)


@pytest.mark.parametrize(("written", "fault"), [
    ("voicemail: crads", "there is no queue `crads`"),
    ("voicemail: {queue: cards, end_keys: a}", "`a` are no keys"),
    ("voicemail: {queue: cards, min_s: 9, max_s: 5}", "nobody can speak for 9 s where 5 s are the longest"),
    ("record: {into: amount}", "variable `amount` is a number, and this is a text"),
    ("record: {max_s: 6000}", "`max_s` is 6000 (allowed: a number from 1 to 600)"),
    ("record: {promts: sorry}", "`promts` means nothing"),
])
def test_record__faults_of_the_file(written: str, fault: str, good: str,
                                    faults_of: Callable[[str], list[str]]) -> None:
    text = good.replace('      "1": {queue: cards}', f'      "1": [{{{written}}}, hangup]').replace(
        "menus:\n", "variables: {amount: number}\nmenus:\n", 1)
    found = faults_of(text)
    assert any(fault in one for one in found), found
