"""Cutting and joining of clips with pydub, which is handed samples and never reads or resamples a file."""

import warnings
from collections.abc import Iterable

import numpy as np

from ivr.audio.telephone import RATE, Samples

with warnings.catch_warnings():
    # pydub looks for ffmpeg when it is imported and warns without it; nothing here ever needs ffmpeg
    warnings.filterwarnings("ignore", "Couldn't find ffmpeg or avconv", RuntimeWarning)
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence

FADE_MS = 8                  # long enough that no edge clicks, too short to soften a consonant
LEADING_MS = 80              # of silence are kept before a prompt and
TRAILING_MS = 200            # after it: the next one follows at a speaker's pace
SILENCE_DBFS = -50           # 30 dB under the level of speech
_STEP_MS = 10                # how finely silence is measured


def ends(samples: Samples) -> tuple[int, int] | None:
    """What is left in ms when silence at the ends of 8 kHz samples is cut down to what is kept; None for all of it.

    A clip that is all silence is a pause on purpose and stays."""
    segment = _segment(samples)
    leading = detect_leading_silence(segment, SILENCE_DBFS, _STEP_MS)
    if leading >= len(segment):
        return None
    trailing = detect_leading_silence(segment.reverse(), SILENCE_DBFS, _STEP_MS)
    first = max(0, leading - LEADING_MS)
    last = len(segment) - max(0, trailing - TRAILING_MS)
    return None if first == 0 and last == len(segment) else (first, last)


def cut(samples: Samples, kept: tuple[int, int] | None, rate: int = RATE) -> Samples:
    """What ends() said of the same sound, at any rate."""
    return samples if kept is None else _samples(_segment(samples, rate)[kept[0]:kept[1]])


def fade_edges(samples: Samples, rate: int = RATE) -> Samples:
    """The first and the last milliseconds faded, so that a cut wave doesn't click; ends on a whole millisecond."""
    segment = _segment(samples, rate)
    if len(segment) < 4 * FADE_MS:
        return samples
    return _samples(segment.fade_in(FADE_MS).fade_out(FADE_MS))


def join(parts: Iterable[Samples], pause_ms: int = 0) -> Samples:
    """The clips one after another with a pause between them."""
    joined, pause = None, AudioSegment.silent(pause_ms, RATE)
    for part in parts:
        joined = _segment(part) if joined is None else joined + pause + _segment(part)
    return np.zeros(0, np.int16) if joined is None else _samples(joined)


def _segment(samples: Samples, rate: int = RATE) -> AudioSegment:
    """pydub counts in whole milliseconds and loses the rest, so the last one is filled up with the last sample."""
    missing = -len(samples) % (rate // 1000)
    whole = np.pad(samples, (0, missing), mode="edge") if missing else samples
    return AudioSegment(data=whole.astype("<i2").tobytes(), sample_width=2, frame_rate=rate, channels=1)


def _samples(segment: AudioSegment) -> Samples:
    return np.frombuffer(segment.raw_data, "<i2").astype(np.int16)
