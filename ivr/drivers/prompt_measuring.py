"""The figures of every sound file in a folder. Files that are as they were are not read again."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ivr.audio.clip_figures import Figures, figures
from ivr.drivers.clip_decoding import ClipFault, blocks, opened
from ivr.drivers.cores import usable_cores
from ivr.drivers.prompt_files import write_whole
from ivr.drivers.prompt_manifest import hash_of, writing

VERSION = 1                  # raise it when the figures of the same file change

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Measured:
    """A file as it was at `stamp` (size in bytes, time of change in ns). `form` and `encoding` as libsndfile says them;
    `figures` is None for a file that can't be played, and `trouble` and `remedy` say why."""

    stamp: tuple[int, int]
    sha256: str
    form: str = ""
    encoding: str = ""
    figures: Figures | None = None
    trouble: str = ""
    remedy: str = ""


def measure_folder(folder: Path, clips: Iterable[str], known: Mapping[str, Measured] | None = None,
                   progress: Progress = lambda done, total, clip: None) -> dict[str, Measured]:
    """The figures of these files below `folder`; those that are `known` with their stamp are taken from there."""
    wanted, found = sorted(clips), dict(known or {})
    with ThreadPoolExecutor(usable_cores()) as pool:
        measured = pool.map(lambda clip: measure(folder / clip, found.get(clip)), wanted)
        return dict(_counted(zip(wanted, measured, strict=True), len(wanted), progress))


def measure(path: Path, known: Measured | None = None) -> Measured:
    """One file, whatever is wrong with it."""
    try:
        status = path.stat()
        stamp = (status.st_size, status.st_mtime_ns)
        if known is not None and known.stamp == stamp:
            return known
        sha256 = hash_of(path)
    except OSError as error:
        return Measured((-1, -1), "", trouble=f"it can't be read: {error.strerror}", remedy="let the service read it")
    try:
        with opened(path) as sound:
            return Measured(stamp, sha256, sound.format, sound.subtype, figures(blocks(sound), int(sound.samplerate)))
    except ClipFault as wrong:
        return Measured(stamp, sha256, trouble=wrong.fault.message, remedy=wrong.fault.remedy)
    except ValueError as error:
        return Measured(stamp, sha256, trouble=str(error), remedy="save it again as 16-bit WAV")


def read_known(path: Path) -> dict[str, Measured]:
    """What an earlier run wrote; nothing where there is none, or one of another version."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        if kept["version"] != VERSION:
            return {}
        return {clip: _measured(entry) for clip, entry in kept["clips"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}                                   # a cache: it is made anew


def write_known(path: Path, measured: Mapping[str, Measured]) -> None:
    """Raises AdminError."""
    kept = {"version": VERSION, "clips": {clip: asdict(entry) for clip, entry in measured.items()}}
    with writing(path):
        write_whole(path, json.dumps(kept).encode())


def _measured(entry: dict[str, Any]) -> Measured:
    size, changed = entry["stamp"]
    numbers = entry["figures"]
    return Measured(**{**entry, "stamp": (size, changed), "figures": None if numbers is None else Figures(**numbers)})


def _counted(pairs: Iterable[tuple[str, Measured]], total: int, progress: Progress) -> Iterator[tuple[str, Measured]]:
    for done, pair in enumerate(pairs, 1):
        progress(done, total, pair[0])
        yield pair
