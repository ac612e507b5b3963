"""The ways through a menu: back, languages, say, on_failure, queues that give callers back, and what is served."""

from collections.abc import Callable

import pytest

from ivr.menu.dialogue import Dialogue
from ivr.menu.events import InputTimeout, KeyPressed, PlaybackFinished, Returned
from ivr.menu.interpreter import CUT_BY_KEY, MAX_RETURNS, Interpreter
from ivr.menu.memory import Phase
from ivr.menu.model import Menu
from ivr.menu.steps import (
    EnterQueue,
    HangUp,
    KeysTaken,
    LanguageChosen,
    MenuEntered,
    NoInputCounted,
    Play,
    SetTimer,
    StopPlayback,
    TransferTo,
)

MENUS = """
  first:
    all_languages: yes
    prompts: ask
    options:
      "1": [{language: en}, {goto: main}]
      "2": [{language: ru}, {goto: main}]
  main:
    greeting: hello
    prompts: ask
    options:
      "1": {goto: deeper}
      "2": {say: news}
      "3": [{say: [news, more]}, hangup]
      "4": [{say: news}, {queue: cards, subject: card limits}]
      "5": {transfer: branch}
      "6": hangup
      "7": [{say: news}, repeat]
      "#": back
  deeper:
    prompts: news
    on_failure: {goto: main}
    options:
      "1": {goto: deepest}
      "2": {goto: main}
      "#": back
  deepest:
    prompts: more
    on_failure: [{say: news}, hangup]
    options:
      "#": back
"""


@pytest.fixture
def dialogue(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> Dialogue:
    return Dialogue(menu_of(MENUS), lengths)


@pytest.fixture
def in_main(dialogue: Dialogue) -> Dialogue:
    return dialogue.press("1")


def menus(dialogue: Dialogue) -> list[str]:
    return [step.menu for _, step in dialogue.taken if isinstance(step, MenuEntered)]


# --- languages -------------------------------------------------------------------------------------------------------
def test_ways__the_choice_of_language_is_heard_in_every_language(dialogue: Dialogue) -> None:
    assert dialogue.listen().clips == ["en/ask.wav", "ru/ask.wav"]
    assert dialogue.silence().listen().clips[2:] == ["en/silent_1.wav", "en/ask.wav", "ru/silent_1.wav", "ru/ask.wav"]


@pytest.mark.parametrize(("key", "language"), [("1", "en"), ("2", "ru")])
def test_ways__the_chosen_language_is_heard_from_then_on(dialogue: Dialogue, key: str, language: str) -> None:
    dialogue.press(key).listen()
    assert dialogue.clips == [f"{language}/hello.wav", f"{language}/ask.wav"]
    assert [step for _, step in dialogue.taken if isinstance(step, LanguageChosen)] == [LanguageChosen(language)]
    assert dialogue.interpreter.language == language


def test_ways__the_language_may_be_changed_again(in_main: Dialogue) -> None:
    in_main.press("#").press("2").press("1").listen()
    assert in_main.interpreter.language == "ru"
    assert in_main.clips[-1] == "ru/news.wav"


@pytest.mark.parametrize(("asked", "got"), [("ru", "ru"), (None, "en"), ("de", "en")])
def test_ways__a_call_may_begin_in_a_language(menu_of: Callable[[str], Menu], asked: str | None, got: str) -> None:
    assert Interpreter(menu_of(MENUS), asked).language == got


# --- back ------------------------------------------------------------------------------------------------------------
def test_ways__back_leads_to_the_menu_before(in_main: Dialogue) -> None:
    in_main.press("1").press("1").press("#").press("#").press("#")
    assert menus(in_main) == ["first", "main", "deeper", "deepest", "deeper", "main", "first"]


def test_ways__a_menu_gone_to_again_is_gone_back_to(in_main: Dialogue) -> None:
    in_main.press("1").press("2")
    assert in_main.interpreter.memory.path == ["first", "main"], "no way through menus grows without end"
    in_main.press("#")
    assert menus(in_main)[-1] == "first"


def test_ways__the_greeting_is_heard_once_in_a_call(in_main: Dialogue) -> None:
    in_main.listen().press("1").press("#").listen().press("*").listen().silence().listen()
    assert in_main.clips.count("en/hello.wav") == 1


# --- say, hangup, queue, transfer ------------------------------------------------------------------------------------
def test_ways__after_a_say_the_menu_is_heard_again(in_main: Dialogue) -> None:
    in_main.press("2").listen()
    assert in_main.clips[-2:] == ["en/news.wav", "en/ask.wav"]
    assert menus(in_main) == ["first", "main", "main"]


def test_ways__after_a_say_repeat_leaves_the_counts(in_main: Dialogue) -> None:
    in_main.silence().press("7").listen().silence()
    assert [step.count for _, step in in_main.taken if isinstance(step, NoInputCounted)] == [1, 2]


def test_ways__a_hangup_comes_after_the_last_word_and_no_key_cuts_it(in_main: Dialogue) -> None:
    in_main.press("3").wait(1).press("12").listen()
    assert in_main.end == HangUp("self_served")
    assert [(heard.clip, heard.cut) for heard in in_main.heard[-2:]] == [("en/news.wav", False), ("en/more.wav", False)]


def test_ways__a_queue_gets_its_subject(in_main: Dialogue) -> None:
    assert in_main.press("4").listen().end == EnterQueue("cards", "card limits")


def test_ways__a_key_during_what_is_said_before_a_queue_skips_it(in_main: Dialogue) -> None:
    assert in_main.press("4").wait(0.5).press("9").end == EnterQueue("cards", "card limits")


def test_ways__such_a_key_is_not_kept_for_the_time_after_the_queue(in_main: Dialogue) -> None:
    in_main.press("4").wait(0.5).press("6").give_back("overflow").listen()
    assert in_main.is_waiting


def test_ways__a_stale_timeout_does_not_end_a_say(in_main: Dialogue) -> None:
    in_main.press("2").tell(InputTimeout())
    assert in_main.interpreter.state is Phase.SAYING


def test_ways__a_transfer_names_its_target(in_main: Dialogue) -> None:
    assert in_main.press("5").end == TransferTo("branch")


def test_ways__every_choice_is_told_with_what_it_leads_to(in_main: Dialogue) -> None:
    in_main.press("1").press("#").press("4")
    assert [step for _, step in in_main.taken if isinstance(step, KeysTaken)] == [
        KeysTaken("first", "1", "language en, goto main"), KeysTaken("main", "1", "goto deeper"),
        KeysTaken("deeper", "#", "back"), KeysTaken("main", "4", "say news, queue cards")]


def test_ways__a_player_that_stops_a_say_by_itself_waits_for_its_key(menu_of: Callable[[str], Menu]) -> None:
    interpreter = Interpreter(menu_of(MENUS))
    interpreter.start(0.0)
    interpreter.handle(KeyPressed("1", 1.0), 1.0)
    interpreter.handle(KeyPressed("2", 2.0), 2.0)
    assert interpreter.handle(PlaybackFinished(3, stopped=True), 3.0) == [SetTimer(3.0 + CUT_BY_KEY)]
    steps = interpreter.handle(KeyPressed("5", 3.01), 3.01)
    assert (steps[0], steps[-1]) == (SetTimer(None), TransferTo("branch"))
    assert not any(isinstance(step, Play) for step in steps)


def test_ways__a_say_whose_sound_is_lost_does_not_end_the_call(in_main: Dialogue) -> None:
    in_main.press("2").tell(PlaybackFinished(3, stopped=True))
    in_main._playing.clear()
    in_main.wait(CUT_BY_KEY)
    assert in_main.interpreter.state is Phase.PROMPTING
    assert not in_main.interpreter.served


# --- on_failure ------------------------------------------------------------------------------------------------------
def test_ways__on_failure_may_lead_to_a_menu_whose_on_failure_leads_on(in_main: Dialogue) -> None:
    in_main.press("1")
    for _ in range(6):
        in_main.silence()
    assert menus(in_main)[-2:] == ["deeper", "main"]
    assert in_main.end == EnterQueue("general", "general")


def test_ways__who_is_cut_off_for_silence_was_not_served(in_main: Dialogue) -> None:
    in_main.press("11").silence().silence().silence().listen()
    assert in_main.end == HangUp("abandoned")
    assert not in_main.interpreter.served


# --- served ----------------------------------------------------------------------------------------------------------
def test_ways__a_say_heard_to_its_end_is_service(in_main: Dialogue) -> None:
    in_main.press("2").wait(1.5)
    assert not in_main.interpreter.served
    in_main.wait(0.5)
    assert in_main.interpreter.served


def test_ways__a_say_cut_by_a_key_is_none(in_main: Dialogue) -> None:
    in_main.press("2").wait(1).press("1")
    assert not in_main.interpreter.served


def test_ways__what_is_said_on_the_way_to_a_queue_is_none(in_main: Dialogue) -> None:
    in_main.press("4").listen()
    assert not in_main.interpreter.served


def test_ways__a_hangup_is_service(in_main: Dialogue) -> None:
    in_main.press("6")
    assert in_main.interpreter.served
    assert in_main.end == HangUp("self_served")


def test_ways__prompts_of_menus_are_none(dialogue: Dialogue) -> None:
    dialogue.listen().press("9").listen().silence().listen()
    assert not dialogue.interpreter.served


# --- given back ------------------------------------------------------------------------------------------------------
def test_ways__who_is_given_back_hears_the_menu_again_and_goes_on(in_main: Dialogue) -> None:
    in_main.press("4").listen().give_back("overflow").listen()
    assert menus(in_main)[-1] == "main"
    assert in_main.clips[-1] == "en/ask.wav"
    assert in_main.press("5").end == TransferTo("branch")


def test_ways__counts_begin_anew_for_who_is_given_back(dialogue: Dialogue) -> None:
    dialogue.silence().silence().silence()
    assert dialogue.end == EnterQueue("general", "general")
    dialogue.give_back("nobody").silence()
    assert [step.count for _, step in dialogue.taken if isinstance(step, NoInputCounted)] == [1, 2, 3, 1]


def test_ways__nobody_is_given_back_for_ever(dialogue: Dialogue) -> None:
    for _ in range(MAX_RETURNS):
        dialogue.silence().silence().silence().give_back("overflow")
        assert dialogue.end is None
    dialogue.silence().silence().silence().give_back("overflow")
    assert dialogue.end == HangUp("abandoned")


def test_ways__a_key_shows_that_somebody_is_there(in_main: Dialogue) -> None:
    for _ in range(3 * MAX_RETURNS):
        in_main.press("5").give_back("transfer_failed")
    assert in_main.end is None


def test_ways__keys_in_a_queue_are_none_of_the_menus(in_main: Dialogue) -> None:
    in_main.press("5")
    before = len(in_main.taken)
    in_main.press("123#")
    assert len(in_main.taken) == before
    in_main.give_back("failed").listen()
    assert menus(in_main)[-1] == "main"


def test_ways__after_the_end_nothing_happens(in_main: Dialogue) -> None:
    in_main.press("6")
    before = len(in_main.taken)
    in_main.press("1").tell(Returned("late")).tell(PlaybackFinished(1, stopped=False)).wait(100)
    assert len(in_main.taken) == before


def test_ways__before_the_start_nothing_happens(menu_of: Callable[[str], Menu]) -> None:
    interpreter = Interpreter(menu_of(MENUS))
    assert interpreter.handle(KeyPressed("1", 0.0), 0.0) == []
    assert interpreter.start(1.0)[:1] == [MenuEntered("first")]


def test_ways__the_timer_is_taken_back_when_a_key_comes(dialogue: Dialogue) -> None:
    dialogue.listen().press("1")
    assert (4.0, SetTimer(None)) in dialogue.taken
    assert StopPlayback() not in [step for _, step in dialogue.taken], "nothing played"
