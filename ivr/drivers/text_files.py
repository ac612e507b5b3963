"""Reads the texts that admins write."""

from pathlib import Path

from ivr.base.errors import AdminError, Fault, Place


def text_of(path: str) -> str:
    """The file's text. Raises AdminError."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise AdminError([Fault(Place(path), f"can't be read: {error.strerror}", code="file-unreadable")]) from None
    except UnicodeDecodeError:
        raise AdminError([Fault(Place(path), "is not UTF-8 text", "save it as UTF-8", code="file-encoding")]) from None
