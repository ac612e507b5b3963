"""Keys in the audio, by the table of ITU-T Q.24: every key at every alignment to our blocks."""

from dataclasses import replace

import numpy as np
import pytest

from ivr.audio.dtmf import PAD
from tests.support.tones import BEFORE, KEYS, NO_KEYS, TWICE, Ear, Tones, make, rates


@pytest.mark.parametrize("name", KEYS)
def test_q24__is_a_key(name: str) -> None:
    assert rates(KEYS[name]) == (1.0, 0.0)


@pytest.mark.parametrize("name", TWICE)
def test_q24__is_pressed_twice(name: str) -> None:
    assert rates(TWICE[name], presses=2) == (1.0, 0.0)


@pytest.mark.parametrize("name", NO_KEYS)
def test_q24__is_no_key(name: str) -> None:
    assert rates(NO_KEYS[name]) == (0.0, 1.0)


@pytest.mark.parametrize("law", ["alaw", "none"])
@pytest.mark.parametrize("tones", [Tones(), Tones(-26.0, -34.0, snr=15.0), Tones(0.0, 0.0, 0.015, -0.015)], ids=str)
def test_q24__through_other_codecs(law: str, tones: Tones) -> None:
    assert rates(replace(tones, law=law)) == (1.0, 0.0)


def test_in_band__is_told_how_long_a_key_was_down() -> None:
    digits, starts = np.arange(16), BEFORE + 5 * np.arange(16)
    for length in (0.04, 0.1, 1.0):
        ear = Ear(16)
        ear.hear_all(make(Tones(pieces=(length,)), digits, starts))
        assert len(ear.durations) == 16
        assert all(0 <= duration - length * 1000 <= 20 for duration in ear.durations)


def test_in_band__a_key_that_is_held_is_one_press_though_it_fades() -> None:
    digits, starts = np.arange(16), np.full(16, BEFORE)
    samples = make(Tones(pieces=(9.0,)), digits[::4], starts[::4])
    ear = Ear(4)
    ear.hear_all((samples * np.linspace(1.0, 0.5, samples.shape[1])).astype(np.int16))
    assert ear.pressed == list(PAD[::4])
    assert len(ear.durations) == 4


def test_in_band__another_key_without_a_pause() -> None:
    ear = Ear(1)
    two = [make(Tones(pieces=(0.1,)), np.array([digit]), np.array([BEFORE]))[:, :BEFORE + 800] for digit in (0, 5)]
    ear.hear_all(np.concatenate([two[0], two[1][:, BEFORE:], np.zeros((1, 800), np.int16)], axis=1))
    assert ear.pressed == ["15"]
    assert len(ear.durations) == 2
