"""`hotline menu`: what a running service says of its menus, and how an earlier version comes back."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Hotline
from tests.support.callers import Crowd
from tests.support.service import ROOT, Service, running_service, wait_for

HOST = "127.0.98.1"
PATIENCE = 30.0
MORE = """\
languages: [en, ru]
start: loans
menus:
  loans: {prompts: options, options: {"1": {queue: loans}}, on_failure: {queue: general}}
prompts:
  options: {en: {file: en/loans_options.wav}, ru: {file: ru/loans_options.wav}}
"""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    shutil.copytree(ROOT / "menus", tmp_path / "menus")
    shutil.copytree(ROOT / "audio_prompts", tmp_path / "prompts", copy_function=os.symlink)
    monkeypatch.chdir(tmp_path)
    prompts = {"folder": str(tmp_path / "prompts"), "announcements": str(tmp_path / "menus/announcements.yaml")}
    with running_service(tmp_path, host=HOST, lines=[{"numbers": ["100"], "menu": str(tmp_path / "menus/bank.yaml")}],
                         prompts=prompts) as running:
        yield running


def test_menu__changed_refused_and_rolled_back(hotline: Hotline, service: Service) -> None:
    config = ("--config", str(service.config_file))
    menu = service.folder / "menus/bank.yaml"
    first, old_text = version_of(service), menu.read_text()
    wait_for(lambda: first in hotline("menu", "history", *config).out, PATIENCE, "the first version was not kept")

    with Crowd(service.sip) as crowd:
        phone = crowd.phone("callers", "127.0.98.2")
        early = phone.call("+74950000001")
        wait_for(lambda: early.talking, PATIENCE, "nobody answered")
        second = change(service, first)
        late = phone.call("+74950000002")
        wait_for(lambda: late.talking, PATIENCE, "nobody answered")
        for call in (early, late):      # English, then the branches, which are another file in the second version
            phone.press(call, "17", pause=0.2)
            phone.hang_up(call)
        wait_for(lambda: entered(service) == {"+74950000001": (first, ["language", "main", "branches"]),
                                              "+74950000002": (second, ["language", "main", "more/loans"])},
                 PATIENCE, "each call did not go on in the version that it came in with")
    wait_for(lambda: second in hotline("menu", "history", *config).out, PATIENCE, "the change was not kept")
    history = json.loads(hotline("menu", "history", "menus/bank.yaml", "--json", *config).out)
    assert [row["version"] for row in history] == [second, first]
    more = json.loads(hotline("menu", "history", "menus/more.yaml", "--json", *config).out)
    assert [list(row["files"].values())[-1] for row in history if row["files"]] == [row["version"] for row in more]
    assert hotline("menu", "diff", *config).out == ""
    assert "clip_failed" not in service.log
    changed = hotline("menu", "diff", first[:6], second, *config).out
    assert '-      "7": {goto: branches}\n+      "7": {transfer: {menu: more.yaml}}\n' in changed
    assert changed.startswith(f"--- menus/bank.yaml {first} ")

    menu.write_text(old_text.replace("{goto: cards}", "{goto: crads}"))
    wait_for(lambda: service.api("/api/menus")["refused"], PATIENCE, "the fault was not found")
    status = hotline("menu", "status", *config)
    assert status.code == 1
    assert "crads" in status.out
    assert second in status.out
    assert service.api("/health")["state"] == "degraded"
    assert '+      "2": {goto: crads}' in hotline("menu", "diff", *config).out

    assert hotline("menu", "rollback", "zzz", *config).code == 1
    rolled = hotline("menu", "rollback", first[:6], *config)
    assert rolled.out.startswith(f"menus/bank.yaml is {first} again")
    assert menu.read_text() == old_text
    wait_for(lambda: version_of(service) == first, PATIENCE, "the rollback was not taken")
    assert hotline("menu", "status", *config).code == 0
    assert "already" in hotline("menu", "rollback", first, *config).out
    wait_for(lambda: len(states(hotline, config)) == 4, PATIENCE, "the rollback was not kept")
    assert states(hotline, config) == ["taken", "replaced", "taken", "taken"]
    assert service.stop() == 0
    assert hotline("menu", "status", *config).err == (
        "hotline menu status: error: the service does not run, and only it knows which versions calls get (start it: "
        "hotline serve)\n")
    faulty = next(row["version"] for row in json.loads(hotline("menu", "history", "--json", *config).out)
                  if row["state"] == "replaced")
    refused = hotline("menu", "rollback", faulty, *config)
    assert refused.code == 1
    assert "crads" in refused.err
    assert menu.read_text() == old_text


def change(service: Service, before: str) -> str:
    """Another menu file behind key 7, and a new sound: given to calls once the plane has that. The version."""
    menu, sounds = service.folder / "menus/bank.yaml", service.folder / "prompts/en"
    shutil.copy(sounds / "welcome.wav", sounds / "new_goodbye.wav")
    menu.with_name("more.yaml").write_text(MORE)
    menu.write_text(menu.read_text().replace('"7": {goto: branches}', '"7": {transfer: {menu: more.yaml}}').replace(
        'en: "Thank you for calling. Goodbye."', "en: {text: Goodbye., file: en/new_goodbye.wav}"))
    wait_for(lambda: version_of(service) != before, PATIENCE, "the change was not taken")
    return version_of(service)


def entered(service: Service) -> dict[str, tuple[str, list[str]]]:
    """By caller: the version of the menu, and the menus that they came into."""
    found = {}
    for call in service.calls():
        entries = service.api(f"/api/calls/{call['id']}")["entries"]
        found[call["caller_number"]] = call["menu_version"], [
            entry["details"]["menu"] for entry in entries if entry["kind"] == "menu_entered"]
    return found


def version_of(service: Service) -> str:
    return str(service.api("/api/menus")["lines"][0]["version"])


def states(hotline: Hotline, config: tuple[str, str]) -> list[str]:
    rows = json.loads(hotline("menu", "history", "menus/bank.yaml", "--json", *config).out)
    return [row["state"] for row in rows]
