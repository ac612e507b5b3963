"""The manifest in the folder of prompts: which text each file had when it was rendered or recorded, and its hash.

A file that is not listed, or is no longer the one that was listed, was put there by a person: nothing overwrites it,
and which text it says nobody knows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.prompt_files import write_whole

NAME = "manifest.json"

Maker = Literal["engine", "person", "unknown"]


@dataclass(frozen=True)
class Origin:
    """How a file came about. `engine` as its `parse_engine` reads it, None for a recording."""

    language: str
    text: str
    engine: str | None
    sha256: str


Manifest = dict[str, Origin]


def read_manifest(folder: Path) -> Manifest:
    """What is listed so far. Raises AdminError if the manifest can't be read."""
    path = folder / NAME
    try:
        return {clip: Origin(**origin) for clip, origin in json.loads(path.read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise AdminError([Fault(Place(str(path)), f"the manifest of the prompts can't be read: {error}",
                                "put it back, or delete it: all files then count as a person's",
                                code="render-record-unreadable")]) from None


def write_manifest(folder: Path, manifest: Mapping[str, Origin]) -> None:
    """Raises AdminError."""
    listed = {clip: asdict(manifest[clip]) for clip in sorted(manifest)}
    with writing(folder / NAME):
        write_whole(folder / NAME, (json.dumps(listed, ensure_ascii=False, indent=1) + "\n").encode())


def maker(origin: Origin | None, sha256: str) -> Maker:
    """Who made the file with this hash."""
    if origin is None or origin.sha256 != sha256:
        return "unknown"
    return "person" if origin.engine is None else "engine"


def retold(origin: Origin, language: str, text: str) -> bool:
    """Whether a file says something else than it should now. Of a recording the words count alone: a person who spoke
    does not notice a comma, an engine does."""
    if origin.engine is not None:
        return (origin.language, origin.text) != (language, text)
    return (origin.language, _words(origin.text)) != (language, _words(text))


def hash_of(path: Path) -> str:
    """Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What goes wrong with the disk, as a fault of this file. Raises AdminError."""
    try:
        yield
    except OSError as error:
        raise AdminError([Fault(Place(str(path)), f"it can't be written: {error.strerror}",
                                "let this user write there, and see that the disk has room")]) from None


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.casefold()).split()
