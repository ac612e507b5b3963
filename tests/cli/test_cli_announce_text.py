"""`hotline announce --text` and `--file`: spoken by a real program, kept, and heard of by a running service."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from ivr.drivers.spoken_notices import MOST, keep_notice, path_of, read_notices
from ivr.drivers.state_files import StateFiles
from ivr.menu.announcements import load_announcements, with_spoken
from tests.cli.conftest import ROOT, Hotline
from tests.cli.test_cli_prompts import VOICE
from tests.support.service import Service, end, make_config

TEXTS = ("--text", "en=Our card service is down.", "--text", "ru=Сервис карт не работает.")


@pytest.fixture
def prompts(folder: Path) -> Path:
    """The sample, with a folder of prompts to be written into and a voice for each language."""
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["prompts"] = {"folder": "own", "announcements": "menus/announcements.yaml",
                         "engines": {"en": VOICE, "ru": VOICE}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))
    (folder / "own").mkdir()
    return folder / "own"


def test_text__spoken_in_every_language_and_ordered(hotline: Hotline, folder: Path, prompts: Path) -> None:
    ran = hotline("announce", "100", *TEXTS, "--for", "2h", "--json")
    assert ran.code == 0, ran.err
    (order,) = json.loads(ran.out)
    name = order["prompt"]
    assert sorted(str(path.relative_to(prompts)) for path in prompts.rglob("*.wav")) == [
        f"en/notices/{name}.wav", f"ru/notices/{name}.wav"]
    assert read_notices(path_of(str(folder / "var"))) == {
        name: {"en": "Our card service is down.", "ru": "Сервис карт не работает."}}
    again = json.loads(hotline("announce", "100", *TEXTS, "--json").out)
    assert [one["prompt"] for one in again] == [name]


def test_file__a_recording_for_one_language(hotline: Hotline, folder: Path, prompts: Path) -> None:
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(32000) / 16000)
    soundfile.write(folder / "outage.flac", tone, 16000)
    ran = hotline("announce", "100", "--text", "en=It is down.", "--file", "ru=outage.flac", "--json")
    assert ran.code == 0, ran.err
    (order,) = json.loads(ran.out)
    assert soundfile.info(prompts / f"ru/notices/{order['prompt']}.wav").samplerate == 16000
    assert json.loads((prompts / "manifest.json").read_text())


@pytest.mark.parametrize(("words", "says"), [
    (("--text", "en=It is down."), "callers hear ru too (add --text ru=…, or a recording: --file ru=ru.wav)"),
    (("--text", "de=Nein."), "no menu speaks this language"),
    (("--text", "en=A.", "--file", "ru=none.wav"), "none.wav: error: can't be read"),
    (("--text", "en=A.", "--file", "ru=config.yaml"), "config.yaml: error"),
])
def test_text__what_is_wrong_and_nothing_is_ordered(hotline: Hotline, folder: Path, prompts: Path,
                                                    words: tuple[str, ...], says: str) -> None:
    ran = hotline("announce", "100", *words)
    assert ran.code == 1
    assert says in ran.err
    assert StateFiles(folder / "var").orders() == []
    assert read_notices(path_of(str(folder / "var"))) == {}


def test_text__without_an_engine_or_with_one_that_fails(hotline: Hotline, folder: Path, prompts: Path) -> None:
    text = (folder / "config.yaml").read_text()
    config = yaml.safe_load(text)
    config["prompts"]["engines"] = {"en": VOICE}
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))
    said = hotline("announce", "100", *TEXTS).err
    assert "nothing speaks ru: `prompts.engines` names no engine for it" in said
    assert "--file ru=ru.wav" in said
    config["prompts"]["engines"]["ru"] = "command: no-such-voice {out}"
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))
    said = hotline("announce", "100", *TEXTS).err
    assert "there is no program 'no-such-voice'" in said
    assert "--file ru=ru.wav" in said
    assert "did you mean `100`" in hotline("announce", "10", *TEXTS).err


def test_notices__the_oldest_that_nobody_says_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "notices.json"
    for number in range(MOST + 1):
        keep_notice(path, f"said_{number}", {"en": "x"}, said=["said_0"])
    kept = read_notices(path)
    assert len(kept) == MOST
    assert "said_0" in kept
    assert "said_1" not in kept
    path.write_text("{")
    assert read_notices(path) == {}


def test_notices__in_a_language_that_came_later_the_first_is_heard() -> None:
    text = (ROOT / "menus/announcements.yaml").read_text()
    read = load_announcements(text, "a.yaml", None, ("en", "ru"))
    spoken = {"said_1": {"ru": "Да."}, "goodbye": {"en": "No."}, "said_2": {"en": "Gone."}}
    made = with_spoken(read, spoken, {"ru/notices/said_1.wav": 1.0})
    assert set(made.prompts) - set(read.prompts) == {"said_1"}
    assert made.clip("said_1", "en") == made.clip("said_1", "ru") == "ru/notices/said_1.wav"
    assert made.prompts["goodbye"] == read.prompts["goodbye"]


def test_running_service__has_what_was_ordered_while_it_was_down_and_takes_up_a_text(
        hotline: Hotline, folder: Path) -> None:
    for path in (ROOT / "audio_prompts").rglob("*.wav"):        # links: the cache of prompts knows their files
        link = folder / "own" / path.relative_to(ROOT / "audio_prompts")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    config = make_config(folder, host="127.0.97.1", prompts={
        "folder": str(folder / "own"), "announcements": str(ROOT / "menus/announcements.yaml"),
        "engines": {"en": VOICE, "ru": VOICE}})
    service = Service(folder, config)
    service.config_file.write_text(yaml.safe_dump(config, allow_unicode=True))
    assert "holds from its next start on" in hotline("close", "100").err
    try:
        service.start()
        assert [one["kind"] for one in service.api("/api/lines")["orders"]] == ["closure"]
        ran = hotline("announce", "100", *TEXTS, "--json")
        assert ran.code == 0, ran.err
        announced = [one["prompt"] for one in service.api("/api/lines")["orders"] if one["kind"] == "announcement"]
        assert announced == [one["prompt"] for one in json.loads(ran.out) if one["kind"] == "announcement"]
        assert announced[0] in read_notices(path_of(str(folder / "var")))
    finally:
        end(service)
