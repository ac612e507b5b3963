"""The files of menus as the desk reads and writes them: only those that the configuration leads to, whole or not at
all, and never over what somebody else wrote meanwhile."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desk.problems import Refusal
from ivr.drivers.menu_files import Written, alone, read_written, replace_texts
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
    """Write every file, or none, if nobody else wrote one since its change was made: checking takes seconds.

    Blocks. Raises Refusal 409 with the file and the reason.
    """
    try:
        with alone(change.file for change in changes):
            for change in changes:
                refuse_changed(change, stored(change.file))
            replace_texts({change.file: change.text for change in changes})
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refusal(409, "not_written", f"{Path(error.filename or '').name} can't be written: {reason}. Nothing was "
                                          "published; the service's user must be able to write the file and its "
                                          "folder, and the disk must have room.") from None


def _at(written: Written) -> datetime:
    return datetime.fromtimestamp(written.changed_ns / 1e9, UTC)


def _name(file: str) -> str:
    return os.path.basename(file)
