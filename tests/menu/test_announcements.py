"""The announcements: whole sentences for place and wait, in both languages, with right plurals."""

from datetime import timedelta
from pathlib import Path

import pytest

from ivr.base.errors import AdminError
from ivr.menu.announcements import NAMES, load_announcements
from ivr.menu.loader import load_menu
from ivr.menu.model import Announcements, texts
from ivr.menu.notices import clips_saying, sayable

FILE = Path(__file__).parent.parent.parent / "menus" / "announcements.yaml"
TEXT = FILE.read_text()
LANGUAGES = ("en", "ru")


@pytest.fixture(scope="module")
def announcements() -> Announcements:
    return load_announcements(TEXT, "menus/announcements.yaml", None, LANGUAGES)


def test_announcements__every_sentence_is_there_in_every_language(announcements: Announcements) -> None:
    assert len(NAMES) == 38
    assert announcements.clips() == tuple(sorted(
        f"{language}/queue/{name}.wav" for language in LANGUAGES for name in NAMES))
    assert set(texts(announcements)) == set(announcements.clips())


def test_announcements__places(announcements: Announcements) -> None:
    assert announcements.place(3, "en") == "en/queue/place_3.wav"
    assert announcements.place(20, "ru") == "ru/queue/place_20.wav"
    assert announcements.place(21, "ru") == "ru/queue/place_many.wav"
    assert announcements.place(0, "en") == "en/queue/place_1.wav"


def test_announcements__waits(announcements: Announcements) -> None:
    assert announcements.wait(0, "en") == "en/queue/wait_1.wav"
    assert announcements.wait(10, "en") == "en/queue/wait_10.wav"
    assert announcements.wait(11, "ru") == "ru/queue/wait_many.wav"


def test_announcements__a_language_that_is_not_there_gives_the_first(announcements: Announcements) -> None:
    assert announcements.clip("hold", "de") == "en/queue/hold.wav"


@pytest.mark.parametrize(("minutes", "words"), [
    (1, "одна минута"), (2, "две минуты"), (3, "три минуты"), (4, "четыре минуты"), (5, "пять минут"),
    (6, "шесть минут"), (7, "семь минут"), (8, "восемь минут"), (9, "девять минут"), (10, "десять минут"),
])
def test_announcements__russian_minutes_are_inflected(
        announcements: Announcements, minutes: int, words: str) -> None:
    assert texts(announcements)[announcements.wait(minutes, "ru")] == (
        "ru", f"Примерное время ожидания — {words}.")


def test_announcements__russian_places_are_ordinals(announcements: Announcements) -> None:
    said = [texts(announcements)[announcements.place(place, "ru")][1] for place in range(1, 21)]
    assert said[0] == "Ваше место в очереди — первое."
    assert said[2] == "Ваше место в очереди — третье."
    assert said[19] == "Ваше место в очереди — двадцатое."
    assert len(set(said)) == 20


def test_announcements__one_minute_is_singular_in_english(announcements: Announcements) -> None:
    said = texts(announcements)
    assert said["en/queue/wait_1.wav"][1].endswith("one minute.")
    assert said["en/queue/wait_2.wav"][1].endswith("two minutes.")


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("  connecting:\n", "  conecting:\n", [
        "7:3: error: announcement `connecting` is missing (add a line `connecting:` with its texts)",
        "110:3: error: nothing ever says announcement `conecting` (did you mean `connecting`?)"]),
    ('    ru: "Ваше место в очереди — третье."\n', "", [
        "13:3: error: prompt `place_3` is missing in language `ru` (add a line `ru:` with its text)"]),
    ('"Ваше место в очереди — третье."', '{text: "Третье.", file: ru/queue/place_2.wav}', [
        "15:33: error: ru/queue/place_2.wav is the file of prompt `place_2` too, with another text "
        "(give one of them another file)"]),
    ("announcements:", "prompts:", [
        "5:1: error: `prompts` means nothing in a file of announcements (allowed: announcements, notices)",
        "5:1: error: a file of announcements lacks `announcements` (add a line `announcements:`)"]),
    ("  place_1:\n", "  place_1:\n    *: x\n", [
        '8:5: error: an unquoted * has a meaning of its own in YAML (put the key in quotes: "*":)']),
    ("  hold:\n", "  place_1:\n", [
        "107:3: error: `place_1` stands twice here (first in line 7) (keep one of the two)"]),
])
def test_announcements__faults(old: str, new: str, expected: list[str]) -> None:
    with pytest.raises(AdminError) as caught:
        load_announcements(TEXT.replace(old, new, 1), "a.yaml", None, LANGUAGES)
    assert [str(fault) for fault in caught.value.faults] == [f"a.yaml:{fault}" for fault in expected]


def test_announcements__a_missing_sound_is_a_fault_at_its_place(announcements: Announcements) -> None:
    catalogue = dict.fromkeys(announcements.clips(), 2.0)
    del catalogue["ru/queue/place_1.wav"]
    with pytest.raises(AdminError) as caught:
        load_announcements(TEXT, "a.yaml", catalogue, LANGUAGES)
    assert [str(fault.place) for fault in caught.value.faults] == ["a.yaml:9:5"]
    assert "ru/queue/place_1.wav is missing from the folder of prompts" in caught.value.faults[0].message


def test_announcements__every_language_of_the_menus_is_needed() -> None:
    with pytest.raises(AdminError) as caught:
        load_announcements(TEXT, "a.yaml", None, ("en", "ru", "kk"))
    assert len(caught.value.faults) == len(NAMES)


def test_notices__names_of_the_admins_own() -> None:
    more = TEXT + "\nnotices:\n  outage:\n    en: \"Sorry.\"\n    ru: \"Извините.\"\n"
    found = load_announcements(more, "a.yaml", None, LANGUAGES)
    assert found.clip("outage", "ru") == "ru/notices/outage.wav"
    assert texts(found)["ru/notices/outage.wav"] == ("ru", "Извините.")


def test_notices__not_the_name_of_an_announcement() -> None:
    more = TEXT + "\nnotices:\n  hold:\n    en: \"Sorry.\"\n    ru: \"Извините.\"\n"
    with pytest.raises(AdminError, match="`hold` is an announcement already") as caught:
        load_announcements(more, "a.yaml", None, LANGUAGES)
    assert [fault.code for fault in caught.value.faults] == ["notice-twice"]


def test_announcements__a_hundred_missing_sounds_are_not_a_hundred_faults() -> None:
    """A new menu has none yet, and what else is wrong stood behind them, or was never told."""
    with pytest.raises(AdminError) as caught:
        load_announcements(TEXT, "a.yaml", {}, LANGUAGES)
    *one_by_one, last = caught.value.faults
    assert len(one_by_one) == 10
    count = len(load_announcements(TEXT, "a.yaml", None, LANGUAGES).clips())
    assert last.message == f"{count - 10} more texts of this file have no sound"
    assert {fault.code for fault in caught.value.faults} == {"clip-missing"}


NOTICES = """
notices:
  of_cards:
    en: "Cards. Waited {wait}."
    ru: "Карты. Ждёт {wait}."
  recorded: {en: "Recorded.", ru: "Запись."}
"""


def test_notices__say_how_long_the_caller_waited() -> None:
    """Only in front of operators: nobody else's wait is known."""
    announcements = load_announcements(TEXT + NOTICES, "a.yaml", None, LANGUAGES)
    menu = load_menu((FILE.parent / "bank.yaml").read_text(), "bank.yaml", None, None)
    values = {"wait": timedelta(minutes=2)}
    said = clips_saying(menu, announcements, "of_cards", "en", values)
    assert said[0] == "en/notices/of_cards.1.wav"
    words = dict(announcements.prompts["of_cards"].wordings["en"].words)
    assert " ".join(words[clip] for clip in said[1:]) == "two minutes"
    assert set(said) <= set(announcements.clips())
    assert clips_saying(menu, announcements, "of_cards", "de", values) == said, "the first language"
    assert clips_saying(menu, announcements, "of_cards", "en", {}) == ()
    assert clips_saying(menu, announcements, "recorded", "ru", {}) == ("ru/notices/recorded.wav",)
    assert "of_cards" not in sayable(menu, announcements)
    assert "recorded" in sayable(menu, announcements)


def test_notices__an_unknown_value() -> None:
    with pytest.raises(AdminError) as caught:
        load_announcements(TEXT + NOTICES.replace("{wait}", "{name}"), "a.yaml", None, LANGUAGES)
    assert [fault.code for fault in caught.value.faults] == ["variable-unknown"] * 2


def test_announcements__a_house_of_one_language_takes_the_file_as_it_is() -> None:
    russian = load_announcements(TEXT, "menus/announcements.yaml", None, ("ru",))
    assert set(texts(russian)) == {f"ru/queue/{name}.wav" for name in NAMES}


def test_announcements__a_language_of_the_menus_that_the_file_misspells() -> None:
    with pytest.raises(AdminError) as caught:
        load_announcements(TEXT.replace("ru:", "rus:", 1), "menus/announcements.yaml", None, LANGUAGES)
    (fault,) = caught.value.faults
    assert fault.code == "prompt-language-missing"
    assert "`ru`" in fault.message
