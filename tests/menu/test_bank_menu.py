"""The sample menu of a bank: its dialogues in both languages, and that every option leads where it should."""

from collections import deque

import pytest

from ivr.menu.dialogue import Dialogue
from ivr.menu.loader import load_menu
from ivr.menu.model import Enqueue, Goto, Known, Menu, texts
from ivr.menu.script import walk
from ivr.menu.steps import EnterQueue, HangUp, KeysTaken, TransferTo

LANGUAGES = {"1": "en", "2": "ru"}


@pytest.fixture
def sounds(bank: Menu) -> dict[str, float]:
    """Lengths as speech has them, some fourteen letters a second."""
    return {clip: 0.3 + len(text) / 14 for clip, (_, text) in texts(bank).items()}


def names(dialogue: Dialogue) -> list[str]:
    """What was heard, without language and ending; all in the language that was chosen."""
    return [clip.split("/")[1].removesuffix(".wav") for clip in dialogue.clips]


def test_bank__loads_with_its_sounds_and_queues(bank_text: str, bank: Menu, known: Known) -> None:
    catalogue = dict.fromkeys(bank.clips(), 2.0)
    assert load_menu(bank_text, "menus/bank.yaml", catalogue, known) == bank


def test_bank__every_prompt_has_a_text_in_both_languages(bank: Menu) -> None:
    assert bank.languages == ("en", "ru")
    assert set(texts(bank)) == set(bank.clips())
    for prompt in bank.prompts.values():
        assert set(prompt.wordings) == {"en", "ru"}
        assert not set("абвгдежзиклмнопрстуфхцчшщыьэюя") & set(prompt.wordings["en"].text.lower())
        assert not set("abcdefghijklmnopqrstuvwxyz") & set(prompt.wordings["ru"].text.lower())


def test_bank__every_prompt_is_used(bank: Menu) -> None:
    used = {name for choice in bank.choices.values() for name in choice.greeting + choice.prompts}
    used |= {name for choice in bank.choices.values() for taper in choice.noinput + choice.nomatch
             for name in taper.prompts}
    used |= {name for choice in bank.choices.values() for actions in [*choice.options.values(), choice.on_failure]
             for action in actions for name in getattr(action, "prompts", ())}
    assert used == set(bank.prompts)


def test_bank__every_queue_and_transfer_of_the_configuration_is_reached(bank: Menu, known: Known) -> None:
    actions = [action for choice in bank.choices.values() for done in choice.options.values() for action in done]
    assert {action.queue for action in actions if isinstance(action, Enqueue)} == known.queues
    assert {getattr(action, "target", None) for action in actions} - {None} == known.transfers


def test_bank__a_person_is_one_key_away_from_everywhere_after_the_language(bank: Menu) -> None:
    for choice in bank.choices.values():
        if choice.name != "language":
            assert isinstance(choice.options["0"][-1], Enqueue), choice.name
        assert isinstance(choice.on_failure[-1], Enqueue)


def test_bank__each_menu_tells_of_each_of_its_keys(bank: Menu) -> None:
    words = {"en": {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven",
                    "0": "zero", "*": "star", "#": "hash"},
             "ru": {"1": "один", "2": "два", "3": "три", "4": "четыре", "5": "пять", "6": "шесть", "7": "семь",
                    "0": "ноль", "*": "звёздочка", "#": "решётка"}}
    for choice in bank.choices.values():
        for language, keys in words.items():
            said = " ".join(bank.prompts[name].wordings[language].text for name in choice.prompts).lower()
            for option in choice.options if not choice.all_languages else ():
                assert keys[option] in said, (choice.name, language, option)


def every_option(menu: Menu) -> list[tuple[str, str]]:
    """All (keys to press from the start, menu whose option that is), the shortest way to each."""
    ways, found, todo = {menu.start: ""}, [], deque([menu.start])
    while todo:
        choice = menu.choices[name := todo.popleft()]
        for keys, actions in choice.options.items():
            found.append((f"{ways[name]}{keys}", name))
            if isinstance(leads := actions[-1], Goto) and leads.menu not in ways:
                ways[leads.menu] = f"{ways[name]}{keys}"
                todo.append(leads.menu)
    return found


def test_bank__every_option_is_reached_by_keys(bank: Menu, sounds: dict[str, float]) -> None:
    options = every_option(bank)
    assert len(options) == sum(len(choice.options) for choice in bank.choices.values())
    for keys, menu in options:
        dialogue = Dialogue(bank, sounds).press(keys[:-1]).listen().press(keys[-1])
        taken = [step for _, step in dialogue.taken if isinstance(step, KeysTaken)]
        assert (taken[-1].menu, taken[-1].keys) == (menu, keys[-1]), keys
        dialogue.listen()
        assert dialogue.end is not None or dialogue.is_waiting


# Keys after the choice of language, what is then heard, and the end.
DIALOGUES = [
    ("1", ["welcome"], EnterQueue("lost_card", "lost card")),
    ("listen 0", ["welcome", "main_options"], EnterQueue("general", "general")),
    ("listen 2 listen 0", ["welcome", "main_options", "cards_options"], EnterQueue("cards", "cards")),
    ("23", ["welcome", "cards_options"], EnterQueue("cards", "card limits")),
    ("2 1 listen # listen 3 0", ["welcome", "cards_options", "card_activation", "cards_options", "main_options",
                                 "loans_options"], EnterQueue("loans", "loans")),
    ("40", ["welcome", "deposits_options"], EnterQueue("deposits", "deposits")),
    ("5 2 1 listen", ["welcome", "transfers_options", "fraud_warning"], EnterQueue("transfers", "suspected fraud")),
    ("62", ["welcome", "corporate_options"], EnterQueue("corporate", "business loan")),
    ("7 1 listen", ["welcome", "branches_options", "opening_hours", "goodbye"], HangUp("self_served")),
    ("7 2 5 listen", ["welcome", "branches_options", "bank_address", "goodbye"], HangUp("self_served")),
    ("73", ["welcome", "branches_options"], TransferTo("branch")),
    ("silence silence silence listen", ["welcome", "main_options", "not_heard", "main_options", "not_heard_again",
                                        "main_options", "operator_will_help"], EnterQueue("general", "general")),
    ("listen 9 listen 8 listen 9 listen", ["welcome", "main_options", "no_such_option", "main_options",
                                           "no_such_option_again", "main_options", "operator_will_help"],
     EnterQueue("general", "general")),
    ("listen * listen 0", ["welcome", "main_options", "main_options"], EnterQueue("general", "general")),
]


@pytest.mark.parametrize("language", ["1", "2"])
@pytest.mark.parametrize(("script", "heard", "end"), DIALOGUES, ids=[script for script, _, _ in DIALOGUES])
def test_bank__dialogues(bank: Menu, sounds: dict[str, float], language: str,
                         script: str, heard: list[str], end: object) -> None:
    dialogue = walk(bank, sounds, f"{language} {script}")
    assert names(dialogue) == heard, dialogue.story()
    assert {clip.split("/")[0] for clip in dialogue.clips} == {LANGUAGES[language]}
    assert dialogue.end == end


def test_bank__a_call_begins_with_both_languages(bank: Menu, sounds: dict[str, float]) -> None:
    assert walk(bank, sounds, "listen").clips == ["en/choose_language.wav", "ru/choose_language.wav"]
    assert sum(sounds[clip] for clip in ("en/choose_language.wav", "ru/choose_language.wav")) < 6


def test_bank__who_never_presses_a_key_gets_an_operator(bank: Menu, sounds: dict[str, float]) -> None:
    dialogue = walk(bank, sounds, "silence silence silence listen")
    assert dialogue.end == EnterQueue("general", "general")
    assert dialogue.clips[-2:] == ["en/operator_will_help.wav", "ru/operator_will_help.wav"]


def test_bank__the_language_can_be_changed_from_the_main_menu(bank: Menu, sounds: dict[str, float]) -> None:
    dialogue = walk(bank, sounds, "1 listen # 2 listen")
    assert dialogue.interpreter.language == "ru"
    assert dialogue.clips[-1] == "ru/main_options.wav"


def test_bank__the_warning_against_fraud_can_not_be_skipped(bank: Menu, sounds: dict[str, float]) -> None:
    dialogue = walk(bank, sounds, "1 5 2 1s 0 0 0 listen")
    assert [(heard.clip, heard.cut) for heard in dialogue.heard][-1] == ("en/fraud_warning.wav", False)
    assert dialogue.end == EnterQueue("transfers", "suspected fraud")


def test_bank__whoever_hears_an_answer_is_served(bank: Menu, sounds: dict[str, float]) -> None:
    assert walk(bank, sounds, "1 5 1 listen").interpreter.served
    assert not walk(bank, sounds, "1 5 listen").interpreter.served
