"""Drafts at the pages: checked as `hotline check` does, drawn, tested and walked, whatever they are."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.call.record import Batch, CallRow, EntryRow, Outcome
from routing.requests.transaction import write
from tests.desk.editor_rig import BANK, FAULTY, LOANS, TESTS, EditorRig


def test_check__finds_what_hotline_check_finds_at_its_line(editor: EditorRig) -> None:
    found = editor.draft("check", {editor.bank: FAULTY}).json()
    (error,) = (one for one in found["findings"] if one["severity"] == "error")
    assert (error["file"], error["line"], error["column"]) == (str(editor.bank), 7, 20)
    assert (error["code"], error["message"]) == ("queue-unknown", "there is no queue `crads` in the configuration")
    assert "did you mean `cards`" in error["remedy"]
    assert found["blocking"] == [error]
    assert found["versions"] == {}


def test_check__a_good_draft_has_warnings_a_graph_and_the_version_that_calls_would_have(editor: EditorRig) -> None:
    found = editor.draft("check", {editor.bank: BANK}, root=str(editor.bank)).json()
    assert found["errors"] == 0
    assert list(found["versions"]) == [str(editor.bank)]
    graph = found["graph"]
    assert (graph["start"], [card["name"] for card in graph["menus"]]) == ("main", ["main", "loans/loans"])
    main, loans = graph["menus"]
    assert (main["line"], main["local"], main["column"]) == (4, "main", 0)
    assert main["says"] == {"en": "For cards, press one. For loans, press two.", "ru": "Карты - один. Кредиты - два."}
    rows = {row["keys"]: row for row in main["rows"]}
    assert (rows["1"]["kind"], rows["1"]["ends"], rows["1"]["line"]) == ("queue", ["queue cards"], 7)
    assert rows["2"]["menus"] == [{"name": "loans/loans", "back": False}]
    assert (loans["file"], loans["rows"][1]["menus"]) == (str(editor.loans), [{"name": "main", "back": True}])
    assert rows[""]["slot"] == "on_failure"


def test_check__drafts_of_two_files_are_read_together(editor: EditorRig) -> None:
    bank = BANK.replace("loans.yaml", "houses.yaml")
    houses = editor.folder / "houses.yaml"
    alone = editor.draft("check", {editor.bank: bank}).json()
    assert "houses.yaml can't be read" in alone["blocking"][0]["message"]
    assert {"file": str(houses), "kind": "menu", "exists": False, "lines": ["100"], "roots": [str(editor.bank)],
            "menu": ""} in alone["files"]
    both = editor.draft("check", {editor.bank: bank, houses: LOANS}, root=str(editor.bank)).json()
    assert both["errors"] == 0
    assert [card["name"] for card in both["graph"]["menus"]] == ["main", "houses/loans"]
    assert not houses.exists()


def test_check__a_draft_that_no_line_leads_to(editor: EditorRig) -> None:
    found = editor.draft("check", {Path("/etc/hosts"): "x"}).json()
    assert found["blocking"][0]["message"] == "no line of the configuration leads to this file"


@pytest.mark.parametrize("name", ["../{outside}/secret.yaml", "../../../../../../../../{outside}/secret.yaml",
                                  "linked.yaml"])
def test_check__a_draft_shows_no_other_file_of_the_server(editor: EditorRig, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(LOANS.replace("loans_options", "very_secret"))
    linked = editor.folder / "linked.yaml"
    linked.unlink(missing_ok=True)
    linked.symlink_to(secret)
    led = name.replace("{outside}", str(tmp_path).lstrip("/")) if "{" in name else name
    if name.startswith("../{"):
        led = os.path.relpath(secret, editor.folder)
    drafts = {editor.bank: BANK.replace("loans.yaml", led)}
    found = editor.draft("check", drafts, root=str(editor.bank))
    assert "outside the folders of the menus" in found.json()["blocking"][0]["message"]
    told = found.text + editor.draft("walk", drafts, root=str(editor.bank), steps=["2"]).text + editor.draft(
        "test", drafts).text + editor.draft("graph", drafts, root=str(editor.bank)).text
    assert "very_secret" not in told


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join('*' + chr(97 + n) for _ in range(9))}]\n" for n in range(12))


@pytest.mark.parametrize("text", [BOMB, "[" * 1_500, "a: " * 100_000, "- " * 50_000, "\0", "", "\u2028" * 1000,
                                  '"' * 200_000, BANK.replace("press one", "press one " * 20_000)],
                         ids=["bomb", "deep", "colons", "items", "nul", "empty", "separators", "quotes", "long"])
def test_check__texts_that_are_made_to_hurt_end_in_findings_or_a_refusal(editor: EditorRig, text: str) -> None:
    answer = editor.draft("check", {editor.bank: text}, root=str(editor.bank))
    assert answer.status_code in (200, 422), answer.text
    assert answer.json().get("findings") or answer.json()["code"] == "too_much"
    assert editor.draft("check", {editor.bank: BANK}).json()["errors"] == 0, "the next one is checked as ever"


def test_workshop__is_started_anew_when_it_was_killed(editor: EditorRig) -> None:
    editor.draft("check", {editor.bank: BANK})
    process = editor.app.state.menu_editing.workshop._process
    process.kill()
    process.wait()
    assert editor.draft("check", {editor.bank: BANK}).json()["errors"] == 0


def test_test__plays_the_dialogues_to_the_draft(editor: EditorRig) -> None:
    assert editor.draft("test").json()["passed"] == 2, "on voice and on text"
    told = editor.draft("test", {editor.bank: BANK.replace("{queue: cards}", "{queue: loans}")}).json()
    assert (told["passed"], told["failed"]) == (0, 2)
    dialogue, in_writing = told["files"][0]["dialogues"]
    assert "expected `queue: cards`" in dialogue["failures"][0]["message"]
    assert (dialogue["on"], in_writing["on"]) == ("voice", "text")
    assert any("chose 1" in line for line in dialogue["story"])
    assert told["files"][0]["file"] == str(editor.tests)
    assert editor.draft("test", {editor.bank: FAULTY}).json()["faults"][0]["line"] == 7
    changed = editor.draft("test", {editor.tests: TESTS + TESTS.replace("cards\n", "again\n", 1)}).json()
    assert changed["passed"] == 4


def test_walk__tells_what_is_heard_and_where_the_caller_is(editor: EditorRig) -> None:
    begun = editor.draft("walk", root=str(editor.bank)).json()
    assert (begun["menu"], begun["over"]) == ("main", False)
    assert begun["story"][-1]["text"] == "For cards, press one. For loans, press two."
    assert [one["keys"] for one in begun["options"]] == ["1", "2"]
    there = editor.draft("walk", root=str(editor.bank), steps=["2"], language="ru").json()
    assert (there["menu"], there["path"]) == ("loans/loans", ["main", "loans/loans"])
    assert there["story"][1]["text"] == "Карты - один. Кредиты - два."
    over = editor.draft("walk", root=str(editor.bank), steps=["2", "1", "5", "silence"]).json()
    assert (over["where"], over["over"], over["options"]) == ("waits in queue loans", True, [])
    ended = editor.draft("walk", root=str(editor.bank), steps=["hangup"]).json()
    assert (ended["where"], ended["outcome"]) == ("hung up in menu main", "abandoned")
    assert editor.draft("walk", {editor.bank: FAULTY}, root=str(editor.bank)).json()["faults"][0]["line"] == 7


@pytest.mark.parametrize("more", [{"steps": ["nonsense"]}, {"steps": ["1"] * 301}, {"language": "de"}, {"at": "then"},
                                  {"caller": "<b>"}, {"steps": ["99999999999s" * 9]}, {"answers": "x" * 20_001}])
def test_walk__what_is_no_step(editor: EditorRig, more: dict[str, object]) -> None:
    assert editor.draft("walk", root=str(editor.bank), **more).status_code == 422


def test_walk__a_wait_without_end_comes_to_one(editor: EditorRig) -> None:
    answer = editor.draft("walk", root=str(editor.bank), steps=["9999999999999999999s"])
    assert answer.status_code == 200
    assert answer.json()["over"]


def test_compare__the_lines_that_changed(editor: EditorRig) -> None:
    found = editor.program.post("/api/menus/drafts/compare", json={"old": BANK, "new": FAULTY}).json()
    assert (found["added"], found["removed"]) == (1, 1)
    changed = [(row["kind"], row["old"], row["new"]) for row in found["rows"] if row["kind"] in ("in", "out")]
    assert changed == [("out", 7, 0), ("in", 0, 7)]


def test_heat__callers_now_and_what_became_of_those_before(editor: EditorRig) -> None:
    began = datetime.fromtimestamp(editor.clock.now, UTC) - timedelta(hours=1)
    ends = {"a": Outcome.ABANDONED, "b": Outcome.ABANDONED, "c": Outcome.SELF_SERVED}
    rows = [CallRow(id=call, revision=1, node="test", boot_id="b", line="100", dialled="100", language="en",
                    began_at=began, ended_at=began, outcome=outcome, menu_version="v", sip_call_id=call)
            for call, outcome in ends.items()]
    entries = [EntryRow(f"{call}1", call, 1, began, "menu_entered", {"menu": "main"}) for call in ends]
    entries += [EntryRow("c2", "c", 2, began, "option_chosen", {"menu": "main", "keys": "2"}),
                EntryRow("c3", "c", 3, began, "menu_entered", {"menu": "loans/loans"})]
    with editor.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch(calls=tuple(rows), entries=tuple(entries))])
    editor.control.snapshot["menu_callers"] = {"lines": {"100": {"main": 4}, "200": {"main": 9}}}
    found = editor.program.get("/api/menus/heat", params={"file": str(editor.bank), "hours": 24}).json()
    assert found["calls"] == 3
    assert found["now"] == {"main": 4}
    assert found["menus"]["main"] == {"entered": 3, "hung_up": 2, "contained": 0, "queued": 0, "keys": {"2": 1}}
    assert found["menus"]["loans/loans"]["contained"] == 1
    older = editor.program.get("/api/menus/heat", params={"file": str(editor.bank), "hours": 0.5}).json()
    assert (older["calls"], older["menus"]) == (0, {})
