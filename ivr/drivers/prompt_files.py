"""The recordings in `audio_prompts/`: found, checked, and kept in a cache as the media plane plays them.

A clip is a file's path relative to the folder, with its extension: `en/main.wav` is that file and no other. The cache
holds each clip decoded, as raw signed 16-bit little-endian samples, mono, 8 kHz, under the hash of what it came from;
and beside that, made from the same recording at the codec's own rate, its octets in each wideband codec that is spoken.
"""

import hashlib
import io
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import soundfile

from ivr.audio import telephone
from ivr.audio.codecs import BLOCK_OCTETS, BLOCKS_PER_SECOND, CLIP_BLOCKS, CODECS
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.clip_decoding import MUSIC_FOLDER, SUFFIXES, ClipFault, decode_at, refusal
from ivr.drivers.plain_files import open_plain

MAX_CLIP_BYTES = 256 << 20   # ten minutes in stereo at 48 kHz and 32 bits have 230 MB; more would be read for long
MAX_CLIPS = 5000             # 24 MB an hour of prompts in each law; more files than this is the wrong folder
PIPELINE = 1                 # raise it when the samples that come out for the same file change
STALE_AFTER = 7 * 86400.0    # unused entries of the cache go after a week: an older control may still load them

_SAMPLE_BYTES = 2

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class _Known:
    """What was found for a file as it stood at `stamp` (size in bytes, time of change in ns)."""

    stamp: tuple[int, int]
    raw: Path
    seconds: float

    def encoded(self, codec: str) -> Path:
        """The file of its octets in a codec."""
        return self.raw.with_suffix(f".{codec.lower()}")


class PromptCatalogue:
    """Every playable clip below a folder, with its length. Nothing is read before `scan`. Of `codecs` the wideband ones
    are prepared; scan() raises CodecMissing where a library is not there."""

    def __init__(self, folder: Path, cache_folder: Path, codecs: Iterable[str] = ()) -> None:
        self.folder = folder
        self.cache_folder = cache_folder
        self._codecs = tuple(CODECS[name] for name in codecs if CODECS[name].wideband)
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

    def encoded_paths(self, clip: str) -> tuple[tuple[str, str], ...]:
        """The same for each codec that is prepared: its name and the file of its octets."""
        return tuple((codec.name, str(self._last_good[clip].encoded(codec.name))) for codec in self._codecs)

    def _files(self, faults: list[Fault]) -> Iterator[tuple[str, Path]]:
        if not self.folder.is_dir():
            faults.append(Fault(Place(str(self.folder)), "this folder of prompts does not exist", "make it, or correct "
                                "its path in the configuration", code="folder-missing"))
            return
        found = sound_files(self.folder)
        if len(found) > MAX_CLIPS:
            faults.append(Fault(Place(str(self.folder)), f"of {len(found)} sound files only {MAX_CLIPS} are used",
                                "is this the folder that was meant?", code="clips-too-many"))
        yield from list(found.items())[:MAX_CLIPS]

    def _prepare(self, clip: str, path: Path) -> _Known:
        """The clip's entry of the cache, made if it isn't there."""
        try:
            status = path.stat()
            if status.st_size > MAX_CLIP_BYTES:
                raise refusal(path, f"it is larger than {MAX_CLIP_BYTES >> 20} MB", "cut it, or save it as 16-bit WAV",
                              code="clip-too-long")
            stamp = (status.st_size, status.st_mtime_ns)
            known = self._known.get(clip)
            if known is None or known.stamp != stamp or self._lacking(known):
                raw = self.cache_folder / f"{_key(clip, path)}.s16"
                known = _Known(stamp, raw, _seconds(raw))
                lacking = self._lacking(known)
                if lacking:
                    known = self._make(clip, path, known, lacking)
            for file in self._files_of(known):
                os.utime(file)                      # in use: not stale
        except OSError as error:
            raise refusal(path, f"it can't be read: {error.strerror}", "let the service read it",
                           code="clip-unreadable") from None
        return known

    def _files_of(self, known: _Known) -> list[Path]:
        return [known.raw, *(known.encoded(codec.name) for codec in self._codecs)]

    def _lacking(self, known: _Known) -> list[Path]:
        """The files of a clip that are not there, or not whole as far as their size tells."""
        if not known.seconds or _seconds(known.raw) != known.seconds:
            return self._files_of(known)
        octets = _blocks(known.seconds) * BLOCK_OCTETS
        return [file for file in self._files_of(known)[1:] if _size(file) != octets]

    def _make(self, clip: str, path: Path, known: _Known, lacking: list[Path]) -> _Known:
        """Decode a clip once for all that lacks, and keep it."""
        wide = [codec for codec in self._codecs if known.encoded(codec.name) in lacking]
        samples, *others = decode_at(clip, path, [telephone.RATE, *(codec.sample_rate for codec in wide)])
        _store(known.raw, samples.astype("<i2").tobytes())
        known = _Known(known.stamp, known.raw, len(samples) / telephone.RATE)
        for codec, theirs in zip(wide, others, strict=True):
            _store(known.encoded(codec.name), codec.clip(theirs, _blocks(known.seconds)).tobytes())
        return known

    def _forget_stale(self) -> None:
        used = {file for found in self._last_good.values() for file in self._files_of(found)}
        before = time.time() - STALE_AFTER
        kinds = ["s16", *(codec.name.lower() for codec in CODECS.values() if codec.wideband)]
        entries = [path for kind in kinds for pattern in (f"*.{kind}", f".*.{kind}.*")
                   for path in self.cache_folder.glob(pattern)]
        for path in entries:
            try:
                if path not in used and path.stat().st_mtime < before:
                    path.unlink()
            except FileNotFoundError:
                continue                            # another process of ours was quicker


def sound_files(folder: Path, suffixes: Collection[str] = SUFFIXES) -> dict[str, Path]:
    """Clips and their files below a folder, sorted by path; what is hidden, or named in no UTF-8, is none."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes and path.is_file()
                   and not any(part.startswith(".") for part in path.relative_to(folder).parts)
                   and not any("\udc80" <= sign <= "\udcff" for sign in str(path.relative_to(folder))))
    return {path.relative_to(folder).as_posix(): path for path in found}


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


def _key(clip: str, path: Path) -> str:
    """Everything that decides the samples: the file's bytes, the kind of clip and the version of this pipeline."""
    kind = "music" if clip.startswith(MUSIC_FOLDER) else "speech"
    digest = hashlib.sha256(f"{PIPELINE} {kind} ".encode())
    with open_plain(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:40]


def _size(path: Path) -> int:
    """Of a file, in bytes; -1 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _seconds(raw: Path) -> float:
    """How long a file of samples is; 0 for one that is not there, or not whole as far as its size tells."""
    size = _size(raw)
    return size / _SAMPLE_BYTES / telephone.RATE if size > 0 and size % _SAMPLE_BYTES == 0 else 0.0


def _blocks(seconds: float) -> int:
    """Blocks of 10 ms that the plane reserves for a clip where codecs have files of their own: whole frames of all."""
    samples, clip_samples = round(seconds * telephone.RATE), CLIP_BLOCKS * telephone.RATE // BLOCKS_PER_SECOND
    return -(-samples // clip_samples) * CLIP_BLOCKS


def _store(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        raise AdminError([Fault(Place(str(path.parent)), f"the cache of prompts can't be written: {error.strerror}",
                                "let the service write there, and see that the disk has room",
                                code="cache-unwritable")]) from None
