"""The beep before a recording: the shipped file is it, nothing clicks, and no key is heard in it."""

import wave
from pathlib import Path

import numpy as np

from ivr.audio.beep import FREQUENCY, SECONDS, beep
from ivr.audio.telephone import RATE
from tests.media.test_talk_off import heard_in

SHIPPED = Path(__file__).parents[2] / "audio_prompts" / "music" / "beep.wav"


def test_beep__is_one_tone_that_comes_and_goes() -> None:
    samples = beep().astype(float)
    assert len(samples) == SECONDS * RATE
    assert abs(samples[0]) < 50 > abs(samples[-1])
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * RATE / len(samples) == FREQUENCY


def test_beep__is_no_key() -> None:
    assert heard_in(np.concatenate([beep()] * 4)) == ""


def test_beep__the_shipped_file_is_it() -> None:
    with wave.open(str(SHIPPED)) as file:
        assert (np.frombuffer(file.readframes(file.getnframes()), "<i2") == beep()).all()
