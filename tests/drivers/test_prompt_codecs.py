"""Prompts in each codec: made once from the same recording at the codec's own rate, cut alike, nothing folded back."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.audio.codecs import CODECS
from ivr.audio.g711 import decode_alaw, encode_alaw
from ivr.drivers import prompt_files
from ivr.drivers.prompt_files import PromptCatalogue
from tests.support.peers import need_opus

CLIP = "en/a.wav"


def tones(rate: int, *frequencies: int, seconds: float = 2.0) -> np.ndarray:
    t = np.arange(round(rate * seconds)) / rate
    return sum(0.2 * np.sin(2 * np.pi * frequency * t) for frequency in frequencies)


def level_db(samples: np.ndarray, rate: int, frequency: int) -> float:
    """Of one frequency, in the middle second."""
    middle = len(samples) // 2
    window = np.hanning(rate)
    spectrum = np.abs(np.fft.rfft(samples[middle - rate // 2:middle + rate // 2] * window)) / window.sum()
    return 20 * float(np.log10(spectrum[frequency - 2:frequency + 3].max() + 1e-9))


@pytest.fixture
def catalogue(tmp_path: Path) -> PromptCatalogue:
    need_opus()
    (tmp_path / "prompts/en").mkdir(parents=True)
    return PromptCatalogue(tmp_path / "prompts", tmp_path / "cache", ("PCMA", "G722", "opus"))


def record(catalogue: PromptCatalogue, samples: np.ndarray, rate: int) -> None:
    soundfile.write(catalogue.folder / CLIP, samples, rate, subtype="PCM_24")
    catalogue.scan()
    assert catalogue.faults == ()


def octets(catalogue: PromptCatalogue, codec: str) -> bytes:
    return Path(dict(catalogue.encoded_paths(CLIP))[codec]).read_bytes()


def decoded(catalogue: PromptCatalogue, codec: str) -> np.ndarray:
    kind, given = CODECS[codec], octets(catalogue, codec)
    decoder = kind.decoder(kind.sample_rate)
    return np.concatenate([decoder.decode(given[at:at + 160]) for at in range(0, len(given), 160)])


def test_prompt__a_5_khz_tone_in_48_khz_does_not_fold_back(catalogue: PromptCatalogue) -> None:
    """At 8 kHz it would be heard at 3 kHz. 1,100 Hz beside it is what the level is measured against."""
    record(catalogue, tones(48_000, 1100, 5000), 48_000)
    raw = np.fromfile(catalogue.raw_path(CLIP), "<i2")
    for heard in (raw, decode_alaw(encode_alaw(raw))):
        assert level_db(heard, 8000, 3000) - level_db(heard, 8000, 1100) < -60


@pytest.mark.parametrize(("codec", "kept", "empty", "below"), [
    ("G722", 5000, 4000, -40), ("opus", 15_000, 11_000, -60)])
def test_prompt__wideband_codecs_have_what_the_recording_has(
        catalogue: PromptCatalogue, codec: str, kept: int, empty: int, below: float) -> None:
    """G.722 makes noise of its own: 40 dB below the tones, and what would fold back from 12 kHz is none above it."""
    record(catalogue, tones(48_000, 1100, kept, *([12_000] if codec == "G722" else [])), 48_000)
    heard, rate = decoded(catalogue, codec), CODECS[codec].sample_rate
    assert level_db(heard, rate, kept) - level_db(heard, rate, 1100) == pytest.approx(0, abs=1.5)
    assert level_db(heard, rate, empty) - level_db(heard, rate, 1100) < below


@pytest.mark.parametrize("seconds", [1.0, 1.234, 0.011])
def test_prompt__all_codecs_last_alike(catalogue: PromptCatalogue, seconds: float) -> None:
    record(catalogue, tones(44_100, 700, seconds=seconds), 44_100)
    samples = len(np.fromfile(catalogue.raw_path(CLIP), "<i2"))
    frames = -(-samples // 160)
    assert [len(octets(catalogue, codec)) for codec in ("G722", "opus")] == [160 * frames, 160 * frames]


def test_prompt__silence_is_cut_at_the_same_places(catalogue: PromptCatalogue) -> None:
    silence = np.zeros(48_000)
    record(catalogue, np.concatenate([silence, tones(48_000, 700), silence]), 48_000)
    raw = np.fromfile(catalogue.raw_path(CLIP), "<i2")
    for codec in ("G722", "opus"):
        heard, rate = decoded(catalogue, codec), CODECS[codec].sample_rate
        begins = np.flatnonzero(np.abs(heard.astype(int)) > 1500)[0] / rate
        assert begins == pytest.approx(np.flatnonzero(np.abs(raw.astype(int)) > 1500)[0] / 8000, abs=0.008)


def test_prompt__made_once_and_again_when_a_file_is_torn(
        catalogue: PromptCatalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[int]] = []
    real = prompt_files.decode_at
    monkeypatch.setattr(prompt_files, "decode_at",
                        lambda clip, path, rates: made.append(list(rates)) or real(clip, path, rates))
    record(catalogue, tones(16_000, 700), 16_000)
    whole = octets(catalogue, "opus")
    catalogue.scan()
    PromptCatalogue(catalogue.folder, catalogue.cache_folder, ("G722",)).scan()
    assert made == [[8000, 16_000, 48_000]]
    Path(dict(catalogue.encoded_paths(CLIP))["opus"]).write_bytes(whole[:-160])
    catalogue.scan()
    assert made[1:] == [[8000, 48_000]]
    assert octets(catalogue, "opus") == whole


def test_prompt__g711_alone_prepares_nothing_else(tmp_path: Path, catalogue: PromptCatalogue) -> None:
    plain = PromptCatalogue(catalogue.folder, tmp_path / "other", ("PCMA", "PCMU"))
    soundfile.write(catalogue.folder / CLIP, tones(16_000, 700), 16_000)
    plain.scan()
    assert plain.encoded_paths(CLIP) == ()
    assert [path.suffix for path in (tmp_path / "other").iterdir()] == [".s16"]
