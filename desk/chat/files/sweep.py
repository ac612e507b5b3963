"""What goes from the folder of files: whatever no row knows, or was erased; and rows whose message nobody ever said.

Runs in the web process every hour, after callers are forgotten, and at `hotline erase`. What is interrupted is done the
next time: a row that is erased is so for good, and its file is only what is left to do.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.chat.files.store import PARTS, FileStore
from ivr.base.file_said import FILE
from ivr.drivers.log import Log
from routing.requests.transaction import said

EVERY = 3600.0                          # s
YOUNG = timedelta(hours=1)              # it may be on its way still
UNSAID = timedelta(days=1)              # a page may be away so long, and the spool behind
AT_ONCE = 500
log = Log("files")


@dataclass(frozen=True)
class Swept:
    """Files deleted, parts of uploads that never ended, and rows erased since nobody said them."""

    files: int = 0
    parts: int = 0
    unsaid: int = 0


def sweep(store: FileStore, now: datetime) -> Swept:
    """`now` is aware. Blocks. Raises OSError, SQLAlchemyError."""
    parts = _delete_parts(store, (now - YOUNG).timestamp())
    unsaid = _erase_unsaid(store, now)
    deleted, some = 0, list[Path]()
    for path in _kept(store.folder):
        some.append(path)
        if len(some) == AT_ONCE:
            deleted += _delete_unknown(store, some, now)
            some = []
    return Swept(deleted + _delete_unknown(store, some, now), parts, unsaid)


async def keep_sweeping(store: FileStore) -> None:
    """Until cancelled. What another process had on its way when this one began is nobody's any more."""
    with suppress(OSError):
        await run_in_threadpool(_delete_parts, store, store.now().timestamp())
    while True:
        await swept(store)
        await asyncio.sleep(EVERY)


async def swept(store: FileStore) -> None:
    """Once; what can't be done now is done the next time."""
    try:
        done = await run_in_threadpool(sweep, store, store.now())
        if done != Swept():
            log.info("files_swept", files=done.files, parts=done.parts, unsaid=done.unsaid)
    except Exception as error:          # a bug of ours, too: it must not end this for good
        reason = said(error) if isinstance(error, SQLAlchemyError) else str(error)
        log.warning("files_not_swept", error_type=type(error).__name__, reason=reason)


def _delete_parts(store: FileStore, before: float) -> int:
    return sum(_delete(path) for path in _files(store.folder / PARTS) if _came(path) < before)


def _erase_unsaid(store: FileStore, now: datetime) -> int:
    erased = 0
    while rows := store.rows.unsaid(store.node, now - YOUNG, AT_ONCE):
        there = [row.id for row in rows if store.rows.has_message(row)]
        gone = [row.id for row in rows if row.id not in there and row.at < now - UNSAID]
        store.rows.are_said(there)
        store.rows.erase(gone, now)
        erased += len(gone)
        if len(there) + len(gone) < AT_ONCE:    # the others are too young to know
            break
    return erased


def _delete_unknown(store: FileStore, paths: list[Path], now: datetime) -> int:
    """Of a file that is erased nothing waits; of one without a row its upload may go on."""
    there = store.rows.there(store.node, [path.name for path in paths])
    known = store.rows.known([path.name for path in paths])
    young = (now - YOUNG).timestamp()
    return sum(_delete(path) for path in paths
               if path.name not in there and (path.name in known or _came(path) < young))


def _kept(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for shelf in sorted(folder.glob("[0-9a-f][0-9a-f]")):
            yield from (path for path in _files(shelf) if FILE.fullmatch(path.name))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _came(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0


def _delete(path: Path) -> bool:
    """Whether it was there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True
