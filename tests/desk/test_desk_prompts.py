"""Prompts over the API: listed, heard, sent, spoken, gone back to; and what nobody may send."""

import struct
import time
from pathlib import Path
from typing import Any

import pytest
import soundfile

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.drivers.prompt_manifest import read_manifest
from ivr.service.desk_work import prompt_list, prompt_takes
from routing.requests.audit import AuditFilter
from tests.desk.admin_rig import at_home, config_of, here, sound
from tests.desk.desk_rig import Client, Rig

AUDIO = "/api/prompts/audio"
WELCOME = "en/welcome.wav"


@pytest.fixture
def home(rig: Rig, tmp_path: Path) -> Rig:
    return at_home(rig, config_of(tmp_path / "house"))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_of(tmp_path / "house")


def over(client: Client, work: dict[str, Any]) -> dict[str, Any]:
    """A piece of work, once it is over."""
    for _ in range(300):
        shown: dict[str, Any] = client.get(f"/api/work/{work['id']}").json()
        if shown["state"] != "running":
            return shown
        client.wait(0.05)
    raise AssertionError("it is never over")


def step(done: int, total: int, what: str) -> None:
    """Nobody looks."""


def bring(config: Config, tmp_path: Path, content: bytes, clip: str = WELCOME) -> dict[str, Any]:
    (tmp_path / "sent").write_bytes(content)
    return prompt_takes.bring(config, {"clip": clip, "file": str(tmp_path / "sent")}, step)


def listed(config: Config, clip: str = WELCOME) -> dict[str, Any]:
    found = prompt_list.listed(config, {}, step)
    return next(one for one in found["clips"] if one["clip"] == clip)


def test_prompts__a_recording_is_sent_listed_and_heard(home: Rig) -> None:
    admin, folder = home.logged_in("admin"), Path(home.app.state.desk.config.prompts.folder)
    sent = admin.put(AUDIO, params={"clip": WELCOME}, content=sound(form="FLAC", rate=44100, channels=2))
    assert (sent.status_code, sent.json()["clip"]) == (200, WELCOME), sent.text
    assert soundfile.info(folder / WELCOME).format == "WAV"
    found = admin.get("/api/prompts").json()
    clips = {one["clip"]: one for one in found["clips"]}
    shown = clips[WELCOME]
    assert (shown["made_by"], shown["there"], shown["text"], shown["prompt"], shown["used"]) == (
        "person", True, "Welcome to the bank.", "welcome", True)
    assert [(use["file"], use["line"], use["menu"]) for use in shown["uses"]] == [("bank.yaml", 9, "main")]
    assert 0.8 < shown["seconds"] <= 1.0
    assert [one["code"] for one in clips["en/options.wav"]["findings"]] == ["prompt-missing"]
    assert clips["en/options.wav"]["seconds"] is None
    assert found["engines"] == {"en": True}
    heard = admin.get(AUDIO, params={"clip": WELCOME}, headers={"Range": "bytes=0-3"})
    assert (heard.status_code, heard.content, heard.headers["content-type"]) == (206, b"RIFF", "audio/wav")


def test_prompts__spoken_with_progress_and_gone_back_to(home: Rig, tmp_path: Path) -> None:
    admin, folder = home.logged_in("admin"), Path(home.app.state.desk.config.prompts.folder)
    began = admin.post("/api/prompts/render", json={"clips": ["en/options.wav", WELCOME]})
    assert began.status_code == 202
    done = over(admin, began.json())
    assert (done["state"], done["done"], done["total"], done["by"]) == ("done", 2, 2, "admin"), done
    assert {read_manifest(folder)[clip].text for clip in done["result"]["clips"]} == {
        "For cards press one.", "Welcome to the bank."}
    spoken, config = (folder / WELCOME).read_bytes(), home.app.state.desk.config
    bring(config, tmp_path, sound())
    with pytest.raises(AdminError, match="a person recorded it"):
        prompt_takes.render(config, {"clips": [WELCOME]}, step)
    (take,) = listed(config)["takes"]
    assert admin.get(AUDIO, params={"clip": WELCOME, "take": take}).content == spoken
    assert admin.post("/api/prompts/restore", json={"clip": WELCOME, "take": take}).status_code == 200
    assert (folder / WELCOME).read_bytes() == spoken
    shown = listed(config)
    assert (shown["made_by"], len(shown["takes"]), shown["findings"]) == ("engine", 2, [])


def test_render__over_a_recording_that_is_kept(config: Config, tmp_path: Path) -> None:
    bring(config, tmp_path, sound())
    prompt_takes.render(config, {"clips": [WELCOME], "over": True}, step)
    shown = listed(config)
    assert (shown["made_by"], len(shown["takes"])) == ("engine", 1)
    prompt_takes.restore(config, {"clip": WELCOME, "take": shown["takes"][0]}, step)
    assert listed(config)["made_by"] == "person"


def test_render__a_voice_that_fails_leaves_what_was_there(config: Config, tmp_path: Path) -> None:
    bring(config, tmp_path, sound())
    before = (Path(config.prompts.folder) / WELCOME).read_bytes()
    broken = config.model_copy(update={"prompts": config.prompts.model_copy(update={
        "engines": {"en": "command: no-such-voice {out}"}})})
    with pytest.raises(AdminError, match="there is no program 'no-such-voice'") as told:
        prompt_takes.render(broken, {"clips": [WELCOME], "over": True}, step)
    assert told.value.faults[0].place.file == WELCOME
    assert (Path(config.prompts.folder) / WELCOME).read_bytes() == before
    with pytest.raises(AdminError, match="no engine speaks 'en'"):
        prompt_takes.render(config.model_copy(update={"prompts": config.prompts.model_copy(update={"engines": {}})}),
                            {"clips": ["en/options.wav"]}, step)


def test_remove__only_what_nothing_plays(config: Config, tmp_path: Path) -> None:
    folder = Path(config.prompts.folder)
    (folder / "en/old.wav").write_bytes(sound())
    assert [one["code"] for one in listed(config, "en/old.wav")["findings"]] == ["prompt-unused"]
    prompt_takes.remove(config, {"clip": "en/old.wav"}, step)
    assert not (folder / "en/old.wav").exists()
    assert [path.name for path in Path(f"{folder}.replaced").rglob("*.wav")] == ["old.wav"]
    bring(config, tmp_path, sound())
    with pytest.raises(AdminError, match="plays it"):
        prompt_takes.remove(config, {"clip": WELCOME}, step)
    assert (folder / WELCOME).exists()


def test_keep__a_file_that_somebody_copied(config: Config) -> None:
    (Path(config.prompts.folder) / WELCOME).write_bytes(sound())
    assert listed(config)["made_by"] == "unknown"
    prompt_takes.keep(config, {"clip": WELCOME}, step)
    assert listed(config)["made_by"] == "person"


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3"])
def test_bring__every_form_by_its_content(config: Config, tmp_path: Path, form: str) -> None:
    assert bring(config, tmp_path, sound(form=form))["clip"] == WELCOME
    assert soundfile.info(Path(config.prompts.folder) / WELCOME).format == "WAV"


def flac_that_says(seconds_at_48k: int) -> bytes:
    """A FLAC whose header promises so much, in a few octets."""
    content = bytearray(sound(form="FLAC", rate=48000))
    packed = int.from_bytes(content[18:26], "big")
    frames = seconds_at_48k * 48000
    content[18:26] = ((packed & ~((1 << 36) - 1)) | frames).to_bytes(8, "big")
    return bytes(content)


HOSTILE = {
    "a text": b"<script>alert(1)</script>" * 40,
    "nothing of it": b"RIFF\xff\xff\xff\xffWAVE",
    "half a header": sound()[:30],
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "another form": sound(form="AIFF"),
    "silence for an hour": flac_that_says(3600),
    "a hundred channels": sound(seconds=0.01, channels=100),
    "a rate of nothing": b"RIFF" + struct.pack("<I4s4sIHHIIHH4sI", 36 + 64, b"WAVE", b"fmt ", 16, 1, 1, 1, 2, 2, 16,
                                               b"data", 64) + bytes(64),
    "nothing after the header": sound(seconds=0.0),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_bring__what_is_no_prompt_is_refused_and_nothing_changes(config: Config, tmp_path: Path, hostile: str) -> None:
    bring(config, tmp_path, sound())
    before = (Path(config.prompts.folder) / WELCOME).read_bytes()
    with pytest.raises(AdminError) as told:
        bring(config, tmp_path, HOSTILE[hostile])
    (fault,) = told.value.faults
    assert (fault.place.file, bool(fault.message), bool(fault.remedy)) == (WELCOME, True, True)
    assert (Path(config.prompts.folder) / WELCOME).read_bytes() == before


@pytest.mark.parametrize("clip", [
    "../config.yaml", "en/../../var/secrets.json", "/etc/passwd.wav", "en/.hidden.wav", ".wav", "en/welcome.exe",
    "en//welcome.wav", "en\\welcome.wav", "en/wel\x00come.wav", "en/" + "a" * 250 + ".wav", "", "en/welcome", "..",
    "manifest.json", "en/..wav/x.wav"])
def test_names__that_lead_elsewhere(home: Rig, clip: str) -> None:
    admin = home.program
    assert admin.get(AUDIO, params={"clip": clip}).status_code in (404, 422)
    assert admin.put(AUDIO, params={"clip": clip}, content=b"x").status_code in (400, 404, 422)
    assert admin.delete("/api/prompts", params={"clip": clip}).status_code in (400, 404, 422)
    assert admin.post("/api/prompts/restore", json={"clip": clip, "take": "2026-01-01T00-00-00"}).status_code in (
        400, 404, 422)


@pytest.mark.parametrize("take", ["..", "../..", "2026-01-01T00-00-00/..", "x"])
def test_takes__that_are_none(home: Rig, take: str) -> None:
    admin = home.program
    assert admin.get(AUDIO, params={"clip": WELCOME, "take": take}).status_code == 422
    assert admin.post("/api/prompts/restore", json={"clip": WELCOME, "take": take}).status_code == 422


def test_sent__too_large_or_nothing(home: Rig) -> None:
    admin = home.program
    answer = admin.put(AUDIO, params={"clip": WELCOME}, content=b"", headers={"Content-Length": str(33 << 20)})
    assert (answer.status_code, answer.json()["message"]) == (413, "A body has at most 32 MiB.")
    assert admin.put(AUDIO, params={"clip": WELCOME}, content=b"").json()["code"] == "empty"
    assert admin.post("/api/prompts/keep", content=b"x" * 70_000).status_code == 413


def test_roles__operators_neither_see_nor_change(home: Rig) -> None:
    anna, olga = home.logged_in("anna"), home.logged_in("olga")
    for client, least in ((home.stranger, 401), (anna, 403)):
        assert client.get("/api/prompts").status_code == least
        assert client.get(AUDIO, params={"clip": WELCOME}).status_code == least
        assert client.get("/api/work/x").status_code == least
    for client, least in ((home.stranger, 401), (anna, 403), (olga, 403)):
        assert client.put(AUDIO, params={"clip": WELCOME}, content=sound()).status_code == least
        assert client.post("/api/prompts/render", json={"clips": [WELCOME]}).status_code == least
        assert client.post("/api/prompts/keep", json={"clip": WELCOME}).status_code == least
        assert client.post("/api/prompts/restore", json={
            "clip": WELCOME, "take": "2026-01-01T00-00-00"}).status_code == least
        assert client.delete("/api/prompts", params={"clip": WELCOME}).status_code == least
    assert olga.get(AUDIO, params={"clip": WELCOME}).status_code == 404
    assert olga.get("/api/work/x").json()["code"] == "not_found"


def test_prompts__menus_that_are_faulty(home: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.apart._run", here)
    (tmp_path / "house/menus/bank.yaml").write_text("languages: [en\n")
    answer = home.program.get("/api/prompts")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("bank.yaml:")


def test_render__some_at_a_time_and_what_was_done_is_written_down(
        home: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.api.prompts.AT_ONCE", 1)
    admin, desk = home.logged_in("admin"), home.app.state.desk
    bring(desk.config, tmp_path, sound())
    began = admin.post("/api/prompts/render", json={"clips": ["en/options.wav", WELCOME]})
    done = over(admin, began.json())        # a person recorded the second one
    assert (done["state"], done["problem"]["code"], done["done"], done["total"]) == ("failed", "prompt_recorded", 1, 2)
    assert (Path(desk.config.prompts.folder) / "en/options.wav").is_file()
    desk.audit.flush()
    rows = desk.audit.kept.page(AuditFilter(what="prompts.render")).items
    assert [(row.who, row.subject) for row in rows] == [("admin", "en/options.wav")]


def test_apart__a_process_that_dies_harms_nobody(home: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.apart.COMMAND", ("/bin/sh", "-c", "echo broken >&2; kill -9 $$"))
    admin = home.program
    assert admin.get("/api/prompts").json()["code"] == "work_failed"
    assert admin.put(AUDIO, params={"clip": WELCOME}, content=sound()).status_code == 400
    monkeypatch.setattr("desk.apart.COMMAND", ("/bin/sh", "-c", "echo not json"))
    assert admin.get("/api/prompts").json()["code"] == "work_failed"
    monkeypatch.setattr("desk.apart.COMMAND", ("/bin/sh", "-c", "exec sleep 60"))
    monkeypatch.setattr("desk.apart.TIME_LIMIT", 0.1)
    begun = time.monotonic()
    assert admin.get("/api/prompts").json()["code"] == "work_failed"
    assert time.monotonic() - begun < 30


def test_pieces__are_bounded(home: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.apart.COMMAND", ("/bin/sh", "-c", "exec sleep 60"))
    monkeypatch.setattr("desk.pieces.MOST_RUNNING", 1)
    admin = home.program
    assert admin.post("/api/prompts/render", json={"clips": [WELCOME]}).status_code == 202
    assert admin.post("/api/prompts/render", json={"clips": [WELCOME]}).json()["code"] == "busy"
