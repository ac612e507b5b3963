"""/api/titles: the page is told what names are called in each language, and chooses."""

import threading
from pathlib import Path

import pytest

from desk.phone import captions
from desk.phone.captions import titles_of_menus
from ivr.menu.loader import load_menu
from ivr.menu.model import Menu
from ivr.menu.titles import Titled, titled
from tests.desk.desk_rig import Rig
from tests.desk.test_desk_captions import Files

OTHER = """
languages: [en]
start: main
menus:
  main: {title: Insurance, prompts: said, options: {"1": {goto: claims}}, on_failure: {queue: general}}
  claims: {prompts: said, options: {"1": repeat}, on_failure: {queue: general}}
prompts: {said: {en: "Claims. For a loss, press one."}}
"""


def test_titles__of_queues_and_lines(rig: Rig) -> None:
    told = rig.logged_in("anna").get("/api/titles").json()
    assert told["queues"] == {"cards": {"en": "Cards", "ru": "Карты"}}, "one that has none is called by its name"
    assert told["lines"] == {"100": {"": "Bank"}}
    assert (told["transfers"], told["menus"]) == ({}, {})


def test_titles__of_menus_and_their_keys(rig: Rig, tmp_path: Path) -> None:
    rig.app.state.captions = Files(tmp_path).captions
    cards = rig.program.get("/api/titles").json()["menus"]["cards"]
    assert cards["titles"] == {"en": "Cards", "ru": "Карты"}
    assert cards["options"]["3"] == {"en": "Change your limits", "ru": "Изменить лимиты"}


def test_titles__are_made_once_and_not_in_the_loop_that_carries_audio(
        rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def noted(menu: Menu, name: str, language: str) -> Titled:
        threads.append(threading.get_ident())
        return titled(menu, name, language)

    monkeypatch.setattr(captions, "titled", noted)
    rig.app.state.captions = files = Files(tmp_path).captions
    first, made = rig.program.get("/api/titles").json(), len(threads)
    assert made > 0
    assert threading.get_ident() not in threads
    assert rig.program.get("/api/titles").json() == first
    files._looked_at = None             # they are looked at again, and are the same
    assert rig.program.get("/api/titles").json() == first
    assert len(threads) == made


def test_titles__menus_of_one_name_in_two_files_are_no_one_s(tmp_path: Path) -> None:
    """Reports name menus by their name alone: a title of one of them would be wrong for the other."""
    bank = load_menu(Path(Files(tmp_path).menu).read_text(), "bank.yaml", None, None)
    other = load_menu(OTHER, "other.yaml", None, None)
    titles = titles_of_menus([bank, other])
    assert "main" not in titles
    assert titles["claims"]["titles"] == {"en": "Claims"}
    assert titles["loans"]["titles"]["ru"] == "Кредиты"


def test_targets__are_found_by_their_titles(rig: Rig) -> None:
    found = rig.logged_in("anna").get("/api/targets", params={"q": "карт"}).json()["targets"]
    assert [(each["target"], each["titles"]["ru"], each["title"]) for each in found] == [("cards", "Карты", "cards")]
