"""Speech and music in which no key may be heard: Debian's asterisk-core-sounds in five languages, its music on hold,
our prompts and our own music; two and a half hours, cut into legs that are heard side by side."""

import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.audio.dtmf import tones
from ivr.audio.hold_music import hold_music
from ivr.media.dtmf.in_band import SPAN_SAMPLES
from tests.support.peers import missing
from tests.support.service import ROOT
from tests.support.tones import HOP, Ear, Samples, through

SOUNDS = Path("/usr/share/asterisk")
LEGS = 1000
GAP = np.zeros(SPAN_SAMPLES, np.int16)


def sound_of(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2), path
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def sound_in(folder: Path) -> Samples:
    return np.concatenate([piece for path in sorted(folder.rglob("*.wav")) for piece in (sound_of(path), GAP)])


def heard_in(samples: Samples) -> str:
    """The keys heard in this sound, which is cut into legs; each begins with the end of the one before."""
    length = -(-len(samples) // (LEGS * HOP)) * HOP
    padded = np.concatenate([GAP, through(samples, "ulaw"), np.zeros(length * LEGS - len(samples), np.int16)])
    legs = np.lib.stride_tricks.sliding_window_view(padded, length + SPAN_SAMPLES)[::length]
    ear = Ear(len(legs))
    ear.hear_all(legs)
    return "".join(ear.pressed)


@pytest.fixture(scope="module")
def sounds() -> Samples:
    if not (SOUNDS / "sounds").is_dir() or not (SOUNDS / "moh").is_dir():
        missing("asterisk-core-sounds-*-wav and asterisk-moh-opsound-wav")
    return sound_in(SOUNDS)


def test_talk_off__nobody_who_speaks_presses_a_key(sounds: Samples) -> None:
    assert len(sounds) > 149 * 60 * 8000
    assert heard_in(sounds) == ""


def test_talk_off__a_key_among_them_is_heard(sounds: Samples) -> None:
    part = sounds[:8000 * 600].copy()
    for place, digit in enumerate("159D"):
        at = (1 + place) * 8000 * 100
        part[at:at + 800] = tones(digit, 800)
    assert sorted(heard_in(part)) == sorted("159D")


def test_talk_off__our_prompts_and_music() -> None:
    assert heard_in(np.concatenate([sound_in(ROOT / "audio_prompts"), hold_music()])) == ""
