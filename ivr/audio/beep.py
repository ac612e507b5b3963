"""The beep after which callers speak: a tone of our own, no key's and no exchange's, that is over before they begin."""

import numpy as np

from ivr.audio.telephone import MUSIC_LEVEL_DBOV, RATE, Samples, even, to_samples

FREQUENCY = 1000.0       # Hz: the eight tones of keys lie between 697 and 1633 in pairs, and this is none of them
SECONDS = 0.3
_RAMP = RATE // 100      # samples in which it comes and goes, so that nothing clicks


def beep() -> Samples:
    """0.3 s at 8 kHz, at the level of music; the same samples at every call."""
    count = round(SECONDS * RATE)
    tone = np.sin(2 * np.pi * FREQUENCY / RATE * np.arange(count))
    tone[:_RAMP] *= np.linspace(0, 1, _RAMP)
    tone[-_RAMP:] *= np.linspace(1, 0, _RAMP)
    return to_samples(even(tone, MUSIC_LEVEL_DBOV))
