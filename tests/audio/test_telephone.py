"""Recordings of any rate and loudness on their way to the telephone's 8 kHz."""

import numpy as np
import pytest

from ivr.audio import telephone


def tone(frequency: float, rate: int, seconds: float = 1.0, peak: float = 0.25) -> np.ndarray:
    return peak * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)


def rms_db(samples: np.ndarray) -> float:
    return 10 * np.log10(np.mean(np.asarray(samples, float) ** 2) + 1e-20)


def speech(rate: int = 8000, seconds: float = 6.0) -> np.ndarray:
    """Noise in the speech band in bursts of 0.3 s with pauses of 0.2 s, with a crest like a voice's."""
    generator = np.random.default_rng(4)
    spectrum = np.fft.rfft(generator.laplace(size=round(rate * seconds)))
    frequencies = np.fft.rfftfreq(round(rate * seconds), 1 / rate)
    spectrum[(frequencies < 300) | (frequencies > 3400)] = 0
    voice = np.fft.irfft(spectrum, round(rate * seconds))
    talking = np.arange(len(voice)) / rate % 0.5 < 0.3
    return voice * talking / np.abs(voice).max()


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 24000, 44100, 48000, 96000])
def test_resample__a_tone_in_the_band_keeps_its_level(rate: int) -> None:
    for frequency in (300, 1000, 3400):
        heard = telephone.resample(tone(frequency, rate), rate)
        assert len(heard) == pytest.approx(8000, abs=1)
        assert rms_db(heard[400:-400]) == pytest.approx(rms_db(tone(frequency, 8000)), abs=0.1)


@pytest.mark.parametrize(("rate", "frequency"), [
    (48000, 4100), (48000, 6000), (48000, 7900), (48000, 8500), (44100, 5000), (16000, 6000)])
def test_resample__nothing_above_the_band_folds_back(rate: int, frequency: int) -> None:
    heard = telephone.resample(tone(frequency, rate), rate)
    assert rms_db(heard[400:-400]) - rms_db(tone(frequency, rate)) < -60


@pytest.mark.parametrize("gain_db", [-38, -25, -12, 0, 10])
@pytest.mark.parametrize("rate", [8000, 44100])
def test_to_telephone__quiet_and_loud_end_alike(rate: int, gain_db: float) -> None:
    loud = speech(rate) * 10 ** (gain_db / 20)
    even = telephone.to_telephone(loud, rate)
    level = telephone.active_level_dbov(telephone.to_floats(even))
    assert level == pytest.approx(telephone.SPEECH_LEVEL_DBOV, abs=0.5)
    assert np.abs(even.astype(int)).max() <= 32768 * 10 ** (-1 / 20) + 1


def test_active_level__pauses_and_rumble_do_not_count() -> None:
    talk = speech()
    pauses = np.concatenate([talk, np.zeros(80000), talk])
    assert telephone.active_level_dbov(pauses) == pytest.approx(telephone.active_level_dbov(talk), abs=0.3)
    rumble = tone(60, 8000, len(talk) / 8000, 0.5)
    assert telephone.active_level_dbov(talk + rumble) == pytest.approx(telephone.active_level_dbov(talk), abs=0.3)
    assert telephone.active_level_dbov(tone(1000, 8000, peak=1.0)) == pytest.approx(-3.01, abs=0.1)


def test_to_telephone__silence_and_a_noise_floor_are_not_lifted() -> None:
    assert not telephone.to_telephone(np.zeros((4800, 2)), 48000).any()
    assert len(telephone.to_telephone(np.zeros(0), 48000)) == 0
    floor = np.random.default_rng(1).normal(size=8000) * 1e-4
    assert np.abs(telephone.to_telephone(floor, 8000)).max() < 32


def test_to_telephone__a_clip_at_its_level_passes_bit_by_bit() -> None:
    once = telephone.to_telephone(speech(), 8000)
    again = telephone.to_telephone(telephone.to_floats(once), 8000)
    assert np.abs(again.astype(int) - once).max() <= 1


def test_to_telephone__channels_are_mixed_and_a_constant_part_is_dropped() -> None:
    left = speech()
    stereo = np.stack([left, np.zeros_like(left)], axis=1) + 0.1
    assert np.array_equal(telephone.to_telephone(stereo, 8000), telephone.to_telephone(stereo.mean(axis=1), 8000))
    assert abs(telephone.to_telephone(stereo, 8000).mean()) < 20


def test_to_telephone__trims_nothing() -> None:
    late = np.concatenate([np.zeros(8000), speech(), np.zeros(8000)])
    assert len(telephone.to_telephone(late, 8000)) == len(late)


def test_to_telephone__no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="no numbers"):
        telephone.to_telephone(np.array([0.0, np.nan]), 8000)


def test_limit__bends_peaks_and_touches_nothing_else() -> None:
    quiet = tone(440, 8000, peak=0.5)
    assert telephone.limit(quiet) is quiet
    peak = quiet.copy()
    peak[4000] = 3.0
    limited = telephone.limit(peak)
    assert np.abs(limited).max() <= 10 ** (-1 / 20) + 1e-9
    assert np.allclose(limited[:3900], quiet[:3900], atol=1e-12)
    assert np.allclose(limited[4100:], quiet[4100:], atol=1e-12)


def test_frames__the_last_is_filled_with_silence() -> None:
    rows = telephone.frames(np.ones(321, np.int16))
    assert rows.shape == (3, 160)
    assert rows.sum() == 321
    assert telephone.frames(np.zeros(0, np.int16)).shape == (0, 160)
