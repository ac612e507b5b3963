"""Opens files that others put there: a pipe, a device or a folder in their place holds nobody up."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

KINDS = {stat.S_IFDIR: "it is a folder", stat.S_IFIFO: "it is a pipe", stat.S_IFCHR: "it is a device",
         stat.S_IFBLK: "it is a device", stat.S_IFSOCK: "it is a socket"}


class NotPlain(OSError):
    """There is no file of this name, but something else; `strerror` says what."""


def open_plain(path: str | Path) -> BinaryIO:
    """The file, for reading. Raises OSError, and NotPlain for what is no regular file."""
    # Without O_NONBLOCK a pipe that nobody writes to would keep the caller for ever. Regular files don't heed it.
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        mode = os.fstat(number).st_mode
        if not stat.S_ISREG(mode):
            raise NotPlain(errno.EINVAL, f"{KINDS.get(stat.S_IFMT(mode), 'it is something else')}, not a file")
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def read_plain(path: str | Path, most: int) -> bytes:
    """What a file holds, at most one byte more than `most`: whoever gets that knows that it is too large. Raises
    OSError."""
    with open_plain(path) as file:
        return file.read(most + 1)
