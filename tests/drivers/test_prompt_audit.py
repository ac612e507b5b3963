"""The audit of a folder with real sound files: each trouble with its code, whose file it is, and what to do."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.base.errors import AdminError
from ivr.drivers import prompt_measuring
from ivr.drivers.prompt_audit import Audit, AuditedClip, by_severity
from ivr.drivers.prompt_manifest import Origin, hash_of, write_manifest
from ivr.menu.needed_clips import NeededClip

VOICE = 0.3 * np.sin(np.arange(12000) * 2 * np.pi * 700 / 8000) * (0.6 + 0.4 * np.sin(np.arange(12000) / 400))


def needed(clip: str, text: str = "Hello.") -> NeededClip:
    return NeededClip(clip, clip.partition("/")[0], text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prompts/en").mkdir(parents=True)
    (tmp_path / "prompts/music").mkdir()
    return tmp_path / "prompts"


def audit(folder: Path, *wanted: NeededClip) -> dict[str, AuditedClip]:
    return {one.clip: one for one in Audit(wanted, folder, folder.parent / "measured.json").run()}


def codes(found: dict[str, AuditedClip]) -> dict[str, list[str]]:
    return {clip: [finding.code for finding in one.findings] for clip, one in found.items()}


def listed(folder: Path, clip: str, text: str = "Hello.", engine: str | None = None) -> dict[str, Origin]:
    return {clip: Origin(clip.partition("/")[0], text, engine, hash_of(folder / clip))}


def test_audit__a_folder_in_which_all_is_well(folder: Path) -> None:
    soundfile.write(folder / "en/a.wav", VOICE, 8000)
    soundfile.write(folder / "en/b.mp3", VOICE, 8000)
    soundfile.write(folder / "en/pause.wav", np.zeros(16000), 8000)
    soundfile.write(folder / "music/hold.ogg", np.tile(VOICE, 30), 8000)
    write_manifest(folder, {**listed(folder, "en/a.wav", engine="hibari"), **listed(folder, "en/b.mp3")})
    found = audit(folder, needed("en/a.wav"), needed("en/b.mp3"), needed("en/pause.wav", ""),
                  NeededClip("music/hold.ogg", "", ""))
    assert not any(codes(found).values())
    assert [found[clip].made_by for clip in sorted(found)] == ["engine", "person", "unknown", "unknown"]
    one = found["en/a.wav"]
    assert (one.used, one.language, one.text) == (True, "en", "Hello.")
    assert one.measured is not None
    assert one.measured.figures is not None
    assert one.measured.figures.seconds == 1.5


def test_audit__each_trouble_of_a_sound(folder: Path) -> None:
    rng = np.random.default_rng(1)
    sounds = {
        "good": VOICE, "long": np.tile(VOICE, 21), "quiet": VOICE * 0.02, "loud": np.sign(VOICE) * 0.9,
        "clipped": np.clip(VOICE * 5, -1, 0.99997), "still": np.zeros(8000), "early": np.append(np.zeros(8000), VOICE),
        "late": np.append(VOICE, 0.0001 * rng.standard_normal(16000))}
    for name, samples in sounds.items():
        soundfile.write(folder / f"en/{name}.wav", samples, 8000)
    soundfile.write(folder / "en/dull.wav", VOICE, 6000)
    soundfile.write(folder / "en/eight.wav", VOICE, 8000, subtype="PCM_U8")
    soundfile.write(folder / "en/mp3.wav", VOICE, 16000, format="MP3")
    (folder / "en/text.wav").write_text("no sound")
    soundfile.write(folder / "en/empty.wav", np.zeros(0), 8000)
    soundfile.write(folder / "en/nan.wav", np.array([0.0, np.nan]), 8000, subtype="FLOAT")
    names = [path.name for path in (folder / "en").iterdir()]
    write_manifest(folder, {clip: origin for name in names for clip, origin in listed(folder, f"en/{name}").items()})
    found = codes(audit(folder, *(needed(f"en/{name}") for name in names)))
    assert found == {
        "en/good.wav": [], "en/long.wav": ["prompt-too-long"], "en/quiet.wav": ["prompt-too-quiet"],
        "en/loud.wav": ["prompt-too-loud"], "en/clipped.wav": ["prompt-too-loud", "prompt-clipped"],
        "en/still.wav": ["prompt-silent"], "en/early.wav": ["prompt-silence-before"],
        "en/late.wav": ["prompt-silence-after"], "en/dull.wav": ["prompt-wrong-rate"],
        "en/eight.wav": ["prompt-wrong-format"], "en/mp3.wav": ["prompt-wrong-format"],
        "en/text.wav": ["prompt-unreadable"], "en/empty.wav": ["prompt-unreadable"],
        "en/nan.wav": ["prompt-unreadable"]}


def test_audit__missing_unused_and_what_may_be_meant(folder: Path) -> None:
    for name in ("wellcome.wav", "bye.mp3", "stray.wav"):
        soundfile.write(folder / "en" / name, VOICE, 8000)
    found = audit(folder, needed("en/welcome.wav"), needed("en/bye.wav"), needed("en/other.wav"),
                  needed("en/own.wav", ""))
    remedies = {clip: finding.remedy for clip, one in found.items() for finding in one.findings}
    assert remedies == {
        "en/welcome.wav": "is it `en/wellcome.wav`, which nothing uses? else let `hotline prompts build` render it, or "
                          "record it",
        "en/bye.wav": "is it `en/bye.mp3`, which nothing uses? else let `hotline prompts build` render it, or record "
                      "it",
        "en/other.wav": "let `hotline prompts build` render it, or record it",
        "en/own.wav": "record it",
        **dict.fromkeys(("en/wellcome.wav", "en/bye.mp3", "en/stray.wav"), "delete it, or name it in a menu")}
    assert [finding.severity for finding in by_severity(found.values())] == ["error"] * 4 + ["warning"] * 3


def test_audit__a_text_that_has_changed_since(folder: Path) -> None:
    for name in "abcde":
        soundfile.write(folder / f"en/{name}.wav", VOICE, 8000)
    write_manifest(folder, {**listed(folder, "en/a.wav", engine="hibari"), **listed(folder, "en/b.wav"),
                            **listed(folder, "en/c.wav"), **listed(folder, "en/d.wav")})
    soundfile.write(folder / "en/d.wav", VOICE * 0.9, 8000)             # replaced by hand
    found = audit(folder, needed("en/a.wav", "Good day."), needed("en/b.wav", "Good day."), needed("en/c.wav", "hello"),
                  needed("en/d.wav"), needed("en/e.wav"))
    assert codes(found) == {"en/a.wav": ["prompt-retold"], "en/b.wav": ["prompt-retold"], "en/c.wav": [],
                            "en/d.wav": ["prompt-unlisted"], "en/e.wav": ["prompt-unlisted"]}
    assert "prompts build" in found["en/a.wav"].findings[0].remedy
    assert "record it anew" in found["en/b.wav"].findings[0].remedy


def test_audit__two_menus_that_want_different_words(folder: Path) -> None:
    soundfile.write(folder / "en/a.wav", VOICE, 8000)
    found = audit(folder, needed("en/a.wav", "Hello."), needed("en/a.wav", "Good day."))
    assert codes(found)["en/a.wav"][0] == "prompt-two-texts"
    assert found["en/a.wav"].findings[0].severity == "error"


def test_audit__files_that_are_as_they_were_are_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        soundfile.write(folder / f"en/{name}.wav", VOICE, 8000)
    first = audit(folder, needed("en/a.wav"))
    read: list[Path] = []
    real = prompt_measuring.hash_of
    monkeypatch.setattr(prompt_measuring, "hash_of", lambda path: read.append(path) or real(path))
    assert audit(folder, needed("en/a.wav")) == first
    assert read == []
    soundfile.write(folder / "en/b.wav", VOICE[:8000], 8000)
    os.utime(folder / "en/a.wav", ns=(0, 0))
    again = audit(folder, needed("en/a.wav"))
    assert sorted(path.name for path in read) == ["a.wav", "b.wav"]
    assert again["en/b.wav"].measured != first["en/b.wav"].measured
    (folder.parent / "measured.json").write_text('{"version": 1, "clips": {"en/a.wav": 7}}')
    assert audit(folder, needed("en/a.wav")) == again, "a cache that is spoilt is made anew"


def test_audit__thousands_of_files_at_once(folder: Path) -> None:
    """Of the second look; the first one reads them all, in 4 ms each for 6 s at 8 kHz."""
    soundfile.write(folder / "en/0.wav", VOICE, 8000)
    for number in range(1, 3000):
        os.link(folder / "en/0.wav", folder / f"en/{number}.wav")
    known = {"en/0.wav": prompt_measuring.measure(folder / "en/0.wav")}
    prompt_measuring.write_known(folder.parent / "measured.json",
                                 {f"en/{number}.wav": known["en/0.wav"] for number in range(3000)})
    found = audit(folder, *(needed(f"en/{number}.wav") for number in range(6000)))
    assert len(found) == 6000
    assert sum("prompt-missing" in names for names in codes(found).values()) == 3000


def test_audit__a_cache_that_cannot_be_written(folder: Path) -> None:
    soundfile.write(folder / "en/a.wav", VOICE, 8000)
    (folder.parent / "file").write_text("in the way")
    with pytest.raises(AdminError, match="can't be written"):
        Audit([needed("en/a.wav")], folder, folder.parent / "file/measured.json").run()


def test_audit__figures_survive_their_cache(folder: Path, tmp_path: Path) -> None:
    soundfile.write(folder / "en/still.wav", np.zeros(8000), 8000)      # its level is minus infinity
    measured = {"en/still.wav": prompt_measuring.measure(folder / "en/still.wav")}
    prompt_measuring.write_known(tmp_path / "kept.json", measured)
    assert prompt_measuring.read_known(tmp_path / "kept.json") == measured
    assert dataclasses.asdict(measured["en/still.wav"])["figures"]["level_dbov"] == -float("inf")
