"""Keys as tones in the audio, with every fault that ITU-T Q.24 speaks of; and who hears them."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.audio import g711
from ivr.audio.dtmf import AMPLITUDE_0_DBM0, HIGH, LOW, PAD
from ivr.media.columns import Columns
from ivr.media.dtmf import in_band
from ivr.media.dtmf.keys import DIGITS
from ivr.media.dtmf.tone_gate import ToneGate

RATE, HOP = 8000, 80
BEFORE = 480                # samples of silence, or noise, before a tone
Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Tones:
    """Levels in dBm0, lengths in seconds, `off` a part of the frequency, `snr` in dB against both tones together.

    `pieces`: lengths of tone and pause in turn, beginning and ending with a tone.
    """

    low: float = -10.0
    high: float = -10.0
    low_off: float = 0.0
    high_off: float = 0.0
    pieces: tuple[float, ...] = (0.04,)
    snr: float | None = None
    law: str = "ulaw"

    def __str__(self) -> str:
        fresh = Tones()
        said = [f"{name}={value}" for name, value in vars(self).items() if value != getattr(fresh, name)]
        return " ".join(said) or "as it should be"


def make(tones: Tones, digits: NDArray[np.intp], starts: NDArray[np.intp], seed: int = 1) -> Samples:
    """A leg for each of `digits` (places on the PAD), whose first tone begins at its sample of `starts`."""
    chance = np.random.default_rng(seed)
    sizes = [round(piece * RATE) for piece in tones.pieces]
    length = -(-(int(starts.max()) + sum(sizes) + 12 * HOP) // HOP) * HOP
    times = np.arange(length)
    low = np.array(LOW)[digits // 4] * (1 + tones.low_off)
    high = np.array(HIGH)[digits % 4] * (1 + tones.high_off)
    sounds = np.zeros((len(digits), length), np.bool_)
    at = starts
    for place, size in enumerate(sizes):
        if place % 2 == 0:
            sounds |= (times >= at[:, None]) & (times < at[:, None] + size)
        at = at + size
    amplitudes = [AMPLITUDE_0_DBM0 * 10 ** (level / 20) for level in (tones.low, tones.high)]
    samples = np.zeros((len(digits), length))
    for amplitude, hertz in zip(amplitudes, (low, high), strict=True):
        phases = chance.uniform(0, 2 * np.pi, len(digits))
        samples += amplitude * np.sin(2 * np.pi / RATE * hertz[:, None] * times + phases[:, None])
    samples *= sounds
    if tones.snr is not None:
        power = (amplitudes[0] ** 2 + amplitudes[1] ** 2) / 2
        samples += chance.standard_normal(samples.shape) * np.sqrt(power / 10 ** (tones.snr / 10))
    return through(np.clip(np.rint(samples), -32768, 32767).astype(np.int16), tones.law)


def through(samples: Samples, law: str) -> Samples:
    """What is left behind a codec."""
    if law == "ulaw":
        return g711.decode_ulaw(g711.encode_ulaw(samples))
    if law == "alaw":
        return g711.decode_alaw(g711.encode_alaw(samples))
    return samples


@dataclass
class Ear:
    """Listens to `legs` at once, block by block; what each has pressed and how long."""

    legs: int
    pressed: list[str] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pressed = [""] * self.legs
        self.table, self._gate, self._block = Columns(self.legs), ToneGate(self.legs), 0

    def hear(self, samples: Samples) -> None:
        """The last 40 ms of each leg."""
        self._block += 1
        changes = in_band.hear(self.table, self._gate, np.arange(self.legs), samples[:, -HOP:], self._block,
                               samples.__getitem__)
        for row, digit in zip(changes.pressed.tolist(), changes.digits.tolist(), strict=True):
            self.pressed[row] += DIGITS[digit]
        self.durations += changes.released.durations_ms.tolist()

    def hear_all(self, samples: Samples) -> None:
        """All that each leg says, from its first block on."""
        samples = np.pad(samples, ((0, 0), (in_band.SPAN_SAMPLES - HOP, 0)))
        for at in range(0, samples.shape[1] - in_band.SPAN_SAMPLES + 1, HOP):
            self.hear(samples[:, at:at + in_band.SPAN_SAMPLES])


def rates(tones: Tones, keys: int = 2, presses: int = 1, seed: int = 1) -> tuple[float, float]:
    """Of so many keys at each of the 80 alignments to a block: how many legs heard exactly that key as often as it was
    pressed, and how many heard none. With 16 these are all keys at all alignments."""
    starts = BEFORE + np.tile(np.arange(HOP), keys)
    digits = (np.arange(len(starts)) + 5 * np.repeat(np.arange(keys), HOP)) % 16
    ear = Ear(len(digits))
    ear.hear_all(make(tones, digits, starts, seed))
    right = [heard == PAD[digit] * presses for heard, digit in zip(ear.pressed, digits.tolist(), strict=True)]
    return float(np.mean(right)), float(np.mean([heard == "" for heard in ear.pressed]))


# --- the table of Q.24 ----------------------------------------------------------------------------------------------
NOISE = Tones(snr=15.0)
EACH = (("low", 1, 0), ("high", 0, 1), ("both", 1, 1), ("against each other", 1, -1))


def _off(of: Tones, part: float) -> dict[str, Tones]:
    return {f"{name} {sign * part * 100:+.1f} %": replace(of, low_off=low * sign * part, high_off=high * sign * part)
            for name, low, high in EACH for sign in (1, -1)}


def _with(of: Tones, **changes: Any) -> Tones:
    return replace(of, **changes)


KEYS: dict[str, Tones] = {
    "40 ms": Tones(),
    **_off(Tones(), 0.015),
    **{f"{level} dBm0": Tones(level, level) for level in (0.0, -3.0, -20.0, -26.0)},
    "twist +4": Tones(-14.0, -10.0), "twist -8": Tones(-10.0, -18.0),
    "twist +4 at -26 dBm0": Tones(-26.0, -22.0), "twist -8 at -26 dBm0": Tones(-26.0, -34.0),
    "noise at 15 dB": NOISE,
    "noise at 15 dB, -26 dBm0": _with(NOISE, low=-26.0, high=-26.0),
    "noise at 15 dB, twist +4": _with(NOISE, low=-14.0), "noise at 15 dB, twist -8": _with(NOISE, high=-18.0),
    **{f"noise at 15 dB, twist -8, {name}": tones
       for name, tones in _off(_with(NOISE, low=-18.0, high=-26.0), 0.015).items()},
    **{f"noise at 15 dB, twist +4, {name}": tones
       for name, tones in _off(_with(NOISE, low=-22.0, high=-18.0), 0.015).items()},
    "100 ms with a break of 10 ms": Tones(pieces=(0.05, 0.01, 0.05)),
    "100 ms with a break of 10 ms, noise at 15 dB": _with(NOISE, pieces=(0.05, 0.01, 0.05)),
}
TWICE: dict[str, Tones] = {
    "40 ms, pause of 40 ms, 40 ms": Tones(pieces=(0.04, 0.04, 0.04)),
    "the same with noise at 15 dB": _with(NOISE, pieces=(0.04, 0.04, 0.04)),
    "the same with noise at 15 dB, twist -8": _with(NOISE, pieces=(0.04, 0.04, 0.04), high=-18.0),
    "the same at -26 dBm0": Tones(-26.0, -26.0, pieces=(0.04, 0.04, 0.04)),
}
NO_KEYS: dict[str, Tones] = {
    **{name: _with(tones, pieces=(0.1,)) for name, tones in _off(Tones(), 0.035).items()},
    **{f"noise at 15 dB, twist -8, {name}": tones
       for name, tones in _off(_with(NOISE, high=-18.0, pieces=(0.1,)), 0.035).items()},
    **{f"noise at 15 dB, twist +4, {name}": tones
       for name, tones in _off(_with(NOISE, low=-14.0, pieces=(0.1,)), 0.035).items()},
    **{name: _with(tones, pieces=(0.1,)) for part in (0.05, 0.07) for name, tones in _off(Tones(), part).items()},
    **{f"{length} ms": Tones(pieces=(length / 1000,)) for length in (10, 20, 23, 24)},
    "24 ms, noise at 15 dB": _with(NOISE, pieces=(0.024,)),
    "-36 dBm0": Tones(-36.0, -36.0, pieces=(0.1,)), "-40 dBm0": Tones(-40.0, -40.0, pieces=(0.1,)),
    "the low tone alone": Tones(high=-99.0, pieces=(0.1,)), "the high tone alone": Tones(low=-99.0, pieces=(0.1,)),
}
