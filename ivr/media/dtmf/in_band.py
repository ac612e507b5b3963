"""Keys heard in the audio (DTMF, ITU-T Q.23 and Q.24), of all legs at once.

Every 10 ms the last 40 ms of each leg are looked at:

    |<--------------- 40 ms --------------->|
    |<----- 0 ----->|           five windows of 20 ms, 5 ms apart, each multiplied with the eight tones;
         |<----- 1 ----->|      a tone of 40 ms leaves at most 5 ms of them empty, at one end,
              |<----- 2 ----->|           wherever it begins: 1, 2 and 3 are always full then
                   |<----- 3 ----->|
                        |<----- 4 ----->|

For all legs there is one product, with window 2; only those few in which two tones have a good part of the energy are
looked at closely. There the phase from window 1 to 2 to 3 gives each tone's frequency to a hertz, what both tones lack
of the energy is noise or speech, and windows 0 and 4 say whether the tones last as long as a key. A key is up when one
of its tones is missing from three windows in a row, 10 ms apart: no break of 20 ms parts a press, one of 40 ms does.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ivr.audio.dtmf import AMPLITUDE_0_DBM0, PAD
from ivr.media.columns import BLOCK_SAMPLES, NOBODY, RATE, Columns, Mask, Rows
from ivr.media.dtmf.keys import DIGITS, NOTHING, Releases
from ivr.media.dtmf.tone_gate import BASIS, TONES, WINDOW_SAMPLES, Floats, Samples, ToneGate

HOP_SAMPLES, SPAN_SAMPLES = BLOCK_SAMPLES, 320
SPAN_BLOCKS = SPAN_SAMPLES // BLOCK_SAMPLES
STEP_SAMPLES = 40

# Q.24 lets us choose what lies between accept and refuse: these leave the most room on both sides, as measured with
# noise at 15 dB through µ-law (what must be a key) and on 149 minutes of speech and music (what must not).
FREQUENCY = 0.025           # of a tone, off: 0.015 is a key, 0.035 is none
SHARE = 0.86                # of the energy in both tones: keys have 0.905 or more
STRONGER_DBM0, WEAKER_DBM0 = -31.0, -40.0       # both at -26 are a key, with a twist of 8 dB too, both at -36 are none
HIGHER_DB, LOWER_DB = 6.0, -10.0                # the high tone against the low one: +4 and -8 are wanted
SHORTER_DB, LOUDER_DB = -2.2, 1.8               # windows 0 and 4 against 2: keys of 40 ms have -1, tones of 24 ms -3.4;
ONE_SHORTER_DB, ONE_LOUDER_DB = -5.0, 3.0       # ... each tone by itself, which noise moves more
WOBBLE = 0.012              # of a tone: what its frequency may change in 5 ms; noise makes it 0.007
CHIRP = 0.014               # ... from the first half to the second
GONE_DB, GONE_HOPS = -10.0, 3                   # a tone is missing; and for how long until its key is up

def _amplitude(dbm0: float) -> float:
    return float(AMPLITUDE_0_DBM0 * 10 ** (dbm0 / 20))


def _ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))


_STEP_TURN = np.exp(-2j * np.pi * TONES * STEP_SAMPLES / RATE).astype(np.complex64)       # undone: what is left is off
_HERTZ = RATE / (2 * np.pi * STEP_SAMPLES)      # of a turn by one radian in a step
_DIGIT_OF = np.array([DIGITS.index(key) for key in PAD])
_PLACE_OF = np.array([PAD.index(key) for key in DIGITS])


class Changes(NamedTuple):
    """What 10 ms changed, in this order: keys that came up, keys that went down."""

    released: Releases
    pressed: Rows
    digits: Rows


def hear(table: Columns, gate: ToneGate, rows: Rows, block: Samples, number: int,
         spans: Callable[[Rows], Samples]) -> Changes:
    """Take block `number` of these rows, shape (rows, 80), each row at most once. `spans` gives the 40 ms of some rows
    that end with it, shape (n, 320)."""
    may = gate.passes(rows, block, number)
    rows = rows[may | (table.tone_digit[rows] != NOBODY)]
    if not len(rows):
        return Changes(NOTHING, rows, rows)
    samples = spans(rows)
    digits = judge(samples)
    down = np.flatnonzero(table.tone_digit[rows] != NOBODY)
    gone = _gone(table, rows[down], samples[down])
    new = (digits != NOBODY) & (digits != table.tone_digit[rows])
    over = new[down] | gone
    released = _release(table, rows[down[over]])
    _press(table, rows[new], digits[new], samples[new])
    return Changes(released, rows[new], digits[new])


def forget(table: Columns, rows: Rows) -> Releases:
    """These rows are not heard any more: their keys are up."""
    return _release(table, rows[table.tone_digit[rows] != NOBODY])


def judge(samples: Samples) -> Rows:
    """Which key sounds through each span, shape (n, 320), as an index of DIGITS, or NOBODY."""
    spans = samples.astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(spans, WINDOW_SAMPLES, axis=1)[:, ::STEP_SAMPLES]
    parts = windows @ BASIS.T
    every = parts[..., :8] + 1j * parts[..., 8:]                    # (n, 5 windows, 8 tones)
    middle = np.abs(every[:, 2])
    place = np.stack([middle[:, :4].argmax(1), middle[:, 4:].argmax(1) + 4], axis=1)        # (n, 2): row, column
    found = np.take_along_axis(every, place[:, None, :], axis=2)    # (n, 5, 2)
    amplitudes = np.abs(found)
    digits = np.full(len(spans), NOBODY, np.intp)
    left = _lasts(amplitudes).nonzero()[0]          # of speech little lasts
    if len(left):
        found, place, amplitudes, spans = found[left], place[left], amplitudes[left], spans[left]
        off = _off(found, place)
        good = _has_frequency(off, place) & _has_level(amplitudes, off, spans)
        digits[left[good]] = _DIGIT_OF[4 * place[good, 0] + place[good, 1] - 4]
    return digits


def _off(found: NDArray[np.complex64], place: Rows) -> Floats:
    """How many hertz each tone is off, from each window to the next: shape (n, 4, 2)."""
    turns = found[:, 1:] * found[:, :-1].conj() * _STEP_TURN[place][:, None]
    hertz: Floats = np.angle(turns) * np.float32(_HERTZ)
    return hertz


def _has_frequency(off: Floats, place: Rows) -> Mask:
    """Whether both tones are near enough to theirs, and stay there."""
    first, second, third, fourth = (off / TONES[place][:, None]).transpose(1, 0, 2)
    both = (np.abs(second + third) < 2 * FREQUENCY) & (np.abs(second - third) < WOBBLE) \
        & (np.abs(first + second - third - fourth) < 2 * CHIRP)
    good: Mask = both.all(axis=1)
    return good


def _lasts(amplitudes: Floats) -> Mask:
    """Whether the tones fill windows 0 and 4 as they fill 2."""
    ends, middle = amplitudes[:, 0::4], amplitudes[:, 2:3]
    squares, square = (ends ** 2).sum(axis=2), (middle ** 2).sum(axis=2)
    together = (squares > _ratio(SHORTER_DB) ** 2 * square) & (squares < _ratio(LOUDER_DB) ** 2 * square)
    good: Mask = together.all(axis=1)
    good &= ((ends > _ratio(ONE_SHORTER_DB) * middle) & (ends < _ratio(ONE_LOUDER_DB) * middle)).all(axis=(1, 2))
    return good


def _has_level(amplitudes: Floats, off: Floats, spans: Floats) -> Mask:
    """Whether both tones are loud enough, by themselves, against each other and against all else."""
    powers = (amplitudes[:, 1:4] ** 2).mean(axis=1) / _gain(off[:, 1:3].mean(axis=1)) ** 2
    low, high = powers[:, 0], powers[:, 1]
    always_full = spans[:, STEP_SAMPLES:SPAN_SAMPLES - STEP_SAMPLES]
    energy = np.einsum("ij,ij->i", always_full, always_full) / always_full.shape[1]
    good: Mask = (np.maximum(low, high) > _amplitude(STRONGER_DBM0) ** 2) \
        & (np.minimum(low, high) > _amplitude(WEAKER_DBM0) ** 2)
    good &= (high < _ratio(HIGHER_DB) ** 2 * low) & (high > _ratio(LOWER_DB) ** 2 * low)
    good &= (low + high) / 2 > SHARE * energy
    return good


def _gain(hertz: Floats) -> Floats:
    """What the window leaves of a tone that is so far off."""
    bins = np.minimum(np.abs(hertz) * (WINDOW_SAMPLES / RATE), 0.92)        # at 1.0 the terms grow beyond all bounds
    squares = bins ** 2
    gain: Floats = np.sinc(bins) * (1 + 0.46 / 0.54 * squares / (1 - squares))
    return gain


def _tones_of(digits: Rows, samples: Samples) -> Floats:
    """The amplitudes of these keys' tones in window 4: shape (n, 2)."""
    parts = samples[:, -WINDOW_SAMPLES:].astype(np.float32) @ BASIS.T
    places = _PLACE_OF[digits]
    both = np.stack([places // 4, places % 4 + 4], axis=1)
    amplitudes: Floats = np.hypot(np.take_along_axis(parts, both, axis=1), np.take_along_axis(parts, both + 8, axis=1))
    return amplitudes


def _gone(table: Columns, rows: Rows, samples: Samples) -> Mask:
    """Of rows with a key down, whether it is up now. Counts."""
    amplitudes = _tones_of(table.tone_digit[rows].astype(np.intp), samples)
    before = np.stack([table.tone_low[rows], table.tone_high[rows]], axis=1)
    missing = (amplitudes < _ratio(GONE_DB) * before).any(axis=1)
    table.tone_gap[rows] = np.where(missing, table.tone_gap[rows] + 1, 0)
    table.tone_hops[rows] += 1
    gone: Mask = table.tone_gap[rows] >= GONE_HOPS
    return gone


def _press(table: Columns, rows: Rows, digits: Rows, samples: Samples) -> None:
    if not len(rows):
        return
    amplitudes = _tones_of(digits, samples)
    table.tone_digit[rows] = digits
    table.tone_low[rows], table.tone_high[rows] = amplitudes[:, 0], amplitudes[:, 1]
    table.tone_gap[rows] = 0
    table.tone_hops[rows] = SPAN_BLOCKS


def _release(table: Columns, rows: Rows) -> Releases:
    if not len(rows):
        return NOTHING
    digits = table.tone_digit[rows].astype(np.intp)
    hops = table.tone_hops[rows] - table.tone_gap[rows]
    table.tone_digit[rows] = NOBODY
    return Releases(rows, digits, (hops * (1000 * HOP_SAMPLES // RATE)).astype(np.intp))
