"""Which legs may hold a key in their audio: a first look at all of them, block by block, so that few need a second.

A window of 20 ms is two blocks, and so is its product with the eight tones: each block is multiplied once with the
first and the second half of the window's waves, and its first half waits for the next block.
"""

import numpy as np
from numpy.typing import NDArray

from ivr.audio.dtmf import AMPLITUDE_0_DBM0, HIGH, LOW
from ivr.media.columns import BLOCK_SAMPLES, NOBODY, RATE, Mask, Rows

Floats = NDArray[np.float32]
Samples = NDArray[np.int16]

WINDOW_SAMPLES = 2 * BLOCK_SAMPLES
STRONGER_DBM0, WEAKER_DBM0 = -34.0, -43.0       # 3 dB below what is asked for at the second look
SHARE = 0.55                # of the energy in two tones: 0.67 are left of tones that are 1.5 % off
HIGHER, LOWER = 10 ** 0.8, 10 ** -1.2       # the high tone's power against the low one's: 2 dB more than at the second
COUNT = len((*LOW, *HIGH))


def power(dbm0: float) -> float:
    """The squared amplitude of a tone."""
    return float(AMPLITUDE_0_DBM0 ** 2 * 10 ** (dbm0 / 10))


TONES = np.array((*LOW, *HIGH), np.float64)
_HAMMING = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES)
_ANGLES = 2 * np.pi / RATE * TONES[:, None] * np.arange(WINDOW_SAMPLES)
# Shape (16, 160): cosines, then sines; their squares add up to the squared amplitude of a tone.
BASIS: Floats = (np.concatenate([np.cos(_ANGLES), -np.sin(_ANGLES)]) * _HAMMING * 2 / _HAMMING.sum()).astype(np.float32)
_HALVES: Floats = np.concatenate([BASIS[:, :BLOCK_SAMPLES], BASIS[:, BLOCK_SAMPLES:]])      # (32, 80)
_QUIET = np.float32(power(STRONGER_DBM0) / 2 * BLOCK_SAMPLES / 4)       # energy of a block: two tones beat
_PART = np.float32(WINDOW_SAMPLES / 2 / SHARE)
_HIGHER, _LOWER = np.float32(HIGHER), np.float32(LOWER)
_STRONGER, _WEAKER = np.float32(power(STRONGER_DBM0)), np.float32(power(WEAKER_DBM0))


class ToneGate:
    """What waits of each row: the products of its last block, its energy (0: quiet), and whether its window passed."""

    def __init__(self, rows: int) -> None:
        self._halves: Floats = np.zeros((rows, 2 * COUNT), np.float32)
        self._energies: Floats = np.zeros(rows, np.float32)
        self._passed: Mask = np.zeros(rows, np.bool_)
        self._block = np.full(rows, NOBODY, np.int64)

    def passes(self, rows: Rows, samples: Samples, number: int) -> Mask:
        """Take block `number` of these rows, shape (rows, 80). Whether the window before it may hold a key, that is the
        two blocks before this one."""
        follows = self._block[rows] == number - 1
        before: Mask = follows & self._passed[rows]
        block = samples.astype(np.float32)
        energies = np.einsum("ij,ij->i", block, block)
        energies *= energies > _QUIET
        loud = energies.nonzero()[0]
        self._passed[rows] = False
        if len(loud):
            self._look(rows[loud], block[loud], energies[loud], follows[loud])
        self._energies[rows], self._block[rows] = energies, number
        return before

    def _look(self, rows: Rows, block: Floats, energies: Floats, follows: Mask) -> None:
        parts = block @ _HALVES.T
        whole = self._halves.take(rows, axis=0)
        whole += parts[:, 2 * COUNT:]
        whole *= whole
        powers = np.ascontiguousarray((whole[:, :COUNT] + whole[:, COUNT:]).T)      # (8, rows)
        low, high = powers[:COUNT // 2].max(axis=0), powers[COUNT // 2:].max(axis=0)
        earlier = self._energies[rows]
        self._passed[rows] = follows & (earlier > 0) & ((low + high) * _PART > earlier + energies) \
            & (np.minimum(low, high) > _WEAKER) & (np.maximum(low, high) > _STRONGER) \
            & (high < _HIGHER * low) & (high > _LOWER * low)
        self._halves[rows] = parts[:, :2 * COUNT]
