"""The runner that walks a menu in virtual time."""

from collections.abc import Callable

import pytest

from ivr.menu.dialogue import Dialogue, Heard
from ivr.menu.model import Menu
from ivr.menu.script import walk
from ivr.menu.steps import EnterQueue

MENUS = """
  first:
    prompts: [hello, ask]
    options:
      "1": {say: news}
      "12": {queue: cards}
      "0": {queue: general}
"""


def test_dialogue__a_script_of_keys_listening_silence_and_time(
        menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    dialogue = walk(menu_of(MENUS), lengths, "0.5s 1 2.6s listen silence 12")
    assert dialogue.clips == ["en/hello.wav", "en/news.wav", "en/hello.wav", "en/ask.wav"]
    assert dialogue.end == EnterQueue("cards", "cards")


def test_dialogue__what_is_heard_has_its_time_and_whether_it_was_cut(
        menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    dialogue = walk(menu_of(MENUS), lengths, "2.5s 0")
    assert dialogue.heard == [Heard(0.0, "en/hello.wav", False), Heard(2.0, "en/ask.wav", True)]


def test_dialogue__a_language_may_be_given(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    assert walk(menu_of(MENUS), lengths, "listen", language="ru").clips == ["ru/hello.wav", "ru/ask.wav"]


def test_dialogue__the_story_is_readable(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    story = walk(menu_of(MENUS), lengths, "2.5s 0").story()
    assert "0.00  says en/hello.wav: Hello." in story
    assert "2.00  says en/ask.wav: What do you want? [cut]" in story
    assert story.endswith("2.50  EnterQueue(queue='general', subject='general', priority=0, skills=())")


@pytest.mark.parametrize("word", ["press", "1a", "3", "-1s", "s"])
def test_dialogue__a_word_that_is_none_of_a_script(
        menu_of: Callable[[str], Menu], lengths: dict[str, float], word: str) -> None:
    if word == "3":
        assert isinstance(walk(menu_of(MENUS), lengths, word), Dialogue), "a mere number is a key"
        return
    with pytest.raises(ValueError, match="no word of a script"):
        walk(menu_of(MENUS), lengths, word)
