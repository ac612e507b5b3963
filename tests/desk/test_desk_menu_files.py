"""Files of menus at the pages: listed, read, published whole or not at all, rolled back, and nothing else touched."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from desk import menu_files
from desk.menu_editing import MenuEditing
from ivr.menu.loader import version_of
from tests.desk.editor_rig import BANK, FAULTY, LOANS, TESTS, EditorRig, leftovers

PUBLISH = "/api/menus/files/publish"


def test_files__all_that_lines_lead_to_and_whose_they_are(editor: EditorRig) -> None:
    found = {Path(one["file"]).name: one for one in editor.program.get("/api/menus/files").json()["files"]}
    assert list(found) == ["bank.yaml", "loans.yaml", "bank.test.yaml", "loans.test.yaml", "announcements.yaml"]
    assert (found["bank.yaml"]["kind"], found["bank.yaml"]["lines"]) == ("menu", ["100"])
    assert found["loans.yaml"]["roots"] == [str(editor.bank)]
    assert found["bank.test.yaml"]["menu"] == str(editor.bank)
    assert not found["loans.test.yaml"]["exists"]
    read = editor.program.get("/api/menus/files/text", params={"file": str(editor.bank)}).json()
    assert (read["text"], read["version"]) == (BANK, version_of(BANK))


def test_publish__the_text_itself_with_its_remarks_and_its_mode(editor: EditorRig) -> None:
    editor.bank.chmod(0o640)
    text = BANK.replace("{queue: cards}", "{queue: general}") + "# done\n"
    answer = editor.publish(text, note="cards are closed")
    assert answer.status_code == 200, answer.text
    assert editor.bank.read_text() == text
    assert editor.bank.stat().st_mode & 0o777 == 0o640
    told = answer.json()
    assert [one["version"] for one in told["files"]] == [version_of(text)]
    assert list(told["given"]) == [str(editor.bank)]
    assert told["noted"]
    newest = editor.program.get("/api/menus/history", params={"file": str(editor.bank)}).json()["versions"][0]
    assert (newest["author"], newest["note"], newest["now"], newest["state"]) == ("api", "cards are closed", True,
                                                                                 "written")


def test_publish__with_an_error_writes_nothing(editor: EditorRig) -> None:
    before = editor.bank.stat()
    answer = editor.publish(FAULTY)
    assert (answer.status_code, answer.json()["code"]) == (422, "has_errors")
    assert "bank.yaml:7:20: there is no queue `crads`" in answer.json()["message"]
    now = editor.bank.stat()
    assert (now.st_ino, now.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_publish__an_error_that_another_file_had_before_forbids_nothing(editor: EditorRig) -> None:
    editor.loans.write_text(LOANS.replace("{queue: loans}", "{queue: lones}"))
    assert editor.publish(BANK + "# more\n").status_code == 200
    renamed = LOANS.replace("start: loans", "start: other").replace("  loans:", "  other:")
    answer = editor.publish(renamed, file=editor.loans)
    assert answer.status_code == 200, "nobody names the menu of that file"
    editor.bank.write_text(BANK.replace("{menu: loans.yaml}", "{menu: loans.yaml, start: other}"))
    answer = editor.publish(LOANS, file=editor.loans)
    assert (answer.status_code, editor.loans.read_text()) == (422, renamed), "now it would break another file"


def test_publish__over_what_somebody_wrote_meanwhile_is_refused_with_their_name(editor: EditorRig) -> None:
    made_from = version_of(BANK)
    admin = editor.logged_in("admin")
    first = {"files": [{"file": str(editor.bank), "version": made_from, "text": BANK + "# of the admin\n"}]}
    assert admin.post(PUBLISH, json=first).status_code == 200
    answer = editor.publish(BANK + "# mine\n", version=made_from)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert "changed by admin at 20" in answer.json()["message"]
    assert editor.bank.read_text() == BANK + "# of the admin\n"
    now = editor.program.get("/api/menus/files/text", params={"file": str(editor.bank)}).json()
    assert (now["author"], now["version"]) == ("admin", version_of(BANK + "# of the admin\n"))


def test_publish__what_somebody_writes_while_the_texts_are_compared_stays(
        editor: EditorRig, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, own = BANK + "# of somebody else\n", MenuEditing._lines

    async def slow(editing: MenuEditing, old: str, new: str) -> dict[str, int]:
        editor.bank.write_text(theirs)
        return await own(editing, old, new)

    monkeypatch.setattr(MenuEditing, "_lines", slow)
    answer = editor.publish(BANK + "# mine\n")
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert editor.bank.read_text() == theirs


def test_publish__two_at_once_one_wins(editor: EditorRig) -> None:
    import asyncio

    import httpx

    async def both() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(editor.app), base_url="http://desk",
                                     headers=dict(editor.program.headers)) as client:
            sent = [client.post(PUBLISH, json={"files": [{"file": str(editor.bank), "version": version_of(BANK),
                                                          "text": f"{BANK}# {name}\n"}]}) for name in "ab"]
            return sorted(answer.status_code for answer in await asyncio.gather(*sent))

    assert editor._runner.run(both()) == [200, 409]
    assert editor.bank.read_text() in (BANK + "# a\n", BANK + "# b\n")


def test_publish__two_files_that_need_each_other_go_together_and_a_new_one_with_them(editor: EditorRig) -> None:
    bank = BANK.replace("loans.yaml", "mortgages.yaml")
    new = editor.folder / "mortgages.yaml"
    alone = editor.publish(bank)
    assert alone.status_code == 422
    answer = editor.program.post(PUBLISH, json={"files": [
        {"file": str(editor.bank), "version": version_of(BANK), "text": bank},
        {"file": str(new), "version": "0" * 16, "text": LOANS.replace("loans", "mortgages").replace(
            "queue: mortgages", "queue: loans").replace("mortgages_options.wav", "loans_options.wav")}]})
    assert answer.status_code == 200, answer.text
    assert new.exists()
    new.unlink()


def test_publish__a_disk_that_is_full_at_the_second_file_leaves_both_as_they_were(
        editor: EditorRig, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []

    def full(number: int) -> None:
        synced.append(number)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(menu_files.os, "fsync", full)
    answer = editor.program.post(PUBLISH, json={"files": [
        {"file": str(editor.bank), "version": version_of(BANK), "text": BANK + "# a\n"},
        {"file": str(editor.loans), "version": version_of(LOANS), "text": LOANS + "# b\n"}]})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_written")
    assert "loans.yaml can't be written: No space left on device" in answer.json()["message"]
    assert (editor.bank.read_text(), editor.loans.read_text()) == (BANK, LOANS)
    assert leftovers(editor.folder) == []


def test_publish__into_a_folder_that_is_gone_or_over_no_file_says_so(editor: EditorRig) -> None:
    editor.bank.unlink()
    editor.bank.mkdir()
    try:
        answer = editor.program.get("/api/menus/files/text", params={"file": str(editor.bank)})
        assert (answer.status_code, answer.json()["message"]) == (409, "It can't be read: it is a folder, not a file.")
        assert editor.publish(BANK, version="x").json()["code"] == "not_readable"
    finally:
        editor.bank.rmdir()


@pytest.mark.parametrize("path", ["/etc/passwd", "../bank.yaml", "{folder}/../bank.yaml", "{folder}/./bank.yaml",
                                  "{folder}/config.yaml", "{folder}/other.yaml", "{folder}/password", "", "\0",
                                  "{folder}/bank.yaml\n", "bank.yaml"])
def test_paths__only_files_that_lines_lead_to(editor: EditorRig, path: str) -> None:
    file = path.replace("{folder}", str(editor.folder))
    for route in ("files/text", "history"):
        assert editor.program.get(f"/api/menus/{route}", params={"file": file}).status_code == 404
    assert editor.program.get("/api/menus/heat", params={"file": file}).status_code == 404
    answer = editor.program.post(PUBLISH, json={"files": [{"file": file, "version": "0" * 16, "text": BANK}]})
    assert answer.status_code == 404
    if file:
        assert editor.draft("walk", root=file).status_code == 404
        assert editor.draft("check", root=file).status_code == 404


def test_paths__a_menu_can_lead_neither_out_of_its_folder_nor_by_a_link(editor: EditorRig, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(LOANS)
    linked = editor.folder / "linked.yaml"
    linked.unlink(missing_ok=True)              # the folder is every file's: another test may have left one
    linked.symlink_to(outside)
    for name, path in (("../outside.yaml", tmp_path.parent / "outside.yaml"), ("linked.yaml", linked)):
        bank = BANK.replace("loans.yaml", name)
        answer = editor.program.post(PUBLISH, json={"files": [
            {"file": str(editor.bank), "version": version_of(BANK), "text": bank},
            {"file": str(path), "version": version_of(LOANS), "text": LOANS}]})
        assert answer.status_code == 404, name
    assert outside.read_text() == LOANS
    linked.unlink()


def test_roles__operators_see_nothing_supervisors_read_admins_write(editor: EditorRig) -> None:
    body = {"files": [{"file": str(editor.bank), "version": version_of(BANK), "text": BANK}]}
    reads = [("GET", f"/api/menus/{one}", {"params": {"file": str(editor.bank)}})
             for one in ("files", "files/text", "history", "history/text?version=x", "heat")]
    drafts: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"/api/menus/drafts/{one}", {"json": {"drafts": {}, "root": str(editor.bank)}})
        for one in ("check", "graph", "walk")]
    drafts += [("POST", "/api/menus/drafts/test", {"json": {}}),
               ("POST", "/api/menus/drafts/compare", {"json": {"old": "", "new": ""}})]
    writes: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", PUBLISH, {"json": body}),
        ("POST", "/api/menus/history/roll-back", {"json": {"file": str(editor.bank), "to": "x", "version": "x"}})]
    anna, olga = editor.logged_in("anna"), editor.logged_in("olga")
    for method, path, options in (*reads, *drafts, *writes):
        assert editor.stranger.request(method, path, **options).status_code == 401, path
        assert editor.stranger.request(method, path.replace("api/", "api//"), **options).status_code in (404, 405)
        assert anna.request(method, path, **options).status_code == 403, path
        status = olga.request(method, path, **options).status_code
        assert (status == 403) == ((method, path, options) in writes), (path, status)


def test_roll_back__and_back_again_with_who_did_it(editor: EditorRig) -> None:
    second = BANK + "# the second\n"
    assert editor.publish(second, note="why not").status_code == 200
    history = editor.program.get("/api/menus/history", params={"file": str(editor.bank)}).json()["versions"]
    assert [one["version"] for one in history[:2]] == [version_of(second), version_of(BANK)]
    assert [one["now"] for one in history[:2]] == [True, False]
    old = editor.program.get("/api/menus/history/text", params={"file": str(editor.bank), "version": version_of(BANK)})
    assert old.json()["text"] == BANK
    admin = editor.logged_in("admin")
    editor.clock.now += 1
    wanted = {"file": str(editor.bank), "to": version_of(BANK), "version": version_of(second)}
    assert admin.post("/api/menus/history/roll-back", json=wanted).status_code == 200
    assert editor.bank.read_text() == BANK
    assert admin.post("/api/menus/history/roll-back", json=wanted).json()["code"] == "changed_meanwhile"
    assert admin.post("/api/menus/history/roll-back", json=wanted | {"to": "ffff"}).status_code == 404
    published = editor.app.state.menu_editing.publications.of(str(editor.bank), 2)
    assert [(row.who, row.what) for row in published] == [("admin", "menus.roll_back"), ("api", "menus.publish")]


def test_publish__while_control_and_the_database_are_away(editor: EditorRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is what counts: the service takes it up when it is back."""
    def away(*given: Any) -> None:
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(editor.app.state.menu_editing.publications, "are_written", away)
    editor.control.down = ConnectionError("away")
    try:
        answer = editor.publish(BANK + "# away\n")
        assert (answer.status_code, answer.json()["noted"]) == (200, False)
    finally:
        editor.control.down = None
    assert leftovers(editor.folder) == []


def test_publish__hours_topics_and_dialogues_are_checked_by_their_own_rules(editor: EditorRig) -> None:
    answer = editor.publish(TESTS.replace("queue: cards", "queue: nowhere"), file=editor.tests)
    assert answer.status_code == 422
    assert "bank.test.yaml:3:19" in answer.json()["message"]
    announcements = editor.config.prompts.announcements
    answer = editor.publish("languages: [en]\n", file=Path(announcements))
    assert answer.status_code == 422


@pytest.mark.parametrize("body", [
    {}, {"files": []}, {"files": [{}]}, [], {"files": [{"file": 1, "version": "", "text": ""}]},
    {"files": [{"file": "{bank}", "version": "v", "text": "x" * 1_000_001}]},
    {"files": [{"file": "{bank}", "version": "v", "text": "x", "more": 1}]},
    {"files": [{"file": "{bank}", "version": "v", "text": "\ud800"}]},
    {"files": [{"file": "{bank}", "version": "v", "text": "x"}] * 2},
])
def test_publish__what_is_no_publication(editor: EditorRig, body: Any) -> None:
    written = json.dumps(body).replace("{bank}", str(editor.bank))
    answer = editor.program.post(PUBLISH, content=written, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert editor.bank.read_text() == BANK


def test_publish__a_body_beyond_all_bounds(editor: EditorRig) -> None:
    answer = editor.program.post(PUBLISH, content=b"x" * (5 << 20))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
