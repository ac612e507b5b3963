"""What is measured of a recording, and what is said of its figures."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ivr.audio.clip_figures import Figures, figures, flat_tops
from ivr.audio.clip_verdicts import LONGEST, form_verdicts, verdicts

GOOD = Figures(5.0, 8000, 1, -20.0, -3.0, 0, 0.1, 0.2)


def voice(seconds: float, rate: int = 8000, level: float = 0.3) -> np.ndarray:
    """A tone that swells and ebbs, and is never silent for long."""
    t = np.arange(round(seconds * rate)) / rate
    return level * np.sin(2 * np.pi * 700 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_figures__of_a_good_recording(rate: int) -> None:
    found = figures([voice(2, rate)[:, None]], rate)
    assert (found.rate, found.channels, found.clipped) == (rate, 1, 0)
    assert found.seconds == pytest.approx(2, abs=0.001)
    assert found.level_dbov == pytest.approx(20 * math.log10(0.3 / math.sqrt(2)) - 3.7, abs=0.6)
    assert found.peak_db == pytest.approx(20 * math.log10(0.3), abs=0.1)
    assert (found.leading, found.trailing) == (0, 0)


def test_figures__channels_are_mixed_and_blocks_joined() -> None:
    both = np.stack([voice(2), voice(2)], axis=1)
    whole, parts = figures([both], 8000), figures([both[:5000], both[5000:]], 8000)
    assert whole == parts
    assert whole.channels == 2
    assert replace(whole, channels=1) == figures([voice(2)[:, None]], 8000)


@pytest.mark.parametrize("noise", [0.0, 0.0005])
def test_figures__silence_at_the_ends_also_where_the_room_is_not_still(noise: float) -> None:
    rng = np.random.default_rng(1)
    samples = np.concatenate([np.zeros(8000), voice(1), np.zeros(16000)])
    found = figures([(samples + noise * rng.standard_normal(len(samples)))[:, None]], 8000)
    assert found.leading == pytest.approx(1, abs=0.05)
    assert found.trailing == pytest.approx(2, abs=0.05)


def test_figures__of_silence_and_of_nothing() -> None:
    still = figures([np.zeros((8000, 1))], 8000)
    assert (still.seconds, still.level_dbov, still.peak_db) == (1, -math.inf, -math.inf)
    assert (still.leading, still.trailing) == (1, 0)
    assert figures([], 8000).seconds == 0
    with pytest.raises(ValueError, match="no numbers"):
        figures([np.array([[0.1], [np.nan]])], 8000)


@pytest.mark.parametrize("rate", [8000, 16000, 48000, 96000])
def test_flat_tops__a_wave_that_was_cut_off_and_one_that_fits(rate: int) -> None:
    t = np.arange(rate) / rate
    wave = np.sin(2 * np.pi * 200 * t)[:, None]
    assert 190 <= flat_tops(np.clip(3 * wave, -1, 1) * 0.9999, rate) <= 400
    for hertz in (60, 100, 1000, 3400):
        fits = np.round(0.999 * np.sin(2 * np.pi * hertz * t) * 32767) / 32768
        assert flat_tops(fits[:, None], rate) == 0, f"{hertz} Hz"


def test_flat_tops__each_channel_and_each_top_counts_once() -> None:
    block = np.zeros((100, 2))
    block[10:20, 0], block[30:33, 0], block[50:54, 1], block[60:62, 1] = 1, -1, 0.99, 1
    assert flat_tops(block, 8000) == 3
    assert flat_tops(block[:2], 8000) == 0
    assert flat_tops(block / 2, 8000) == 0


@pytest.mark.parametrize(("changes", "codes"), [
    ({}, []),
    ({"seconds": LONGEST}, []),
    ({"seconds": LONGEST + 0.1}, ["prompt-too-long"]),
    ({"level_dbov": -40.0}, []),
    ({"level_dbov": -40.1}, ["prompt-too-quiet"]),
    ({"level_dbov": -10.0}, []),
    ({"level_dbov": -9.9}, ["prompt-too-loud"]),
    ({"level_dbov": -60.1}, ["prompt-silent"]),
    ({"level_dbov": -math.inf, "leading": 5.0}, ["prompt-silent"]),
    ({"clipped": 2}, []),
    ({"clipped": 3}, ["prompt-clipped"]),
    ({"leading": 0.5, "trailing": 1.0}, []),
    ({"leading": 0.6, "trailing": 1.1}, ["prompt-silence-before", "prompt-silence-after"]),
])
def test_verdicts__of_speech(changes: dict[str, float], codes: list[str]) -> None:
    found = list(verdicts(replace(GOOD, **changes), spoken=True, music=False))
    assert [verdict.code for verdict in found] == codes
    assert all(verdict.message and verdict.remedy for verdict in found)


def test_verdicts__a_pause_on_purpose_is_silent_and_music_is_long() -> None:
    pause = replace(GOOD, level_dbov=-math.inf, leading=5.0)
    assert list(verdicts(pause, spoken=False, music=False)) == []
    assert [verdict.code for verdict in verdicts(pause, spoken=False, music=True)] == ["prompt-silent"]
    loop = replace(GOOD, seconds=300, level_dbov=-45.0, leading=2.0, trailing=2.0)
    assert list(verdicts(loop, spoken=False, music=True)) == []
    assert list(verdicts(replace(GOOD, seconds=60), spoken=True, music=False, longest=60)) == []


@pytest.mark.parametrize(("ending", "form", "encoding", "rate", "codes"), [
    ("wav", "WAV", "PCM_16", 8000, []),
    ("wav", "WAVEX", "PCM_24", 96000, []),
    ("flac", "FLAC", "PCM_16", 44100, []),
    ("", "MP3", "MPEG_LAYER_III", 44100, []),
    ("wav", "MP3", "MPEG_LAYER_III", 44100, ["prompt-wrong-format"]),
    ("wav", "WAV", "PCM_U8", 8000, ["prompt-wrong-format"]),
    ("wav", "WAV", "PCM_16", 6000, ["prompt-wrong-rate"]),
])
def test_form_verdicts(ending: str, form: str, encoding: str, rate: int, codes: list[str]) -> None:
    assert [verdict.code for verdict in form_verdicts(ending, form, encoding, rate)] == codes
