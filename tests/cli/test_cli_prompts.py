"""`hotline prompts` over the sample: what it says, what it leaves, how it ends."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.drivers.prompt_files import sound_files
from ivr.drivers.prompt_measuring import measure_folder, write_known
from tests.cli.conftest import ROOT, Hotline
from tests.cli.test_cli_check import change

SPEAKING = (r'import sys, wave; text = sys.stdin.read(); out = wave.open(sys.argv[1], "wb"); '
            r'out.setparams((1, 2, 8000, 0, "NONE", "")); '
            r'out.writeframes(b"\0\x20\0\x20\0\xe0\0\xe0" * 200 * len(text))')
VOICE = f"command: {sys.executable} -S -c '{SPEAKING}' {{out}}"


@pytest.fixture(scope="session")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of figures of the sample's prompts: all of them are read once for all tests."""
    cache = tmp_path_factory.mktemp("figures") / "measured_prompts.json"
    write_known(cache, measure_folder(ROOT / "audio_prompts", sound_files(ROOT / "audio_prompts")))
    return cache


@pytest.fixture
def prompts(folder: Path, figures: Path) -> Path:
    """A folder of prompts of its own, to be written into."""
    (folder / "audio_prompts").unlink()
    shutil.copytree(ROOT / "audio_prompts", folder / "audio_prompts")
    shutil.copy(figures, folder / "var")
    return folder / "audio_prompts"


def test_audit__the_sample_is_well(hotline: Hotline, folder: Path) -> None:
    ran = hotline("prompts", "audit")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("all well: 130 clips in use (")
    assert ran.out.endswith(" s), 128 rendered, 0 recorded, 0 not listed\n")


def test_audit__what_is_wrong_and_what_to_do(hotline: Hotline, prompts: Path) -> None:
    (prompts / "en/welcome.wav").rename(prompts / "en/wellcome.wav")
    (prompts / "ru/goodbye.wav").write_text("no sound")
    ran = hotline("prompts", "audit")
    assert ran.code == 1
    rows = [line.split()[:3] for line in ran.out.splitlines() if line.split()[:1] in (["error"], ["warning"])]
    assert rows == [["error", "en/welcome.wav", "prompt-missing"], ["error", "ru/goodbye.wav", "prompt-unreadable"],
                    ["warning", "en/wellcome.wav", "prompt-unused"]]
    assert "is it `en/wellcome.wav`, which nothing uses?" in ran.out
    assert ran.out.splitlines()[-1].startswith("2 errors, 1 warning: 128 clips in use")


def test_audit__as_json_and_with_all_clips(hotline: Hotline, prompts: Path) -> None:
    soundfile.write(prompts / "en/welcome.wav", np.zeros(8000), 8000)
    ran = hotline("prompts", "audit", "--json", "--longest", "20")
    assert ran.code == 0, "warnings alone"
    clips = {one["clip"]: one for one in json.loads(ran.out)["clips"]}
    assert len(clips) == 130
    assert (clips["en/welcome.wav"]["level_dbov"], clips["en/welcome.wav"]["made_by"]) == (None, "unknown")
    assert [one["code"] for one in clips["en/welcome.wav"]["findings"]] == ["prompt-unlisted", "prompt-silent"]
    assert [one["code"] for one in clips["en/main_options.wav"]["findings"]] == ["prompt-too-long"]
    assert -20.5 < clips["ru/goodbye.wav"]["level_dbov"] < -19.5
    every = hotline("prompts", "audit", "--all").out
    assert every.count("engine") == 127
    (row,) = (line.split() for line in every.splitlines() if line.startswith("  en/welcome.wav"))
    assert row == ["en/welcome.wav", "unknown", "1.0", "-", "-", "8000", "prompt-unlisted", "prompt-silent"]


def test_build__what_is_missing_and_then_nothing(hotline: Hotline, prompts: Path, folder: Path) -> None:
    (prompts / "en/welcome.wav").unlink()
    change(folder / "menus/bank.yaml", ('ru: "Спасибо за звонок. До свидания!"', 'ru: "До свидания!"'))
    ran = hotline("prompts", "build", "--engine", f"en={VOICE}", "--engine", f"ru={VOICE}")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert sorted(line.split()[1] for line in lines[:2]) == ["en/welcome.wav", "ru/goodbye.wav"]
    assert lines[2].startswith(f"2 clips rendered into {prompts} in ")
    assert "0 from the cache: " in lines[2]
    assert hotline("prompts", "build").out == "nothing to render: every text has its file\n"


def test_build__an_engine_that_fails_is_said_with_the_prompt(hotline: Hotline, prompts: Path) -> None:
    for name in ("welcome", "goodbye"):
        (prompts / f"en/{name}.wav").unlink()
    ran = hotline("prompts", "build", "--engine", "en=command: no-such-voice {out}")
    assert ran.code == 1
    assert sorted(ran.err.splitlines()) == [
        f"audio_prompts/en/{name}.wav: error: it could not be rendered: engine \"command: no-such-voice '{{out}}'\": "
        "there is no program 'no-such-voice' (install it, or correct its path)" for name in ("goodbye", "welcome")]


def test_build__an_engine_in_the_configuration_that_is_none(hotline: Hotline, folder: Path) -> None:
    line = change(folder / "config.yaml", ("en: hibari", "en: festival"))
    ran = hotline("prompts", "build")
    assert ran.code == 1
    assert ran.err == (f"config.yaml:{line}:9: error: engine 'festival': there is no such engine (allowed: 'hibari "
                       "[VOICE [SPEED]]', 'command: PROGRAM … {out}')\n")


def test_build__a_recording_that_says_an_older_text_is_told_and_stays(hotline: Hotline, prompts: Path,
                                                                    folder: Path) -> None:
    assert hotline("prompts", "keep", "en/welcome.wav").out == "1 clip listed as recorded\n"
    before = (prompts / "en/welcome.wav").read_bytes()
    change(folder / "menus/bank.yaml", ('\n    en: "Welcome to North Bank."', '\n    en: "Welcome to South Bank."'))
    ran = hotline("prompts", "build")
    assert ran.code == 0
    assert ran.err.startswith("audio_prompts/en/welcome.wav: warning: this recording says an older text than the menu")
    assert (prompts / "en/welcome.wav").read_bytes() == before


@pytest.mark.skipif(shutil.which("RHVoice-test") is None, reason="RHVoice is not installed")
def test_build__a_real_engine_speaks_russian_at_the_level_of_all_others(hotline: Hotline, prompts: Path) -> None:
    (prompts / "ru/goodbye.wav").unlink()
    ran = hotline("prompts", "build")
    assert (ran.code, ran.err) == (0, "")
    assert "level -20." in ran.out or "level -19." in ran.out
    assert (prompts / "ru/goodbye.wav").read_bytes() == (ROOT / "audio_prompts/ru/goodbye.wav").read_bytes()


def test_import__a_folder_of_a_studio(hotline: Hotline, prompts: Path, tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    studio.mkdir()
    tone = 0.1 * np.sin(np.arange(66150) / 10)
    soundfile.write(studio / "Welcome_EN.mp3", tone, 44100)
    soundfile.write(studio / "goodbye.wav", tone, 44100)
    before = (prompts / "en/welcome.wav").read_bytes()
    tried = hotline("prompts", "import", "studio", "--dry-run")
    assert tried.code == 1, "one of them has no place"
    assert "1 recording would be imported into" in tried.out
    assert tried.err == ("studio/goodbye.wav: error: it could be several prompts: en/goodbye.wav, ru/goodbye.wav (put "
                         "it into a folder of its language, or say --language)\n")
    assert (prompts / "en/welcome.wav").read_bytes() == before
    ran = hotline("prompts", "import", "studio", "--language", "ru")
    assert (ran.code, ran.err) == (0, "")
    assert "2 recordings imported into" in ran.out
    (kept,) = (folder for folder in (tmp_path / "audio_prompts.replaced").iterdir())
    assert f"what they replace is kept in {kept}" in ran.out
    assert (kept / "en/welcome.wav").read_bytes() == before
    assert soundfile.info(prompts / "en/welcome.wav").samplerate == 48000
    assert hotline("prompts", "audit").code == 0
    assert hotline("prompts", "build").out == "nothing to render: every text has its file\n"
