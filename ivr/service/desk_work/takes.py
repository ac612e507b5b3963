"""Earlier takes of prompts: kept beside the folder of prompts, as `hotline prompts import` keeps what it replaces.

    audio_prompts.replaced/2026-11-20T12-00-00/en/welcome.wav
    audio_prompts.replaced/2026-11-20T12-00-00/manifest.json     which text it had, and who made it
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

from ivr.base.errors import AdminError
from ivr.drivers.prompt_files import sound_files, write_whole
from ivr.drivers.prompt_manifest import Manifest, Origin, read_manifest, write_manifest, writing

STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}(\.[0-9]{1,4})?")
MOST_TAKES = 10         # of one prompt that are shown; older ones stay where they are
MOST_FOLDERS = 500      # that are looked into, the newest first


def kept_folder(folder: Path) -> Path:
    """Where takes of the prompts in `folder` are kept."""
    return Path(f"{folder}.replaced")


def takes_of(folder: Path) -> dict[str, tuple[str, ...]]:
    """By clip the stamps of its takes, the newest first."""
    found: dict[str, tuple[str, ...]] = {}
    for stamped in _folders(folder):
        for clip in sound_files(stamped):
            if len(found.get(clip, ())) < MOST_TAKES:
                found[clip] = (*found.get(clip, ()), stamped.name)
    return found


def take(folder: Path, clip: str, stamp: str) -> tuple[bytes, Origin | None]:
    """A take and how it came about. Raises OSError where there is none."""
    place = kept_folder(folder) / stamp
    return (place / clip).read_bytes(), _origins(place).get(clip)


def set_aside(folder: Path, clip: str, origin: Origin | None) -> None:
    """Keep a copy of what lies there now; nothing where nothing does. Raises AdminError."""
    path = folder / clip
    if not path.is_file():
        return
    place = _fresh(folder)
    with writing(place / clip):
        write_whole(place / clip, path.read_bytes())
    note(place, clip, origin)


def note(place: Path, clip: str, origin: Origin | None) -> None:
    """Write down how a take that is kept in `place` came about. Raises AdminError."""
    if origin is not None and (place / clip).is_file():
        write_manifest(place, {**_origins(place), clip: origin})


def _origins(place: Path) -> Manifest:
    try:
        return read_manifest(place)
    except AdminError:          # a take whose origin is not known is one all the same
        return {}


def _folders(folder: Path) -> Iterator[Path]:
    kept = kept_folder(folder)
    found = [path for path in kept.iterdir() if STAMP.fullmatch(path.name)] if kept.is_dir() else []
    yield from sorted(found, reverse=True)[:MOST_FOLDERS]


def _fresh(folder: Path) -> Path:
    """A folder of this second that is not there yet."""
    first = kept_folder(folder) / time.strftime("%Y-%m-%dT%H-%M-%S")
    number, found = 1, first
    while found.exists():
        number += 1
        found = first.with_name(f"{first.name}.{number}")
    return found
