"""Rendered prompts follow their texts; recordings of people are left alone; what is done once is not done again."""

import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.audio.telephone import SPEECH_LEVEL_DBOV
from ivr.base.errors import AdminError
from ivr.drivers import prompt_manifest, prompt_rendering, rendered_cache
from ivr.drivers.prompt_engines import CommandEngine, Engine
from ivr.drivers.prompt_manifest import Origin, read_manifest, write_manifest
from ivr.drivers.prompt_rendering import Build, ClipFailed, ClipRendered, Step, retold_clips, write_hold_music
from ivr.drivers.rendered_cache import RenderedCache
from ivr.menu.needed_clips import NeededClip

# A voice of its own, without the imports that would make it slow: a tone of 0.1 s per letter. It writes down its texts.
VOICE = """
import math, struct, sys, wave
text = sys.stdin.buffer.read().decode().strip()
with open(sys.argv[2], "a", encoding="utf-8") as log:
    log.write(text + "\\n")
if "hoarse" in text:
    raise SystemExit("hoarse")
with wave.open(sys.argv[1], "wb") as file:
    file.setparams((1, 2, 8000, 0, "NONE", ""))
    file.writeframes(b"".join(struct.pack("<h", int(6000 * math.sin(i / 3))) for i in range(800 * len(text))))
"""
HELLO, CARDS = NeededClip("en/hello.wav", "en", "Yes"), NeededClip("en/menu/cards.wav", "en", "Cards")
DA, MUSIC = NeededClip("ru/hello.wav", "ru", "Да"), NeededClip("music/hold.wav", "", "")
NEEDED = (HELLO, CARDS, DA, MUSIC)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def engines(tmp_path: Path, log: Path) -> dict[str, Engine]:
    (tmp_path / "voice.py").write_text(VOICE)
    program = (sys.executable, "-S", str(tmp_path / "voice.py"), "{out}", str(log))
    return {"en": CommandEngine(program), "ru": CommandEngine((*program, "{language}"))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prompts").mkdir()
    return tmp_path / "prompts"


Run = Callable[..., list[Step]]


@pytest.fixture
def run(folder: Path, engines: dict[str, Engine], tmp_path: Path) -> Run:
    def build(*needed: NeededClip, again: bool = False, **others: Engine) -> list[Step]:
        made = Build(needed, folder, {**engines, **others}, RenderedCache(tmp_path / "cache"), again)
        return sorted(made.steps(made.wanted()), key=lambda step: step.clip)

    return build


def spoken(log: Path) -> list[str]:
    """What the engines were asked for since the last look."""
    said = sorted(log.read_text("utf-8").splitlines()) if log.exists() else []
    log.unlink(missing_ok=True)
    return said


def clips(steps: list[Step]) -> list[str]:
    return [step.clip for step in steps]


def record(path: Path) -> None:
    """A person's recording."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(8000), 8000)


def test_build__makes_what_is_missing_and_tells_each(run: Run, folder: Path, log: Path) -> None:
    told = run(*NEEDED)
    assert clips(told) == ["en/hello.wav", "en/menu/cards.wav", "ru/hello.wav"]
    assert sorted(step.done for step in told) == [1, 2, 3]
    for step, seconds in zip(told, (0.3, 0.5, 0.2), strict=True):
        assert isinstance(step, ClipRendered)
        assert (step.total, step.from_cache) == (3, False)
        assert step.seconds == pytest.approx(seconds, abs=0.01) == soundfile.info(folder / step.clip).duration
        assert step.level_dbov == pytest.approx(SPEECH_LEVEL_DBOV, abs=0.3)
        assert -20 < step.peak_db <= -1.0
    listed = read_manifest(folder)
    assert listed["ru/hello.wav"].text == "Да"
    assert listed["ru/hello.wav"].sha256 == hashlib.sha256((folder / "ru/hello.wav").read_bytes()).hexdigest()
    assert spoken(log) == ["Cards", "Yes", "Да"]


def test_build__a_second_time_does_nothing(run: Run, folder: Path, log: Path) -> None:
    run(*NEEDED)
    spoken(log)
    stamps = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}
    assert run(*NEEDED) == []
    assert spoken(log) == []
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")} == stamps


def test_build__a_changed_text_is_rendered_again_and_a_recording_is_not(run: Run, folder: Path) -> None:
    run(*NEEDED)
    record(folder / "ru/hello.wav")                 # over ours
    record(folder / "en/bye.wav")                   # never ours
    before = (folder / "ru/hello.wav").read_bytes()
    changed = (NeededClip("en/hello.wav", "en", "Hello"), CARDS, NeededClip("ru/hello.wav", "ru", "Нет"),
               NeededClip("en/bye.wav", "en", "Bye"))
    assert clips(run(*changed)) == ["en/hello.wav"]
    assert (folder / "ru/hello.wav").read_bytes() == before
    (folder / "en/menu/cards.wav").unlink()
    assert clips(run(*changed)) == ["en/menu/cards.wav"]


def test_build__a_listed_recording_is_never_overwritten(run: Run, folder: Path) -> None:
    record(folder / "en/hello.wav")
    sha256 = prompt_manifest.hash_of(folder / "en/hello.wav")
    write_manifest(folder, {"en/hello.wav": Origin("en", "Yes", None, sha256)})
    assert run(NeededClip("en/hello.wav", "en", "No"), again=True) == []
    assert prompt_manifest.hash_of(folder / "en/hello.wav") == sha256


def test_build__a_text_that_comes_back_is_taken_from_the_cache(run: Run, folder: Path, log: Path) -> None:
    run(HELLO)
    first = (folder / "en/hello.wav").read_bytes()
    run(NeededClip("en/hello.wav", "en", "No"))
    assert spoken(log) == ["No", "Yes"]
    (back,) = run(HELLO)
    assert isinstance(back, ClipRendered)
    assert back.from_cache
    assert (folder / "en/hello.wav").read_bytes() == first
    assert spoken(log) == []


def test_build__another_engine_is_another_rendering(run: Run, engines: dict[str, Engine], log: Path) -> None:
    run(HELLO)
    spoken(log)
    assert run(HELLO, en=engines["ru"]) == [], "unless it is asked for"
    assert clips(run(HELLO, again=True, en=engines["ru"])) == ["en/hello.wav"]
    assert spoken(log) == ["Yes"]
    assert run(HELLO, again=True, en=engines["ru"]) == []


def test_build__a_spoilt_entry_of_the_cache_is_made_anew(run: Run, folder: Path, tmp_path: Path, log: Path) -> None:
    run(HELLO)
    whole = (folder / "en/hello.wav").read_bytes()
    (entry,) = (tmp_path / "cache").iterdir()
    entry.write_bytes(b"RIFF")
    (folder / "en/hello.wav").unlink()
    run(HELLO)
    assert spoken(log) == ["Yes", "Yes"]
    assert (folder / "en/hello.wav").read_bytes() == entry.read_bytes() == whole


def test_build__the_same_text_is_spoken_once_for_several_clips(run: Run, folder: Path, log: Path) -> None:
    told = run(HELLO, NeededClip("en/again.wav", "en", "Yes"))
    assert clips(told) == ["en/again.wav", "en/hello.wav"]
    assert spoken(log) == ["Yes"]
    assert (folder / "en/again.wav").read_bytes() == (folder / "en/hello.wav").read_bytes()
    assert sorted(read_manifest(folder)) == ["en/again.wav", "en/hello.wav"]


def test_build__what_was_killed_before_it_was_listed_is_known_again(run: Run, folder: Path, log: Path) -> None:
    """The file is in its place and the manifest is not written: not a person's, although nothing lists it."""
    run(HELLO, CARDS)
    run(NeededClip("en/hello.wav", "en", "No"))
    older = {"en/hello.wav": Origin("en", "Yes", "command: x {out}", "0" * 64)}
    write_manifest(folder, older)
    spoken(log)
    assert run(NeededClip("en/hello.wav", "en", "No"), CARDS) == []
    assert {clip: origin.text for clip, origin in read_manifest(folder).items()} == {
        "en/hello.wav": "No", "en/menu/cards.wav": "Cards"}
    assert clips(run(HELLO, CARDS)) == ["en/hello.wav"], "and follows its text again"
    assert spoken(log) == []


def test_build__what_is_done_when_it_is_interrupted_stays(folder: Path, engines: dict[str, Engine], tmp_path: Path,
                                                         log: Path) -> None:
    many = [NeededClip(f"en/{word}.wav", "en", word) for word in ("a", "b", "c", "d", "e", "f")]
    build = Build(many, folder, engines, RenderedCache(tmp_path / "cache"), jobs=1)
    steps = build.steps(build.wanted())
    first = next(steps)
    steps.close()                                       # as Ctrl-C does
    listed = read_manifest(folder)
    assert first.clip in listed
    assert set(listed) < {one.clip for one in many}
    rest = Build(many, folder, engines, RenderedCache(tmp_path / "cache"))
    list(rest.steps(rest.wanted()))
    assert spoken(log) == ["a", "b", "c", "d", "e", "f"], "each was spoken once"
    assert not list(folder.rglob(".*")), "and nothing half written is left"


def test_build__a_text_that_an_engine_refuses_stops_no_other(run: Run, folder: Path) -> None:
    refused = NeededClip("en/a.wav", "en", "hoarse")
    failed, *others = run(refused, *NEEDED)
    assert isinstance(failed, ClipFailed)
    assert failed.fault is not None
    assert failed.fault.place.file == str(folder / "en/a.wav")
    assert "failed with code 1 and said: hoarse" in failed.fault.message
    assert failed.fault.remedy == "try it by hand with the same text"
    assert clips(others) == ["en/hello.wav", "en/menu/cards.wav", "ru/hello.wav"]
    assert clips(run(refused, *NEEDED)) == ["en/a.wav"]


def test_build__an_engine_that_keeps_failing_is_not_asked_on(
        folder: Path, engines: dict[str, Engine], tmp_path: Path) -> None:
    many = [NeededClip(f"ru/{number}.wav", "ru", f"Да {number}") for number in range(20)]
    absent = CommandEngine(("no-such-voice", "{out}"))
    build = Build([*many, HELLO], folder, {**engines, "ru": absent}, RenderedCache(tmp_path / "cache"), jobs=1)
    steps = list(build.steps(build.wanted()))
    assert [step.clip for step in steps if isinstance(step, ClipRendered)] == ["en/hello.wav"]
    faults = [step.fault for step in steps if isinstance(step, ClipFailed)]
    assert len(faults) == 20
    told = [fault for fault in faults if fault is not None]
    assert prompt_rendering.MOST_FAILURES <= len(told) < 20
    assert all("there is no program 'no-such-voice'" in fault.message for fault in told)


def test_build__renders_side_by_side(folder: Path, engines: dict[str, Engine], tmp_path: Path,
                                     monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(2, timeout=20)
    real = prompt_rendering.speak

    def speak_together(text: str, language: str, engine: Engine) -> np.ndarray:
        meeting.wait()                                  # breaks unless two of them are here at once
        return real(text, language, engine)

    monkeypatch.setattr(prompt_rendering, "speak", speak_together)
    build = Build([HELLO, CARDS], folder, engines, RenderedCache(tmp_path / "cache"), jobs=2)
    assert all(isinstance(step, ClipRendered) for step in build.steps(build.wanted()))


def test_build__all_faults_are_told_before_anything_is_rendered(run: Run, folder: Path) -> None:
    with pytest.raises(AdminError) as caught:
        run(*NEEDED, NeededClip("en/jingle.mp3", "en", "La la"), NeededClip("kk/hello.wav", "kk", "Сәлем"),
            NeededClip("en/hello.wav", "en", "No"))
    assert [Path(fault.place.file).name for fault in caught.value.faults] == ["hello.wav", "jingle.mp3", "hello.wav"]
    assert "two menus want it with different texts: `No` and `Yes`" in str(caught.value)
    assert "languages with an engine: en, ru" in str(caught.value)
    assert list(folder.iterdir()) == []


def test_build__a_folder_that_cannot_be_written(run: Run, folder: Path) -> None:
    (folder / "en").write_text("in the way")
    (failed,) = run(HELLO)
    assert isinstance(failed, ClipFailed)
    assert "can't be written" in str(failed.fault)


def test_cache__keeps_to_its_bound_and_drops_what_was_not_used(run: Run, tmp_path: Path, log: Path) -> None:
    run(HELLO)
    run(CARDS)
    cache = RenderedCache(tmp_path / "cache")
    for path in cache.folder.iterdir():                 # the short one was used last
        os.utime(path, (0, 10**9 - path.stat().st_size))
    sizes = sorted(path.stat().st_size for path in cache.folder.iterdir())
    cache.forget(sizes[1] + sizes[0])
    assert len(list(cache.folder.iterdir())) == 2
    cache.forget(sizes[1])
    assert [path.stat().st_size for path in cache.folder.iterdir()] == [sizes[0]]
    assert rendered_cache.MOST_BYTES > 10**9


def test_retold__rendered_ones_by_every_sign_and_recordings_by_their_words(run: Run, folder: Path) -> None:
    run(HELLO, CARDS)
    record(folder / "ru/hello.wav")
    listed = read_manifest(folder)
    listed["ru/hello.wav"] = Origin("ru", "Да, слушаю", None, prompt_manifest.hash_of(folder / "ru/hello.wav"))
    write_manifest(folder, listed)
    assert retold_clips([HELLO, CARDS, NeededClip("ru/hello.wav", "ru", "Да! Слушаю.")], folder) == ()
    assert retold_clips([NeededClip("en/hello.wav", "en", "Yes."), CARDS, NeededClip("ru/hello.wav", "ru", "Да!")],
                        folder) == ("en/hello.wav", "ru/hello.wav")
    record(folder / "en/hello.wav")                     # nobody knows what this one says
    (folder / "ru/hello.wav").unlink()
    assert retold_clips([NeededClip("en/hello.wav", "en", "Yes."), NeededClip("ru/hello.wav", "ru", "Да!")],
                        folder) == ()


def test_read_manifest__a_pipe_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / prompt_manifest.NAME)
    with pytest.raises(AdminError, match="manifest of the prompts can't be read: it is a pipe"):
        read_manifest(tmp_path)


ENTRY = {"language": "en", "text": "Hello", "engine": None, "sha256": "00"}


@pytest.mark.parametrize(("entry", "says"), [
    (7, "must have language, text, engine, sha256"), (None, "must have"), ([], "must have"), ("x", "must have"),
    ({}, "`engine` is missing, `language` is missing, `sha256` is missing, `text` is missing"),
    ({**ENTRY, "text": None}, "`text` must be a text"), ({**ENTRY, "text": ["Hello"]}, "`text` must be a text"),
    ({**ENTRY, "engine": 7}, "`engine` must be a text or null"), ({**ENTRY, "sha256": {}}, "`sha256` must be a text"),
    ({**ENTRY, "language": True}, "`language` must be a text"), ({**ENTRY, "size": 7}, "`size` means nothing in it")])
def test_read_manifest__each_damaged_entry_is_told_and_nothing_lost(tmp_path: Path, entry: object, says: str) -> None:
    """Of a text that was none, nobody heard until a build compared it, in the middle of its work."""
    file = tmp_path / prompt_manifest.NAME
    file.write_text(json.dumps({"en/good.wav": ENTRY, "en/bad.wav": entry, "en/worse.wav": entry}))
    before = file.read_bytes()
    with pytest.raises(AdminError) as caught:
        read_manifest(tmp_path)
    bad, worse = caught.value.faults
    assert "the entry of en/bad.wav is damaged" in bad.message
    assert says in bad.message
    assert "en/worse.wav" in worse.message
    assert file.read_bytes() == before


def test_read_manifest__a_slip_has_its_line(tmp_path: Path) -> None:
    (tmp_path / prompt_manifest.NAME).write_text('{\n "en/a.wav": {\n<<<<<<< HEAD\n}}')
    with pytest.raises(AdminError, match=r"manifest\.json:3:1: error: the manifest of the prompts can't be read"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", "7", "null", "[" * 100_000, "\\ud800", '{"a": 1'])
def test_read_manifest__a_broken_one_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / prompt_manifest.NAME).write_text(content)
    with pytest.raises(AdminError, match="manifest of the prompts can't be read"):
        read_manifest(tmp_path)


def test_write_hold_music__only_where_there_is_none(tmp_path: Path) -> None:
    assert write_hold_music(tmp_path)
    assert soundfile.info(tmp_path / prompt_rendering.HOLD_MUSIC).duration > 30
    assert not write_hold_music(tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AdminError, match="can't be written"):
        write_hold_music(tmp_path / "file")
