"""The commands for menus where one file hands callers over to another."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.call.record import MenuVersionRow
from ivr.cli import menu_versions
from ivr.drivers.config_file import load_config
from ivr.menu.loader import version_of
from routing.requests.database import open_database
from routing.requests.menu_versions import MenuVersions
from tests.cli.conftest import ROOT, Hotline

LOANS = """\
languages: [en, ru]
start: loans
menus:
  loans:
    prompts: loans_options
    options:
      "1": {queue: loans}
      "9": {transfer: {menu: bank.yaml, start: main}}
    on_failure: {queue: general}
prompts:
  loans_options:
    en: {file: en/loans_options.wav}
    ru: {file: ru/loans_options.wav}
"""
TESTS = """\
- dialogue: loans from the bank
  language: en
  steps: [press: "1", listen, press: "3", listen, press: "1"]
  expect: {heard: [main_options, mortgages/loans_options], menu: mortgages/loans, queue: loans}
"""


@pytest.fixture
def files(folder: Path) -> Path:
    """The sample, where loans are in a file of their own."""
    bank = (folder / "menus/bank.yaml").read_text()
    assert '"3": {goto: loans}' in bank
    bank = bank.replace('"3": {goto: loans}', '"3": {transfer: {menu: mortgages.yaml}}')
    (folder / "menus/bank.yaml").write_text(bank)
    (folder / "menus/mortgages.yaml").write_text(LOANS)
    (folder / "menus/bank.test.yaml").write_text(TESTS)
    return folder


def test_check__both_files_and_in_sarif_each_its_own(hotline: Hotline, files: Path) -> None:
    (files / "menus/mortgages.yaml").write_text(LOANS.replace('"1": {queue', '"1": {quee'))
    ran = hotline("check", "--sarif")
    assert ran.code == 1
    (result,) = [one for one in json.loads(ran.out)["runs"][0]["results"] if one["ruleId"] == "action-unknown"]
    where = result["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"].endswith("menus/mortgages.yaml")
    assert (where["region"]["startLine"], where["region"]["startColumn"]) == (7, 13)


def test_test__dialogues_across_files_and_ways_of_each(hotline: Hotline, files: Path) -> None:
    (files / "menus/mortgages.test.yaml").write_text("- {dialogue: a, steps: [press: '1'], expect: {queue: loans}}\n")
    ran = hotline("test")
    assert (ran.code, ran.err) == (0, "")
    first, second = ran.out.splitlines()
    assert first.startswith("menus/bank.test.yaml: all 1 dialogues passed on voice, all 1 passed on text in ")
    assert "2 of 68 ways of the menu were walked, 1 of 5 ways of menus/mortgages.yaml were walked" in first
    assert second.startswith("menus/mortgages.test.yaml: all 1 dialogues passed on voice, all 1 passed on text in ")
    assert "1 of 5 ways of the menu were walked" in second


def test_call_and_graph__go_into_the_other_file(hotline: Hotline, files: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1 listen 3 listen 1\n"))
    walked = hotline("call", "--fast").out.splitlines()
    assert any(line.endswith("comes to menu mortgages/loans") for line in walked)
    assert walked[-1] == "the caller waits in queue loans"
    graph = hotline("menu", "graph").out
    assert 'subgraph file_1["menus/mortgages.yaml"]' in graph
    assert 'menu_main -->|"3"| menu_mortgages_2f_loans' in graph


def test_schema__is_the_one_in_docs(hotline: Hotline) -> None:
    assert hotline("menu", "schema").out == (ROOT / "docs/menu.schema.json").read_text()


def test_versions__of_a_call_lead_to_the_texts_of_all_files(
        hotline: Hotline, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """History, diff and rollback work for each file; a version of a menu of several names those of the others."""
    config = load_config(files / "config.yaml")
    bank, loans = files / "menus/bank.yaml", files / "menus/mortgages.yaml"
    engine = open_database(config.database.url)
    older = LOANS.replace("{queue: loans}", "{queue: cards}")
    versions = MenuVersions(engine)
    for hours, text in enumerate((older, LOANS)):
        at = datetime(2026, 11, 23, 6, tzinfo=UTC) + timedelta(hours=hours)
        parts = {str(bank): version_of(bank.read_text()), str(loans): version_of(text)}
        for file, version, said, of in ((bank, f"{hours}whole", bank.read_text(), parts),
                                        (loans, version_of(text), text, {})):
            versions.keep(MenuVersionRow(
                id=f"{hours} {file}", revision=1, node="hotline", file=str(file), author="vera", version=version,
                at=at, text=said, state="taken", files=of))
    engine.dispose()
    history = json.loads(hotline("menu", "history", "menus/bank.yaml", "--json").out)
    assert [(row["version"], row["files"][str(loans)]) for row in history] == [
        ("1whole", version_of(LOANS)), ("0whole", version_of(older))]
    changed = hotline("menu", "diff", "0whole", "1whole").out
    assert '-      "1": {queue: cards}\n+      "1": {queue: loans}' in changed
    assert hotline("menu", "diff", "0whole").out.count('+      "1": {queue: loans}') == 1
    told = hotline("menu", "rollback", "0whole")
    assert told.out == (f"menus/bank.yaml has this version already\nmenus/mortgages.yaml is another one by now: "
                        f"hotline menu rollback {version_of(older)}\n"), told
    kept = menu_versions._kept

    def published_meanwhile(config: Any, versions: Any, file: str) -> str:
        version = kept(config, versions, file)
        loans.write_text(LOANS + "# of a page\n")
        return version

    monkeypatch.setattr(menu_versions, "_kept", published_meanwhile)
    refused = hotline("menu", "rollback", version_of(older))
    assert (refused.code, "somebody changed the file meanwhile" in refused.err) == (1, True), refused
    assert loans.read_text() == LOANS + "# of a page\n"
    monkeypatch.undo()
    monkeypatch.chdir(files)
    assert hotline("menu", "rollback", version_of(older)).code == 0
    assert loans.read_text() == older
