"""Hold music of our own: a quiet electric piano over a pad, written here note by note, in the band of a telephone.

The piece is laid on a ring: what sounds past its end sounds into its beginning, so that the loop has no seam.
"""

import numpy as np
import numpy.typing as npt

from ivr.audio.telephone import MUSIC_LEVEL_DBOV, RATE, Samples, even, to_samples

BEATS_PER_MINUTE = 75        # a beat is 6400 samples, so every bar begins on a sample
_BEAT_SAMPLES = RATE * 60 // BEATS_PER_MINUTE
_BEATS = 4

# Sixteen bars in F major, as MIDI notes from low to high. The first eight ask, the last eight answer and lead back.
_CHORDS = (
    (53, 57, 60, 64), (50, 53, 57, 60), (58, 62, 65, 69), (48, 52, 58, 62),
    (57, 60, 64, 67), (50, 53, 57, 60), (55, 58, 62, 65), (48, 55, 58, 64),
    (58, 62, 65, 69), (60, 64, 67, 70), (57, 60, 64, 67), (50, 54, 57, 60),
    (55, 58, 62, 65), (48, 52, 58, 62), (53, 57, 60, 65), (48, 55, 58, 62),
)
# The melody, bar by bar: (beat within the bar, note).
_MELODY: tuple[tuple[tuple[float, int], ...], ...] = (
    ((0, 72), (1.5, 76), (3, 77)), ((0.5, 76), (2, 72), (3, 69)), ((0, 74), (1.5, 77), (3, 81)), ((0.5, 79), (2, 76)),
    ((0, 76), (1.5, 79), (3, 76)), ((0, 77), (2, 74), (3, 72)), ((0.5, 70), (1.5, 74), (3, 77)), ((0, 76), (2.5, 74)),
    ((0, 77), (1, 81), (3, 82)), ((0.5, 79), (2, 76), (3, 72)), ((0, 76), (1.5, 72), (2.5, 79)), ((0, 78), (2, 81)),
    ((0, 79), (1.5, 77), (3, 74)), ((0.5, 72), (1.5, 70), (3, 76)), ((0, 77), (2, 81), (3, 84)), ((0.5, 82), (2, 79)),
)
_BROKEN = (0, 2, 1, 3, 2, 3, 1, 2)                  # which note of the chord each eighth plays
_LATE = (0, 71, 22, 48, 9, 80, 35, 57)              # samples behind the beat: no player is exact
_STRONG, _WEAK = 0.19, 0.15                         # how hard a chord's note is struck

Floats = npt.NDArray[np.float64]


def hold_music() -> Samples:
    """51.2 s of music at 8 kHz, at the level of music, within 300 and 3400 Hz; the same samples at every call."""
    ring = np.zeros(len(_CHORDS) * _BEATS * _BEAT_SAMPLES)
    for bar, chord in enumerate(_CHORDS):
        _lay_bar(ring, bar * _BEATS * _BEAT_SAMPLES, chord, _MELODY[bar])
    return to_samples(even(_in_band(ring), MUSIC_LEVEL_DBOV))


def _lay_bar(ring: Floats, start: int, chord: tuple[int, ...], melody: tuple[tuple[float, int], ...]) -> None:
    for note in chord:
        _lay(ring, start - RATE // 5, _pad(_frequency(note + 12), _BEATS * _BEAT_SAMPLES / RATE + 0.8))
    for eighth, place in enumerate(_BROKEN):
        at = start + eighth * _BEAT_SAMPLES // 2 + _LATE[eighth]
        _lay(ring, at, (_WEAK if eighth % 4 else _STRONG) * _piano(_frequency(chord[place] + 12), 1.6))
    for beat, note in melody:
        _lay(ring, start + round(beat * _BEAT_SAMPLES), 0.16 * _piano(_frequency(note), 2.4))
    _lay(ring, start, 0.2 * _piano(_frequency(chord[0]), 2.5))


def _lay(ring: Floats, at: int, sound: Floats) -> None:
    np.add.at(ring, (at + np.arange(len(sound))) % len(ring), sound)


def _frequency(note: int) -> float:
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def _piano(frequency: float, seconds: float) -> Floats:
    """A struck tine: a sine whose phase another sine shakes, more at the start than later."""
    t = np.arange(round(seconds * RATE)) / RATE
    envelope = np.exp(-2.2 * t) * np.minimum(1, t / 0.006) * np.minimum(1, (seconds - t) / 0.05)
    wave = 2 * np.pi * frequency * t
    struck: Floats = np.sin(wave + 1.2 * np.exp(-5 * t) * np.sin(wave)) + 0.25 * np.exp(-4 * t) * np.sin(2 * wave)
    return envelope * struck


def _pad(frequency: float, seconds: float) -> Floats:
    """A soft chorus of pairs of sines, slightly apart, that swells and ebbs."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = np.zeros(len(t))
    for harmonic in (1, 2, 3):
        for detuned in (0.9988, 1.0012):
            wave += np.sin(2 * np.pi * frequency * harmonic * detuned * t) / harmonic ** 1.6
    return 0.045 * np.sin(np.pi * t / seconds) ** 0.6 * wave


def _in_band(ring: Floats) -> Floats:
    """Without what a telephone drops anyhow; filtered as a ring, so that the seam stays unheard."""
    frequencies = np.fft.rfftfreq(len(ring), 1 / RATE)
    gain = 1 / (1 + np.exp(-(frequencies - 260) / 25)) / (1 + np.exp((frequencies - 3300) / 30))
    return np.fft.irfft(np.fft.rfft(ring) * gain, len(ring))
