"""A menu of two files while the service runs: a change in either is a new version, a bad one refuses all."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.base.errors import AdminError
from ivr.base.ids import Ids
from ivr.call.record import MenuVersionRow
from ivr.drivers.secrets_file import open_secrets
from ivr.exchange.effects import ToStore
from ivr.menu.loader import version_of
from ivr.menu.sources import unpack
from ivr.service.build import build_exchange
from ivr.service.changes import read_change
from ivr.service.loading import Found, load_house, load_needed
from ivr.service.menu_check import check_text
from ivr.service.menu_watch import MenuWatch
from ivr.service.reading_apart import read_apart
from ivr.service.trials import resume_trials
from tests.support.service import make_config
from tests.support.virtual_house import START

BANK = """\
languages: [en, ru]
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
    en: {file: en/main_options.wav}
    ru: {file: ru/main_options.wav}
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


class Service:
    """Two files in a folder, an exchange and the watch over both; `done`: what it wanted."""

    def __init__(self, folder: Path, **line: Any) -> None:
        self.bank, self.loans, self.file = folder / "bank.yaml", folder / "loans.yaml", folder / "config.yaml"
        self.bank.write_text(BANK)
        self.loans.write_text(LOANS)
        config = make_config(folder, lines=[{"numbers": ["100"], "menu": str(self.bank), **line}])
        self.file.write_text(yaml.safe_dump(config))
        self.loaded = load_house(self.file)
        self.exchange = build_exchange(self.loaded, open_secrets(self.loaded.config).secrets, "boot", Ids(os.urandom),
                                       lambda at: START, lambda remote: "127.0.7.1", 0.0)
        self.done: list[Any] = []
        self.watch = MenuWatch(self, str(self.file), self.loaded, read_change)
        asyncio.run(self.watch.begin())

    def carry_out(self, effects: list[Any], now: float) -> None:
        self.done += effects

    def look(self) -> None:
        async def twice() -> None:
            await self.watch.look()
            await self.watch.look()

        asyncio.run(twice())

    @property
    def menu(self) -> Any:
        return self.exchange.house.editions.lines["100"].newest.menu

    @property
    def refused(self) -> list[str]:
        return list(self.exchange.snapshot(0.0)["menus"]["refused"])

    @property
    def kept(self) -> list[MenuVersionRow]:
        return [row for effect in self.done if isinstance(effect, ToStore) for row in effect.batch.menu_versions]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def test_live__each_file_has_its_rows_and_the_version_of_a_call_names_them(service: Service) -> None:
    rows = {Path(row.file).name: row for row in service.kept}
    whole, loans = rows["bank.yaml"], rows["loans.yaml"]
    assert (loans.file, loans.version, loans.files) == (str(service.loans), version_of(LOANS), {})
    assert (whole.version, whole.text) == (service.menu.version, BANK)
    assert whole.files == {str(service.bank): version_of(BANK), str(service.loans): version_of(LOANS)}
    assert rows["announcements.yaml"].files == {}


def test_live__a_change_in_either_file_is_a_new_version(service: Service) -> None:
    first = service.menu.version
    service.loans.write_text(LOANS.replace("{queue: loans}", "{queue: cards}"))
    service.look()
    second = service.menu.version
    assert second != first
    assert str(service.menu.choices["loans/loans"].options["1"][0]) == "queue cards"
    service.bank.write_text(BANK + "# a remark\n")
    service.look()
    assert service.menu.version not in (first, second)
    assert [(Path(row.file).name, row.text == LOANS) for row in service.kept[3:]] == [
        ("bank.yaml", False), ("loans.yaml", False), ("bank.yaml", False)]


def test_live__one_bad_file_refuses_all_and_a_missing_one_is_waited_for(service: Service) -> None:
    good = service.menu.version
    service.loans.write_text(LOANS.replace("{queue: loans}", "{queue: lones}"))
    service.bank.write_text(BANK + "# good in itself\n")
    service.look()
    (fault,) = service.refused
    assert fault.startswith(f"{service.loans}:7:20: error: there is no queue `lones`")
    assert service.menu.version == good
    service.loans.write_text(LOANS)
    service.bank.write_text(BANK.replace("loans.yaml", "mortgages.yaml"))
    service.look()
    assert "mortgages.yaml can't be read" in service.refused[0]
    assert len(service.refused) == 1
    service.bank.with_name("mortgages.yaml").write_text(LOANS.replace("bank.yaml", "loans.yaml"))
    service.look()
    assert service.refused == []
    assert [Path(one.path).name for one in service.menu.files] == ["bank.yaml", "mortgages.yaml", "loans.yaml"]


def test_live__a_trial_keeps_the_texts_of_all_files_over_a_restart(tmp_path: Path) -> None:
    service = Service(tmp_path, canary_percent=10)
    old = service.menu.version
    service.loans.write_text(LOANS.replace("{queue: loans}", "{queue: cards}"))
    service.look()
    line = service.exchange.house.editions.lines["100"]
    assert line.trial is not None
    assert unpack(line.old_text)[0] == BANK
    kept = [("100", line.trial.menu.version, False, line.old_text)]
    anew = load_house(service.file)
    house = build_exchange(anew, open_secrets(anew.config).secrets, "boot", Ids(os.urandom), lambda at: START,
                           lambda remote: "127.0.7.1", 0.0).house
    resume_trials(house, anew, kept)
    resumed = house.editions.lines["100"]
    assert resumed.current.menu.version == old
    assert resumed.trial is not None
    assert str(resumed.current.menu.choices["loans/loans"].options["1"][0]) == "queue loans"


def test_check_text__of_a_file_that_another_hands_over_to(service: Service) -> None:
    config = service.loaded.config
    check_text(config, str(service.loans), LOANS + "# older\n")
    with pytest.raises(AdminError, match=r"loans.yaml:2:8: error: there is no menu `lones`"):
        check_text(config, str(service.loans), LOANS.replace("start: loans", "start: lones"))
    service.bank.write_text(BANK.replace("queue: general", "queue: generel"))
    check_text(config, str(service.loans), LOANS + "# older\n")      # what is wrong with another file is no matter
    service.bank.write_text(BANK.replace("{menu: loans.yaml}", "{menu: loans.yaml, start: loans}"))
    with pytest.raises(AdminError, match=r"bank.yaml:8:49: error: there is no menu `loans` in loans.yaml"):
        check_text(config, str(service.loans), LOANS.replace("loans:\n    prompts", "other:\n    prompts").replace(
            "start: loans", "start: other"))
    with pytest.raises(AdminError, match="no line of the configuration has this file"):
        check_text(config, str(service.loans.with_name("other.yaml")), LOANS)


def test_check__findings_of_a_shared_file_come_once(tmp_path: Path) -> None:
    service = Service(tmp_path)
    config = yaml.safe_load(service.file.read_text())
    config["lines"].append({"numbers": ["200"], "menu": str(service.loans)})
    service.file.write_text(yaml.safe_dump(config))
    service.loans.write_text(LOANS.replace("on_failure:", "first_key_s: 2\n    on_failure:"))
    found = Found()
    loaded = load_house(service.file, found=found)
    assert [(fault.code, Path(fault.place.file).name) for fault in found.warnings
            if fault.place.file.startswith(str(tmp_path))
            and fault.code.startswith("timeout")] == [("timeout-short", "loans.yaml")]
    assert set(loaded.menus[str(service.loans)].choices) == {"loans", "bank/main"}
    assert {one.clip for one in load_needed(loaded.config)} >= {"en/loans_options.wav", "ru/main_options.wav"}


def test_read_apart__says_of_two_files_what_reading_here_says(service: Service) -> None:
    service.loans.write_text(LOANS.replace("{queue: loans}", "{queue: cards}"))
    here, apart = (read(str(service.file), service.loaded) for read in (read_change, read_apart))
    assert here is not None
    assert apart is not None
    assert (apart[1].menus, apart[1].texts) == (here[1].menus, here[1].texts)
