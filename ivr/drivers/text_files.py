"""Reads the texts that admins write."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ivr.base.errors import AdminError, Fault, Place
from ivr.menu.sources import Sources, gather, named

Leads = Callable[[str, str], Iterator[str]]


def text_of(path: str) -> str:
    """The file's text. Raises AdminError."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise AdminError([Fault(Place(path), f"can't be read: {error.strerror}", code="file-unreadable")]) from None
    except UnicodeDecodeError:
        raise AdminError([Fault(Place(path), "is not UTF-8 text", "save it as UTF-8", code="file-encoding")]) from None


def sources_of(path: str, text: str, instead: Mapping[str, str] | None = None, leads: Leads = named) -> Sources:
    """The files that the menu file at `path` with this text leads to; `instead`: texts that files would have."""
    given = instead or {}
    return gather(text, path, lambda other: given[other] if other in given else text_of(other), leads)
