"""One hotline to a state folder: two of them would take each other's sockets, spool and calls."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.private_files import make_private_folder

NAME = "running"        # holds the number of the process that runs here


@contextmanager
def sole(folder: Path) -> Iterator[None]:
    """Keep the folder while the block runs; the system lets go of it however the process ends. Raises AdminError."""
    make_private_folder(folder)
    path = folder / NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise AdminError([Fault(Place(str(path)), f"it can't be written: {error.strerror}",
                                "let this user write there")]) from None
    try:
        _take(descriptor, folder)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.read(descriptor, 20).decode(errors="replace").strip()
        raise AdminError([Fault(Place(str(folder)), f"a hotline runs here already (process {other or 'unknown'})",
                                "stop that one first, or give this one a `state_dir` of its own")]) from None
