"""Barge-in, and what comes late: keys stop prompts or are dropped, and nothing stale begins a wait. Clips last 2 s."""

from collections.abc import Callable

import pytest

from ivr.menu.dialogue import Dialogue
from ivr.menu.events import InputTimeout, KeyPressed, PlaybackFinished
from ivr.menu.interpreter import Interpreter
from ivr.menu.model import Menu
from ivr.menu.steps import EnterQueue, KeysTaken, MenuEntered, NoMatchCounted, Play, SetTimer, StopPlayback

MENUS = """
  first:
    prompts: [hello, ask]
    options:
      "1": {queue: cards}
      "2": {queue: loans}
      "23": {queue: deposits}
      "7": {goto: second}
  second:
    prompts: ask
    options:
      "1": {goto: first}
"""
GUARDED = """
  first:
    prompts: [notice, ask]
    options: {"1": {queue: cards}}
"""
Start = Callable[[], Dialogue]


@pytest.fixture
def start(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> Start:
    return lambda: Dialogue(menu_of(MENUS), lengths)


def steps_of(dialogue: Dialogue, *kinds: type) -> list[object]:
    return [step for _, step in dialogue.taken if isinstance(step, kinds)]


def queue(dialogue: Dialogue) -> str | None:
    return dialogue.end.queue if isinstance(dialogue.end, EnterQueue) else None


def test_barge_in__a_key_stops_the_prompt_and_counts(start: Start) -> None:
    dialogue = start().wait(1).down("7")
    assert [step for at, step in dialogue.taken if at == 1.0] == [
        StopPlayback(), KeysTaken("first", "7", "goto second"), MenuEntered("second"), Play(2, ("en/ask.wav",), True)]
    assert (dialogue.heard[0].clip, dialogue.heard[0].cut) == ("en/hello.wav", True)


def test_barge_in__keys_during_a_prompt_that_forbids_barge_in_are_dropped(
        menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    dialogue = Dialogue(menu_of(GUARDED), lengths).wait(1).press("191").listen()
    assert dialogue.clips == ["en/notice.wav", "en/ask.wav"]
    assert not any(heard.cut for heard in dialogue.heard)
    assert steps_of(dialogue, KeysTaken, NoMatchCounted) == []
    assert dialogue.is_waiting


def test_barge_in__prompts_that_differ_in_barge_in_are_played_without_a_gap(
        menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    dialogue = Dialogue(menu_of(GUARDED), lengths)
    assert steps_of(dialogue, Play) == [Play(1, ("en/notice.wav",), False), Play(2, ("en/ask.wav",), True)]
    assert queue(dialogue.wait(2.1).press("1")) == "cards"


def test_barge_in__a_player_that_stops_by_itself_may_tell_so_before_or_after_the_key(
        menu_of: Callable[[str], Menu]) -> None:
    for stop_first in (True, False):
        interpreter = Interpreter(menu_of(MENUS))
        interpreter.start(0.0)
        events = [KeyPressed("1", 1.0), PlaybackFinished(1, stopped=True)]
        steps = [step for event in (reversed(events) if stop_first else events)
                 for step in interpreter.handle(event, 1.0)]
        assert steps[-1] == EnterQueue("cards", "cards")


# --- what comes late -------------------------------------------------------------------------------------------------
def test_barge_in__a_timer_that_was_replaced_changes_nothing(menu_of: Callable[[str], Menu]) -> None:
    interpreter = Interpreter(menu_of(MENUS))
    interpreter.start(0.0)
    interpreter.handle(PlaybackFinished(1, stopped=False), 4.0)
    interpreter.handle(KeyPressed("2", 8.99), 8.99)
    assert interpreter.handle(InputTimeout(), 9.0) == [], "the first key's timer had fired already"
    assert interpreter.handle(InputTimeout(), 40.0)[-1] == EnterQueue("loans", "loans")
    assert interpreter.handle(InputTimeout(), 50.0) == []


def test_barge_in__the_end_of_a_prompt_that_was_stopped_begins_no_wait(menu_of: Callable[[str], Menu]) -> None:
    interpreter = Interpreter(menu_of(MENUS))
    interpreter.start(0.0)
    interpreter.handle(KeyPressed("7", 1.0), 1.0)
    assert interpreter.handle(PlaybackFinished(1, stopped=True), 1.01) == []
    assert interpreter.handle(PlaybackFinished(1, stopped=False), 1.02) == []
    assert interpreter.handle(PlaybackFinished(2, stopped=False), 3.0) == [SetTimer(8.0)]
