"""A desk on two real menu files that lead to each other, with the workshop as its own process."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from desk.app import create_app
from ivr.drivers.config_file import load_config
from ivr.drivers.secrets_file import Secrets, WebLogin
from ivr.menu.loader import version_of
from routing.requests.database import open_database
from routing.requests.repository import Repository
from tests.desk.desk_rig import HASHES, ROLES, TOKEN, Clock, Rig, ScriptedControl
from tests.support.service import make_config

BANK = """\
languages: [en, ru]        # a remark that stays
start: main
menus:
  main:
    prompts: main_options
    options:
      "1": {queue: cards}
      "2": {transfer: {menu: loans.yaml}}
    on_failure: {queue: general}
prompts:
  main_options:
    en: {text: "For cards, press one. For loans, press two.", file: en/main_options.wav}
    ru: {text: "Карты - один. Кредиты - два.", file: ru/main_options.wav}
"""
LOANS = """\
languages: [en, ru]
start: loans
menus:
  loans:
    prompts: loans_options
    options:
      "1": {queue: loans}
      "9": {transfer: {menu: bank.yaml}}
    on_failure: {queue: general}
prompts:
  loans_options:
    en: {file: en/loans_options.wav}
    ru: {file: ru/loans_options.wav}
"""
TESTS = """\
- dialogue: cards
  steps: [{press: "1"}]
  expect: {queue: cards}
"""
FAULTY = BANK.replace("{queue: cards}", "{queue: crads}")


class EditorRig(Rig):
    """Like a Rig, on files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bank, self.loans, self.tests = (folder / name for name in ("bank.yaml", "loans.yaml", "bank.test.yaml"))
        self.config_file = folder / "config.yaml"
        self.write()
        self.config_file.write_text(yaml.safe_dump(make_config(
            folder, lines=[{"numbers": ["100"], "menu": str(self.bank)}])))
        self.config = load_config(self.config_file)
        self.engine = open_database(f"sqlite:///{folder}/hotline.db")
        self.control, self.clock = ScriptedControl(), Clock()
        self.clock.now = 1_790_000_000.0
        logins = {name: WebLogin(name, ROLES.get(name, "operator"), hashed, None) for name, hashed in HASHES.items()}
        secrets = Secrets("hotline", b"d" * 32, b"s" * 32, TOKEN, {}, logins, ())
        self.app = create_app(Repository(self.engine), self.control, secrets, self.config, self.clock, self.clock,
                              config_file=str(self.config_file))
        self._runner = asyncio.Runner()
        self.stranger = self.client()
        self.program = self.client(headers={"Authorization": f"Bearer {TOKEN}"})

    def write(self) -> None:
        """The files as they are at first."""
        for file, text in ((self.bank, BANK), (self.loans, LOANS), (self.tests, TESTS)):
            file.write_text(text)

    def publish(self, text: str, *, file: Path | None = None, version: str = "", note: str = "") -> Any:
        """One text, made from what the file has now, as the program with the token; a second later."""
        self.clock.now += 1
        path = file or self.bank
        made_from = version or (version_of(path.read_text()) if path.exists() else "0" * 16)
        return self.program.post("/api/menus/files/publish", json={
            "files": [{"file": str(path), "version": made_from, "text": text}], "note": note})

    def draft(self, what: str, drafts: Mapping[Path, str] | None = None, **more: Any) -> Any:
        return self.program.post(f"/api/menus/drafts/{what}", json={
            "drafts": {str(file): text for file, text in (drafts or {}).items()}, **more})

    def close(self) -> None:
        self.app.state.menu_editing.workshop.close()
        self.engine.dispose()
        super().close()


def leftovers(folder: Path) -> list[str]:
    """Files that a broken write would leave behind."""
    return [name for name in os.listdir(folder) if name.startswith(".bank")]
