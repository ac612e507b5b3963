"""Files that nobody but the service may read: written whole or not at all, with mode 0600, in a folder of mode 0700."""

import os
import stat
from pathlib import Path

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.plain_files import open_plain

MOST = 256 << 20     # bytes of one of them


def make_private_folder(folder: Path) -> None:
    """Make `folder` if it is not there. Raises AdminError if others could put files into it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as error:
        raise AdminError([Fault(Place(str(folder)), f"the folder can't be made: {error.strerror}",
                                "state_dir must be a folder that the service may write",
                                code="folder-unwritable")]) from None
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise AdminError([Fault(Place(str(folder)), "others may write in this folder, and passwords lie there",
                                f"chmod go-w {folder}", code="folder-unsafe")])


def read_private(path: Path) -> str | None:
    """The text of a file, None where there is none. Raises AdminError where others may read or write it."""
    try:
        with open_plain(path) as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise AdminError([Fault(Place(str(path)), f"others may read this file (mode {mode & 0o777:04o})",
                                        f"chmod 600 {path}; if others had the chance, delete it: it is made anew")])
            content = file.read(MOST + 1)
        if len(content) > MOST:
            raise AdminError([Fault(Place(str(path)), f"the file is larger than {MOST >> 20} MB")])
        return content.decode()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AdminError([Fault(Place(str(path)), f"the file can't be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise AdminError([Fault(Place(str(path)), "the file is not text")]) from None


def write_private(path: Path, text: str, *, sync: bool = True) -> None:
    """Replace the file in one step; after a crash it is the old one or the new one. Raises AdminError.

    Without `sync` that holds for a crash of ours, and not of the machine: then it may be cut off.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.unlink(missing_ok=True)
        with open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "w",
                  encoding="utf-8") as file:
            file.write(text)
            file.flush()
            _give(file.fileno(), path.parent)
            if sync:
                os.fsync(file.fileno())
        fresh.rename(path)
        if not sync:
            return
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise AdminError([Fault(Place(str(path)), f"the file can't be written: {error.strerror}")]) from None


def _give(descriptor: int, folder: Path) -> None:
    """What root writes belongs to the owner of its folder: a command that was run as root must not shut the service out
    of its own files."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
