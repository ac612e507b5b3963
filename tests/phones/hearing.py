"""What a phone heard, compared with the clips that were played and with the tone that the other side made."""

import json
import wave
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ivr.audio.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from ivr.drivers.prompt_files import PromptCatalogue
from tests.support.service import ROOT, Service

RATE = 8000
FRAME_SAMPLES = 160          # 20 ms: what reaches the ear at one time
BLOCK_SAMPLES = 80           # 10 ms: what is looked for
BLOCK_TIME = BLOCK_SAMPLES / RATE
LOUD = 500                   # peak of a block that is no pause: by chance no two of these are equal
EDGE_BLOCKS = 6              # a phone's jitter buffer may begin late, or repeat the beginning
FEWEST_BLOCKS = 3            # less than this of a clip is chance
TONE_SHARE = 0.9             # of a frame's power, in one frequency: the tone is there
TONE_SECONDS = 90
WINDOW_SAMPLES = 800         # 100 ms: the tone's purity is measured over these

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Recording:
    """Samples at 8 kHz, and when each 20 ms of them reached the ear (monotonic seconds)."""

    samples: Samples
    times: tuple[float, ...]

    @classmethod
    def read(cls, path: Path) -> "Recording":
        """A WAV file and the times beside it; without them it began at 0."""
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2), file.getparams()
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        beside = Path(f"{path}.json")
        if beside.exists():
            return cls(samples, tuple(json.loads(beside.read_text())))
        return cls(samples, tuple(np.arange(len(samples) // FRAME_SAMPLES + 1) * FRAME_SAMPLES / RATE))

    def at(self, sample: int) -> float:
        """When this sample reached the ear."""
        frame, rest = divmod(sample, FRAME_SAMPLES)
        return self.times[frame] + rest / RATE

    def between(self, begin: float, end: float) -> "Recording":
        """The frames that came in this time."""
        first, last = np.searchsorted(self.times, [begin, end])
        return Recording(self.samples[first * FRAME_SAMPLES:last * FRAME_SAMPLES], self.times[first:last])

    @property
    def loudness(self) -> float:
        """Root mean square."""
        return float(np.sqrt(np.mean(self.samples.astype(np.float64) ** 2))) if len(self.samples) else 0.0


# --- clips ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Heard:
    """A stretch of one clip: blocks `first` to `last` of it, from `begin` to `end` at the ear.

    `gap`: the longest pause, leap or hole inside it, in seconds. `whole`: from its first sound to its last, but
    for EDGE_BLOCKS.
    `due_from` and `due_to`: when the clip's own first and last block were due, pauses at its ends included.
    """

    clip: str
    begin: float
    end: float
    first: int
    last: int
    gap: float
    whole: bool
    blocks: int

    @property
    def due_from(self) -> float:
        return self.begin - self.first * BLOCK_TIME

    @property
    def due_to(self) -> float:
        return self.end + (self.blocks - 1 - self.last) * BLOCK_TIME


class Clips:
    """The hotline's clips as they sound after one of G.711's laws."""

    def __init__(self, samples: Mapping[str, Samples]) -> None:
        self._known: dict[bytes, tuple[str, int]] = {}
        ambiguous: set[bytes] = set()
        self._blocks: dict[str, int] = {}
        for clip, original in samples.items():
            self._blocks[clip] = -(-len(original) // BLOCK_SAMPLES)
            for decoded in (decode_ulaw(encode_ulaw(original)), decode_alaw(encode_alaw(original))):
                for number in _loud_blocks(original):
                    block = decoded[number * BLOCK_SAMPLES:(number + 1) * BLOCK_SAMPLES].tobytes()
                    if self._known.setdefault(block, (clip, number)) != (clip, number):
                        ambiguous.add(block)
        for block in ambiguous:
            del self._known[block]
        self._numbers: dict[str, list[int]] = {}
        for clip, number in sorted(set(self._known.values())):
            self._numbers.setdefault(clip, []).append(number)

    def heard(self, recording: Recording) -> list[Heard]:
        """Every stretch of a clip in the order of hearing."""
        runs: list[list[tuple[int, str, int]]] = []
        for place in self._places(recording.samples):
            if not runs or runs[-1][-1][1] != place[1] or place[2] <= runs[-1][-1][2]:
                runs.append([])
            runs[-1].append(place)
        return [self._stretch(recording, run) for run in runs if len(run) >= FEWEST_BLOCKS]

    def _places(self, samples: Samples) -> Iterator[tuple[int, str, int]]:
        """Where which block of which clip begins, at any sample."""
        octets = samples.tobytes()
        for start in range(0, len(octets) - 2 * BLOCK_SAMPLES + 1, 2):
            found = self._known.get(octets[start:start + 2 * BLOCK_SAMPLES])
            if found is not None:
                yield start // 2, *found

    def _stretch(self, recording: Recording, run: list[tuple[int, str, int]]) -> Heard:
        (start, clip, first), (end, _, last) = run[0], run[-1]
        numbers = self._numbers[clip]
        place = {number: place for place, number in enumerate(numbers)}
        gap = 0.0
        for (before, _, left), (after, _, right) in pairwise(run):
            slip = (after - before) / RATE - (right - left) * BLOCK_TIME
            lost = (place[right] - place[left] - 1) * BLOCK_TIME
            gap = max(gap, abs(slip), lost)
        return Heard(clip, recording.at(start), recording.at(end + BLOCK_SAMPLES - 1), first, last, gap,
                     place[first] <= EDGE_BLOCKS and place[last] >= len(numbers) - 1 - EDGE_BLOCKS, self._blocks[clip])


def _loud_blocks(samples: Samples) -> list[int]:
    """The numbers of the whole blocks that are no pause."""
    blocks = samples[:len(samples) // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES).astype(np.int32)
    return [int(number) for number in np.flatnonzero(np.abs(blocks).max(axis=1) >= LOUD)]


def clips_of(service: Service, names: Iterable[str]) -> Clips:
    """Clips of the running service by name: `en/welcome.wav`, `music/hold.wav`."""
    catalogue = PromptCatalogue(ROOT / "audio_prompts", service.state / "clips")
    catalogue.scan()
    return Clips({name: np.fromfile(catalogue.raw_path(name), "<i2") for name in names})


# --- tones ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tone:
    """A tone at the ear: from when to when, its longest interruption in seconds, and how far all else lies below."""

    begin: float
    end: float
    gap: float
    purity_db: float

    @property
    def length(self) -> float:
        return self.end - self.begin


def tone_in(recording: Recording, hertz: float) -> Tone:
    """Where the recording holds this tone. Raises AssertionError if it is nowhere."""
    frames = recording.samples[:len(recording.samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    _, shares = _fit(frames.astype(np.float64), hertz)
    there = np.flatnonzero(shares > TONE_SHARE)
    assert len(there), f"{hertz:g} Hz was not heard"
    gap = float(np.diff(there).max() - 1) * FRAME_SAMPLES / RATE if len(there) > 1 else 0.0
    begin, end = int(there[0]), int(there[-1]) + 1
    inside = recording.samples[begin * FRAME_SAMPLES:end * FRAME_SAMPLES]
    windows = inside[:len(inside) // WINDOW_SAMPLES * WINDOW_SAMPLES].reshape(-1, WINDOW_SAMPLES)
    _, pure = _fit(windows.astype(np.float64), hertz)
    purity = -10 * float(np.log10(1 - np.median(pure) + 1e-9)) if len(pure) else 0.0
    return Tone(recording.times[begin], recording.times[end - 1] + FRAME_SAMPLES / RATE, gap, purity)


def _fit(windows: npt.NDArray[np.float64], hertz: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Each row's best sinusoid of this frequency: coefficients, and its share of the row's power (0 for silence)."""
    angles = 2 * np.pi * hertz * np.arange(windows.shape[1]) / RATE
    basis = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    coefficients = windows @ np.linalg.pinv(basis).T
    powers = (windows ** 2).sum(axis=1)
    rest = ((windows - coefficients @ basis.T) ** 2).sum(axis=1)
    return coefficients, np.where(powers > windows.shape[1] * 100.0, 1 - rest / np.maximum(powers, 1.0), 0.0)


def write_tone(path: Path, hertz: int) -> Path:
    """A WAV file of this tone, longer than any call here: PJSIP clicks where it begins a file again."""
    samples = np.rint(8000 * np.sin(2 * np.pi * hertz * np.arange(TONE_SECONDS * RATE) / RATE)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path
