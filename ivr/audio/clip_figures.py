"""What a recording is like before the service evens it: its level, its peak, where it is clipped or silent."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.audio.telephone import RATE, Floats, active_level_dbov, frame_powers, mono, resample

FRAMES_PER_SECOND = 50       # how finely silence at the ends is measured
SILENT_BELOW_DB = 25.0       # under the active level: noise of a quiet room, and no consonant
FULL_SCALE = 0.98            # of a wave's top; the highest values of G.711 lie there
_FLATTEST_RATE = 8000        # a top is flat that keeps its value for so long a part of a second, but 3 samples at least
_FLAT_SAMPLES = 3


@dataclass(frozen=True)
class Figures:
    """Levels are -inf for digital silence. Silence at the ends is what is 25 dB below speech."""

    seconds: float
    rate: int                  # samples per second of the file
    channels: int
    level_dbov: float          # active speech (ITU-T P.56) above 250 Hz, 0 for a square wave of full scale
    peak_db: float             # of the highest sample, 0 for full scale
    clipped: int               # how many tops of the wave stand flat at full scale
    leading: float             # seconds of silence before it begins
    trailing: float            # and after it ends


def figures(blocks: Iterable[npt.NDArray[np.floating]], rate: int) -> Figures:
    """Of samples in ±1.0, in blocks of shape (n, channels). Raises ValueError for values that are no numbers."""
    parts: list[Floats] = []
    highest, clipped, channels = 0.0, 0, 1
    for block in blocks:
        if not np.isfinite(block).all():
            raise ValueError("it holds values that are no numbers")
        highest = max(highest, float(np.abs(block).max(initial=0.0)))
        clipped += flat_tops(block, rate)
        channels = block.shape[1]
        parts.append(block.mean(axis=1, dtype=np.float64))
    samples = mono(np.concatenate(parts)) if parts else np.zeros(0)
    narrow = resample(samples, rate)
    level = active_level_dbov(narrow)
    return Figures(len(samples) / rate, rate, channels, level, _decibels(highest), clipped, *silent_ends(narrow, level))


def flat_tops(block: npt.NDArray[np.floating], rate: int) -> int:
    """How often a channel keeps one value at full scale for longer than a wave that fits would."""
    size = max(_FLAT_SAMPLES, rate // _FLATTEST_RATE)
    if len(block) < size or np.abs(block).max(initial=0.0) < FULL_SCALE:
        return 0
    same = (block[1:] == block[:-1]) & (np.abs(block[1:]) >= FULL_SCALE)
    flat: npt.NDArray[np.bool_] = np.all(np.lib.stride_tricks.sliding_window_view(same, size - 1, axis=0), axis=-1)
    return int(flat[0].sum() + (flat[1:] & ~flat[:-1]).sum())


def silent_ends(samples: Floats, level_dbov: float) -> tuple[float, float]:
    """Seconds of silence before and after what sounds in 8 kHz samples; all of it before where nothing does."""
    powers = frame_powers(samples)
    sounding = np.flatnonzero(powers > 10 ** ((level_dbov - SILENT_BELOW_DB) / 10))
    if level_dbov == -float("inf") or not len(sounding):
        return len(samples) / RATE, 0.0
    return float(sounding[0]) / FRAMES_PER_SECOND, float(len(powers) - 1 - sounding[-1]) / FRAMES_PER_SECOND


def _decibels(peak: float) -> float:
    return 20 * float(np.log10(peak)) if peak > 0 else -float("inf")
