"""The files of menus and prompts on the disk: how they stand now, and what is written in them."""

import os
import pwd
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ivr.drivers.clip_decoding import SUFFIXES
from ivr.drivers.prompt_files import MAX_CLIPS, write_whole
from ivr.drivers.text_files import read_text

Stamp = tuple[int, int, int]         # time of change in ns, size in bytes, inode
MOST = 2 * MAX_CLIPS                 # sounds that are looked at; more of them are the wrong folder
DEEPEST = 8                          # folders of prompts in one another; a link that leads in a circle ends here


@dataclass(frozen=True)
class Written:
    """A file's text, whose it is, and when it was changed."""

    text: str
    author: str
    changed_ns: int


def stamps(files: Iterable[str], folder: str) -> dict[str, Stamp | None]:
    """How these files, and the sounds below `folder`, stand now; None for one that is not there.

    A look costs 5 to 8 us for each file, in the thread that looks.
    """
    found: dict[str, Stamp | None] = {file: _stamp(file) for file in files}
    found.update(islice(_sounds(folder, DEEPEST), MOST))
    return found


def read_written(file: str) -> Written:
    """Raises OSError, or UnicodeDecodeError for what is not UTF-8."""
    found = read_text(file)
    return Written(found.text, _name_of(found.status.st_uid), found.status.st_mtime_ns)


def replace_text(file: str, text: str) -> None:
    """Write a file whole, with the rights that it had; where it is a link, what that leads to. Raises OSError."""
    path = Path(file).resolve()
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    write_whole(path, text.encode())
    path.chmod(mode)


def _stamp(file: str) -> Stamp | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _sounds(folder: str, deep: int) -> Iterator[tuple[str, Stamp | None]]:
    try:
        entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except OSError:
        return
    for entry in entries:
        if entry.name.lower().endswith(SUFFIXES):
            yield entry.path, _stamp(entry.path)
        elif deep and _is_folder(entry):
            yield from _sounds(entry.path, deep - 1)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """A link that leads to itself is none, and no reason to look no more."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return ""
