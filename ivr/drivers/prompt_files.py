"""The recordings in `audio_prompts/`: found, checked, and kept in a cache as the media plane plays them.

A clip is a file's path relative to the folder, with its extension: `en/main.wav` is that file and no other. The cache
holds each clip decoded, as raw signed 16-bit little-endian samples, mono, 8 kHz, under the hash of what it came from.
"""

import hashlib
import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from ivr.audio import telephone
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.clip_editing import fade_edges, trim_ends

SUFFIXES = (".wav", ".mp3", ".ogg", ".flac")
MUSIC_FOLDER = "music/"      # clips here are loops: softer than speech, and their ends are never cut or faded
MAX_SECONDS = 600.0          # a longer file is a mistake, and a plane that holds it in memory pays for it
MAX_CLIPS = 5000             # 24 MB an hour of prompts in each law; more files than this is the wrong folder
PIPELINE = 1                 # raise it when the samples that come out for the same file change
STALE_AFTER = 7 * 86400.0    # unused entries of the cache go after a week: an older control may still load them

_BLOCK_FRAMES = 1 << 16
_SAMPLE_BYTES = 2

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class _Known:
    """What was found for a file as it stood at `stamp` (size in bytes, time of change in ns)."""

    stamp: tuple[int, int]
    raw: Path
    seconds: float


class PromptCatalogue:
    """Every playable clip below a folder, with its length. Nothing is read before `scan`."""

    def __init__(self, folder: Path, cache_folder: Path) -> None:
        self.folder = folder
        self.cache_folder = cache_folder
        self.faults: tuple[Fault, ...] = ()
        self.refused: Mapping[str, Fault] = {}      # those of `faults` that are about one clip
        self._known: dict[str, _Known] = {}
        self._last_good: dict[str, _Known] = {}

    def scan(self, progress: Progress | None = None) -> Mapping[str, float]:
        """Look at the folder again; clips and their lengths in seconds. Files that are as they were are not read.

        Files that can't be played are left out and stand in `faults`. `progress` is told how many of how many files
        are done, and the clip. Raises AdminError if the cache can't be written.
        """
        faults: list[Fault] = []
        refused: dict[str, Fault] = {}
        known: dict[str, _Known] = {}
        paths = list(self._files(faults))
        for done, (clip, path) in enumerate(paths, 1):
            try:
                known[clip] = self._prepare(clip, path)
            except ClipFault as wrong:
                refused[clip] = wrong.fault
            if progress:
                progress(done, len(paths), clip)
        self._known, self.refused, self.faults = known, refused, (*faults, *refused.values())
        self._last_good = dict([*self._last_good.items(), *known.items()][-2 * MAX_CLIPS:])
        self._forget_stale()
        return self.lengths

    @property
    def lengths(self) -> Mapping[str, float]:
        """Clip to seconds, as of the last scan."""
        return {clip: found.seconds for clip, found in self._known.items()}

    def raw_path(self, clip: str) -> Path:
        """The file of raw samples for a clip; where the last scan refused or missed it, what an earlier one found.

        So a menu in use keeps all its clips while its folder is being changed. Raises KeyError for an unknown clip.
        """
        return self._last_good[clip].raw

    def _files(self, faults: list[Fault]) -> Iterator[tuple[str, Path]]:
        if not self.folder.is_dir():
            faults.append(Fault(Place(str(self.folder)), "this folder of prompts does not exist", "make it, or correct "
                                "its path in the configuration"))
            return
        found = sorted(path for path in self.folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()
                       and not any(part.startswith(".") for part in path.relative_to(self.folder).parts))
        if len(found) > MAX_CLIPS:
            faults.append(Fault(Place(str(self.folder)), f"of {len(found)} sound files only {MAX_CLIPS} are used",
                                "is this the folder that was meant?"))
        yield from ((path.relative_to(self.folder).as_posix(), path) for path in found[:MAX_CLIPS])

    def _prepare(self, clip: str, path: Path) -> _Known:
        """The clip's entry of the cache, made if it isn't there."""
        try:
            status = path.stat()
            stamp = (status.st_size, status.st_mtime_ns)
            known = self._known.get(clip)
            if known is None or known.stamp != stamp or not _usable(known.raw):
                raw = self.cache_folder / f"{_key(clip, path)}.s16"
                if not _usable(raw):
                    _store(raw, decode(clip, path))
                known = _Known(stamp, raw, raw.stat().st_size / _SAMPLE_BYTES / telephone.RATE)
            os.utime(known.raw)                     # in use: not stale
        except OSError as error:
            raise _refusal(path, f"it can't be read: {error.strerror}", "let the service read it") from None
        return known

    def _forget_stale(self) -> None:
        used = {found.raw for found in self._last_good.values()}
        before = time.time() - STALE_AFTER
        for path in [*self.cache_folder.glob("*.s16"), *self.cache_folder.glob(".*.s16.*")]:
            try:
                if path not in used and path.stat().st_mtime < before:
                    path.unlink()
            except FileNotFoundError:
                continue                            # another process of ours was quicker


class ClipFault(Exception):
    """One file that can't be played."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def decode(clip: str, path: Path) -> telephone.Samples:
    """A sound file as its callers hear it: mono 8 kHz at the level of its kind, over-long silence at its ends cut.

    Clips in `music/` are loops and keep their ends. Raises ClipFault.
    """
    samples, rate = _read(path)
    try:
        if clip.startswith(MUSIC_FOLDER):
            return telephone.to_telephone(samples, rate, telephone.MUSIC_LEVEL_DBOV)
        return fade_edges(trim_ends(telephone.to_telephone(samples, rate)))
    except ValueError as error:
        raise _refusal(path, str(error), "save it again as 16-bit WAV") from None


def write_wav(path: Path, samples: telephone.Samples) -> None:
    """Write a clip as 16-bit mono WAV at 8 kHz, whole or not at all. Raises OSError."""
    content = io.BytesIO()
    soundfile.write(content, samples, telephone.RATE, subtype="PCM_16", format="WAV")
    write_whole(path, content.getvalue())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whoever else writes the same one. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def _read(path: Path) -> tuple[npt.NDArray[np.float64], int]:
    """Mono samples and rate; channels are mixed block by block, so that a long file in many channels stays small."""
    try:
        with soundfile.SoundFile(path) as sound:
            limit = int(MAX_SECONDS * sound.samplerate)
            if sound.frames > limit:
                raise _refusal(path, f"it is longer than {MAX_SECONDS / 60:.0f} minutes", "cut it, or play it in parts")
            blocks = [block.mean(axis=1) for block in sound.blocks(_BLOCK_FRAMES, always_2d=True, dtype="float64")]
            rate = int(sound.samplerate)
    except (soundfile.SoundFileError, RuntimeError) as error:
        reason = str(getattr(error, "error_string", error))
        raise _refusal(path, f"it can't be decoded: {reason}", f"allowed are {_allowed()}") from None
    samples = np.concatenate(blocks) if blocks else np.zeros(0)
    if not len(samples):
        raise _refusal(path, "it holds no sound", "record it again, or delete it")
    return samples, rate


def _key(clip: str, path: Path) -> str:
    """Everything that decides the samples: the file's bytes, the kind of clip and the version of this pipeline."""
    kind = "music" if clip.startswith(MUSIC_FOLDER) else "speech"
    digest = hashlib.sha256(f"{PIPELINE} {kind} ".encode())
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:40]


def _usable(raw: Path) -> bool:
    """An entry that is there, and whole as far as its size tells."""
    try:
        size = raw.stat().st_size
    except OSError:
        return False
    return size > 0 and size % _SAMPLE_BYTES == 0


def _store(raw: Path, samples: telephone.Samples) -> None:
    try:
        write_whole(raw, samples.astype("<i2").tobytes())
    except OSError as error:
        raise AdminError([Fault(Place(str(raw.parent)), f"the cache of prompts can't be written: {error.strerror}",
                                "let the service write there, and see that the disk has room")]) from None


def _refusal(path: Path, message: str, remedy: str) -> ClipFault:
    return ClipFault(Fault(Place(str(path)), message, remedy))


def _allowed() -> str:
    return ", ".join(suffix.removeprefix(".") for suffix in SUFFIXES)
