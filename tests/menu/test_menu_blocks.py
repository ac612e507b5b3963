"""Lists of actions within actions: switch, set, variables and menus that only act."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ivr.base.errors import AdminError
from ivr.menu.dialogue import Dialogue
from ivr.menu.events import Returned
from ivr.menu.expressions.values import Kind
from ivr.menu.facts import Facts
from ivr.menu.interpreter import MAX_IDLE, Interpreter
from ivr.menu.loader import load_menu
from ivr.menu.memory import Phase
from ivr.menu.model import Goto, Known, Menu, Say, Variable
from ivr.menu.script import walk
from ivr.menu.steps import EnterQueue, HangUp, MenuEntered, Play
from tests.support.rewritten_menu import rewritten

MENUS = """
  first:
    do:
      - switch:
          - when: language == "ru"
            do: {goto: russian}
          - otherwise: {goto: main}
  main:
    prompts: ask
    options:
      "1":
        - set: {tries: tries + 1, seen: yes}
        - switch:
            - when: tries > 2
              do: [{say: news}, {queue: cards}]
            - when: tries == 2
              do:
                - say: more
                - switch:
                    - {when: seen, do: {say: hello}}
        - say: notice
      "2": {goto: acting}
      "3":
        - switch: [{when: tries > 5, do: {queue: cards}}]
        - goto: other
      "4":
        - switch: [{when: tries == 0, do: {say: news}}]
        - queue: cards
      "5":
        - switch: [{when: tries == 0, do: [{say: news}, {say: more}]}]
        - hangup
      "#": back
  russian:
    prompts: ask
    options: {"#": back}
  other:
    prompts: hello
    options:
      "1": [{set: {visits: visits + 1}}, {goto: other}]
      "2": [{switch: [{when: visits == 2, do: {queue: loans}}]}, {goto: main}]
      "#": back
  acting:
    do: [{say: news}, {goto: other}]
"""
VARIABLES = """
variables:
  tries: {kind: number, default: 0}
  visits: {kind: number, default: 1, scope: menu}
  seen: flag
  limit: {kind: money, default: 1000 RUB}
  word: {kind: text, default: hello}
"""


@pytest.fixture
def blocks(menu_of: Callable[[str], Menu]) -> Menu:
    return menu_of(MENUS + VARIABLES)


@pytest.fixture
def dialogue(blocks: Menu, lengths: dict[str, float]) -> Dialogue:
    return Dialogue(blocks, lengths)


def entered(dialogue: Dialogue) -> list[str]:
    return [step.menu for _, step in dialogue.taken if isinstance(step, MenuEntered)]


def test_blocks__a_menu_knows_its_variables_and_its_blocks_by_name(blocks: Menu) -> None:
    assert blocks.variables["tries"] == Variable("tries", Kind.NUMBER, Decimal(0))
    assert blocks.variables["visits"].scope == "menu"
    assert blocks.variables["word"].default == "hello"
    assert set(blocks.choices["main"].blocks) >= {"1", "1/2/1", "1/2/2", "1/2/2/2/1", "2", "on_failure"}
    assert blocks.choices["main"].actions("1/2/2/2/1") == (Say(("hello",)),)
    assert blocks.choices["first"].actions("do/1/otherwise") == (Goto("main"),)


def test_blocks__a_menu_that_acts_takes_no_time(dialogue: Dialogue) -> None:
    assert entered(dialogue) == ["first", "main"]
    assert dialogue.now == 0
    assert [type(step) for _, step in dialogue.taken] == [MenuEntered, MenuEntered, Play]


def test_blocks__the_first_case_that_holds_is_done(blocks: Menu, lengths: dict[str, float]) -> None:
    assert entered(Dialogue(blocks, lengths, "ru")) == ["first", "russian"]


def test_blocks__after_a_nested_list_comes_what_stands_after_it(dialogue: Dialogue) -> None:
    dialogue.listen().press("1").listen()
    assert dialogue.clips == ["en/ask.wav", "en/notice.wav", "en/ask.wav"]
    dialogue.press("1").listen()
    assert dialogue.clips[3:] == ["en/more.wav", "en/hello.wav", "en/notice.wav", "en/ask.wav"]
    dialogue.press("1").listen()
    assert dialogue.clips[7:] == ["en/news.wav"]
    assert dialogue.end == EnterQueue("cards", "cards")


def test_blocks__an_action_that_ends_a_nested_list_ends_all(dialogue: Dialogue) -> None:
    dialogue.listen().press("3").listen()
    assert entered(dialogue)[-1] == "other"


def test_blocks__variables_of_a_menu_are_forgotten_when_it_is_left(dialogue: Dialogue) -> None:
    dialogue.listen().press("3").press("1").press("2")
    assert dialogue.end == EnterQueue("loans", "loans"), "the same menu again is not left"
    dialogue.give_back("overflow").press("#").press("3").press("2")
    assert entered(dialogue)[-1] == "main"
    assert dialogue.interpreter.memory.variables["visits"] == Decimal(1)


def test_blocks__back_passes_by_menus_that_only_act(dialogue: Dialogue) -> None:
    dialogue.listen().press("2").listen()
    assert entered(dialogue)[-2:] == ["acting", "other"]
    dialogue.press("#")
    assert entered(dialogue)[-1] == "main"
    dialogue.press("#")
    assert entered(dialogue)[-2:] == ["first", "main"], "there the call begins"


@pytest.mark.parametrize(("script", "served"), [
    ("listen 1 listen", True),
    ("listen 4 1.5s", False),
    ("listen 4 listen", False),
    ("listen 2 listen", True),
])
def test_blocks__what_is_said_in_a_nested_list_serves_unless_it_leads_to_an_operator(
        blocks: Menu, lengths: dict[str, float], script: str, served: bool) -> None:
    assert walk(blocks, lengths, script).interpreter.served is served


def test_blocks__last_words_before_a_hangup_around_can_not_be_interrupted(dialogue: Dialogue) -> None:
    dialogue.listen().press("5").press("1").listen()
    assert dialogue.clips[1:] == ["en/news.wav", "en/more.wav"]
    assert dialogue.end == HangUp("self_served")
    assert [step.barge_in for _, step in dialogue.taken if isinstance(step, Play)] == [True, False, False]


def test_blocks__what_is_said_before_anything_was_chosen_serves_nobody(
        menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    menu = menu_of("  first: {do: [{say: news}, {goto: second}]}\n  second: {prompts: ask, options: {'1': repeat}}")
    assert not walk(menu, lengths, "listen").interpreter.served


def test_blocks__a_closed_line_says_so_in_the_record(menu_of: Callable[[str], Menu],
                                                     lengths: dict[str, float]) -> None:
    menu = menu_of("  first: {do: [{say: news}, {hangup: closed}]}")
    assert Dialogue(menu, lengths).listen().end == HangUp("closed")


def test_blocks__menus_that_lead_round_in_a_circle_end(menu_of: Callable[[str], Menu],
                                                       lengths: dict[str, float]) -> None:
    menu = menu_of("  first: {do: {goto: second}}\n"
                   "  second: {do: [{switch: [{when: x > 99, do: hangup}]}, {goto: first}]}\n"
                   "variables: {x: {kind: number, default: 0}}\n")
    dialogue = Dialogue(menu, lengths)
    assert dialogue.end == HangUp("abandoned")
    assert len(entered(dialogue)) == MAX_IDLE


@pytest.mark.parametrize("menus", [
    "  first: {do: {goto: second}}\n  second: {do: [{say: news}, {goto: first}]}\n",
    "  first: {do: {goto: second}}\n  second: {prompts: ask, options: {'1': hangup}, on_failure: {goto: first}}\n",
])
def test_blocks__a_circle_that_no_key_is_needed_for_is_a_fault(menu_of: Callable[[str], Menu], menus: str) -> None:
    with pytest.raises(AdminError) as caught:
        menu_of(menus)
    first, second = caught.value.faults
    assert (first.place.line, second.place.line) == (9, 10)
    assert first.message == "a caller who presses nothing would go round for ever: first → second → first"


def test_blocks__a_queue_gives_a_caller_back_to_a_menu_that_acts(menu_of: Callable[[str], Menu],
                                                                 lengths: dict[str, float]) -> None:
    dialogue = Dialogue(menu_of("  first: {do: [{say: news}, {queue: cards}]}"), lengths).listen()
    assert dialogue.end == EnterQueue("cards", "cards")
    dialogue.give_back("overflow").listen()
    assert dialogue.clips == ["en/news.wav", "en/news.wav"]


def test_blocks__a_state_within_nested_lists_can_be_written_and_read_back(blocks: Menu) -> None:
    first = Interpreter(blocks)
    first.start(0)
    first.memory.variables["tries"] = Decimal(1)
    for interpreter in (first,):
        interpreter.handle(Returned("stale"), 1)
    second = rewritten(first)
    assert second is not first
    assert (second.state, second.memory) == (first.state, first.memory)


# --- what the house knows -------------------------------------------------------------------------------------------
HOUSE = """
  first:
    do:
      - switch:
          - {when: closed(office), do: {goto: closed}}
          - {when: '"vip" in caller.groups', do: {queue: cards}}
          - {when: caller.number starts with "+7812" and today == 2026-03-02 and now >= 09:30, do: {queue: loans}}
          - {when: caller.trunk == "carrier" and line.number == "100", do: {queue: deposits}}
          - otherwise: {queue: general}
  closed: {prompts: ask, options: {"1": repeat}}
"""


def clock(now: float) -> datetime:
    return datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def office(schedule: str, moment: datetime) -> bool:
    return schedule == "office" and moment.hour < 18


@pytest.mark.parametrize(("facts", "queue"), [
    (Facts(groups=("staff", "vip"), clock=clock, opens=office), "cards"),
    (Facts(number="+78121234567", clock=clock, opens=office), "loans"),
    (Facts(number="+74951234567", trunk="carrier", line="100", clock=clock, opens=office), "deposits"),
    (Facts(clock=clock, opens=office), "general"),
])
def test_blocks__conditions_on_what_the_house_knows(menu_of: Callable[[str], Menu], facts: Facts, queue: str) -> None:
    steps = Interpreter(menu_of(HOUSE), facts=facts).start(0)
    assert steps[-1] == EnterQueue(queue, queue)


@pytest.mark.parametrize("facts", [Facts(), Facts(clock=clock), Facts(clock=lambda now: clock(now).replace(hour=18),
                                                                      opens=office)])
def test_blocks__a_schedule_that_nobody_knows_is_closed(menu_of: Callable[[str], Menu], facts: Facts) -> None:
    interpreter = Interpreter(menu_of(HOUSE), facts=facts)
    assert interpreter.start(0)[-2] == MenuEntered("closed")
    assert interpreter.state is Phase.PROMPTING


# --- faults ---------------------------------------------------------------------------------------------------------
WHOLE = """\
languages: [en]
start: main
variables:
  tries: {kind: number, default: 0}
  word: text
  code: {kind: text, secret: yes}
defaults: {on_failure: {queue: general}}
menus:
  main:
    do:
      - set: {tries: tries + 1}
      - switch:
          - when: tries > 2
            do: {queue: cards}
          - otherwise: {goto: other}
  other:
    prompts: ask
    options: {"1": back}
prompts:
  ask: {en: "What?"}
"""


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("tries > 2", "tires > 2", "13:19: error: there is no variable `tires` (did you mean `tries`? "),
    ("tries > 2", "tries + 2", "13:19: error: `when` must be a condition, and this is a number"),
    ("tries > 2", "tries > word", "13:25: error: a number can't be compared with a text (digits that "),
    ("tries > 2", "'tries > word'", "13:26: error: a number can't be compared with a text (digits that "),
    ("tries > 2", ">-\n                tries\n                > word",
     "15:17: error: a number can't be compared with a text (digits that "),
    ("tries > 2", "tries > 2 and\n                tries > word",
     "14:23: error: a number can't be compared with a text (digits that "),
    ("tries > 2", "open(office)", "13:24: error: there is no schedule `office` (did you mean `offices`? allowed: offi"),
    ("tries > 2", "[tries]", "13:19: error: `when` must be an expression (put it in quotes if it has commas or "),
    ("            do: {queue: cards}\n", "", "13:13: error: a line of `switch` lacks `do` (add a line `do:`)"),
    ("          - otherwise: {goto: other}\n", "", "11:7: error: menu `main` does not say what comes after its `do` "),
    ("{goto: other}", "{say: ask}", "11:7: error: menu `main` does not say what comes after its `do` (end it, and"),
    ("          - when: tries > 2\n            do: {queue: cards}\n", "",
     "13:11: error: `switch` has no condition (each line begins with `- when:` and has a `do:`; the last may be"),
    ("      - switch:\n", "      - switch: {when: yes}\n      - switch:\n",
     "12:17: error: `switch` must be a list (each line begins with `- when:` and has a `do:`; the last may be"),
    ("          - otherwise: {goto: other}\n", "          - otherwise: {goto: other}\n          - otherwise: repeat\n",
     "16:13: error: a line after `otherwise` is never done (put `otherwise` last)"),
    ("          - otherwise: {goto: other}\n", "          - otherwise: {goto: other}\n      - hangup\n",
     "16:9: error: `hangup` is never reached: `switch` stands before it (nothing can follow `switch`: put it last)"),
    ("{queue: cards}", "{queue: crads}", "14:25: error: there is no queue `crads` in the configuration (did you"),
    ("set: {tries: tries + 1}", "set: {tires: 1}", "11:15: error: there is no variable `tires` (did you mean `tries`"),
    ("set: {tries: tries + 1}", "set: {tries: yes}", "11:22: error: `tries` must be a number, and this is a condition"),
    ("set: {tries: tries + 1}", "set: {word: hello}", "11:21: error: there is no variable `hello` "),
    ("set: {tries: tries + 1}", "set: {word: code}", "11:21: error: `code` is secret, and `word` would tell it (add "),
    ("    prompts: ask\n", "    prompts: ask\n    do: {queue: cards}\n",
     "17:14: error: menu `other` has `do`, which leaves no time for `prompts` (take one of them out: a menu acts or "),
    ("{queue: general}}", "{switch: [{when: tries > 1, do: repeat}, {otherwise: hangup}]}}",
     "7:25: error: `on_failure` can't end with `repeat`: callers who can't choose would never get out (end it with"),
    ("{queue: general}}", "{switch: [{when: tries > 1, do: hangup}]}}", "7:25: error: `on_failure` can't end with"),
    ("default: 0", "default: no", "4:34: error: the default of variable `tries` is no number"),
    ("default: 0", "default: 1 / 0", "4:34: error: the default of variable `tries` is no number"),
    ("default: 0", "default: other", "4:34: error: there is no variable `other`"),
    ("kind: number", "kind: numbr", "4:17: error: there is no kind `numbr` (did you mean `number`? allowed: date, dur"),
    ("word: text", "word: {scope: queue}", "5:9: error: variable `word` lacks `kind` (add a line `kind:`)"),
    ("word: text", "language: text", "5:13: error: `language` is a name of the house (choose another)"),
    ("word: text", "Word: text", "5:3: error: `Word` can't be a name in `variables`"),
])
def test_blocks__faults(old: str, new: str, expected: str) -> None:
    assert old in WHOLE
    known = Known(frozenset(["cards", "general"]), frozenset(), frozenset(["offices"]))
    with pytest.raises(AdminError) as caught:
        load_menu(WHOLE.replace(old, new, 1), "m.yaml", None, known)
    assert str(caught.value.faults[0]).startswith(f"m.yaml:{expected}")


def test_blocks__what_is_right_is_read() -> None:
    text = WHOLE.replace("{tries: tries + 1}", "{word: \"it's\", code: code}").replace("tries > 2", 'word == "it\'s"')
    menu = load_menu(text, "m.yaml", None, None)
    assert isinstance(Interpreter(menu).start(0)[-1], EnterQueue)
