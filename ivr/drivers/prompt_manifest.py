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
from types import NoneType
from typing import Any, Literal

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.plain_files import read_plain
from ivr.drivers.prompt_files import write_whole

NAME = "manifest.json"
MAX_BYTES = 64 << 20        # ten thousand files with long texts have 20 MB
MAX_FAULTS = 200            # entries that are told of
KINDS: Mapping[str, tuple[type, ...]] = {"language": (str,), "text": (str,), "engine": (str, NoneType),
                                         "sha256": (str,)}
MEND = "put the entry back, or take it out: the file then counts as a person's"

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
    """What is listed so far. Raises AdminError if the manifest can't be read, or has an entry that is none: then nobody
    writes it anew either, so nothing of it is lost."""
    path = folder / NAME
    try:
        content = read_plain(path, MAX_BYTES)
        if len(content) > MAX_BYTES:
            raise _unreadable(Place(str(path)), f"it is larger than {MAX_BYTES >> 20} MB")
        listed = json.loads(content.decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unreadable(Place(str(path)), error.strerror or "") from None
    except json.JSONDecodeError as error:
        raise _unreadable(Place(str(path), error.lineno, error.colno), error.msg) from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(Place(str(path)), " ".join(str(error).split())[:200]) from None
    if not isinstance(listed, dict):
        raise _unreadable(Place(str(path)), "it is no list of files")
    faults = [Fault(Place(str(path)), f"the entry of {clip} is damaged: {wrong}", MEND, code="manifest-entry")
              for clip, entry in listed.items() if (wrong := _wrong(entry))]
    if faults:
        raise AdminError(faults[:MAX_FAULTS])
    return {clip: Origin(**entry) for clip, entry in listed.items()}


def _wrong(entry: Any) -> str:
    """What of an entry is no origin of a file; "" for one that is right."""
    if not isinstance(entry, dict):
        return "it must have " + ", ".join(KINDS)
    if odd := sorted(KINDS.keys() ^ entry.keys()):
        return ", ".join(f"`{key}` is missing" if key in KINDS else f"`{key}` means nothing in it" for key in odd)
    return ", ".join(f"`{key}` must be a text{' or null' if NoneType in kinds else ''}"
                     for key, kinds in KINDS.items() if not isinstance(entry[key], kinds))


def _unreadable(place: Place, reason: str) -> AdminError:
    return AdminError([Fault(place, f"the manifest of the prompts can't be read: {reason}",
                             "put it back, or delete it: all files then count as a person's",
                             code="render-record-unreadable")])


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
                                "let this user write there, and see that the disk has room",
                                code="prompts-unwritable")]) from None


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.casefold()).split()
