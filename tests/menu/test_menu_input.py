"""Input at a menu, rule by rule, with the exact times. Every clip lasts 2 s."""

from collections.abc import Callable

import pytest

from ivr.menu.dialogue import Dialogue
from ivr.menu.model import Menu, Taper
from ivr.menu.prompting import due
from ivr.menu.steps import (
    EnterQueue,
    KeysTaken,
    MenuEntered,
    NoInputCounted,
    NoMatchCounted,
    SetTimer,
)

MENUS = """
  first:
    prompts: [hello, ask]
    options:
      "1": {queue: cards}
      "2": {queue: loans}
      "23": {queue: deposits}
      "45": {queue: transfers}
      "456": {queue: corporate}
      "7": {goto: second}
      "*": repeat
      "#": {goto: second}
  second:
    prompts: ask
    options:
      "1": {goto: first}
"""
Start = Callable[[], Dialogue]


@pytest.fixture
def start(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> Start:
    return lambda: Dialogue(menu_of(MENUS), lengths)


def steps_of(dialogue: Dialogue, *kinds: type) -> list[object]:
    return [step for _, step in dialogue.taken if isinstance(step, kinds)]


def timers(dialogue: Dialogue) -> list[tuple[float, float | None]]:
    """When each timer was set, and for when."""
    return [(at, step.at) for at, step in dialogue.taken if isinstance(step, SetTimer)]


def queue(dialogue: Dialogue) -> str | None:
    return dialogue.end.queue if isinstance(dialogue.end, EnterQueue) else None


# --- noinput and nomatch ---------------------------------------------------------------------------------------------
def test_input__noinput_and_nomatch_are_counted_apart(start: Start) -> None:
    dialogue = start().silence().press("9").silence().press("9")
    assert steps_of(dialogue, NoInputCounted, NoMatchCounted) == [
        NoInputCounted("first", 1), NoMatchCounted("first", 1, "9"),
        NoInputCounted("first", 2), NoMatchCounted("first", 2, "9"),
    ]
    assert dialogue.end is None


def test_input__the_prompt_for_the_nth_time_has_the_highest_count_up_to_n() -> None:
    tapers = (Taper(2, ("two",)), Taper(5, ("five",)), Taper(3, ("three",)))
    assert [due(tapers, number) for number in range(1, 7)] == [
        (), ("two",), ("three",), ("three",), ("five",), ("five",)]


def test_input__tapered_prompts_are_heard_before_the_menus_own(start: Start) -> None:
    dialogue = start().silence().silence().listen()
    assert dialogue.clips == [
        "en/hello.wav", "en/ask.wav",
        "en/silent_1.wav", "en/hello.wav", "en/ask.wav",
        "en/silent_2.wav", "en/hello.wav", "en/ask.wav"]
    assert start().listen().press("9").listen().press("9").listen().clips[2:] == [
        "en/wrong_1.wav", "en/hello.wav", "en/ask.wav",
        "en/wrong_2.wav", "en/hello.wav", "en/ask.wav"]


def test_input__leaving_the_menu_resets_both_counts(start: Start) -> None:
    dialogue = start().silence().silence().press("9").press("9").press("7").press("1")
    dialogue.silence().press("9")
    assert steps_of(dialogue, NoInputCounted)[-1] == NoInputCounted("first", 1)
    assert steps_of(dialogue, NoMatchCounted)[-1] == NoMatchCounted("first", 1, "9")


def test_input__counts_belong_to_one_menu(start: Start) -> None:
    dialogue = start().silence().silence().press("7").silence()
    assert steps_of(dialogue, NoInputCounted)[-1] == NoInputCounted("second", 1)


def test_input__the_third_noinput_runs_on_failure_instead_of_a_prompt(start: Start) -> None:
    dialogue = start().silence().silence()
    heard_before = len(dialogue.listen().heard)
    dialogue.silence()
    assert (queue(dialogue), len(dialogue.heard)) == ("general", heard_before)
    assert steps_of(dialogue, NoInputCounted)[-1] == NoInputCounted("first", 3)


def test_input__the_third_nomatch_runs_on_failure_instead_of_a_prompt(start: Start) -> None:
    dialogue = start().press("9").press("8")
    assert dialogue.end is None
    dialogue.listen().press("9")
    assert queue(dialogue) == "general"
    assert dialogue.clips[-1] == "en/ask.wav"


def test_input__whichever_comes_first_runs_on_failure(start: Start) -> None:
    dialogue = start().silence().press("9").silence().press("9").silence()
    assert queue(dialogue) == "general"
    assert steps_of(dialogue, NoMatchCounted)[-1] == NoMatchCounted("first", 2, "9")


def test_input__attempts_may_be_set(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    menu = menu_of("""
  first:
    attempts: 1
    noinput: []
    nomatch: []
    prompts: ask
    options: {"1": repeat}
""")
    assert queue(Dialogue(menu, lengths).silence()) == "general"


def test_input__repeat_changes_no_count(start: Start) -> None:
    dialogue = start().silence().press("9").press("*").listen().silence().press("9")
    assert steps_of(dialogue, NoInputCounted)[-1] == NoInputCounted("first", 2)
    assert steps_of(dialogue, NoMatchCounted)[-1] == NoMatchCounted("first", 2, "9")
    assert steps_of(dialogue, MenuEntered) == [MenuEntered("first")], "the menu is not left"


# --- time ------------------------------------------------------------------------------------------------------------
def test_input__the_wait_runs_from_the_end_of_the_last_prompt(start: Start) -> None:
    dialogue = start()
    assert timers(dialogue) == []
    dialogue.wait(3.9)
    assert timers(dialogue) == []
    dialogue.wait(0.2)
    assert timers(dialogue) == [(4.0, 9.0)]
    dialogue.wait(5)
    assert steps_of(dialogue, NoInputCounted) == [NoInputCounted("first", 1)]


def test_input__the_first_key_has_5_s(start: Start) -> None:
    dialogue = start().listen().wait(4.99)
    assert steps_of(dialogue, NoInputCounted) == []
    dialogue.press("1")
    assert queue(dialogue) == "cards"
    assert timers(dialogue)[-1][1] is None, "the timer is taken back by the key"


def test_input__the_next_key_has_2_5_s(start: Start) -> None:
    dialogue = start().listen().press("2", hold=0.1, pause=0)
    assert timers(dialogue)[-1] == (pytest.approx(4.1), pytest.approx(6.6))
    dialogue.wait(2.4)
    assert dialogue.end is None
    dialogue.wait(0.11)
    assert queue(dialogue) == "loans"


def test_input__another_key_begins_the_interdigit_time_anew(start: Start) -> None:
    dialogue = start().listen().press("4").wait(2.3).press("5")
    assert dialogue.end is None
    dialogue.wait(2.3)
    assert dialogue.end is None
    assert queue(dialogue.wait(0.2)) == "transfers"


def test_input__times_may_be_set(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    menu = menu_of("""
  first:
    first_key_s: 7.5
    interdigit_s: 1
    prompts: ask
    options: {"1": {queue: cards}, "12": {queue: loans}}
""")
    dialogue = Dialogue(menu, lengths).listen()
    assert timers(dialogue) == [(2.0, 9.5)]
    assert queue(dialogue.press("1", pause=1.01)) == "cards"


def test_input__a_menu_acts_at_once_when_no_longer_option_shares_the_prefix(start: Start) -> None:
    dialogue = start().listen().down("1")
    assert dialogue.taken[-2:] == [(4.0, KeysTaken("first", "1", "queue cards")), (4.0, EnterQueue("cards", "cards"))]
    assert queue(start().listen().press("2").down("3")) == "deposits"


def test_input__keys_that_no_option_begins_with_are_no_match_at_once(start: Start) -> None:
    dialogue = start().listen().press("4").down("4")
    assert dialogue.taken[-2] == (pytest.approx(4.2), NoMatchCounted("first", 1, "44"))
    assert dialogue.taken[-1][0] == pytest.approx(4.2)


def test_input__half_an_option_is_no_match_after_the_interdigit_time(start: Start) -> None:
    dialogue = start().listen().press("4", pause=2.49)
    assert steps_of(dialogue, NoMatchCounted) == []
    dialogue.wait(0.02)
    assert steps_of(dialogue, NoMatchCounted) == [NoMatchCounted("first", 1, "4")]


# --- the terminator --------------------------------------------------------------------------------------------------
def test_input__the_terminator_ends_what_was_typed(start: Start) -> None:
    dialogue = start().listen().press("2").down("#")
    assert queue(dialogue) == "loans"
    assert steps_of(dialogue, KeysTaken) == [KeysTaken("first", "2", "queue loans")]


def test_input__the_terminator_after_half_an_option_is_no_match_at_once(start: Start) -> None:
    dialogue = start().listen().press("4").down("#")
    assert steps_of(dialogue, NoMatchCounted) == [NoMatchCounted("first", 1, "4")]


def test_input__nobody_waits_where_only_the_terminator_could_come(start: Start) -> None:
    assert queue(start().listen().press("45").down("6")) == "corporate"


def test_input__as_a_first_key_the_terminator_is_an_option_like_any_other(start: Start) -> None:
    assert steps_of(start().listen().press("#"), KeysTaken) == [KeysTaken("first", "#", "goto second")]


def test_input__a_first_terminator_that_is_no_option_is_no_match(start: Start) -> None:
    assert steps_of(start().press("7").press("#"), NoMatchCounted) == [NoMatchCounted("second", 1, "#")]


def test_input__the_terminator_is_data_where_an_option_goes_on_with_it(
        menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    menu = menu_of("""
  first:
    prompts: ask
    options: {"1": {queue: cards}, "1#": {queue: loans}, "3": {queue: cards}, "3#": {queue: loans}, "3#4": hangup}
""")
    assert queue(Dialogue(menu, lengths).press("1#")) == "loans"
    assert queue(Dialogue(menu, lengths).press("3#").wait(2.5)) == "loans"


def test_input__the_terminator_may_be_another_key_or_none(
        menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    options = """
    prompts: ask
    options: {"1": {queue: cards}, "12": {queue: loans}}
"""
    star = Dialogue(menu_of(f'  first:\n    term_char: "*"{options}'), lengths)
    assert queue(star.press("1*")) == "cards"
    none = Dialogue(menu_of(f'  first:\n    term_char: ""{options}'), lengths)
    assert steps_of(none.press("1#"), NoMatchCounted) == [NoMatchCounted("first", 1, "1#")]
