"""Small menus to test with; every clip of theirs lasts two seconds."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from ivr.base.errors import AdminError
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu

BANK = Path(__file__).parent.parent.parent / "menus" / "bank.yaml"
CLIP_LENGTH = 2.0
KNOWN = Known(frozenset(["lost_card", "cards", "loans", "deposits", "transfers", "corporate", "general"]),
              frozenset(["branch"]))

PROMPTS = """
prompts:
  ask: {en: "What do you want?", ru: "Что вам нужно?"}
  hello: {en: "Hello.", ru: "Здравствуйте."}
  news: {en: "This is the news.", ru: "Новости."}
  more: {en: "More news.", ru: "Ещё новости."}
  notice: {barge_in: no, en: "Calls are recorded.", ru: "Разговоры записываются."}
  silent_1: {en: "Nothing heard.", ru: "Ничего не слышно."}
  silent_2: {en: "Still nothing heard.", ru: "Снова ничего не слышно."}
  wrong_1: {en: "No such key.", ru: "Нет такой кнопки."}
  wrong_2: {en: "No such key again.", ru: "Снова нет такой кнопки."}
"""
HEAD = """
languages: [en, ru]
start: first
defaults:
  noinput: [{count: 1, say: silent_1}, {count: 2, say: silent_2}]
  nomatch: [{count: 1, say: wrong_1}, {count: 2, say: wrong_2}]
  on_failure: {queue: general}
"""


@lru_cache
def _load(menus: str) -> Menu:
    return load_menu(f"{HEAD}menus:\n{menus}{PROMPTS}", "test.yaml", None, KNOWN)


@pytest.fixture
def menu_of() -> Callable[[str], Menu]:
    """Makes a menu of the text of its `menus`; the prompts above are there."""
    return _load


@pytest.fixture
def lengths() -> dict[str, float]:
    return dict.fromkeys(_load("  first: {prompts: ask, options: {'1': repeat}}").clips(), CLIP_LENGTH)


@pytest.fixture
def known() -> Known:
    return KNOWN


@pytest.fixture
def bank_text() -> str:
    return BANK.read_text()


@lru_cache
def _bank() -> Menu:
    return load_menu(BANK.read_text(), "menus/bank.yaml", None, KNOWN)


@pytest.fixture
def bank() -> Menu:
    return _bank()


# A menu file that is right, for tests that break it; its sounds are all there.
GOOD = """\
languages: [en, ru]
start: main
defaults:
  first_key_s: 5
  noinput:
    - {count: 1, say: sorry}
  on_failure: {queue: general}
menus:
  main:
    prompts: options
    options:
      "1": {queue: cards}
      "2": {goto: news}
      "*": repeat
  news:
    greeting: sorry
    prompts: [options, sorry]
    options:
      "0":
        - say: sorry
        - hangup
      "#": back
prompts:
  options:
    en: "Press a key."
    ru: "Нажмите кнопку."
  sorry: {en: "Sorry.", ru: "Извините."}
"""
CATALOGUE = {f"{language}/{name}.wav": 2.0 for language in ("en", "ru") for name in ("options", "sorry")}


@pytest.fixture
def good() -> str:
    return GOOD


@pytest.fixture
def catalogue() -> dict[str, float]:
    return CATALOGUE


def _faults_of(text: str) -> list[str]:
    with pytest.raises(AdminError) as caught:
        load_menu(text, "m.yaml", CATALOGUE, Known(frozenset(["cards", "general"]), frozenset(["branch"])))
    return [str(fault) for fault in caught.value.faults]


@pytest.fixture
def faults_of() -> Callable[[str], list[str]]:
    """The faults of a menu file as they are printed."""
    return _faults_of
