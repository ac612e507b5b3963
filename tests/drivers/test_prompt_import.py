"""Recordings of a studio become prompts; what lay there before is kept; files that are right are written down."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.audio.telephone import active_level_dbov, resample
from ivr.base.errors import AdminError
from ivr.drivers.prompt_import import Import, Plan, Recording, keep
from ivr.drivers.prompt_manifest import read_manifest
from ivr.menu.needed_clips import NeededClip

NEEDED = (NeededClip("en/hello.wav", "en", "Hello."), NeededClip("ru/hello.wav", "ru", "Да."),
          NeededClip("en/bye.flac", "en", "Bye."), NeededClip("en/queue/hold.mp3", "en", "Hold on."),
          NeededClip("music/loop.ogg", "", ""))


def voice(seconds: float, rate: int, level: float = 0.05, hertz: int = 700) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return level * np.sin(2 * np.pi * hertz * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))


def silent(seconds: float, rate: int) -> np.ndarray:
    return np.zeros(round(seconds * rate))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prompts/en").mkdir(parents=True)
    return tmp_path / "prompts"


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """What a studio sends: too soft, in stereo, with silence around it, at its own rate and in its own form."""
    made = tmp_path / "studio"
    (made / "Ru/take 3").mkdir(parents=True)
    around = np.concatenate([silent(2, 44100), voice(1, 44100), silent(3, 44100)])
    soundfile.write(made / "Hello_EN.mp3", np.stack([around, around], axis=1), 44100)
    soundfile.write(made / "Ru/take 3/hello.wav", voice(1, 16000), 16000)
    soundfile.write(made / "bye en.ogg", voice(1, 22050), 22050)
    soundfile.write(made / "en-hold.opus", voice(1, 48000), 48000, format="OGG", subtype="OPUS")
    soundfile.write(made / "loop.flac", np.append(voice(1, 8000), silent(1, 8000)), 8000)
    return made


def carried_out(work: Import) -> tuple[Plan, list[Recording]]:
    plan = work.plan()
    return plan, list(work.carry_out(plan))


def heard(path: Path) -> tuple[np.ndarray, float]:
    """Mono samples at 8 kHz and the level of their speech."""
    samples, rate = soundfile.read(path)
    narrow = resample(samples, rate)
    return narrow, active_level_dbov(narrow)


def test_import__every_form_comes_to_its_place_evened_and_trimmed(studio: Path, folder: Path) -> None:
    work = Import(studio, folder, NEEDED)
    plan, done = carried_out(work)
    assert {one.file: one.clip for one in done} == {
        "Hello_EN.mp3": "en/hello.wav", "Ru/take 3/hello.wav": "ru/hello.wav", "bye en.ogg": "en/bye.flac",
        "en-hold.opus": "en/queue/hold.mp3", "loop.flac": "music/loop.ogg"}
    assert all(one.fault is None and not one.replaces for one in done)
    assert plan.unmatched == ()
    for clip, form, rate, seconds, level in (
            ("en/hello.wav", "WAV", 48000, 1.28, -20), ("ru/hello.wav", "WAV", 16000, 1, -20),
            ("en/bye.flac", "FLAC", 24000, 1, -20), ("en/queue/hold.mp3", "MP3", 48000, 1, -20),
            ("music/loop.ogg", "OGG", 8000, 2, -26)):
        found = soundfile.info(folder / clip)
        assert (found.format, found.samplerate, found.channels) == (form, rate, 1), clip
        assert found.duration == pytest.approx(seconds, abs=0.08), clip
        samples, measured = heard(folder / clip)
        assert measured == pytest.approx(level, abs=0.5), clip
        assert np.abs(samples).max() < 0.95
    assert {clip: (origin.text, origin.engine) for clip, origin in read_manifest(folder).items()} == {
        one.clip: (one.text, None) for one in NEEDED}
    assert not work.kept.exists()


def test_import__wideband_stays_wideband(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "studio").mkdir()
    soundfile.write(tmp_path / "studio/hello_en.wav", voice(1, 44100) + voice(1, 44100, 0.05, 6000), 44100)
    carried_out(Import(tmp_path / "studio", folder, NEEDED))
    samples, rate = soundfile.read(folder / "en/hello.wav")
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum[6000 * len(samples) // rate] > 0.5 * spectrum[700 * len(samples) // rate]


def test_import__as_it_is(studio: Path, folder: Path) -> None:
    carried_out(Import(studio, folder, NEEDED, as_is=True))
    assert (folder / "ru/hello.wav").read_bytes() == (studio / "Ru/take 3/hello.wav").read_bytes()
    samples, rate = soundfile.read(folder / "en/hello.wav")             # an MP3, where the menu wants a WAV
    assert (rate, samples.shape[1]) == (44100, 2)
    assert len(samples) / rate == pytest.approx(6, abs=0.1)
    assert np.abs(samples).max() == pytest.approx(0.05, abs=0.01)


def test_import__what_it_replaces_is_kept_and_can_be_brought_back(studio: Path, folder: Path) -> None:
    soundfile.write(folder / "en/hello.wav", voice(2, 8000), 8000)
    before = (folder / "en/hello.wav").read_bytes()
    first = Import(studio, folder, NEEDED)
    plan, _ = carried_out(first)
    assert [one.clip for one in plan.recordings if one.replaces] == ["en/hello.wav"]
    assert [path.relative_to(first.kept).as_posix() for path in first.kept.rglob("*.*")] == ["en/hello.wav"]
    assert (first.kept / "en/hello.wav").read_bytes() == before
    assert first.kept.parent == folder.parent / "prompts.replaced"
    again = Import(studio, folder, NEEDED)
    assert again.kept != first.kept
    carried_out(again)
    replaced_again = [path.name for path in again.kept.rglob("*.*")]
    assert replaced_again == ["loop.ogg"], "the same once more replaces nothing, but each Ogg has a number of its own"
    back = Import(first.kept, folder, NEEDED, as_is=True)
    carried_out(back)
    assert (folder / "en/hello.wav").read_bytes() == before
    assert len({work.kept for work in (first, back)}) == 2


def test_import__a_plan_changes_nothing(studio: Path, folder: Path) -> None:
    before = sorted(folder.parent.rglob("*"))
    plan = Import(studio, folder, NEEDED).plan()
    assert len(plan.recordings) == 5
    assert plan.recordings[0].measured.figures is not None
    assert plan.recordings[0].measured.figures.seconds == pytest.approx(6, abs=0.1)
    assert sorted(folder.parent.rglob("*")) == before


def test_import__what_is_wrong_with_a_recording_stops_no_other(studio: Path, folder: Path) -> None:
    (studio / "Hello_EN.mp3").write_text("no sound at all")
    soundfile.write(studio / "bye en.ogg", silent(1, 8000), 8000)
    soundfile.write(studio / "welcom_en.wav", voice(1, 8000), 8000)
    plan, done = carried_out(Import(studio, folder, NEEDED))
    (broken,) = [one for one in plan.recordings if one.fault is not None]
    assert broken.fault is not None
    assert broken.file == "Hello_EN.mp3"
    assert broken.fault.place.file == str(studio / "Hello_EN.mp3")
    assert "can't be decoded" in broken.fault.message
    assert [one.recording for one in plan.unmatched] == ["welcom_en.wav"]
    assert {one.clip: [verdict.code for verdict in one.verdicts] for one in done}["en/bye.flac"] == ["prompt-silent"]
    assert sorted(read_manifest(folder)) == ["en/bye.flac", "en/queue/hold.mp3", "music/loop.ogg", "ru/hello.wav"]


def test_import__silence_is_told_only_where_it_stays(studio: Path, folder: Path) -> None:
    told = {as_is: [verdict.code for one in Import(studio, folder, NEEDED, as_is=as_is).plan().recordings
                    if one.file == "Hello_EN.mp3" for verdict in one.verdicts] for as_is in (False, True)}
    assert told == {False: [], True: ["prompt-silence-before", "prompt-silence-after"]}


def test_import__a_folder_that_is_none(studio: Path, folder: Path, tmp_path: Path) -> None:
    for source, says in ((tmp_path / "nowhere", "there is no such folder"),
                         (folder, "these are the prompts themselves"),
                         (folder / "en", "these are the prompts themselves"),
                         (tmp_path, "these are the prompts themselves"),
                         (studio / "bye en.ogg", "there is no such folder")):
        with pytest.raises(AdminError, match=says):
            Import(source, folder, NEEDED).plan()
    with pytest.raises(AdminError, match="no menu speaks 'de'"):
        Import(studio, folder, NEEDED, "de").plan()


def test_import__a_folder_that_cannot_be_written(studio: Path, folder: Path) -> None:
    (folder / "music").write_text("in the way")
    work = Import(studio, folder, NEEDED)
    plan = work.plan()
    with pytest.raises(AdminError, match="can't be written"):
        list(work.carry_out(plan))
    listed = read_manifest(folder)
    assert listed, "what was done is listed"
    assert all((folder / clip).is_file() for clip in listed)


def test_keep__files_that_are_right_are_written_down(folder: Path) -> None:
    soundfile.write(folder / "en/hello.wav", voice(1, 8000), 8000)
    keep(["en/hello.wav"], folder, NEEDED)
    origin = read_manifest(folder)["en/hello.wav"]
    assert (origin.text, origin.engine) == ("Hello.", None)
    with pytest.raises(AdminError) as caught:
        keep(["en/hello.wav", "en/helo.wav", "en/bye.flac"], folder, NEEDED)
    assert [fault.message for fault in caught.value.faults] == ["no menu has this prompt", "there is no such file"]
    assert "did you mean `en/hello.wav`?" in str(caught.value)
