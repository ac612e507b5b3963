"""The list of clips that build, audit and import work from."""

from pathlib import Path

from ivr.menu.announcements import load_announcements
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu
from ivr.menu.needed_clips import NeededClip, clash_of, needed_clips, twice_told

ROOT = Path(__file__).parent.parent.parent
MENU = """
languages: [en]
start: main
defaults:
  on_failure: {queue: general}
menus:
  main:
    prompts: [welcome, jingle]
    options:
      "1": {queue: general}
prompts:
  welcome: {en: "WORDS"}
  jingle: {en: {file: en/jingle.mp3}}
"""


def menu(words: str) -> Menu:
    return load_menu(MENU.replace("WORDS", words), "menu.yaml", None, Known(frozenset({"general"}), frozenset()))


def test_needed_clips__of_the_sample() -> None:
    announcements = load_announcements((ROOT / "menus/announcements.yaml").read_text(), "a.yaml", None, ("en", "ru"))
    needed = list(needed_clips([announcements]))
    assert len(needed) == len(set(needed)) == len(announcements.clips())
    assert NeededClip("en/queue/place_1.wav", "en", "You are next in line.") in needed


def test_needed_clips__recordings_without_a_text_are_needed_too() -> None:
    assert sorted(needed_clips([menu("Hello."), menu("Hello.")])) == [
        NeededClip("en/jingle.mp3", "en", ""), NeededClip("en/welcome.wav", "en", "Hello.")]


def test_twice_told__two_menus_with_one_clip_and_two_texts() -> None:
    needed = sorted(needed_clips([menu("Hello."), menu("Good day.")]))
    clashes = twice_told(needed)
    assert list(clashes) == ["en/welcome.wav"]
    message, remedy = clash_of(*clashes["en/welcome.wav"])
    assert message == "two menus want it with different texts: `Good day.` and `Hello.`"
    assert remedy == "give one of them another file with `file:`"
    assert twice_told(needed_clips([menu("Hello."), menu("Hello.")])) == {}
