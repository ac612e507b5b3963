"""Clips and menus as words for a page: from the files that are there now."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from desk.phone.captions import FRESH, Captions
from ivr.base.config import Config
from ivr.drivers.config_file import load_config

ROOT = Path(__file__).parent.parent.parent


class Files:
    """A configuration of its own with the sample's menus, whose clock the test turns."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT / "menus", folder / "menus")
        (folder / "audio_prompts").symlink_to(ROOT / "audio_prompts")
        shutil.copy(ROOT / "config.yaml", folder / "config.yaml")
        self.config: Config = load_config(folder / "config.yaml")
        self.menu = str(self.config.lines[0].menu)
        self.now = 0.0
        self.captions = Captions(self.config, lambda: self.now)

    def change(self, old: str, new: str) -> None:
        path = Path(self.menu)
        text = path.read_text().replace(old, new)
        path.write_text(text)
        os.utime(path, ns=(1, len(text)))         # another moment, whatever the file system's clock has for one
        self.now += FRESH


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_heard__prompts_announcements_music_and_what_has_no_text(files: Files) -> None:
    book = asyncio.run(files.captions.book())
    items = book.heard(["en/welcome.wav", "ru/welcome.wav@0123456789abcdef", "en/queue/place_2.wav", "music/hold.wav",
                        "music/beep.wav", "recording-1"])
    assert [(item["kind"], item["text"]) for item in items] == [
        ("speech", "Welcome to North Bank."), ("speech", "Здравствуйте! Вы позвонили в Северный банк."),
        ("speech", "You are number two in line."), ("music", "♪"), ("beep", ""), ("recording", "")]
    assert items[1]["clip"] == "ru/welcome.wav"


def test_menu__options_in_the_words_of_its_prompt(files: Files) -> None:
    book = asyncio.run(files.captions.book())
    cards = book.menu(files.menu, "cards", "en")
    assert cards is not None
    assert cards["title"] == "Cards"
    assert cards["options"][:2] == [{"key": "1", "label": "Learn how to activate a new card"},
                                    {"key": "2", "label": "Use your card abroad"}]
    assert book.path(files.menu, ["language", "main", "cards", "no such"], "ru") == ["Язык", "Главное меню", "Карты"]
    assert book.menu(files.menu, "no such", "en") is None
    assert book.menu("no such", "cards", "en") is None


def test_change__newer_texts_come_and_older_clips_stay_known(files: Files) -> None:
    before = asyncio.run(files.captions.book())
    files.change("Welcome to North Bank.", "Welcome to South Bank.")
    after = asyncio.run(files.captions.book())
    assert before.heard(["en/welcome.wav"])[0]["text"] == "Welcome to North Bank."
    assert after.heard(["en/welcome.wav"])[0]["text"] == "Welcome to South Bank."


def test_change__a_faulty_file_leaves_what_was_known(files: Files) -> None:
    before = asyncio.run(files.captions.book())
    files.change("menus:", "menus: [")
    after = asyncio.run(files.captions.book())
    assert after.heard(["en/welcome.wav"]) == before.heard(["en/welcome.wav"])
    assert after.menu(files.menu, "cards", "en") == before.menu(files.menu, "cards", "en")
    assert after.languages(files.menu) == ("en", "ru")
    files.change("menus: [", "menus:")
    assert asyncio.run(files.captions.book()).menu(files.menu, "main", "en") is not None


def test_words__what_control_says_of_a_menu(files: Files) -> None:
    async def told() -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
        await files.captions.book()
        known = {"name": "cards", "path": ["main", "cards"], "language": "ru", "keys": ["1"], "line": "100"}
        return (files.captions.menu(known), files.captions.menu({**known, "name": "gone"}),
                files.captions.heard({"clips": ["en/welcome.wav"], "replace": True, "loop": False}))

    cards, gone, heard = asyncio.run(told())
    assert (cards["title"], cards["path"]) == ("Карты", ["Главное меню", "Карты"])
    assert cards["options"][2] == {"key": "3", "label": "Изменить лимиты"}
    assert (gone["title"], gone["options"]) == ("gone", [{"key": "1", "label": ""}])
    assert heard[0]["text"] == "Welcome to North Bank."
