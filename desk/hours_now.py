"""The hours of lines as their file has them now: read again when it changed; a faulty one changes nothing."""

from dataclasses import dataclass
from pathlib import Path

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.base.hours.loader import load_hours
from ivr.base.hours.schedule import Hours
from ivr.drivers.text_files import text_of
from ivr.menu.loader import version_of


@dataclass(frozen=True)
class Read:
    """The schedules of the last good text; `version` is that of the text which is there now, and `faults` what is wrong
    with it."""

    hours: Hours
    version: str
    faults: tuple[str, ...] = ()


class HoursNow:
    """Blocks for as long as reading a small file takes."""

    def __init__(self) -> None:
        self._stamp: tuple[int, int] | None = None
        self._read = Read(Hours(), "")

    def get(self, config: Config) -> Read:
        if config.hours is None:
            return self._read
        stamp = _stamp(str(config.hours))
        if stamp is None or stamp != self._stamp:
            self._read = _read(str(config.hours), self._read)
            self._stamp = stamp
        return self._read


def _read(path: str, before: Read) -> Read:
    version = ""
    try:
        text = text_of(path)
        version = version_of(text)
        return Read(load_hours(text, path), version)
    except AdminError as error:
        return Read(before.hours, version, tuple(str(fault) for fault in error.faults))


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
