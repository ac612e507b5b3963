"""Keys: they count at their start, the interdigit time runs from their end, early ones are kept across goto."""

from collections.abc import Callable

import pytest

from ivr.menu.asking import HELD_AT_MOST
from ivr.menu.dialogue import Dialogue
from ivr.menu.events import KeyPressed, KeyReleased, PlaybackFinished
from ivr.menu.interpreter import Interpreter
from ivr.menu.memory import Phase
from ivr.menu.model import Menu
from ivr.menu.playing import MAX_EARLY
from ivr.menu.steps import EnterQueue, HangUp, KeysTaken, MenuEntered, NoMatchCounted, Play, SetTimer, StopPlayback

MENUS = """
  first:
    prompts: ask
    options:
      "1": {goto: second}
      "2": [{say: news}, {goto: second}]
      "3": [{say: [news, more]}, {say: notice}, {say: more}, {goto: second}]
      "4": [{say: news}, {goto: guarded}]
  second:
    prompts: [hello, ask]
    options:
      "1": {queue: cards}
      "12": {queue: loans}
      "5": {queue: deposits}
      "#": back
  guarded:
    prompts: [notice, ask]
    options:
      "5": {queue: deposits}
"""


@pytest.fixture
def dialogue(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> Dialogue:
    return Dialogue(menu_of(MENUS), lengths)


def taken(dialogue: Dialogue, *kinds: type) -> list[object]:
    return [step for _, step in dialogue.taken if isinstance(step, kinds)]


def test_keys__a_key_counts_at_its_start(dialogue: Dialogue) -> None:
    dialogue.wait(1).down("1")
    assert taken(dialogue, KeysTaken) == [KeysTaken("first", "1", "goto second")]


def test_keys__the_interdigit_time_runs_from_the_keys_end(dialogue: Dialogue) -> None:
    dialogue.press("1").listen().down("1").wait(6)
    assert dialogue.end is None, "the key is still down"
    dialogue.up("1").wait(2.4)
    assert dialogue.end is None
    assert dialogue.wait(0.11).end == EnterQueue("cards", "cards")


def test_keys__the_end_is_taken_from_the_event_and_not_from_when_it_was_told(menu_of: Callable[[str], Menu]) -> None:
    interpreter = Interpreter(menu_of(MENUS))
    interpreter.start(0.0)
    interpreter.handle(KeyPressed("1", 1.0), 1.0)
    interpreter.handle(KeyReleased("1", 1.1), 1.1)
    interpreter.handle(KeyPressed("1", 2.0), 2.05)
    assert interpreter.handle(KeyReleased("1", 2.1), 2.3) == [SetTimer(4.6)]


def test_keys__a_key_whose_end_is_lost_is_let_go_in_the_end(dialogue: Dialogue) -> None:
    dialogue.press("1").listen().down("1").wait(HELD_AT_MOST + 2.4)
    assert dialogue.end is None
    assert dialogue.wait(0.2).end == EnterQueue("cards", "cards")


def test_keys__the_end_of_another_key_is_not_the_end_of_this_one(dialogue: Dialogue) -> None:
    dialogue.press("1").listen().down("1")
    timers = len(taken(dialogue, SetTimer))
    dialogue.up("7")
    assert len(taken(dialogue, SetTimer)) == timers


def test_keys__a_held_key_does_not_barge_into_the_next_prompt(dialogue: Dialogue) -> None:
    dialogue.wait(1).down("1").wait(3)
    assert dialogue.interpreter.state is Phase.PROMPTING
    dialogue.up("1")
    assert len(taken(dialogue, StopPlayback)) == 1, "only the first menu's prompt was stopped"
    dialogue.listen()
    assert [(heard.clip, heard.cut) for heard in dialogue.heard] == [
        ("en/ask.wav", True), ("en/hello.wav", False), ("en/ask.wav", False)]
    assert dialogue.taken[-1] == (pytest.approx(5.0), SetTimer(pytest.approx(10.0)))


def test_keys__two_quick_keys_go_through_two_menus(dialogue: Dialogue) -> None:
    dialogue.wait(1).press("15")
    assert dialogue.end == EnterQueue("deposits", "deposits")
    assert dialogue.now < 1.5


def test_keys__a_key_during_a_say_ends_it_and_is_kept_across_goto(dialogue: Dialogue) -> None:
    dialogue.press("2").wait(0.5).press("5")
    assert dialogue.end == EnterQueue("deposits", "deposits")
    assert dialogue.clips == ["en/news.wav"], "the prompts of the menu after it are not begun"
    assert taken(dialogue, MenuEntered) == [MenuEntered("first"), MenuEntered("second")]


def test_keys__an_early_key_begins_an_entry_that_goes_on(dialogue: Dialogue) -> None:
    dialogue.press("2").wait(0.5).press("1")
    assert dialogue.interpreter.state is Phase.COLLECTING
    dialogue.press("2")
    assert dialogue.end == EnterQueue("loans", "loans")


def test_keys__the_interdigit_time_of_an_early_key_runs_from_its_end_too(dialogue: Dialogue) -> None:
    dialogue.press("2").wait(0.5).press("1", hold=3, pause=2.4)
    assert dialogue.end is None
    assert dialogue.wait(0.11).end == EnterQueue("cards", "cards")


def test_keys__an_early_key_skips_what_may_be_interrupted_and_nothing_else(dialogue: Dialogue) -> None:
    dialogue.press("3").wait(0.5).press("5").listen()
    assert [(heard.clip, heard.cut) for heard in dialogue.heard] == [("en/news.wav", True), ("en/notice.wav", False)]
    assert dialogue.end == EnterQueue("deposits", "deposits")


def test_keys__an_early_key_waits_for_a_guarded_prompt_at_the_head_of_the_next_menu(dialogue: Dialogue) -> None:
    dialogue.press("4").wait(0.5).press("5")
    assert dialogue.end is None
    dialogue.listen()
    assert dialogue.clips == ["en/news.wav", "en/notice.wav"]
    assert dialogue.end == EnterQueue("deposits", "deposits")


def test_keys__a_key_from_before_a_guarded_prompt_that_is_told_late_is_kept(menu_of: Callable[[str], Menu]) -> None:
    interpreter = Interpreter(menu_of(MENUS.replace('"1": {goto: second}', '"1": {goto: guarded}')))
    interpreter.start(0.0)
    interpreter.handle(KeyPressed("1", 1.0), 1.05)
    assert interpreter.handle(KeyPressed("5", 1.04), 1.06) == []
    assert interpreter.handle(PlaybackFinished(2, stopped=False), 3.05) == [
        StopPlayback(), KeysTaken("guarded", "5", "queue deposits"), EnterQueue("deposits", "deposits")]


def test_keys__a_key_during_the_guarded_prompt_is_dropped(menu_of: Callable[[str], Menu]) -> None:
    interpreter = Interpreter(menu_of(MENUS.replace('"1": {goto: second}', '"1": {goto: guarded}')))
    interpreter.start(0.0)
    interpreter.handle(KeyPressed("1", 1.0), 1.05)
    assert interpreter.handle(KeyPressed("5", 1.06), 1.07) == []
    assert interpreter.handle(PlaybackFinished(2, stopped=False), 3.05) == []
    assert interpreter.handle(PlaybackFinished(3, stopped=False), 5.05) == [SetTimer(10.05)]


def test_keys__late_keys_before_a_guarded_say_keep_their_order_and_have_a_bound(menu_of: Callable[[str], Menu]) -> None:
    menu = menu_of(MENUS.replace('"1": {goto: second}', '"1": [{say: [notice, news]}, {goto: second}]'))
    interpreter = Interpreter(menu)
    interpreter.start(0.0)
    interpreter.handle(KeyPressed("1", 1.0), 1.0)
    for digit in "12" + "9" * 100:
        interpreter.handle(KeyPressed(digit, 0.99), 1.0)
    assert interpreter.memory.early == "12" + "9" * (MAX_EARLY - 2)
    steps = interpreter.handle(PlaybackFinished(2, stopped=False), 3.0)
    assert steps == [StopPlayback(), MenuEntered("second"), KeysTaken("second", "12", "queue loans"),
                     EnterQueue("loans", "loans")]


def test_keys__a_guarded_prompt_in_second_place_begins_when_the_first_is_over(
        menu_of: Callable[[str], Menu]) -> None:
    interpreter = Interpreter(menu_of(MENUS.replace("prompts: ask", "prompts: [ask, notice]", 1)))
    interpreter.start(0.0)
    interpreter.handle(PlaybackFinished(1, stopped=False), 2.0)
    interpreter.handle(KeyPressed("9", 2.01), 2.01)
    assert interpreter.memory.early == "", "it came during the notice"
    interpreter.handle(KeyPressed("1", 1.99), 2.02)
    steps = interpreter.handle(PlaybackFinished(2, stopped=False), 4.0)
    assert steps[0] == KeysTaken("first", "1", "goto second")


def test_keys__no_early_key_cuts_the_last_words(menu_of: Callable[[str], Menu]) -> None:
    interpreter = Interpreter(menu_of(MENUS.replace('"1": {goto: second}', '"1": [{say: [notice, news]}, hangup]')))
    interpreter.start(0.0)
    interpreter.handle(KeyPressed("1", 1.0), 1.0)
    interpreter.handle(KeyPressed("5", 0.99), 1.01)
    assert interpreter.memory.early == "5"
    assert interpreter.handle(PlaybackFinished(2, stopped=False), 3.0) == []
    assert interpreter.handle(PlaybackFinished(3, stopped=False), 5.0) == [HangUp("self_served")]


def test_keys__after_a_wrong_key_what_was_typed_ahead_is_forgotten(menu_of: Callable[[str], Menu]) -> None:
    menu = menu_of(MENUS.replace('"1": {goto: second}', '"1": [{say: notice}, {goto: second}]'))
    interpreter = Interpreter(menu)
    interpreter.start(0.0)
    interpreter.handle(KeyPressed("1", 1.0), 1.0)
    for digit in "95":
        interpreter.handle(KeyPressed(digit, 0.99), 1.0)
    steps = interpreter.handle(PlaybackFinished(2, stopped=False), 3.0)
    assert NoMatchCounted("second", 1, "9") in steps
    assert isinstance(steps[-1], Play), "the caller hears that the key was wrong, and the menu"


def test_keys__letters_of_the_keypad_are_no_option(dialogue: Dialogue) -> None:
    dialogue.listen().press("A")
    assert taken(dialogue, NoMatchCounted) == [NoMatchCounted("first", 1, "A")]
