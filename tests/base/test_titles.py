"""Titles for screens: as files have them, and as config.yaml does."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.base.located_yaml import Mapping, load
from ivr.base.reader import Reader
from ivr.base.titles import LONGEST, Titles, read_titles, title_in
from ivr.drivers.config_file import load_config
from tests.support.virtual_house import base_config

ROOT = Path(__file__).parent.parent.parent
BOTH = {"en": "Cards", "ru": "Карты"}


def read(written: str) -> Titles:
    reader, root = Reader(), load(f"title: {written}\n", "menu.yaml")
    assert isinstance(root, Mapping)
    titles = read_titles(reader, root.entries["title"], "menu `cards`")
    reader.refuse_faulty()
    return titles


def test_titles__one_for_all_languages_or_one_for_each() -> None:
    assert read("All   cards") == {"": "All cards"}
    assert read("{en: Cards, ru: Карты}") == BOTH
    assert [title_in(BOTH, language) for language in ("ru", "de")] == ["Карты", ""]
    assert title_in({"": "Cards", "ru": "Карты"}, "de") == "Cards"
    assert read_titles(Reader(), None, "menu `cards`") == {}


@pytest.mark.parametrize(("written", "code"), [
    ('""', "text-empty"), ("[Cards]", "text-expected"), ("{}", "mapping-empty"),
    ("{english: Cards}", "language-invalid"),
    ("{en: [Cards]}", "text-expected"), (LONGEST * "x" + "y", "title-too-long")])
def test_titles__what_is_none_is_said_with_its_place(written: str, code: str) -> None:
    with pytest.raises(AdminError) as refused:
        read(written)
    assert [(fault.code, fault.place.line) for fault in refused.value.faults] == [(code, 1)]


def made(title: Any) -> Config:
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], "title": title}}
    line = base_config()["lines"][0] | {"title": title}
    return Config.model_validate(base_config() | {"queues": queues, "lines": [line], "transfers": {
        "branch": "sip:branch@127.0.9.30", "mortgages": {"queue": "loans", "title": title},
        "director": {"operator": "anna", "title": title}}})


@pytest.mark.parametrize(("title", "read"), [("All  cards", {"": "All cards"}), (BOTH, BOTH)])
def test_titles__of_queues_lines_and_transfers(title: Any, read: Titles) -> None:
    config = made(title)
    assert [config.queues["cards"].title, config.lines[0].title, config.transfers["mortgages"].title] == [read] * 3
    assert config.queues["director"].title == read, "the queue of one operator alone is called as what leads there"
    assert config.queues["loans"].title == config.transfers["branch"].title == {}


@pytest.mark.parametrize("title", [
    "", " ", "x" * (LONGEST + 1), {"english": "Cards"}, {"en": ""}, {"en": ["Cards"]}, 7])
def test_titles__config_refuses_what_no_page_could_show(title: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        made(title)
    assert {"title"} <= {str(step) for error in refused.value.errors() for step in error["loc"]}


def test_titles__the_sample_has_them_in_both_languages() -> None:
    config = load_config(ROOT / "config.yaml")
    titled = [*(queue.title for queue in config.queues.values()), *(line.title for line in config.lines),
              *(to.title for to in config.transfers.values())]
    assert all(set(titles) == {"en", "ru"} for titles in titled)
