"""The journal of batches that the database has not taken yet: files that are only appended to.

A record is one line, and a file of records is a segment, `<number>.spool`:

    crc32 of the payload (8 hex digits) ' ' its length in bytes ' ' payload '\\n'

One thread appends, another reads and confirms. A segment goes when all of it is confirmed, so a crash makes the rest
of it come again: whoever reads must not mind. Each start begins a new segment; a torn line at the end of an older one
was never reported as written, and is passed over.
"""

import contextlib
import errno
import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from zlib import crc32

from ivr.base.errors import AdminError, Fault, Place

LIMIT = 256 * 1024 * 1024           # bytes of all segments: a day of 20,000 calls at 12 kB each
RESERVE = 32 * 1024 * 1024          # of it kept for calls in progress: 1,000 of them at 32 kB
SEGMENT = 8 * 1024 * 1024           # bytes after which the next segment begins
READ = 1024 * 1024
MAX_RECORD = 4 * 1024 * 1024        # a batch with a whole ladder has 0.2 MB; a longer line is damage
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SpoolFull(Exception):
    """There is no room, in the bound or on the disk; nothing of the append has been written."""


@dataclass(frozen=True, order=True)
class Position:
    """A point between two records."""

    segment: int
    offset: int


@dataclass(frozen=True)
class Chunk:
    """Records in order; `end` is to be confirmed once they are safe elsewhere. `damaged`: lines with a wrong sum."""

    payloads: tuple[bytes, ...]
    damaged: tuple[bytes, ...]
    end: Position


@dataclass
class _Segments:
    """What both threads share, under `lock`: bytes fully written per segment, and where reading goes on."""

    written: dict[int, int] = field(default_factory=dict)
    read: Position = Position(0, 0)
    appending: bool = False
    lock: Lock = field(default_factory=Lock)


class Spool:
    """A folder of segments, owned by one process at a time. Raises AdminError if it cannot be used."""

    def __init__(self, folder: Path, limit: int = LIMIT, reserve: int = RESERVE, segment: int = SEGMENT) -> None:
        self.folder = folder
        self._limit = limit
        self._reserve = reserve
        self._segment_limit = segment
        self._file = -1
        self._current = 0
        self._shared = _Segments()
        self._refused = False           # something was too large for what is left; until there is more
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._owner = self._take()
            self._scan()
        except OSError as error:
            fault = Fault(Place(str(folder)), f"the spool cannot be used: {error.strerror}",
                          "it must be a folder that the service can write")
            raise AdminError([fault]) from None
        self.disk_full = not self.restore_reserve()

    @property
    def size(self) -> int:
        with self._shared.lock:
            return sum(self._shared.written.values())

    @property
    def full(self) -> bool:
        """No new calls: what is left is kept for those in progress."""
        return self.disk_full or (self._refused and not self.empty) or self.size >= self._limit - self._reserve

    @property
    def empty(self) -> bool:
        """Everything that was written has been confirmed."""
        with self._shared.lock:
            return all(Position(segment, end) <= self._shared.read for segment, end in self._shared.written.items())

    def append(self, payloads: Sequence[bytes]) -> None:
        """Write and fsync all of `payloads`, or raise SpoolFull and leave things as they were."""
        lines = b"".join(b"%08x %d %s\n" % (crc32(payload), len(payload), payload) for payload in payloads)
        if self.size + len(lines) > self._limit:
            self._refused = True
            raise SpoolFull(f"{self.folder} holds its {self._limit} bytes")
        with self._shared.lock:
            self._shared.appending = True
        try:
            self._append(lines)
        finally:
            with self._shared.lock:
                self._shared.appending = False

    def read(self) -> Chunk | None:
        """The next records that are not confirmed, or None. Reading again without confirming gives the same."""
        while (found := self._next()) is not None:
            segment, offset, end = found
            if offset < end:
                return _parse(self._bytes(segment, offset, end), segment, offset)
            self.confirm(Position(segment, end))
        return None

    def confirm(self, end: Position) -> None:
        """All records before `end` are safe elsewhere: segments that hold no others are deleted."""
        with self._shared.lock:
            self._shared.read = end
            for segment, written in list(self._shared.written.items()):
                current = segment == self._current and self._file >= 0
                if Position(segment, written) > end or (current and self._shared.appending):
                    continue
                if current:
                    self._close_current()
                del self._shared.written[segment]
                self._refused = False
                with contextlib.suppress(OSError):    # a disk that turned read-only: it comes again at the next start
                    self._path(segment).unlink(missing_ok=True)

    def restore_reserve(self) -> bool:
        """Take room on the disk that calls in progress can have when the disk is full. False if there is none."""
        path = self.folder / "reserve"
        try:
            with open(path, "ab") as file:
                os.posix_fallocate(file.fileno(), 0, self._reserve)
        except OSError:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            self.disk_full = True
            return False
        self.disk_full = False
        return True

    def close(self) -> None:
        """Let another process own the folder; what it holds stays."""
        with self._shared.lock:
            self._close_current()
        os.close(self._owner)

    def _take(self) -> int:
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            fault = Fault(Place(str(self.folder)), "another process uses this spool", "end it, or name another folder")
            raise AdminError([fault]) from None
        return descriptor

    def _scan(self) -> None:
        for path in sorted(self.folder.glob("*.spool")):
            if path.stem.isdigit():
                self._shared.written[int(path.stem)] = path.stat().st_size
        self._current = max(self._shared.written, default=0)

    def _append(self, lines: bytes) -> None:
        try:
            self._write(lines)
        except OSError as error:
            self.disk_full = True
            reserve = self.folder / "reserve"
            if error.errno not in _NO_ROOM or not reserve.exists():
                raise SpoolFull(f"{self.folder}: {error.strerror}") from error
            try:
                reserve.unlink()
                self._write(lines)
            except OSError as again:
                raise SpoolFull(f"{self.folder}: {again.strerror}") from again

    def _write(self, lines: bytes) -> None:
        """Append at the end of the current segment; after an error nothing of `lines` counts."""
        if self._file < 0 or self._shared.written[self._current] >= self._segment_limit:
            self._begin_segment()
        begin = self._shared.written[self._current]
        try:
            rest = memoryview(lines)
            while rest:
                rest = rest[os.pwrite(self._file, rest, begin + len(lines) - len(rest)):]
            os.fsync(self._file)
        except OSError:
            # After a failed fsync nobody knows what the disk holds: this segment ends where it was known.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, begin)
            with self._shared.lock:
                self._close_current()
            raise
        with self._shared.lock:
            self._shared.written[self._current] = begin + len(lines)

    def _begin_segment(self) -> None:
        number = self._current + 1
        file = os.open(self._path(number), os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _sync_folder(self.folder)
        except OSError:
            os.close(file)
            raise
        with self._shared.lock:
            self._close_current()
            self._current, self._file = number, file
            self._shared.written[number] = 0

    def _close_current(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _next(self) -> tuple[int, int, int] | None:
        """(segment, offset, end) where reading goes on."""
        with self._shared.lock:
            if not self._shared.written:
                return None
            segment, written = next(iter(self._shared.written.items()))
            offset = self._shared.read.offset if self._shared.read.segment == segment else 0
            if offset >= written and segment == self._current and self._shared.appending:
                return None
            return segment, offset, written

    def _bytes(self, segment: int, offset: int, end: int) -> bytes:
        """From `offset`: at least one whole record if there is one, READ bytes of them where there are more."""
        with open(self._path(segment), "rb") as file:
            size = READ
            while True:
                block = os.pread(file.fileno(), min(size, end - offset), offset)
                if b"\n" in block or len(block) >= min(end - offset, MAX_RECORD):
                    return block[:block.rfind(b"\n") + 1] or block
                size *= 2

    def _path(self, segment: int) -> Path:
        return self.folder / f"{segment:012d}.spool"


def _parse(block: bytes, segment: int, offset: int) -> Chunk:
    """The records of `block`. A line without its end is torn, or longer than any record may be: it is passed over."""
    payloads: list[bytes] = []
    damaged: list[bytes] = []
    for line in block[:block.rfind(b"\n") + 1].split(b"\n")[:-1]:
        payload = _payload(line)
        if payload is None:
            damaged.append(line)
        else:
            payloads.append(payload)
    return Chunk(tuple(payloads), tuple(damaged), Position(segment, offset + len(block)))


def _payload(line: bytes) -> bytes | None:
    parts = line.split(b" ", 2)
    if len(parts) != 3:
        return None
    crc, length, payload = parts
    whole = b"%08x" % crc32(payload) == crc and length == b"%d" % len(payload)
    return payload if whole else None


def _sync_folder(folder: Path) -> None:
    """A new file is there after a loss of power only if its folder was written too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
