"""Rendered prompts follow their texts; recordings of people are left alone."""

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.base.errors import AdminError
from ivr.drivers import prompt_rendering
from ivr.drivers.prompt_engines import CommandEngine
from ivr.drivers.prompt_rendering import ClipRendered, outdated, read_record, render_missing, write_hold_music

TONE = ("import numpy, soundfile, sys; n = 800 * len(sys.stdin.read()); "
        "soundfile.write(sys.argv[1], 0.2 * numpy.sin(numpy.arange(n) / 3), 8000)")
ENGINES = {"en": CommandEngine((sys.executable, "-c", TONE, "{out}")),
           "ru": CommandEngine((sys.executable, "-c", TONE, "{out}", "ru"))}
TEXTS = {"ru/hello.wav": ("ru", "Да"), "en/hello.wav": ("en", "Yes"), "en/menu/cards.wav": ("en", "Cards")}


def test_render_missing__makes_what_is_missing_and_tells_each(tmp_path: Path) -> None:
    told = list(render_missing(TEXTS, tmp_path, ENGINES))
    assert told == [ClipRendered("en/hello.wav", "en", pytest.approx(0.4, abs=0.01), 1, 3),
                    ClipRendered("en/menu/cards.wav", "en", pytest.approx(0.6, abs=0.01), 2, 3),
                    ClipRendered("ru/hello.wav", "ru", pytest.approx(0.3, abs=0.01), 3, 3)]
    assert all((tmp_path / clip).exists() for clip in TEXTS)
    assert read_record(tmp_path)["ru/hello.wav"].text == "Да"
    assert list(render_missing(TEXTS, tmp_path, ENGINES)) == []


def test_render_missing__a_changed_text_is_rendered_again_and_a_recording_is_not(tmp_path: Path) -> None:
    list(render_missing(TEXTS, tmp_path, ENGINES))
    soundfile.write(tmp_path / "ru/hello.wav", np.zeros(8000), 8000)                # a person's, over ours
    soundfile.write(tmp_path / "en/bye.wav", np.zeros(8000), 8000)                  # a person's, never ours
    changed = {**TEXTS, "ru/hello.wav": ("ru", "Нет"), "en/hello.wav": ("en", "Hello"), "en/bye.wav": ("en", "Bye")}
    assert outdated(changed, tmp_path) == ("en/hello.wav",)
    assert [told.clip for told in render_missing(changed, tmp_path, ENGINES)] == ["en/hello.wav"]
    (tmp_path / "en/menu/cards.wav").unlink()
    assert outdated(changed, tmp_path) == ("en/menu/cards.wav",)


def test_render_missing__what_is_done_is_kept_when_an_engine_fails_half_way(tmp_path: Path) -> None:
    engines = {**ENGINES, "ru": CommandEngine((sys.executable, "-c", "raise SystemExit('hoarse')", "{out}"))}
    with pytest.raises(AdminError, match="hoarse"):
        list(render_missing(TEXTS, tmp_path, engines))
    assert sorted(read_record(tmp_path)) == ["en/hello.wav", "en/menu/cards.wav"]
    assert [told.clip for told in render_missing(TEXTS, tmp_path, ENGINES)] == ["ru/hello.wav"]


def test_render_missing__all_faults_are_told_before_anything_is_rendered(tmp_path: Path) -> None:
    texts = {**TEXTS, "en/jingle.mp3": ("en", "La la"), "en/empty.wav": ("en", " "), "kk/hello.wav": ("kk", "Сәлем")}
    with pytest.raises(AdminError) as caught:
        next(render_missing(texts, tmp_path, ENGINES))
    assert [Path(fault.place.file).name for fault in caught.value.faults] == ["empty.wav", "jingle.mp3", "hello.wav"]
    assert "languages with an engine: en, ru" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["{", "[]", '{"a": {"text": 1}}', '{"a": 1}'])
def test_read_record__a_broken_record_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / prompt_rendering.RECORD).write_text(content)
    with pytest.raises(AdminError, match="record of rendered prompts"):
        read_record(tmp_path)


def test_write_hold_music__only_where_there_is_none(tmp_path: Path) -> None:
    assert write_hold_music(tmp_path)
    assert soundfile.info(tmp_path / prompt_rendering.HOLD_MUSIC).duration > 30
    assert not write_hold_music(tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AdminError, match="can't be written"):
        write_hold_music(tmp_path / "file")
