"""What is read at the start is all that a call may need."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from ivr.audio import codecs
from ivr.base.errors import AdminError
from ivr.call.settings import HOLD_MUSIC
from ivr.drivers.config_file import load_config
from ivr.service.loading import load_house, load_needed
from tests.support.service import QUEUES, ROOT, make_config


def test_load__who_is_transferred_from_a_menu_hears_music_too(tmp_path: Path) -> None:
    """No queue plays it, and the caller is in none."""
    queue = {"operators": ["anna"], "music": "en/welcome.wav"}
    config = make_config(tmp_path, queues=dict.fromkeys(QUEUES, queue))
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(config))
    loaded = load_house(file)
    assert {HOLD_MUSIC, "en/welcome.wav"} <= loaded.clips.keys()
    (tmp_path / "prompts").mkdir()
    config["prompts"]["folder"] = str(tmp_path / "prompts")
    file.write_text(yaml.safe_dump(config))
    with pytest.raises(AdminError, match=f"the music {HOLD_MUSIC} is not among the prompts"):
        load_house(file)


def test_load__prompts_of_wideband_codecs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each codec of anybody; a codec without its library is a fault with its place, and what to install."""
    config = make_config(tmp_path, trunks=[{"name": "carrier", "addresses": ["203.0.113.7"], "codecs": ["G722"]}])
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(config))
    loaded = load_house(file)
    ((codec, path),) = loaded.encoded_clips["en/welcome.wav"]
    assert codec == "G722"
    assert Path(path).stat().st_size == -(-round(loaded.lengths["en/welcome.wav"] * 8000) // 160) * 160

    def missing(name: str) -> None:
        raise ImportError(name)
    monkeypatch.setattr(codecs, "import_module", missing)
    with pytest.raises(AdminError, match=r"config.yaml:\d+:\d+: .*G722 can't be loaded") as caught:
        load_house(file)
    assert "pip install 'G722" in str(caught.value)


def test_load__recordings_that_could_not_be_kept_are_a_warning(tmp_path: Path) -> None:
    """In its place; of queues that record nothing nobody is told."""
    (tmp_path / "file").write_text("")
    for record, told in (("never", 0), ("on_demand", 1)):
        queues = {name: {"operators": ["anna"], "record": record} for name in QUEUES}
        config = make_config(tmp_path, queues=queues, recordings={"folder": str(tmp_path / "file" / "recordings")})
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        warnings = map(str, load_house(tmp_path / "config.yaml").warnings)
        found = [warning for warning in warnings if "can be recorded" in warning]
        assert len(found) == told
    assert re.search(r"config.yaml:\d+:\d+: warning: nothing can be recorded: .*file \(make .*", found[0])


def test_load__files_of_chats_that_could_not_be_kept_are_a_warning(tmp_path: Path) -> None:
    """In its place; where the chat takes none nobody is told, and a folder that can be made is good."""
    (tmp_path / "file").write_text("")
    cases: list[tuple[str, dict[str, object], int]] = [
        ("file/chats", {"line": "100"}, 1), ("file/chats", {}, 0), ("new/chats", {"line": "100"}, 0),
        ("file/chats", {"line": "100", "max_file_mb": 0}, 0)]
    for folder, web, told in cases:
        config = make_config(tmp_path, queues={name: {"operators": ["anna"]} for name in QUEUES}, channels={"web": web},
                             chat_files={"folder": str(tmp_path / folder)})
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        found = [one for one in load_house(tmp_path / "config.yaml").warnings if one.code == "chat-files-unwritable"]
        assert len(found) == told
        assert all(re.search(r"config.yaml:\d+:\d+: warning: no file of a chat can be kept: .*file \(make", str(one))
                   for one in found)


def test_load__recordings_of_which_nobody_is_told_are_a_warning(tmp_path: Path) -> None:
    queues: dict[str, dict[str, object]] = {name: {"operators": ["anna"]} for name in QUEUES}
    queues["cards"]["record"] = "always"
    config = make_config(tmp_path, queues=queues)

    def warnings() -> list[str]:
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        return [fault.message for fault in load_house(tmp_path / "config.yaml").warnings
                if fault.code == "recording-untold"]

    assert [message[:27] for message in warnings()] == ["talks of cards are recorded"]
    queues["cards"]["recording_notice"] = "goodbye"
    assert warnings() == []
    del queues["cards"]["recording_notice"]
    config["lines"][0]["recording_notice"] = "goodbye"
    assert warnings() == []


MENU = """
languages: [en, ru]
start: main
defaults: {on_failure: {queue: cards}}
menus:
  main: {prompts: choose_language, options: {"1": [{record: {into: said}}, hangup]}}
prompts: {choose_language: {en: "-", ru: "-"}}
"""


def test_load__a_menu_that_records_and_does_not_say_so(tmp_path: Path) -> None:
    def warnings(text: str, **line: str) -> list[str]:
        (tmp_path / "menu.yaml").write_text(text)
        config = make_config(tmp_path, lines=[{"numbers": ["100"], "menu": str(tmp_path / "menu.yaml"), **line}],
                             queues={name: {"operators": ["anna"]} for name in QUEUES})
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
        return [fault.message for fault in load_house(tmp_path / "config.yaml").warnings
                if fault.code == "recording-untold"]

    assert warnings(MENU) == ["the menu of line 100 records callers, and nothing tells them"]
    assert warnings(MENU, recording_notice="goodbye") == []
    assert warnings(MENU.replace("into: said", "prompts: choose_language")) == []
    assert warnings(MENU.replace("record: {into: said}", "voicemail: cards")) == [], "who leaves one knows"


def test_load__no_beep(tmp_path: Path) -> None:
    """Of a folder of prompts from before there was one."""
    (tmp_path / "menu.yaml").write_text(MENU)
    shutil.copytree(ROOT / "audio_prompts", tmp_path / "prompts")
    (tmp_path / "prompts/music/beep.wav").unlink()
    lines = [{"numbers": ["100"], "menu": str(tmp_path / "menu.yaml")}]
    config = make_config(tmp_path, lines=lines, prompts={"folder": str(tmp_path / "prompts")})
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(AdminError) as caught:
        load_house(tmp_path / "config.yaml")
    assert [fault.code for fault in caught.value.faults] == ["beep-missing"]
    assert "music/beep.wav" in [needed.clip for needed in load_needed(load_config(tmp_path / "config.yaml"))]
    (tmp_path / "menu.yaml").write_text(MENU.replace("into: said", "beep: no"))
    load_house(tmp_path / "config.yaml")


def test_load__notices_that_nothing_says(tmp_path: Path) -> None:
    config = make_config(tmp_path, queues={name: {"operators": ["anna"]} for name in QUEUES})
    config["lines"][0]["refused_say"] = "godbye"
    config["queues"]["cards"]["recording_notice"] = "nothing"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(AdminError) as caught:
        load_house(tmp_path / "config.yaml")
    assert [fault.code for fault in caught.value.faults] == ["notice-unknown", "notice-unknown"]
    assert any("did you mean goodbye?" in fault.remedy for fault in caught.value.faults)


def test_load__what_comes_before_and_after_a_talk_must_be_there(tmp_path: Path) -> None:
    config = make_config(tmp_path, queues={name: {"operators": ["anna"]} for name in QUEUES})
    config["queues"]["cards"]["survey"] = "brnches"
    config["queues"]["loans"]["operator_hears"] = "godbye"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(AdminError) as caught:
        load_house(tmp_path / "config.yaml")
    found = [(fault.code, fault.remedy.partition("?")[0]) for fault in caught.value.faults]
    assert found == [("notice-unknown", "did you mean goodbye"), ("survey-unknown", "did you mean branches")]


def test_load__hours_have_worked_out_this_day(tmp_path: Path) -> None:
    """Public holidays take a tenth of a second the first time: not in a call, where all others would wait for it."""
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(make_config(tmp_path, hours=str(ROOT / "menus/hours.yaml"))))
    schedules = load_house(file).hours.schedules.values()
    assert schedules
    assert all(schedule._compiled for schedule in schedules)
