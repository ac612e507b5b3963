"""How long recordings are kept: every hour the old ones are deleted, and what a process that died left is finished.

Runs in the web process, since nothing of it may hold up a call. Files go before their rows say so: what is interrupted
is done the next time.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from ivr.base.config_recordings import RecordingsConfig
from ivr.drivers.log import Log
from ivr.drivers.sound_file import PART, finish
from routing.requests.recordings import Recordings, RecordingView
from routing.requests.transaction import said

EVERY = 3600.0                          # s
AT_ONCE = 200                           # recordings of one statement
ABANDONED_AFTER = timedelta(minutes=5)  # of its call's end: the writer of a spool may be behind
ABANDONED = "the service ended during the call"
RETENTION, ROOM = "retention", "max_gb"
SUFFIXES = (".wav", ".ogg")             # whatever else lies in such a folder is not ours

log = Log("recordings")


@dataclass(frozen=True)
class Done:
    """What one look did: recordings deleted by age and, before their time, for room; files finished; rows ended."""

    old: int = 0
    early: int = 0
    finished: int = 0
    abandoned: int = 0


class Keeper:
    """Looks after the folder and its rows: those of this `node`, since others that share the database have folders of
    their own."""

    def __init__(self, settings: RecordingsConfig, recordings: Recordings, node: str) -> None:
        self._settings, self._recordings, self._node = settings, recordings, node
        self._folder = Path(settings.folder)

    def look(self, now: datetime) -> Done:
        """Do what is due at `now` (aware UTC). Blocks. Raises OSError or SQLAlchemyError; the rest waits for the next
        time."""
        finished = self._finish_parts()
        abandoned = self._end_abandoned(now)
        before = now - timedelta(days=self._settings.keep_days)
        old = self._delete(lambda: self._recordings.oldest(self._node, before, AT_ONCE), RETENTION, now)
        self._delete_unknown(before.date())
        early = self._make_room(now)
        return Done(old, early, finished, abandoned)

    def erase(self, recording: RecordingView, who: str, now: datetime) -> None:
        """Somebody wants it gone. Raises OSError."""
        self._unlink(recording)
        self._recordings.erased([recording.id], who, now)
        self._recordings.note(recording.id, who, "erased", now)

    def path(self, recording: RecordingView) -> Path | None:
        """Its file, None where there is none: it is growing, erased or lost."""
        return self._file(recording.file)

    def elsewhere(self, recording: RecordingView) -> str | None:
        """The node that has its file, if that is another one."""
        node = self._recordings.node(recording.id) if self.path(recording) is None else self._node
        return node if node != self._node else None

    def _file(self, name: str) -> Path | None:
        path = self._folder / name
        return path if path.is_file() and self._folder.resolve() in path.resolve().parents else None

    def _finish_parts(self) -> int:
        """A part whose writer is dead gets its name."""
        finished = 0
        for part in self._folder.glob(f"*/*{PART}"):
            with contextlib.suppress(FileNotFoundError):        # its writer has just finished it
                finished += finish(part) is not None
        return finished

    def _end_abandoned(self, now: datetime) -> int:
        rows = self._recordings.abandoned(self._node, now - ABANDONED_AFTER)
        for row in rows:
            path = self.path(row)
            octets = path.stat().st_size if path is not None else None
            seconds = (octets - 44) / 32_000 if octets is not None and row.format == "wav" else None
            self._recordings.end(row.id, now, seconds, octets, ABANDONED)
        return len(rows)

    def _delete(self, due: Callable[[], tuple[RecordingView, ...]], by: str, now: datetime) -> int:
        deleted = 0
        while rows := due():
            for row in rows:
                self._unlink(row)
            self._recordings.erased([row.id for row in rows], by, now)
            deleted += len(rows)
        return deleted

    def _delete_unknown(self, before: date) -> None:
        """Files of days that are over for good, whatever the database knows of them, and folders without a file."""
        for day, folder in self._days():
            if day < before:
                for file in folder.iterdir():       # parts of dead writers have been finished before
                    if file.suffix != PART and _is_ours(file):
                        file.unlink()
            if day < before or not any(folder.iterdir()):
                with contextlib.suppress(OSError):      # a file is being made in it
                    folder.rmdir()

    def _make_room(self, now: datetime) -> int:
        """The oldest first, until what is left fits."""
        most = self._settings.max_gb * 1e9
        if not most:
            return 0
        kept = sum(_size(file) for _, day in self._days() for file in day.iterdir() if _is_ours(file))
        excess, early = kept - most, 0
        while excess > 0 and (rows := self._recordings.oldest(self._node, now, AT_ONCE)):
            gone = []
            for row in rows:
                if excess <= 0:
                    break
                excess -= self._unlink(row)
                gone.append(row.id)
            self._recordings.erased(gone, ROOM, now)
            early += len(gone)
        return early

    def _unlink(self, recording: RecordingView) -> int:
        """The octets that were freed. A part goes first, as it may just be getting its name: what a dead process left,
        or a disk that was too slow still writes, would else come back as a file that no row knows."""
        octets = 0
        for name in (recording.file + PART, recording.file):
            path = self._file(name)
            if path is not None:
                octets += _size(path)
                path.unlink(missing_ok=True)
        return octets

    def _days(self) -> Iterator[tuple[date, Path]]:
        for folder in sorted(self._folder.glob("????-??-??")):
            with contextlib.suppress(ValueError):
                yield date.fromisoformat(folder.name), folder


def _is_ours(path: Path) -> bool:
    return Path(path.name.removesuffix(PART)).suffix in SUFFIXES


def _size(path: Path) -> int:
    """Of a file that may get another name at any time."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


async def keep(keeper: Keeper, clock: Callable[[], float]) -> None:
    """Look every hour. `clock` gives seconds since the epoch."""
    while True:
        try:
            done = await run_in_threadpool(keeper.look, datetime.fromtimestamp(clock(), UTC))
            if done != Done():
                log.info("recordings_looked_after", old=done.old, finished=done.finished, abandoned=done.abandoned)
            if done.early:
                log.warning("recordings_deleted_early", number=done.early, reason="recordings.max_gb")
        except Exception as error:      # a bug of ours, too: it must not end this for good
            reason = said(error) if isinstance(error, SQLAlchemyError) else str(error)
            log.warning("recordings_not_looked_after", error_type=type(error).__name__, reason=reason)
        await asyncio.sleep(EVERY)
