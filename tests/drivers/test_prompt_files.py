"""The folder of prompts: which files are clips, what comes out of them, and the cache that holds it."""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.audio import telephone
from ivr.base.errors import AdminError
from ivr.drivers import clip_decoding, clip_editing, prompt_files
from ivr.drivers.prompt_files import PromptCatalogue


def voice(seconds: float, rate: int = 8000) -> np.ndarray:
    """A tone that swells and ebbs, and is never silent for long."""
    t = np.arange(round(seconds * rate)) / rate
    return 0.3 * np.sin(2 * np.pi * 700 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prompts" / "en").mkdir(parents=True)
    return tmp_path / "prompts"


@pytest.fixture
def catalogue(folder: Path, tmp_path: Path) -> PromptCatalogue:
    return PromptCatalogue(folder, tmp_path / "cache")


def heard(catalogue: PromptCatalogue, clip: str) -> np.ndarray:
    return np.fromfile(catalogue.raw_path(clip), "<i2")


def level(samples: np.ndarray) -> float:
    return telephone.active_level_dbov(samples / 32768)


@pytest.mark.parametrize(("name", "rate", "channels"), [
    ("a.wav", 8000, 1), ("a.wav", 44100, 2), ("a.WAV", 22050, 1), ("a.mp3", 44100, 2), ("a.mp3", 16000, 1),
    ("a.ogg", 48000, 1), ("a.ogg", 44100, 2), ("a.flac", 96000, 6), ("a.flac", 8000, 1), ("opus.ogg", 48000, 2)])
def test_scan__plays_every_format_and_rate(
        catalogue: PromptCatalogue, folder: Path, name: str, rate: int, channels: int) -> None:
    samples = np.repeat(voice(1.5, rate)[:, None], channels, axis=1)
    soundfile.write(folder / "en" / name, samples, rate, subtype="OPUS" if name == "opus.ogg" else None)
    lengths = catalogue.scan()
    assert catalogue.faults == ()
    assert lengths == {f"en/{name}": pytest.approx(1.5, abs=0.08)}      # mp3 pads its ends
    samples = heard(catalogue, f"en/{name}")
    assert len(samples) / 8000 == lengths[f"en/{name}"]
    assert level(samples) == pytest.approx(telephone.SPEECH_LEVEL_DBOV, abs=0.5)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.fft.rfftfreq(len(samples), 1 / 8000)[spectrum.argmax()] == pytest.approx(700, abs=5)


def test_scan__a_name_keeps_its_extension_and_other_files_are_left_alone(
        catalogue: PromptCatalogue, folder: Path) -> None:
    for name in ("en/hello.wav", "en/hello.flac", "top.wav", "en/деньги.wav"):
        soundfile.write(folder / name, voice(0.5), 8000)
    for name in ("README.md", "en/notes.txt", ".hidden.wav", "manifest.json"):
        (folder / name).write_text("no sound")
    assert sorted(catalogue.scan()) == ["en/hello.flac", "en/hello.wav", "en/деньги.wav", "top.wav"]
    assert catalogue.faults == ()
    with pytest.raises(KeyError):
        catalogue.raw_path("en/hello.mp3")


def test_scan__each_file_that_cannot_be_played_is_a_fault_with_its_path(
        catalogue: PromptCatalogue, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_decoding, "MAX_SECONDS", 2.0)
    good, rest = folder / "en/good.wav", folder / "en"
    soundfile.write(good, voice(1), 8000)
    (rest / "empty.wav").write_bytes(b"")
    (rest / "text.mp3").write_text("Hello, this is a text and not a sound." * 50)
    (rest / "cut.flac").write_bytes(b"fLaC\0\0")
    soundfile.write(rest / "nothing.wav", np.zeros(0), 8000)
    soundfile.write(rest / "long.ogg", voice(2.5), 8000)
    soundfile.write(rest / "nan.wav", np.array([0.0, np.nan, 0.1]), 8000, subtype="FLOAT")
    assert list(catalogue.scan()) == ["en/good.wav"]
    faults = {Path(fault.place.file).name: fault for fault in catalogue.faults}
    assert sorted(faults) == ["cut.flac", "empty.wav", "long.ogg", "nan.wav", "nothing.wav", "text.mp3"]
    assert all(str(rest) in fault.place.file and fault.remedy for fault in faults.values())
    assert "longer than" in faults["long.ogg"].message
    assert "no numbers" in faults["nan.wav"].message
    assert "no sound" in faults["nothing.wav"].message
    assert "wav, mp3, ogg, flac" in faults["text.mp3"].remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_scan__a_file_without_the_right_to_read_is_a_fault(catalogue: PromptCatalogue, folder: Path) -> None:
    soundfile.write(folder / "en/a.wav", voice(1), 8000)
    (folder / "en/a.wav").chmod(0)
    assert catalogue.scan() == {}
    assert "it can't be read: Permission denied" in str(catalogue.faults[0])


def test_scan__a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    catalogue = PromptCatalogue(tmp_path / "nowhere", tmp_path / "cache")
    assert catalogue.scan() == {}
    assert "does not exist" in str(catalogue.faults[0])


def test_scan__a_cache_that_cannot_be_written_says_so(folder: Path, tmp_path: Path) -> None:
    soundfile.write(folder / "en/a.wav", voice(1), 8000)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AdminError, match="cache of prompts can't be written"):
        PromptCatalogue(folder, tmp_path / "file" / "cache").scan()


def test_scan__silence_at_the_ends_is_cut_and_a_pause_stays(catalogue: PromptCatalogue, folder: Path) -> None:
    soundfile.write(folder / "en/a.wav", np.concatenate([np.zeros(8000), voice(1), np.zeros(16000)]), 8000)
    soundfile.write(folder / "en/pause.wav", np.zeros(12000), 8000)
    lengths = catalogue.scan()
    kept = (clip_editing.LEADING_MS + clip_editing.TRAILING_MS) / 1000
    assert lengths["en/a.wav"] == pytest.approx(1 + kept, abs=0.03)
    assert lengths["en/pause.wav"] == 1.5


def test_scan__edges_do_not_click(catalogue: PromptCatalogue, folder: Path) -> None:
    soundfile.write(folder / "en/a.wav", 0.3 * np.cos(2 * np.pi * 400 * np.arange(8000) / 8000), 8000)
    catalogue.scan()
    samples = heard(catalogue, "en/a.wav")
    assert abs(int(samples[0])) < 60
    assert abs(int(samples[-1])) < 200


def test_scan__music_is_a_loop_softer_than_speech_with_its_ends_as_they_are(
        catalogue: PromptCatalogue, folder: Path) -> None:
    (folder / "music").mkdir()
    wave = 0.3 * np.cos(2 * np.pi * 400 * np.arange(16000) / 8000)
    soundfile.write(folder / "music/hold.wav", np.concatenate([wave, np.zeros(8000)]), 8000)
    assert catalogue.scan() == {"music/hold.wav": 3.0}
    samples = heard(catalogue, "music/hold.wav")
    assert samples[0] > 1000
    assert level(samples) == pytest.approx(telephone.MUSIC_LEVEL_DBOV, abs=0.5)


def test_cache__the_same_bytes_are_decoded_once(
        catalogue: PromptCatalogue, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    real = prompt_files.decode_at
    monkeypatch.setattr(prompt_files, "decode_at",
                        lambda clip, path, rates: decoded.append(clip) or real(clip, path, rates))
    soundfile.write(folder / "en/a.wav", voice(1), 8000)
    soundfile.write(folder / "en/b.wav", voice(2), 8000)
    catalogue.scan()
    catalogue.scan()
    another = PromptCatalogue(folder, tmp_path / "cache")
    assert another.scan() == catalogue.lengths
    os.utime(folder / "en/b.wav")                                   # touched, not changed
    another.scan()
    assert decoded == ["en/a.wav", "en/b.wav"]
    soundfile.write(folder / "en/b.wav", voice(1.2), 8000)
    assert another.scan()["en/b.wav"] == pytest.approx(1.2)
    assert decoded == ["en/a.wav", "en/b.wav", "en/b.wav"]
    monkeypatch.setattr(prompt_files, "PIPELINE", prompt_files.PIPELINE + 1)
    PromptCatalogue(folder, tmp_path / "cache").scan()
    assert decoded[3:] == ["en/a.wav", "en/b.wav"]


def test_cache__an_entry_that_is_gone_or_torn_is_made_again(catalogue: PromptCatalogue, folder: Path) -> None:
    soundfile.write(folder / "en/a.wav", voice(1), 8000)
    catalogue.scan()
    raw = catalogue.raw_path("en/a.wav")
    whole = raw.read_bytes()
    for torn in (b"", b"123"):
        raw.write_bytes(torn)
        assert catalogue.scan() == {"en/a.wav": 1.0}
        assert raw.read_bytes() == whole
    raw.unlink()
    catalogue.scan()
    assert raw.read_bytes() == whole


def test_cache__an_entry_appears_whole_or_not_at_all(
        catalogue: PromptCatalogue, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(folder / "en/a.wav", voice(1), 8000)

    def no_room(file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_room)
        with pytest.raises(AdminError, match="No space left"):
            catalogue.scan()
    assert list((tmp_path / "cache").iterdir()) == []
    assert catalogue.scan() == {"en/a.wav": 1.0}


def test_cache__what_nobody_used_for_a_week_goes(catalogue: PromptCatalogue, folder: Path, tmp_path: Path) -> None:
    soundfile.write(folder / "en/a.wav", voice(1), 8000)
    catalogue.scan()
    old, recent = tmp_path / "cache/old.s16", tmp_path / "cache/recent.s16"
    for path in (old, recent):
        path.write_bytes(b"12")
    os.utime(old, (0, time.time() - prompt_files.STALE_AFTER - 10))
    os.utime(catalogue.raw_path("en/a.wav"), (0, 0))
    catalogue.scan()
    assert not old.exists()
    assert recent.exists()
    assert catalogue.raw_path("en/a.wav").exists()


def test_raw_path__what_was_good_stays_playable_while_its_file_is_broken(
        catalogue: PromptCatalogue, folder: Path) -> None:
    soundfile.write(folder / "en/a.wav", voice(1), 8000)
    catalogue.scan()
    before = heard(catalogue, "en/a.wav")
    (folder / "en/a.wav").write_bytes(b"half a fi")
    assert catalogue.scan() == {}
    assert len(catalogue.faults) == 1
    assert np.array_equal(heard(catalogue, "en/a.wav"), before)


def test_scan__tells_its_progress(catalogue: PromptCatalogue, folder: Path) -> None:
    for name in ("a", "b"):
        soundfile.write(folder / f"en/{name}.wav", voice(0.5), 8000)
    told: list[tuple[int, int, str]] = []
    catalogue.scan(lambda *step: told.append(step))
    assert told == [(1, 2, "en/a.wav"), (2, 2, "en/b.wav")]


def test_scan__too_many_files_are_bounded(
        catalogue: PromptCatalogue, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_files, "MAX_CLIPS", 2)
    for name in ("a", "b", "c"):
        soundfile.write(folder / f"en/{name}.wav", voice(0.2), 8000)
    assert list(catalogue.scan()) == ["en/a.wav", "en/b.wav"]
    assert "3 sound files" in catalogue.faults[0].message


@pytest.mark.parametrize("length", [8000, 8003, 8004, 8005, 8007, 96, 0])
def test_fade_edges__keeps_the_middle_and_fills_the_last_millisecond(length: int) -> None:
    samples = np.full(length, 10000, np.int16)
    faded = clip_editing.fade_edges(samples)
    assert len(faded) == -(-length // 8) * 8
    if length > 1000:
        assert abs(int(faded[0])) < 10
        assert abs(int(faded[-1])) < 300
        assert np.array_equal(faded[100:7800], samples[100:7800])


def test_join__puts_a_pause_between_parts() -> None:
    part = np.full(800, 1000, np.int16)
    joined = clip_editing.join([part, part, part], 50)
    assert len(joined) == 3 * 800 + 2 * 400
    assert not joined[800:1200].any()
    assert len(clip_editing.join([])) == 0


def test_clip_editing__pydub_never_calls_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("pydub called a program"))
    samples = np.concatenate([np.zeros(8000, np.int16), np.full(8000, 9000, np.int16), np.zeros(8000, np.int16)])
    clip_editing.join([clip_editing.fade_edges(clip_editing.cut(samples, clip_editing.ends(samples)))])


def test_clip_editing__importing_hides_no_other_warning() -> None:
    import subprocess
    script = ("import warnings; warnings.simplefilter('error'); import ivr.drivers.clip_editing\n"
              "try: warnings.warn('other', RuntimeWarning)\n"
              "except RuntimeWarning: print('still an error')")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "still an error\n", done.stderr


def test_scan__a_name_that_is_no_text_is_no_clip(catalogue: PromptCatalogue, folder: Path) -> None:
    """As a copy from an old Windows has them: no menu can name it, and to print it ends every command."""
    soundfile.write(folder / "en/good.wav", voice(0.5), 8000)
    with open(os.fsencode(folder / "en") + b"/\xef\xf0\xe8.wav", "wb") as file:
        file.write((folder / "en/good.wav").read_bytes())
    assert list(catalogue.scan()) == ["en/good.wav"]
