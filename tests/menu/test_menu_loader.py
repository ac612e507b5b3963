"""What a good menu file becomes, and everything that a file may say."""

from dataclasses import replace

import pytest

from ivr.base.errors import AdminError
from ivr.menu.loader import load_menu
from ivr.menu.model import (
    Back,
    Choice,
    Enqueue,
    Goto,
    Hangup,
    Known,
    Menu,
    Prompt,
    Repeat,
    Say,
    Speak,
    Taper,
    Transfer,
    Wording,
    texts,
)


@pytest.fixture
def menu(good: str, catalogue: dict[str, float], known: Known) -> Menu:
    return load_menu(good, "menus/good.yaml", catalogue, known)


def with_option(good: str, action: str) -> str:
    return good.replace('"1": {queue: cards}', f'"1": {action}')


def test_loader__a_menu_has_what_its_file_says(menu: Menu) -> None:
    assert (menu.file, menu.languages, menu.start) == ("menus/good.yaml", ("en", "ru"), "main")
    assert menu.prompts["options"] == Prompt("options", True, {
        "en": Wording("en/options.wav", "Press a key."), "ru": Wording("ru/options.wav", "Нажмите кнопку.")})
    assert menu.choices["main"] == Choice(
        name="main", greeting=(), prompts=("options",), all_languages=False,
        options={"1": (Enqueue("cards", "cards"),), "2": (Goto("news"),), "*": (Repeat(),)},
        first_key=5.0, interdigit=2.5, term_char="#", attempts=3,
        noinput=(Taper(1, ("sorry",)),), nomatch=(), on_failure=(Enqueue("general", "general"),))
    assert menu.choices["news"].greeting == ("sorry",)
    assert menu.choices["news"].options["0"] == (Say(("sorry",)), Hangup())
    assert menu.choices["news"].options["#"] == (Back(),)


@pytest.mark.parametrize(("action", "expected"), [
    ("{queue: cards}", (Enqueue("cards", "cards"),)),
    ("{queue: cards, subject: new card}", (Enqueue("cards", "new card"),)),
    ("{transfer: branch}", (Transfer("branch"),)),
    ("{say: sorry}", (Say(("sorry",)),)),
    ("{say: [sorry, options]}", (Say(("sorry", "options")),)),
    ("[{language: ru}, {goto: news}]", (Speak("ru"), Goto("news"))),
    ("hangup", (Hangup(),)),
    ("[hangup]", (Hangup(),)),
    ("[{say: sorry}, repeat]", (Say(("sorry",)), Repeat())),
])
def test_loader__actions(good: str, known: Known, action: str, expected: object) -> None:
    assert load_menu(with_option(good, action), "f", None, known).choices["main"].options["1"] == expected


def test_loader__a_menu_may_say_otherwise_than_the_defaults(good: str, known: Known) -> None:
    own = """    first_key_s: 9.5
    interdigit_s: 1
    term_char: "*"
    attempts: 5
    all_languages: yes
    noinput: []
    nomatch:
      - {count: 4, say: [sorry, options]}
      - {count: 2, say: options}
    on_failure: [{say: sorry}, {transfer: branch}]
    options:
      "1": {queue"""
    choices = load_menu(good.replace('    options:\n      "1": {queue', own), "f", None, known).choices
    assert choices["main"] == replace(
        choices["main"], first_key=9.5, interdigit=1.0, term_char="*", attempts=5, all_languages=True, noinput=(),
        nomatch=(Taper(2, ("options",)), Taper(4, ("sorry", "options"))),
        on_failure=(Say(("sorry",)), Transfer("branch")))
    assert choices["news"].attempts == 3


def test_loader__fewer_attempts_leave_inherited_tapers_unsaid(good: str, known: Known) -> None:
    """They are a fault only where they are written: other menus say them."""
    text = good.replace("count: 1", "count: 2")
    text = text.replace("    prompts: options\n", "    prompts: options\n    attempts: 2\n")
    assert load_menu(text, "f", None, known).choices["main"].attempts == 2


def test_loader__without_defaults_the_figures_are_those_of_the_house(good: str, known: Known) -> None:
    defaults = good[good.index("defaults:"):good.index("menus:")]
    text = good.replace(defaults, "").replace("    options:\n", "    on_failure: {queue: general}\n    options:\n")
    choice = load_menu(text, "f", None, known).choices["main"]
    assert (choice.first_key, choice.interdigit, choice.term_char, choice.attempts) == (5.0, 2.5, "#", 3)


def test_loader__keys_of_which_one_begins_the_other_are_allowed(good: str, known: Known) -> None:
    text = good.replace('"2": {goto: news}', '"12": {goto: news}')
    assert set(load_menu(text, "f", None, known).choices["main"].options) == {"1", "12", "*"}


def test_loader__keys_keep_their_zeros(good: str, known: Known) -> None:
    text = good.replace('"2": {goto: news}', "010: {goto: news}")
    assert "010" in load_menu(text, "f", None, known).choices["main"].options


@pytest.mark.parametrize(("wording", "expected"), [
    ('"Press a key."', Wording("en/options.wav", "Press a key.")),
    ('"Press\n      a   key."', Wording("en/options.wav", "Press a key.")),
    ("{text: Press a key.}", Wording("en/options.wav", "Press a key.")),
    ("{file: en/anna/keys.mp3}", Wording("en/anna/keys.mp3", "")),
    ("{file: shared/gong.ogg, text: Gong.}", Wording("shared/gong.ogg", "Gong.")),
])
def test_loader__a_prompt_is_a_text_or_a_file_or_both(
        good: str, known: Known, wording: str, expected: Wording) -> None:
    menu = load_menu(good.replace('"Press a key."', wording), "f", None, known)
    assert menu.prompts["options"].wordings["en"] == expected
    assert expected.clip in menu.clips()
    assert texts(menu).get(expected.clip) == (("en", expected.text) if expected.text else None)


def test_loader__barge_in_is_on_unless_a_prompt_forbids_it(good: str, known: Known) -> None:
    text = good.replace('sorry: {en: "Sorry."', 'sorry: {barge_in: no, en: "Sorry."')
    assert {name: prompt.barge_in for name, prompt in load_menu(text, "f", None, known).prompts.items()} == {
        "options": True, "sorry": False}


def test_loader__clips_and_texts(menu: Menu) -> None:
    assert menu.clips() == ("en/options.wav", "en/sorry.wav", "ru/options.wav", "ru/sorry.wav")
    assert texts(menu) == {
        "en/options.wav": ("en", "Press a key."), "ru/options.wav": ("ru", "Нажмите кнопку."),
        "en/sorry.wav": ("en", "Sorry."), "ru/sorry.wav": ("ru", "Извините.")}


def test_loader__the_version_follows_the_text(good: str, known: Known) -> None:
    one, same, other = (load_menu(text, "f", None, known).version for text in (good, good, good + "# more\n"))
    assert one == same != other
    assert len(one) == 16


def test_loader__names_of_the_configuration_go_unchecked_without_it(good: str) -> None:
    text = with_option(good, "{queue: anything}").replace("{queue: general}", "{transfer: anywhere}")
    assert load_menu(text, "f", None, None).choices["main"].on_failure == (Transfer("anywhere"),)


def test_loader__the_way_of_failures_may_lead_through_menus_to_an_end(good: str, known: Known) -> None:
    text = good.replace("    prompts: options\n", "    prompts: options\n    on_failure: {goto: news}\n")
    assert load_menu(text, "f", None, known).choices["main"].on_failure == (Goto("news"),)


def test_loader__a_circle_of_failures_over_two_menus_is_found_at_each(good: str, known: Known) -> None:
    text = good.replace("    prompts: options\n", "    prompts: options\n    on_failure: {goto: news}\n")
    text = text.replace("    greeting: sorry\n", "    greeting: sorry\n    on_failure: {goto: main}\n")
    with pytest.raises(AdminError) as caught:
        load_menu(text, "f", None, known)
    assert [(str(fault.place), fault.message.partition(": ")[2]) for fault in caught.value.faults] == [
        ("f:11:5", "main → news → main"), ("f:18:5", "news → main → news")]


def test_loader__yaml_aliases_are_plain_repetition(good: str, known: Known) -> None:
    text = with_option(good, "&people {queue: cards}").replace('"2": {goto: news}', '"2": *people')
    choice = load_menu(text, "f", None, known).choices["main"]
    assert choice.options["1"] == choice.options["2"]
