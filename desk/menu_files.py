"""The files of menus as the desk reads and writes them: only those that the configuration leads to, whole or not at
all, and never over what somebody else wrote meanwhile."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desk.problems import Refusal
from ivr.drivers.menu_files import Written, read_written
from ivr.drivers.text_files import TooLarge
from ivr.menu.loader import version_of

ABSENT = "0" * 16            # the version of a file that is not there yet


@dataclass(frozen=True)
class Stored:
    """A file as it stands: its text and version, whose it is, and when it was changed; `readable` says why not."""

    file: str
    text: str
    version: str
    author: str
    changed_at: datetime | None
    unreadable: str = ""


@dataclass(frozen=True)
class Change:
    """A text for a file, made from its `version`."""

    file: str
    version: str
    text: str


def stored(file: str) -> Stored:
    """Blocks for as long as reading takes. A file that is not there, or is no text, has none."""
    try:
        written = read_written(file)
    except FileNotFoundError:
        return Stored(file, "", ABSENT, "", None)
    except TooLarge as error:
        return Stored(file, "", "", "", None, str(error.strerror))
    except OSError as error:
        return Stored(file, "", "", "", None, error.strerror or type(error).__name__)
    except UnicodeDecodeError:
        return Stored(file, "", "", "", None, "it is not UTF-8 text")
    return Stored(file, written.text, version_of(written.text), written.author, _at(written))


def refuse_changed(change: Change, now: Stored, by: str = "") -> None:
    """Raises Refusal 409 if the file is not what the change was made from. `by`: who is known to have changed it."""
    if now.unreadable:
        raise Refusal(409, "not_readable", f"{_name(now.file)} can't be read: {now.unreadable}.")
    if now.version != change.version:
        who = by or now.author or "somebody"
        when = f" at {now.changed_at:%Y-%m-%d %H:%M:%S} UTC" if now.changed_at else ""
        raise Refusal(409, "changed_meanwhile", f"{_name(now.file)} was changed by {who}{when}; nothing was published. "
                                                "Compare your text with theirs.")


def write_all(changes: Sequence[Change]) -> None:
    """Write every file, or none: all texts lie on the disk under names of their own before the first takes its place,
    and that needs no room any more.

    Blocks. Raises Refusal 409 with the file and the reason.
    """
    ready: list[tuple[str, Path]] = []
    path = Path()
    try:
        for change in changes:
            path = Path(change.file).resolve()      # where it is a link, what that leads to
            ready.append((_prepared(path, change.text), path))
        for temporary, path in ready:
            os.replace(temporary, path)
            _sync_folder(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refusal(409, "not_written", f"{path.name} can't be written: {reason}. Nothing was published; the "
                                          "service's user must be able to write the file and its folder, and the disk "
                                          "must have room.") from None
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


def _at(written: Written) -> datetime:
    return datetime.fromtimestamp(written.changed_ns / 1e9, UTC)


def _name(file: str) -> str:
    return os.path.basename(file)
