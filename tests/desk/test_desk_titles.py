"""/api/titles: the page is told what names are called in each language, and chooses."""

from pathlib import Path

from desk.phone.captions import Book
from ivr.menu.loader import load_menu
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


def test_titles__menus_of_one_name_in_two_files_are_no_one_s(tmp_path: Path) -> None:
    """Reports name menus by their name alone: a title of one of them would be wrong for the other."""
    bank = load_menu(Path(Files(tmp_path).menu).read_text(), "bank.yaml", None, None)
    other = load_menu(OTHER, "other.yaml", None, None)
    titles = Book({"bank.yaml": bank, "other.yaml": other}).titles()
    assert "main" not in titles
    assert titles["claims"]["titles"] == {"en": "Claims"}
    assert titles["loans"]["titles"]["ru"] == "Кредиты"


def test_targets__are_found_by_their_titles(rig: Rig) -> None:
    found = rig.logged_in("anna").get("/api/targets", params={"q": "карт"}).json()["targets"]
    assert [(each["target"], each["titles"]["ru"], each["title"]) for each in found] == [("cards", "Карты", "cards")]
