"""Broken menu files: each fault with file, line and column, what is wrong and what to do."""

from collections.abc import Callable

import pytest

from ivr.base.errors import AdminError
from ivr.menu import loader
from ivr.menu.loader import load_menu
from ivr.menu.model import (
    Back,
    Enqueue,
    Goto,
    Hangup,
    Known,
    Menu,
    Repeat,
    Say,
    Speak,
    Taper,
    Transfer,
    Wording,
    texts,
)

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
ACTIONS = ("allowed: say: prompt; language: en; goto: menu; queue: name; transfer: name; repeat; back; hangup")
