"""The hold music loops without a seam and stays in the telephone's band."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.audio import telephone
from ivr.audio.hold_music import hold_music

SHIPPED = Path(__file__).parents[2] / "audio_prompts" / "music" / "hold.wav"


@pytest.fixture(scope="module")
def music() -> np.ndarray:
    return hold_music().astype(float)


def test_hold_music__the_loop_has_no_seam(music: np.ndarray) -> None:
    """At the seam neither the wave nor its slope jumps more than anywhere else, and nothing pauses there."""
    ring = np.concatenate([music[-400:], music[:400]])
    for order in (1, 2, 3):
        jumps = np.abs(np.diff(ring, order))
        seam = jumps[400 - order:400].max()
        assert seam <= np.percentile(np.abs(np.diff(music, order)), 99.5)
    loud = np.sqrt(np.mean(music ** 2))
    assert np.sqrt(np.mean(ring ** 2)) > loud / 4


def test_hold_music__is_in_the_band_and_at_its_level(music: np.ndarray) -> None:
    power = np.abs(np.fft.rfft(music)) ** 2
    frequencies = np.fft.rfftfreq(len(music), 1 / 8000)
    outside = power[(frequencies < 180) | (frequencies > 3500)].sum()
    assert outside / power.sum() < 10 ** (-30 / 10)
    assert telephone.active_level_dbov(music / 32768) == pytest.approx(telephone.MUSIC_LEVEL_DBOV, abs=0.5)
    assert np.abs(music).max() < 20000
    assert len(music) % telephone.FRAME_SAMPLES == 0, "the loop is whole frames, so no silence is put at its end"
    assert 30 * 8000 < len(music) < 90 * 8000


def test_hold_music__never_pauses(music: np.ndarray) -> None:
    seconds = telephone.frames(music.astype(np.int16), 4000).astype(float)
    assert np.sqrt(np.mean(seconds ** 2, axis=1)).min() > 150


def test_hold_music__the_shipped_file_is_this_music(music: np.ndarray) -> None:
    shipped, rate = soundfile.read(SHIPPED, dtype="int16")
    assert rate == 8000
    assert np.abs(shipped - music).max() <= 2          # another machine's sines may differ in the last bit
