"""Decodes sound files into samples as callers hear them."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from ivr.audio import telephone
from ivr.base.errors import Fault, Place
from ivr.drivers.clip_editing import cut, ends, fade_edges

SUFFIXES = (".wav", ".mp3", ".ogg", ".flac")
MUSIC_FOLDER = "music/"      # clips here are loops: softer than speech, and their ends are never cut or faded
MAX_SECONDS = 600.0          # a longer file is a mistake, and a plane that holds it in memory pays for it

_BLOCK_FRAMES = 1 << 16


class ClipFault(Exception):
    """One file that can't be played."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def decode(clip: str, path: Path) -> telephone.Samples:
    """A sound file as its callers hear it: mono 8 kHz at the level of its kind, over-long silence at its ends cut.

    Clips in `music/` are loops and keep their ends. Raises ClipFault.
    """
    return decode_at(clip, path, [telephone.RATE])[0]


def decode_at(clip: str, path: Path, rates: Sequence[int]) -> list[telephone.Samples]:
    """The same at several rates, the first of which is 8 kHz and says where all of them are cut."""
    samples, rate = _read(path)
    music = clip.startswith(MUSIC_FOLDER)
    level = telephone.MUSIC_LEVEL_DBOV if music else telephone.SPEECH_LEVEL_DBOV
    try:
        made = telephone.to_rates(samples, rate, rates, level)
        if music:
            return made
        kept = ends(made[0])
        return [fade_edges(cut(each, kept, wanted), wanted) for each, wanted in zip(made, rates, strict=True)]
    except ValueError as error:
        raise refusal(path, str(error), "save it again as 16-bit WAV", code="clip-undecodable") from None


@contextlib.contextmanager
def opened(path: Path) -> Iterator[soundfile.SoundFile]:
    """A sound file that can be decoded and is not too long. Raises ClipFault, also while it is read."""
    try:
        with soundfile.SoundFile(path) as sound:
            if sound.frames > int(MAX_SECONDS * sound.samplerate):
                raise refusal(path, f"it is longer than {MAX_SECONDS / 60:.0f} minutes", "cut it, or play it in parts",
                               code="clip-too-long")
            yield sound
    except (soundfile.SoundFileError, RuntimeError) as error:
        reason = str(getattr(error, "error_string", error))
        raise refusal(path, f"it can't be decoded: {reason}", f"allowed are {_allowed()}",
                       code="clip-undecodable") from None


def blocks(sound: soundfile.SoundFile) -> Iterator[npt.NDArray[np.float64]]:
    """What an open file holds, in ±1.0, as arrays of shape (n, channels). Raises ClipFault where it is nothing."""
    empty = True
    for block in sound.blocks(_BLOCK_FRAMES, always_2d=True, dtype="float64"):
        empty = empty and not len(block)
        yield block
    if empty:
        raise refusal(Path(sound.name), "it holds no sound", "record it again, or delete it", code="clip-empty")


def _read(path: Path) -> tuple[npt.NDArray[np.float64], int]:
    """Mono samples and rate; channels are mixed block by block, so that a long file in many channels stays small."""
    with opened(path) as sound:
        return np.concatenate([block.mean(axis=1) for block in blocks(sound)]), int(sound.samplerate)


def refusal(path: Path, message: str, remedy: str, code: str) -> ClipFault:
    return ClipFault(Fault(Place(str(path)), message, remedy, code=code))


def _allowed() -> str:
    return ", ".join(suffix.removeprefix(".") for suffix in SUFFIXES)
