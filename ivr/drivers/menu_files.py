"""The files of menus and prompts on the disk: how they stand now, what is written in them, and how texts get there."""

import errno
import fcntl
import os
import pwd
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ivr.drivers.clip_decoding import SUFFIXES
from ivr.drivers.prompt_files import MAX_CLIPS
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


@contextmanager
def alone(files: Iterable[str]) -> Iterator[None]:
    """Nobody of ours writes one of these files meanwhile, in whatever process: who compares and then writes does both
    in here. Blocks while another does, for as long as writing takes. Raises OSError where a folder is not there."""
    with ExitStack() as held:
        for folder in sorted({Path(file).resolve().parent for file in files}):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def replace_texts(texts: Mapping[str, str]) -> None:
    """Write every file whole, or none, with the rights that it had; where it is a link, what that leads to. All texts
    lie on the disk under names of their own before the first takes its place, and that needs no room any more.

    Blocks. Raises OSError with the name of the file.
    """
    ready: list[tuple[str, Path]] = []
    path = Path()
    try:
        for file, text in texts.items():
            path = Path(file).resolve()
            ready.append((_prepared(path, text), path))
        for temporary, path in ready:
            os.replace(temporary, path)
            _sync_folder(path)
    except OSError as error:
        raise OSError(error.errno or errno.EIO, error.strerror or type(error).__name__, str(path)) from None
    finally:
        for temporary, _ in ready:
            with suppress(OSError):
                os.unlink(temporary)


def _prepared(path: Path, text: str) -> str:
    """A file beside it that has the text and the rights that it has. Raises OSError and leaves none."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(name)
        raise
    return name


def _sync_folder(path: Path) -> None:
    """The new name itself must outlast a power cut; where that can't be asked for, the file is there all the same."""
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


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
