"""`collect`: what callers type becomes a value; VoiceXML's times, terminators and counts hold here too."""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

import pytest

from ivr.base.errors import AdminError
from ivr.menu.actions.answers import luhn
from ivr.menu.dialogue import Dialogue
from ivr.menu.expressions.values import Money
from ivr.menu.loader import load_menu
from ivr.menu.memory import Phase
from ivr.menu.model import Menu
from ivr.menu.steps import (
    EnterQueue,
    KeysTaken,
    NoInputCounted,
    NoMatchCounted,
    Play,
    SecretInput,
    StopPlayback,
    ValueTaken,
)
from tests.support.rewritten_menu import rewritten

MENUS = """
  first:
    prompts: ask
    options:
      "1":
        - collect: {into: account, prompts: hello, digits: {min: 3, max: 5}}
        - queue: cards
      "2":
        - collect: {into: account, prompts: hello, on_failure: [{say: more}]}
        - say: news
      "3":
        - collect:
            into: account
            prompts: hello
            first_key_s: 3
            interdigit_s: 1
            attempts: 2
            nomatch: [{count: 1, say: wrong_2}]
        - queue: loans
      "4":
        - say: news
        - collect: {into: pin, prompts: hello, as: pin, digits: 4, on_failure: {queue: general}}
        - switch: [{when: pin == "0042", do: {queue: cards}}]
        - queue: loans
      "5":
        - collect: {into: account, prompts: hello, confirm: more}
        - queue: deposits
      "6":
        - collect: {into: account, prompts: hello, confirm: {prompts: more, yes: "*", no: "0"}, attempts: 2}
        - queue: deposits
      "7":
        - collect: {into: account, prompts: hello, anew: "*"}
        - queue: cards
      "8":
        - collect: {into: code, prompts: hello, digits: {min: 2, max: 6}, other_keys: "*#"}
        - queue: cards
      "9":
        - collect: {into: account, prompts: [notice, hello], digits: 3}
        - queue: cards
"""


@pytest.fixture
def menu(menu_of: Callable[[str], Menu]) -> Menu:
    return menu_of(MENUS)


@pytest.fixture
def dialogue(menu: Menu, lengths: dict[str, float]) -> Dialogue:
    return Dialogue(menu, lengths).listen()


def counted(dialogue: Dialogue) -> list[tuple[float, str, int]]:
    return [(round(at, 3), type(step).__name__, step.count) for at, step in dialogue.taken
            if isinstance(step, NoInputCounted | NoMatchCounted)]


def account(dialogue: Dialogue) -> object:
    return dialogue.interpreter.memory.variables.get("account")


# --- the times: the menu's prompt ends at 2.0, key 1 is down at 2.0, the question plays from 2.0 to 4.0 --------------
def test_collect__the_first_key_is_awaited_from_the_end_of_the_prompt(dialogue: Dialogue) -> None:
    dialogue.press("1").wait(60)
    assert counted(dialogue) == [(9.0, "NoInputCounted", 1), (18.0, "NoInputCounted", 2), (27.0, "NoInputCounted", 3)]
    assert dialogue.clips[1:] == ["en/hello.wav", "en/silent_1.wav", "en/hello.wav", "en/silent_2.wav", "en/hello.wav"]
    assert dialogue.end == EnterQueue("general", "general")
    assert dialogue.taken[-1][0] == 27.0


def test_collect__keys_interrupt_the_question_and_the_interdigit_time_runs_from_their_end(dialogue: Dialogue) -> None:
    dialogue.press("1").down("4").wait(0.7).up("4").press("56")
    assert dialogue.end is None
    dialogue.wait(2.39)
    assert dialogue.end is None
    dialogue.wait(0.02)
    assert (dialogue.end, account(dialogue)) == (EnterQueue("cards", "cards"), "456")
    assert dialogue.taken[-1][0] == pytest.approx(2.0 + 0.2 + 0.7 + 0.2 + 0.1 + 2.5)


def test_collect__when_no_more_keys_may_come_nobody_waits(dialogue: Dialogue) -> None:
    dialogue.press("1").press("4567").down("8")
    assert (dialogue.end, account(dialogue)) == (EnterQueue("cards", "cards"), "45678")
    assert dialogue.taken[-1][0] == pytest.approx(2.0 + 5 * 0.2)


def test_collect__the_terminator_ends_it_at_once_and_is_no_part_of_it(dialogue: Dialogue) -> None:
    dialogue.press("1").press("456").down("#")
    assert (dialogue.end, account(dialogue)) == (EnterQueue("cards", "cards"), "456")


@pytest.mark.parametrize(("keys", "at"), [("45#", 2.6), ("45", 2.5 + 2.5), ("#", 2.2), ("4*", 2.4), ("A", 2.2)])
def test_collect__too_short_or_no_digit_is_nomatch(dialogue: Dialogue, keys: str, at: float) -> None:
    dialogue.press("1").press(keys).wait(3)
    assert counted(dialogue) == [(pytest.approx(at), "NoMatchCounted", 1)]
    dialogue.listen()
    assert dialogue.clips[-2:] == ["en/wrong_1.wav", "en/hello.wav"]
    assert account(dialogue) is None


def test_collect__its_own_settings_win_over_those_of_the_menu(dialogue: Dialogue) -> None:
    dialogue.press("3").listen().press("*").listen()
    assert dialogue.clips[-2:] == ["en/wrong_2.wav", "en/hello.wav"]
    dialogue.press("12").wait(0.89)
    assert dialogue.end is None
    dialogue.wait(0.02)
    assert dialogue.end == EnterQueue("loans", "loans")


def test_collect__noinput_and_nomatch_are_counted_apart_and_the_last_attempt_fails(dialogue: Dialogue) -> None:
    dialogue.press("3").listen().press("*").silence()
    assert [kind for _, kind, _ in counted(dialogue)] == ["NoMatchCounted", "NoInputCounted"]
    assert dialogue.end is None
    dialogue.silence()
    assert dialogue.end == EnterQueue("general", "general"), "the on_failure of the menu, at its second noinput"


def test_collect__its_own_failure_is_done_and_then_what_stands_after_it(dialogue: Dialogue) -> None:
    dialogue.press("2").silence().silence().silence().listen()
    assert dialogue.clips[-3:] == ["en/more.wav", "en/news.wav", "en/ask.wav"]
    assert account(dialogue) is None


def test_collect__counts_of_the_menu_are_not_those_of_the_question(dialogue: Dialogue) -> None:
    dialogue.silence().silence().press("2").silence()
    assert dialogue.end is None
    assert counted(dialogue)[-1][2] == 1


def test_collect__keys_typed_ahead_count(dialogue: Dialogue) -> None:
    dialogue.press("2").silence().silence().silence()       # now `more` plays, whose end the next keys don't await
    dialogue.press("178901")
    assert dialogue.interpreter.memory.typed == ""
    assert (dialogue.end, account(dialogue)) == (EnterQueue("cards", "cards"), "78901")


def test_collect__a_prompt_that_forbids_barge_in_drops_keys(dialogue: Dialogue) -> None:
    dialogue.press("9").press("12").listen().press("345")
    assert (dialogue.end, account(dialogue)) == (EnterQueue("cards", "cards"), "345")


def test_collect__star_begins_anew_where_the_menu_says_so(dialogue: Dialogue) -> None:
    dialogue.press("7").press("12*").wait(4.7)
    assert dialogue.end is None, "the first key is awaited again"
    dialogue.press("34#")
    assert (dialogue.end, account(dialogue)) == (EnterQueue("cards", "cards"), "34")


def test_collect__after_beginning_anew_silence_is_noinput(dialogue: Dialogue) -> None:
    dialogue.press("7").press("1*").wait(5)
    assert counted(dialogue) == [(pytest.approx(2.0 + 0.4 + 5.0), "NoInputCounted", 1)]


def test_collect__a_hash_may_be_data(dialogue: Dialogue) -> None:
    dialogue.press("8").press("#1*#").wait(2.5)
    assert dialogue.interpreter.memory.variables["code"] == "#1*#"


# --- the record -----------------------------------------------------------------------------------------------------
def test_collect__no_step_but_the_first_key_shows_what_was_typed(dialogue: Dialogue) -> None:
    dialogue.press("1").press("45#").press("4567#")
    said = [step for _, step in dialogue.taken if isinstance(step, KeysTaken | ValueTaken | NoMatchCounted)]
    assert said == [KeysTaken("first", "1", "collect account, queue cards"), NoMatchCounted("first", 1, ""),
                    ValueTaken("first", "account")]


# --- secrets --------------------------------------------------------------------------------------------------------
def test_collect__a_secret_is_masked_before_what_leads_to_it_is_said(dialogue: Dialogue) -> None:
    dialogue.press("4").press("0042")
    taken = [step for at, step in dialogue.taken if at >= 2.0 and not isinstance(step, StopPlayback)]
    order = [type(step) for step in taken if isinstance(step, Play | SecretInput | ValueTaken | EnterQueue)]
    assert order == [SecretInput, Play, Play, SecretInput, ValueTaken, EnterQueue] or order == [
        SecretInput, Play, SecretInput, ValueTaken, EnterQueue]
    assert [step.active for step in taken if isinstance(step, SecretInput)] == [True, False]
    assert dialogue.end == EnterQueue("cards", "cards")
    assert "0042" not in repr(dialogue.taken)


def test_collect__a_secret_that_is_not_given_is_unmasked(dialogue: Dialogue) -> None:
    dialogue.press("4").listen().silence().silence().silence()
    assert [step.active for _, step in dialogue.taken if isinstance(step, SecretInput)] == [True, False]
    assert dialogue.end == EnterQueue("general", "general")


# --- confirmation ---------------------------------------------------------------------------------------------------
def test_collect__a_value_is_confirmed_with_one(dialogue: Dialogue) -> None:
    dialogue.press("5").press("45#").listen()
    assert dialogue.clips[-1] == "en/more.wav"
    assert not [step for _, step in dialogue.taken if isinstance(step, ValueTaken)]
    dialogue.press("1")
    assert (dialogue.end, account(dialogue)) == (EnterQueue("deposits", "deposits"), "45")


def test_collect__two_asks_anew(dialogue: Dialogue) -> None:
    dialogue.press("5").press("45#").press("2").listen()
    assert account(dialogue) is None
    assert dialogue.clips[-1] == "en/hello.wav"
    dialogue.press("46#1")
    assert (dialogue.end, account(dialogue)) == (EnterQueue("deposits", "deposits"), "46")


def test_collect__silence_and_other_keys_at_the_confirmation_are_counted(dialogue: Dialogue) -> None:
    dialogue.press("5").press("45#").silence().listen()
    assert dialogue.clips[-2:] == ["en/silent_1.wav", "en/more.wav"]
    dialogue.press("7").listen()
    assert dialogue.clips[-2:] == ["en/wrong_1.wav", "en/more.wav"]
    dialogue.press("#").press("#")
    assert dialogue.end == EnterQueue("general", "general")
    assert account(dialogue) is None, "what was not confirmed is no value"


def test_collect__who_declines_again_and_again_fails(dialogue: Dialogue) -> None:
    dialogue.press("6").press("45#0")
    assert dialogue.end is None
    dialogue.press("45#").press("0")
    assert dialogue.end == EnterQueue("general", "general")


def test_collect__other_keys_confirm_where_the_menu_says_so(dialogue: Dialogue) -> None:
    dialogue.press("6").press("45#*")
    assert dialogue.end == EnterQueue("deposits", "deposits")


# --- sorts of answers -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("answer", "keys", "value"), [
    ("as: digits", "0077#", "0077"),
    ("as: number", "0077#", Decimal(77)),
    ('as: number, point: "*"', "12*5#", Decimal("12.5")),
    ('as: number, point: "*"', "12*555#", None),
    ('as: number, point: "*"', "1*2*3#", None),
    ('as: number, point: "*"', "*5#", None),
    ("as: money, currency: RUB", "1500#", Money(Decimal(1500), "RUB")),
    ('as: money, currency: USD, point: "*"', "12*50#", Money(Decimal("12.50"), "USD")),
    ("as: date", "31122026", date(2026, 12, 31)),
    ("as: date", "29022028", date(2028, 2, 29)),
    ("as: date", "29022026", None),
    ("as: date", "31130000", None),
    ("as: date", "3112202#", None),
    ("as: time", "0930", time(9, 30)),
    ("as: time", "2460", None),
    ("as: card", "4111111111111111#", "4111111111111111"),
    ("as: card", "4111111111111112#", None),
    ("as: card", "0000000000000000#", None),
    ("as: card", "41111111111#", None),
    ("as: phone", "84951234567#", "84951234567"),
    ("as: phone", "123456#", None),
    ("as: phone", "1111111#", None),
    ("as: phone, digits: 10", "4951234567", "4951234567"),
    ("as: pin", "1234#", "1234"),
    ("as: pin", "123#", None),
])
def test_collect__sorts_of_answers(menu_of: Callable[[str], Menu], lengths: dict[str, float], answer: str, keys: str,
                                   value: object) -> None:
    menu = menu_of(f"  first: {{do: [{{collect: {{into: x, prompts: hello, {answer}}}}}, {{queue: cards}}]}}\n")
    dialogue = Dialogue(menu, lengths).press(keys)
    got = dialogue.interpreter.memory.variables.get("x")
    assert (got, type(got)) == (value, type(value))
    assert [kind for _, kind, _ in counted(dialogue)] == ([] if value is not None else ["NoMatchCounted"])


@pytest.mark.parametrize("number", ["4111111111111111", "5500005555555559", "378282246310005", "6011000990139424",
                                    "2200000000000004"])
def test_collect__the_check_digit_finds_each_wrong_digit_and_most_swapped_ones(number: str) -> None:
    assert luhn(number)
    for place, digit in enumerate(number):
        for other in "0123456789".replace(digit, ""):
            assert not luhn(number[:place] + other + number[place + 1:])
    for place in range(len(number) - 1):
        first, second = number[place:place + 2]
        if first != second and {first, second} != {"0", "9"}:
            assert not luhn(number[:place] + second + first + number[place + 2:])


def test_collect__a_state_of_each_moment_can_be_written_and_read_back(menu: Menu, lengths: dict[str, float]) -> None:
    first, second = Dialogue(menu, lengths), Dialogue(menu, lengths)
    for keys in ("5", "4", "5", "#", "2", "6", "#", "", "7", "1"):
        for dialogue in (first, second):
            dialogue.press(keys) if keys else dialogue.silence()
        second.interpreter = rewritten(second.interpreter)
    assert first.taken == second.taken
    assert first.end == EnterQueue("deposits", "deposits")
    assert first.interpreter.state is Phase.AWAY


# --- faults ---------------------------------------------------------------------------------------------------------
WHOLE = """\
languages: [en]
start: main
variables: {note: text, amount: number}
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: ask
    options:
      "1":
        - collect:
            into: account
            prompts: ask
        - queue: cards
prompts:
  ask: {en: "What?"}
"""
INTO = "            into: account\n"


def line(text: str) -> tuple[str, str]:
    return INTO, f"{INTO}            {text}\n"


@pytest.mark.parametrize(("old", "new", "expected"), [
    (INTO, "", "11:13: error: `collect` lacks `into` (add a line `into:`)"),
    ("into: account", "into: Konto", "11:19: error: `Konto` can't be a variable (a name has small Latin letters"),
    ("into: account", "into: amount", "11:19: error: variable `amount` is a number, and this is a text (give it an"),
    ("            prompts: ask\n", "", "11:13: error: `collect` lacks `prompts` (add a line `prompts:`)"),
    (*line("as: sum"), "12:17: error: there is no sort of answer `sum` (allowed: card, date, digits, money, number, "),
    (*line("as: money"), "11:13: error: money needs a currency (add `currency:` with its three capital letters"),
    (*line("currency: rub\n            as: money"), "12:23: error: money needs a currency (add `currency:` with"),
    (*line("digits: 40"), "12:21: error: `digits` is 40 (allowed: a number from 1 to 32)"),
    (*line("digits: {min: 5, max: 3}"), "12:21: error: from 5 to 3 digits there are none (`min` can't be more than "),
    (*line("digits: 6\n            as: date"), "12:21: error: this answer always has 8 digits (take `digits` out)"),
    (*line("anew: 0"), "12:19: error: `anew` must be a key that is no digit (write \"*\" or \"#\", in quotes)"),
    (*line('anew: "*"\n            other_keys: "*#"'), "12:19: error: `*` is `other_keys` too (give each a key of"),
    (*line('point: "*"'), "12:20: error: `point` means nothing to this sort of answer (take it out)"),
    (*line("secret: yes\n            confirm: {prompts: ask, yes: 1, no: 1}"),
     "13:22: error: `1` would be yes and no (give `yes` and `no` keys of their own)"),
    (*line("confirm: {prompts: ask, yes: 11}"), "12:42: error: `11` is no key (one digit, \"*\" or \"#\", in quotes)"),
    (*line("attempts: 12"), "12:23: error: `attempts` is 12 (allowed: a number from 1 to 9)"),
    (*line("timeout_s: 3"), "12:13: error: `timeout_s` means nothing in `collect`"),
    ("into: account", "into: note\n            secret: yes", "11:19: error: variable `note` is not secret, and would"),
    ("into: account", "into: note\n            as: pin", "11:19: error: variable `note` is not secret, and would"),
    ("defaults: {on_failure: {queue: general}}",
     "defaults: {on_failure: [{collect: {into: x, prompts: ask}}, {queue: general}]}",
     "4:35: error: nothing says what happens when this `collect` fails (add an `on_failure:` to it)"),
    (*line("on_failure: {queue: nobody}"), "12:33: error: there is no queue `nobody` in the configuration"),
])
def test_collect__faults(known: object, old: str, new: str, expected: str) -> None:
    assert old in WHOLE
    with pytest.raises(AdminError) as caught:
        load_menu(WHOLE.replace(old, new, 1), "m.yaml", None, known)     # type: ignore[arg-type]
    assert str(caught.value.faults[0]).startswith(f"m.yaml:{expected}")
