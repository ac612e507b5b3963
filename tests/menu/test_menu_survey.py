"""`survey`: opinions are asked for with the times and counts of a menu, and keep nobody."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from ivr.base.errors import AdminError
from ivr.call.record import Outcome
from ivr.menu.dialogue import Dialogue
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu
from ivr.menu.steps import EnterQueue, HangUp, KeysTaken, MenuEntered, NoInputCounted, NoMatchCounted, SurveyAnswered
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.model import Circumstances
from ivr.menu.testing.recorded import Happened, exported
from ivr.menu.testing.runner import Went, run_all
from ivr.menu.testing.story import story
from tests.support.rewritten_menu import rewritten
from tests.support.virtual_house import make_story

MENUS = """
  first:
    prompts: ask
    options:
      "1":
        - survey: {name: service, question: friendly, prompts: hello, into: mark}
        - switch: [{when: mark <= 2, do: {queue: general, subject: complaint}}]
        - say: news
        - hangup
      "2":
        - survey:
            name: service
            question: solved
            prompts: [notice, hello]
            answers: yes_no
            into: solved
            first_key_s: 3
            attempts: 2
            noinput: [{count: 1, say: more}]
        - switch: [{when: solved, do: {queue: cards}}, {when: not solved, do: {queue: loans}}]
        - queue: deposits
      "3":
        - survey: {name: service, question: friendly, prompts: hello, attempts: 1}
        - survey: {name: service, question: solved, prompts: more, answers: yes_no, attempts: 1}
        - say: news
"""


@pytest.fixture
def menu(menu_of: Callable[[str], Menu]) -> Menu:
    return menu_of(MENUS)


@pytest.fixture
def dialogue(menu: Menu, lengths: dict[str, float]) -> Dialogue:
    """The menu's prompt ends at 2.0: then the key is down."""
    return Dialogue(menu, lengths).listen()


def taken(dialogue: Dialogue, *kinds: type) -> list[tuple[float, object]]:
    return [(round(at, 3), step) for at, step in dialogue.taken if isinstance(step, kinds)]


# --- the times ------------------------------------------------------------------------------------------------------
def test_survey__a_key_answers_at_once_and_interrupts_the_question(dialogue: Dialogue) -> None:
    dialogue.press("1").wait(0.5).down("4")
    assert taken(dialogue, SurveyAnswered) == [(2.7, SurveyAnswered("first", "service", "friendly", "4"))]
    assert [(heard.clip, heard.at, heard.cut) for heard in dialogue.heard[1:]] == [("en/hello.wav", 2.0, True)]
    dialogue.up("4").listen()
    assert dialogue.clips[-1] == "en/news.wav"
    assert dialogue.now == pytest.approx(4.7)
    assert dialogue.end == HangUp("self_served")


def test_survey__who_is_silent_goes_on_after_the_last_attempt(dialogue: Dialogue) -> None:
    """The question ends at 4.0 and is followed by 5 s; then `silent_1`, the question and 5 s, and so on."""
    dialogue.press("1").wait(60)
    assert taken(dialogue, NoInputCounted, SurveyAnswered) == [
        (9.0, NoInputCounted("first", 1)), (18.0, NoInputCounted("first", 2)), (27.0, NoInputCounted("first", 3))]
    assert [(heard.clip, heard.at) for heard in dialogue.heard[-2:]] == [("en/hello.wav", 20.0), ("en/news.wav", 27.0)]
    assert taken(dialogue, HangUp) == [(29.0, HangUp("self_served"))]


def test_survey__who_presses_other_keys_goes_on_too(dialogue: Dialogue) -> None:
    dialogue.press("1").press("6").listen().press("0").listen().press("#")
    assert [step for _, step in taken(dialogue, NoMatchCounted)] == [NoMatchCounted("first", count, "")
                                                                     for count in (1, 2, 3)]
    dialogue.listen()
    assert dialogue.clips[-4:] == ["en/hello.wav", "en/wrong_2.wav", "en/hello.wav", "en/news.wav"]
    assert "mark" not in dialogue.interpreter.memory.variables


def test_survey__its_own_settings_win_over_those_of_the_menu(dialogue: Dialogue) -> None:
    """`notice` and `hello` end at 6.0, 3 s; `more` and both again end at 15.0, 3 s: the second time is the last."""
    dialogue.press("2").wait(60)
    assert taken(dialogue, NoInputCounted, EnterQueue) == [
        (9.0, NoInputCounted("first", 1)), (18.0, NoInputCounted("first", 2)),
        (18.0, EnterQueue("deposits", "deposits"))]
    assert dialogue.clips[1:6] == ["en/notice.wav", "en/hello.wav", "en/more.wav", "en/notice.wav", "en/hello.wav"]


def test_survey__a_prompt_that_forbids_barge_in_drops_keys(dialogue: Dialogue) -> None:
    dialogue.press("2").press("1").wait(1.7).press("2")
    assert [step for _, step in taken(dialogue, SurveyAnswered)] == [
        SurveyAnswered("first", "service", "solved", "no")]


def test_survey__each_question_is_counted_by_itself_and_apart_from_the_menu(dialogue: Dialogue) -> None:
    dialogue.silence().silence().press("3").silence().silence()
    assert [step for _, step in taken(dialogue, NoInputCounted)] == [
        NoInputCounted("first", count) for count in (1, 2, 1, 1)]
    dialogue.listen().silence()
    assert taken(dialogue, NoInputCounted)[-1][1] == NoInputCounted("first", 1), "the menu begins anew"
    assert dialogue.end is None


def test_survey__two_questions_are_answered_by_two_keys_in_a_row(dialogue: Dialogue) -> None:
    dialogue.press("352")
    assert [step for _, step in taken(dialogue, SurveyAnswered)] == [
        SurveyAnswered("first", "service", "friendly", "5"), SurveyAnswered("first", "service", "solved", "no")]


# --- what comes of it -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("keys", "end"), [
    ("11", EnterQueue("general", "complaint")),
    ("12", EnterQueue("general", "complaint")),
    ("13", HangUp("self_served")),
])
def test_survey__a_mark_can_be_asked_for_by_conditions(dialogue: Dialogue, keys: str, end: object) -> None:
    dialogue.press(keys).listen()
    assert dialogue.end == end
    assert dialogue.interpreter.memory.variables["mark"] == Decimal(keys[1])


@pytest.mark.parametrize(("key", "queue"), [("1", "cards"), ("2", "loans")])
def test_survey__so_can_yes_and_no(dialogue: Dialogue, key: str, queue: str) -> None:
    dialogue.press("2").listen().press(key)
    assert dialogue.end == EnterQueue(queue, queue)


def test_survey__an_answer_is_no_option(dialogue: Dialogue) -> None:
    dialogue.press("14")
    assert [step for _, step in taken(dialogue, KeysTaken)] == [
        KeysTaken("first", "1", "survey service friendly, switch, say news, hangup")]


def test_survey__goes_on_after_it_was_written_down(menu: Menu, dialogue: Dialogue) -> None:
    dialogue.press("1")
    dialogue.interpreter = rewritten(dialogue.interpreter)
    dialogue.press("2")
    assert dialogue.end == EnterQueue("general", "complaint")


CIRCLE = """
  first:
    do:
      - survey: {name: service, question: friendly, prompts: hello, attempts: 1}
      - {goto: second}
  second:
    do: [{goto: first}]
"""


def test_survey__who_is_silent_for_ever_is_not_asked_for_ever(known: Known) -> None:
    """A way round with a survey alone is refused: nobody who is silent would get out of it."""
    with pytest.raises(AdminError) as caught:
        load_menu(whole(CIRCLE), "m.yaml", None, known)
    assert [fault.code for fault in caught.value.faults] == ["loop-without-input"] * 2


def test_survey__nor_in_a_circle_that_conditions_hide(known: Known) -> None:
    menu = load_menu(whole(CIRCLE.replace("- {goto: second}", "- switch: [{when: no, do: {queue: cards}}]\n"
                                          "      - {goto: second}")), "m.yaml", None, known)
    dialogue = Dialogue(menu, dict.fromkeys(menu.clips(), 2.0)).wait(1000)
    assert isinstance(dialogue.end, HangUp)
    assert len(taken(dialogue, MenuEntered)) == 20


# --- dialogue tests -------------------------------------------------------------------------------------------------
def run(steps: str, expect: str, menu: Menu, known: Known) -> Went:
    text = f"- dialogue: it\n  steps: {steps}\n  expect: {expect}\n"
    (went,) = run_all(load_dialogues(text, "m.test.yaml", menu, known), menu, dict.fromkeys(menu.clips(), 2.0))
    return went


def test_dialogues__answers_are_expected(menu: Menu, known: Known) -> None:
    steps = '[listen, press: "3", press: "4", wrong_key]'
    went = run(steps, "{survey: {friendly: 4}}", menu, known)
    assert went.failures == ()
    assert "answers survey service: friendly 4" in "\n".join(story(went))
    assert "pressed what is no option (1)" in "\n".join(story(went))
    (failure,) = run(steps, "{survey: {friendly: 4, solved: yes}}", menu, known).failures
    assert failure.message == "expected `survey: friendly 4, solved yes`, but what was answered: friendly 4"
    (failure,) = run("[listen]", "{survey: {friendly: 4}}", menu, known).failures
    assert failure.message.endswith("but what was answered: nothing")


@pytest.mark.parametrize(("expect", "says"), [
    ("{friendy: 4}", "no survey asks `friendy` (did you mean `friendly`?"),
    ("{friendly: 6}", "there is no answer `6` (allowed: 1, 2, 3, 4, 5)"),
    ("{solved: 1}", "there is no answer `1` (allowed: no, yes)"),
])
def test_dialogues__expectations_that_can_never_hold(menu: Menu, known: Known, expect: str, says: str) -> None:
    with pytest.raises(AdminError) as caught:
        run("[listen]", f"{{survey: {expect}}}", menu, known)
    assert says in str(caught.value.faults[0])


def test_dialogues__a_call_with_a_survey_is_replayed(menu: Menu, known: Known) -> None:
    happened = [Happened(0.0, "menu_entered", {"menu": "first"}),
                Happened(2.0, "option_chosen", {"menu": "first", "keys": "3"}), Happened(5.0, "nomatch", {}),
                Happened(7.0, "survey_answered", {"survey": "service", "question": "solved", "answer": "no"})]
    text = exported("call 1", Circumstances("100"), happened, menu)
    (went,) = run_all(load_dialogues(text, "x.test.yaml", menu, known), menu, dict.fromkeys(menu.clips(), 2.0))
    assert went.failures == ()
    assert [step for _, step in taken(went.dialogue, SurveyAnswered, NoMatchCounted)] == [
        NoMatchCounted("first", 1, ""), SurveyAnswered("first", "service", "solved", "no")]


# --- the record -----------------------------------------------------------------------------------------------------
HOUSE = """
languages: [en, ru]
start: farewell
defaults: {on_failure: {queue: general}}
menus:
  farewell:
    do:
      - survey: {name: service, question: friendly, prompts: how}
      - survey: {name: service, question: solved, prompts: how, answers: yes_no}
      - say: bye
      - hangup
prompts: {how: {en: "How?", ru: "Как?"}, bye: {en: "Bye.", ru: "Всё."}}
"""


def test_call__answers_stand_in_the_record_at_once() -> None:
    told = make_story(menu=HOUSE)
    told.caller.call("sip:100@127.0.9.1")
    told.world.run(0.5)
    told.caller.press("5")
    told.world.run(0.4)
    stored = [(entry.details["question"], entry.details["answer"]) for entry in told.entries()
              if entry.kind == "survey_answered"]
    assert stored == [("friendly", "5")]
    told.caller.press("2")
    told.settle()
    told.assert_clean()
    assert [dict(entry.details) for entry in told.entries() if entry.kind == "survey_answered"] == [
        {"menu": "farewell", "survey": "service", "question": "friendly", "answer": "5"},
        {"menu": "farewell", "survey": "service", "question": "solved", "answer": "no"}]
    assert told.row().outcome is Outcome.SELF_SERVED


# --- faults ---------------------------------------------------------------------------------------------------------
def whole(menus: str) -> str:
    return (f"languages: [en]\nstart: first\nvariables: {{code: {{kind: number, secret: yes}}, note: text}}\n"
            f"defaults: {{on_failure: {{queue: general}}}}\nmenus:{menus}"
            "prompts: {ask: {en: Ask.}, hello: {en: Hello.}}\n")


WHOLE = whole("""
  first:
    prompts: ask
    options:
      "1":
        - survey:
            name: service
            question: friendly
            prompts: hello
            answers: marks
""")


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("            name: service\n", "", "11:13: error: `survey` lacks `name` (add a line `name:`)"),
    ("            prompts: hello\n", "", "11:13: error: `survey` lacks `prompts` (add a line `prompts:`)"),
    ("friendly", "Friendly?", "12:23: error: `Friendly?` can't be the question of a survey (it has small Latin"),
    ("marks", "stars", "14:22: error: there is no sort of answer `stars` (did you mean `marks`? "),
    ("hello\n", "helo\n", "13:22: error: there is no prompt `helo` (did you mean `hello`?"),
    ("marks", "marks\n            into: note", "15:19: error: variable `note` is a text, and this is a number (give"),
    ("marks", "marks\n            into: code", "15:19: error: variable `code` is secret, and answers of a survey"),
    ("marks", "marks\n            into: Mark", "15:19: error: `Mark` can't be a variable (a name has small Latin"),
    ("marks", "marks\n            on_failure: back", "15:13: error: `on_failure` means nothing in `survey`"),
])
def test_survey__faults(known: Known, old: str, new: str, expected: str) -> None:
    assert old in WHOLE
    with pytest.raises(AdminError) as caught:
        load_menu(WHOLE.replace(old, new, 1), "m.yaml", None, known)
    assert str(caught.value.faults[0]).startswith(f"m.yaml:{expected}")
    assert caught.value.faults[0].code
