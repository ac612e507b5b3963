"""Files of chats on the disk: taken in piece by piece, examined, kept without what they say beside the picture, found.

    Upload.write ──▶ part/ID ──▶ examined ──▶ ID[:2]/ID, synced ──▶ row ──▶ its message may be said

Half an upload leaves nothing: a part goes with its upload, or an hour later; a file without a row goes likewise
(`sweep`). Other channels use `store_file` and `open_file`. All of this blocks: call it in a thread.
"""

import mmap
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sqlalchemy import Engine

from desk.chat.files.kinds import NotAllowed, examined
from desk.chat.files.pictures import Picture
from ivr.base.config import Config
from ivr.base.config_files import FilesConfig
from ivr.base.file_said import FILE, FileSaid, clean_name, written
from routing.requests.files import FileRow, Files

PARTS = "part"
PIECE = 1 << 20
MB, GB = 1_000_000, 1_000_000_000


class NotStored(Exception):
    """Why a file is not taken: too_large, empty, file_kind, file_broken, files_full (of this chat), no_space, or
    busy (too many come just now)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Owner(NamedTuple):
    """The chat that a file is for, who sends it ("caller" or an account), and the visitor who may have it
    (`web/fingerprint`, "" for nobody but people of ours)."""

    call: str
    sender: str
    visitor: str


class Stored(NamedTuple):
    """A file that lies safe. `body` is what is said of it: a message of the kind `file`."""

    said: FileSaid
    body: str


@dataclass(frozen=True)
class OpenFile:
    """A file of ours and its row."""

    path: Path
    row: FileRow


class FileStore:
    """The files of this node. `clock` gives aware UTC."""

    def __init__(self, settings: FilesConfig, state_dir: str, rows: Files, node: str,
                 clock: Callable[[], datetime]) -> None:
        self.settings, self.rows, self.node, self.now = settings, rows, node, clock
        self.folder = Path(settings.folder or Path(state_dir) / "files")

    def begin(self, owner: Owner, most: int) -> "Upload":
        """A file of at most so many octets comes. Raises NotStored, OSError, SQLAlchemyError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.check_disk(0)
        self._check_room(self.rows.room(owner.call, self.node), 0)
        return Upload(self, owner, most)

    def store_file(self, content: bytes | BinaryIO, name: str, owner: Owner, most: int) -> Stored:
        """All of it at once. Raises NotStored, OSError, SQLAlchemyError, and what reading raises; then nothing is
        left."""
        upload = self.begin(owner, most)
        with upload:
            for piece in _pieces(content):
                upload.write(piece)
            return upload.finish(name)

    def open_file(self, file: str) -> OpenFile | None:
        """It, unless it is erased, unknown, or another node's. Raises SQLAlchemyError."""
        row = self.rows.get(file) if FILE.fullmatch(file) is not None else None
        if row is None:
            return None
        path = self.path(row.id)
        return OpenFile(path, row) if path.is_file() else None

    def path(self, file: str) -> Path:
        return self.folder / file[:2] / file

    def part(self, name: str) -> Path:
        folder = self.folder / PARTS
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / name

    def keep(self, owner: Owner, name: str, found: Picture, part: Path) -> Stored:
        """The last step: what is in `part` gets its place, then its row."""
        octets = part.stat().st_size
        row = FileRow(id=secrets.token_hex(16), call_id=owner.call, node=self.node, at=self.now(),
                      sender=owner.sender, visitor=owner.visitor, name=clean_name(name, found.type), type=found.type,
                      octets=octets, width=found.width, height=found.height)
        path = self.path(row.id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.replace(path)
        try:
            _sync(path.parent)
            self.rows.put(row, lambda room: self._check_room(room, octets))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Stored(row.as_said(), written(row.as_said()))

    def _check_room(self, room: tuple[int, int, int], octets: int) -> None:
        """Whether so many more may be kept. Raises NotStored."""
        count, of_chat, whole = room
        if count >= self.settings.max_per_chat or of_chat + octets > self.settings.max_mb_per_chat * MB:
            raise NotStored("files_full")
        if whole + octets > self.settings.max_gb * GB:
            raise NotStored("no_space")

    def check_disk(self, octets: int) -> None:
        """Whether so many more leave what stays free. Raises NotStored, OSError."""
        disk = os.statvfs(self.folder)
        if disk.f_bavail * disk.f_frsize - octets < self.settings.min_free_mb << 20:
            raise NotStored("no_space")


def file_store(config: Config, engine: Engine, wall_clock: Callable[[], float] = time.time) -> FileStore:
    """That of this configuration; `wall_clock` gives seconds since the epoch."""
    return FileStore(config.chat_files, config.state_dir, Files(engine), config.node,
                     lambda: datetime.fromtimestamp(wall_clock(), UTC))


class Upload:
    """One file on its way in; as a context it leaves nothing behind but what `finish` has kept."""

    def __init__(self, store: FileStore, owner: Owner, most: int) -> None:
        self._store, self._owner, self._most, self._octets = store, owner, most, 0
        self._came = store.part(secrets.token_hex(16))
        self._bare = self._came.with_suffix(".bare")
        self._file = open(os.open(self._came, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")    # noqa: SIM115

    def __enter__(self) -> "Upload":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def write(self, piece: bytes) -> None:
        """Raises NotStored where it is too large, OSError."""
        self._octets += len(piece)
        if self._octets > self._most:
            raise NotStored("too_large")
        self._store.check_disk(len(piece))
        self._file.write(piece)

    def finish(self, name: str) -> Stored:
        """All of it came. Raises NotStored, OSError, SQLAlchemyError."""
        self._file.flush()
        if not self._octets:
            raise NotStored("empty")
        with mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                found = examined(data)
            except NotAllowed as error:
                raise NotStored(error.reason) from None
            self._write_bare(data, found)
        return self._store.keep(self._owner, name, found, self._bare)

    def _write_bare(self, source: mmap.mmap, found: Picture) -> None:
        with open(os.open(self._bare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            checked = 0
            for start, end, data in _parts(found.pieces, source):
                for at in range(start, end, PIECE):
                    if not checked or file.tell() - checked >= PIECE:
                        self._store.check_disk(PIECE)
                        checked = file.tell() or 1
                    file.write(data[at:min(at + PIECE, end)])
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        self._file.close()
        for path in (self._came, self._bare):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _pieces(content: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while piece := content.read(PIECE):
        yield piece


def _parts(pieces: list[bytes | tuple[int, int]], source: mmap.mmap) -> Iterator[tuple[int, int, bytes | mmap.mmap]]:
    """From, to, and in what."""
    for piece in pieces:
        yield (0, len(piece), piece) if isinstance(piece, bytes) else (*piece, source)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
