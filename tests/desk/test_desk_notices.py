"""What lines could say and are made to say; calls as a table and in words; what config.yaml says."""

import csv
import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from desk.sent_sounds import MOST, SentSounds
from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.call.record import MenuVersionRow
from ivr.drivers.spoken_notices import path_of, read_notices
from ivr.service.desk_work import menu_words, notices
from routing.requests.menu_versions import MenuVersions
from tests.desk.admin_rig import MENU, at_home, config_of, here, sound
from tests.desk.desk_rig import NOON, Rig
from tests.desk.test_desk_prompts import over


@pytest.fixture
def home(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr("desk.apart._run", here)
    return at_home(rig, config_of(tmp_path / "house"))


def make(config: Config, **texts: str) -> dict[str, object]:
    return notices.make(config, {"texts": texts}, lambda *step: None)


def test_notice__spoken_and_noted_down(home: Rig, tmp_path: Path) -> None:
    admin = home.program
    done = over(admin, admin.post("/api/notices", json={"texts": {"en": "The card service\n is down."}}).json())
    assert done["state"] == "done", done
    name, clips = done["result"]["prompt"], done["result"]["clips"]
    config = home.app.state.desk.config
    assert read_notices(path_of(config.state_dir)) == {name: {"en": "The card service is down."}}
    assert admin.get("/api/prompts/audio", params={"clip": clips["en"]}).content[:4] == b"RIFF"
    shown = admin.get("/api/line-prompts").json()
    (line,) = shown["lines"]
    assert (line["line"], line["numbers"], line["hours"]) == ("100", ["100", "101"], "bank")
    assert line["prompts"][name] == {"texts": {"en": "The card service is down."}, "clips": clips}
    assert line["prompts"]["nobody_available"]["texts"]["en"]
    assert make(config, en="The card  service is down.")["prompt"] == name


@pytest.mark.parametrize(("texts", "says"), [
    ({"de": "Nein."}, "no menu speaks this language"), ({"en": "  "}, "its text is missing")])
def test_notice__texts_that_callers_would_miss(home: Rig, texts: dict[str, str], says: str) -> None:
    with pytest.raises(AdminError, match=says):
        make(home.app.state.desk.config, **texts)
    assert read_notices(path_of(home.app.state.desk.config.state_dir)) == {}


def test_notice__spoken_by_a_person(home: Rig, tmp_path: Path) -> None:
    admin, config = home.program, home.app.state.desk.config
    sent = admin.put("/api/notices/sound", content=sound(form="FLAC"))
    name = sent.json()["sound"]
    made = notices.make(config, {"texts": {}, "sounds": {"en": str(Path(config.state_dir) / "sent" / name)}},
                        lambda *step: None)
    assert read_notices(path_of(config.state_dir)) == {made["prompt"]: {"en": ""}}
    assert (Path(config.prompts.folder) / made["clips"]["en"]).read_bytes()[:4] == b"RIFF"
    (tmp_path / "no").write_text("<script>")
    with pytest.raises(AdminError, match="this is no sound file"):
        notices.make(config, {"texts": {}, "sounds": {"en": str(tmp_path / "no")}}, lambda *step: None)
    gone = admin.post("/api/notices", json={"sounds": {"en": "0" * 32}})
    assert (gone.status_code, gone.json()["code"]) == (400, "sound_gone")


def test_sent__the_oldest_give_way(tmp_path: Path) -> None:
    store = SentSounds(str(tmp_path))
    names = []
    for number in range(MOST + 3):
        place = store.place()
        place.write_bytes(b"x")
        os.utime(place, (time.time() - 100 + number,) * 2)
        names.append(place.name)
    assert [store.find(name) is not None for name in names].count(True) <= MOST
    assert store.find(names[-1]) is not None
    assert store.find("../secrets.json") is None


def test_sent__two_at_once_forget_the_same_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes in the middle of the first one's look at the folder, and takes away what the first has seen."""
    store, second = SentSounds(str(tmp_path)), SentSounds(str(tmp_path))
    for number in range(MOST + 3):
        path = store.place()
        path.write_bytes(b"x")
        os.utime(path, (time.time() - 100 + number,) * 2)
    listed, looks = Path.iterdir, iter([True])

    def while_it_looks(folder: Path) -> Iterator[Path]:
        """What the folder has; others come before the first name is looked at, and after the last one."""
        seen, first = list(listed(folder)), next(looks, False)
        if first:
            second.place().write_bytes(b"y")
        yield from seen
        if first:
            second.place().write_bytes(b"y")

    monkeypatch.setattr(Path, "iterdir", while_it_looks)
    last = store.place()
    last.write_bytes(b"z")
    assert store.find(last.name) == last


def test_notice__bounds_and_roles(home: Rig) -> None:
    admin, olga = home.program, home.logged_in("olga")
    for wrong in ({"texts": {"en": "a" * 1001}}, {"texts": {"en": 1}}, {"texts": {}}, {},
                  {"sounds": {"en": "../../x"}}):
        assert admin.post("/api/notices", json=wrong).status_code == 422
    assert olga.post("/api/notices", json={"texts": {"en": "x"}}).status_code == 403
    assert home.logged_in("anna").get("/api/line-prompts").status_code == 403
    assert home.stranger.get("/api/line-prompts").status_code == 401


def test_words__of_the_version_that_the_call_met(home: Rig) -> None:
    versions = MenuVersions(home.engine)
    versions.keep(MenuVersionRow(id="v", revision=1, node="hotline", file="/m/bank.yaml", version="v1", at=NOON,
                                 author="", text=MENU, state="taken"))
    words = home.logged_in("olga").get("/api/calls/call-1/words").json()
    assert words["menus"] == {"main": {"en": "For cards press one."}}
    assert words["prompts"]["welcome"] == {"en": "Welcome to the bank."}
    with pytest.raises(AdminError):
        menu_words.of_version(home.app.state.desk.config, {"text": "[", "file": "f", "others": {}}, lambda *step: None)
    assert home.logged_in("olga").get("/api/calls/none/words").status_code == 404
    assert home.logged_in("anna").get("/api/calls/call-1/words").status_code == 403


def test_words__of_a_version_that_is_not_kept(home: Rig) -> None:
    words = home.logged_in("olga").get("/api/calls/call-1/words").json()
    assert (words["menus"], words["why_not"]) == ({}, "The text of this version of the menu is not kept.")


def test_table__calls_with_formulas_made_harmless(home: Rig) -> None:
    with home.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.execute(text("UPDATE people SET caller_name = '=cmd|x!A1' WHERE call_id = 'call-2'"))
        connection.execute(text("UPDATE people SET caller_name = '<script>\n\"x\"' WHERE call_id = 'call-3'"))
    answer = home.logged_in("olga").get("/api/calls.csv", params={"queue": "cards"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert len(rows) == 5
    assert (rows["call-2"]["caller_name"], rows["call-2"]["caller_number"]) == ("'=cmd|x!A1", "'+79161234562")
    assert rows["call-3"]["caller_name"] == '<script>\n"x"'
    assert rows["call-2"]["wait_time"] == "7.5"
    assert home.logged_in("anna").get("/api/calls.csv").status_code == 403
    assert home.stranger.get("/api/calls.csv").status_code == 401


def test_configured__settings_with_what_they_do_and_no_secret(home: Rig) -> None:
    shown = home.logged_in("olga").get("/api/configured")
    found = shown.json()
    (cards,) = found["queues"]
    settings = {one["key"]: one for one in cards["settings"]}
    assert (settings["ring_time_s"]["value"], settings["ring_time_s"]["own"]) == ("20", False)
    assert settings["sla"]["own"] is True
    assert "answer_s: 15" in settings["sla"]["value"]
    assert "How long one operator" in settings["ring_time_s"]["about"]
    assert [one["queues"] for one in found["operators"]] == [["cards"]]
    assert {one["key"]: one["value"] for one in found["trunks"][0]["settings"]}["max_calls"] == "30"
    assert "password" not in json.dumps(found).lower().replace("its password also serves", "").replace(
        "without it the first start makes one", "")
    assert home.logged_in("anna").get("/api/configured").status_code == 403
