"""Any recording as the telephone carries it: one channel, 8 kHz (wideband codecs have more), 16 bits, one loudness."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import soxr

RATE = 8000                  # samples per second of every G.711 call
FRAME_SAMPLES = 160          # 20 ms

# Loudness is the active-speech level in dBov (0 = a square wave of full scale; ITU-T P.56). Networks and codecs are
# tested at -26; prompts stand 6 dB over that, as callers stand in streets, and still have 19 dB for the peaks of
# speech, so that the limiter hardly ever acts. It equals -14 dBm0; trunks want lasting levels below -13 (ITU-T V.2).
SPEECH_LEVEL_DBOV = -20.0
MUSIC_LEVEL_DBOV = -26.0     # softer than the voice that breaks into it

_SILENT_DBOV = -60.0         # softer than this is a noise floor, and is not lifted
_CLOSE_ENOUGH_DB = 0.25      # a clip that is this near its level stays as it is, bit by bit
_CONSTANT = 0.001            # less of a constant part than this is not heard
_CEILING = 10 ** (-1 / 20)   # peaks end 1 dB below full scale
_LOOKAHEADS_PER_SECOND = 200     # 5 ms on either side: the limiter's gain moves too slowly to be heard as a click
_HIGH_PASS_HZ = 250.0        # what is below, a telephone line drops: it must not count as loudness
_MARGIN_DB = 15.9            # P.56: active is what is less than this below the active level
_HANGOVER_FRAMES = 10        # P.56: 200 ms after it belong to it

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.int16]


def to_telephone(samples: npt.NDArray[np.floating], rate: int, level_dbov: float = SPEECH_LEVEL_DBOV) -> Samples:
    """Samples in ±1.0, shape (n,) or (n, channels), at `rate` per second, as mono 8 kHz at the level asked for.

    Nothing is trimmed. Silence stays silence. Raises ValueError for values that are no numbers.
    """
    return to_rates(samples, rate, (RATE,), level_dbov)[0]


def to_rates(samples: npt.NDArray[np.floating], rate: int, rates: Iterable[int],
             level_dbov: float = SPEECH_LEVEL_DBOV) -> list[Samples]:
    """The same at each of `rates`: all as loud as at 8 kHz, where the loudness is measured."""
    if not np.isfinite(samples).all():
        raise ValueError("it holds values that are no numbers")
    single = mono(samples)
    narrow, gain = evened(resample(single, rate), level_dbov)
    return [to_samples(narrow if wanted == RATE else limit(resample(single, rate, wanted) * gain, wanted))
            for wanted in rates]


def mono(samples: npt.NDArray[np.floating]) -> Floats:
    """The mean of all channels, without a constant part, which would click at the edges."""
    mixed = samples.astype(np.float64) if samples.ndim == 1 else samples.mean(axis=1, dtype=np.float64)
    constant = float(mixed.mean()) if len(mixed) else 0.0
    return mixed - constant if abs(constant) > _CONSTANT else mixed


def resample(samples: Floats, rate: int, wanted: int = RATE) -> Floats:
    """Mono samples at another rate; soxr's best filter lets nothing from above its half fold back into the band."""
    if rate == wanted:
        return samples
    resampled: Floats = soxr.resample(samples, rate, wanted, quality="VHQ")
    return resampled


def active_level_dbov(samples: Floats) -> float:
    """How loud 8 kHz samples in ±1.0 are while they sound, pauses left out, above 250 Hz; -inf for digital silence.

    The active-speech level of ITU-T P.56, method B, over frames of 20 ms in place of its smoothed envelope.
    """
    power = frame_powers(_high_pass(samples))
    active = power > 0
    while active.any():
        level = float(power[active].mean())
        narrower = active & _held(power > level * 10 ** (-_MARGIN_DB / 10))
        if (narrower == active).all():
            return 10 * float(np.log10(level))
        active = narrower
    return -float("inf")


def even(samples: Floats, level_dbov: float) -> Floats:
    """8 kHz samples brought to the level, their peaks bent under the ceiling; silence comes back as it is."""
    return evened(samples, level_dbov)[0]


def evened(samples: Floats, level_dbov: float) -> tuple[Floats, float]:
    """As even(), and the gain that it took in all."""
    gain = 1.0
    for _ in range(4):                                       # the limiter takes some loudness away again
        measured = active_level_dbov(samples)
        if measured < _SILENT_DBOV or abs(level_dbov - measured) < _CLOSE_ENOUGH_DB:
            break
        more = 10 ** ((level_dbov - measured) / 20)
        samples, gain = limit(samples * more), gain * more
    return limit(samples), gain


def limit(samples: Floats, rate: int = RATE) -> Floats:
    """The samples with a gain below 1 around each peak that passes the ceiling; no other sample changes."""
    magnitudes = np.abs(samples)
    if not len(samples) or magnitudes.max() <= _CEILING:
        return samples
    wanted = np.minimum(1.0, _CEILING / np.maximum(magnitudes, _CEILING))
    lookahead = rate // _LOOKAHEADS_PER_SECOND
    width = 2 * lookahead + 1
    lowest = _lowest(np.pad(wanted, 2 * lookahead, mode="edge"), width)
    window = np.hanning(width + 2)[1:-1]
    return samples * np.convolve(lowest, window / window.sum(), mode="valid")


def _lowest(values: Floats, width: int) -> Floats:
    """The least of each `width` values in a row, found by doubling: shape (n - width + 1,)."""
    span = 1
    while span * 2 <= width:
        values, span = np.minimum(values[:-span], values[span:]), span * 2
    rest = width - span
    return np.minimum(values[:len(values) - rest], values[rest:])


def to_samples(samples: Floats) -> Samples:
    """Floats in ±1.0 as 16-bit integers; what is beyond is clipped."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def to_floats(samples: Samples) -> Floats:
    """16-bit integers as floats in ±1.0."""
    return samples.astype(np.float64) / 32768


def frames(samples: Samples, size: int = FRAME_SAMPLES) -> Samples:
    """The samples as rows of `size`, the last one filled up with silence: shape (ceil(n / size), size)."""
    rows = -(-len(samples) // size)
    padded = np.zeros(rows * size, np.int16)
    padded[:len(samples)] = samples
    return padded.reshape(rows, size)


def _high_pass(samples: Floats) -> Floats:
    """Without what lies below 250 Hz; the flank is half an octave wide, so that nothing rings."""
    size = 1 << max(8, int(len(samples) - 1).bit_length())
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    slope = np.clip(np.log2(np.maximum(frequencies, 1.0) / (_HIGH_PASS_HZ / 2 ** 0.25)) / 0.5, 0, 1)
    gain = np.sin(slope * np.pi / 2) ** 2
    return np.fft.irfft(np.fft.rfft(samples, size) * gain, size)[:len(samples)]


def frame_powers(samples: Floats) -> Floats:
    """Mean square of each 20 ms; the last frame counts its own samples alone."""
    starts = np.arange(0, len(samples), FRAME_SAMPLES)
    if not len(starts):
        return np.zeros(0)
    sums: Floats = np.add.reduceat(samples ** 2, starts)
    return sums / np.diff(np.append(starts, len(samples)))


def _held(sounding: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """True where a frame sounds or one did in the last 200 ms."""
    held = sounding.copy()
    for shift in range(1, min(_HANGOVER_FRAMES, len(sounding) - 1) + 1):
        held[shift:] |= sounding[:-shift]
    return held
