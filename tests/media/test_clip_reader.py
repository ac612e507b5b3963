"""Clips from raw files, and files that are none."""

import os
from pathlib import Path

import numpy as np
import pytest

from ivr.audio.g711 import encode_ulaw
from ivr.drivers.clip_reader import ClipReader
from ivr.drivers.sound_file import wav_header
from ivr.media.commands import DropClip, LoadClip
from ivr.media.events import ClipFailed, ClipLoaded, Event
from ivr.media.playing.clips import ClipBank
from tests.media.virtual_peer import ramp


@pytest.fixture
def reader() -> ClipReader:
    return ClipReader(ClipBank(20.0))


def load(reader: ClipReader, *paths: Path) -> list[Event]:
    for path in paths:
        assert reader.ask(LoadClip(path.name, str(path))) == []
    return reader.work(5.0)


def raw(path: Path, samples: np.ndarray) -> Path:  # type: ignore[type-arg]
    path.write_bytes(samples.astype("<i2").tobytes())
    return path


def test_reader__a_clip_of_many_pieces(tmp_path: Path) -> None:
    bank = ClipBank(20.0)
    samples = np.random.default_rng(1).integers(-32768, 32767, 100_037).astype(np.int16)
    assert load(ClipReader(bank), raw(tmp_path / "a", samples)) == [ClipLoaded("a", pytest.approx(12.51))]
    clip = bank.get("a")
    assert clip is not None
    octets = bank.gather(np.array([clip.start]), np.array([clip.start + clip.blocks]), np.array([0]), clip.blocks)
    assert octets[0, :len(samples)].tobytes() == encode_ulaw(samples).tobytes()


def test_reader__a_little_at_a_time(reader: ClipReader, tmp_path: Path) -> None:
    reader.ask(LoadClip("a", str(raw(tmp_path / "a", np.zeros(8000, np.int16)))))
    assert reader.work(0.0) == []
    assert reader.busy
    assert reader.work(5.0) == [ClipLoaded("a", pytest.approx(1.0))]
    assert not reader.busy


def test_reader__files_that_are_no_clips(reader: ClipReader, tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"123")
    (tmp_path / "empty").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    long = raw(tmp_path / "long", np.zeros(8000 * 21, np.int16))
    good = raw(tmp_path / "good", ramp(1))
    told = load(reader, *(tmp_path / name for name in ("missing", "odd", "empty", "pipe", ".")), long, good)
    assert [type(event) for event in told] == [ClipFailed] * 6 + [ClipLoaded]
    assert "No such file" in told[0].reason  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [0, 3, 100_000])
def test_reader__a_file_that_changes_meanwhile(tmp_path: Path, size: int) -> None:
    bank = ClipBank(20.0)
    reader = ClipReader(bank)
    path = raw(tmp_path / "a", np.zeros(8000, np.int16))
    reader.ask(LoadClip("a", str(path)))
    reader._begin(reader._asked.popleft())
    os.truncate(path, size)
    told, = reader.work(5.0)
    assert isinstance(told, ClipFailed)
    assert bank.reserve("whole", 20 * 8000) is not None


def test_reader__a_drop_waits_for_the_load_before_it(tmp_path: Path) -> None:
    bank = ClipBank(20.0)
    reader = ClipReader(bank)
    reader.ask(LoadClip("a", str(raw(tmp_path / "a", ramp(1)))))
    reader.ask(DropClip("a"))
    assert len(reader.work(5.0)) == 1
    assert bank.get("a") is None


# --- recordings of ours -----------------------------------------------------------------------------------------------
def recorded(path: Path, left: np.ndarray) -> Path:  # type: ignore[type-arg]
    both = np.stack([left, np.full_like(left, 99)], axis=1).astype("<i2").tobytes()
    path.write_bytes(wav_header(len(both)) + both)
    return path


def test_recorded__its_left_channel(tmp_path: Path) -> None:
    bank = ClipBank(20.0, ("PCMU", "G722"))
    samples = np.random.default_rng(1).integers(-32768, 32767, 20_037).astype(np.int16)
    reader = ClipReader(bank)
    reader.ask(LoadClip("a", str(recorded(tmp_path / "a.wav", samples)), recorded=True))
    (told,) = reader.work(5.0)
    clip = bank.get("a")
    assert isinstance(told, ClipLoaded)
    assert clip is not None
    octets = bank.gather(np.array([clip.start]), np.array([clip.start + clip.blocks]), np.array([0]), clip.blocks)
    assert octets[0, :len(samples)].tobytes() == encode_ulaw(samples).tobytes()
    assert clip.encoded == {"G722": clip.blocks}


@pytest.mark.parametrize("content", [b"", b"RIFF", b"x" * 100, wav_header(0)])
def test_recorded__what_is_none(tmp_path: Path, reader: ClipReader, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    reader.ask(LoadClip("a", str(tmp_path / "a.wav"), recorded=True))
    (told,) = reader.work(5.0)
    assert isinstance(told, ClipFailed)
    assert not reader.busy


def test_recorded__cut_off_while_it_is_read(tmp_path: Path, reader: ClipReader) -> None:
    path = recorded(tmp_path / "a.wav", np.zeros(16_000, np.int16))
    reader.ask(LoadClip("a", str(path), recorded=True))
    assert reader.work(0.0) == []
    reader._begin(reader._asked.popleft())
    path.write_bytes(path.read_bytes()[:10_000])
    (told,) = reader.work(5.0)
    assert told == ClipFailed("a", "changed while it was read")
