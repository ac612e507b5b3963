"""Reads the texts that admins write."""

import codecs
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.located_yaml import MAX_BYTES
from ivr.drivers.plain_files import open_plain
from ivr.menu.sources import Sources, gather, named

Leads = Callable[[str, str], Iterator[str]]
MOST = 4 * MAX_BYTES        # bytes: what YAML takes of characters, each as long as one can be
SAVE = "save it as UTF-8: most editors ask for the encoding under “Save as”"
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOT_THERE = os.stat_result((0,) * 10)       # how a file stands that is a draft alone

_drafts: ContextVar[Mapping[str, str]] = ContextVar("drafts", default=MappingProxyType({}))   # by absolute path
_open: ContextVar[Sequence[str] | None] = ContextVar("open", default=None)      # real paths of files and folders


class Outside(OSError):
    """A draft leads to a file that it may not lead to."""


class TooLarge(OSError):
    """A file is larger than any text that an admin writes."""


@dataclass(frozen=True)
class Text:
    """A file's text, its lines ended by \\n, as it stood when it was read."""

    text: str
    status: os.stat_result


@contextmanager
def drafted(texts: Mapping[str, str], within: Sequence[str]) -> Iterator[None]:
    """In here files read as they would with these texts, by their paths: so all that reads and checks them says of a
    draft what it will say of the file. What lies neither in nor below one of `within` is not read: whoever may write
    drafts may not thereby see any file of the server."""
    before = _drafts.set({os.path.abspath(path): text for path, text in texts.items()})
    opened = _open.set([os.path.realpath(path) for path in within])
    try:
        yield
    finally:
        _open.reset(opened)
        _drafts.reset(before)


def is_there(path: str) -> bool:
    """Whether there is such a file, or a draft of it."""
    return os.path.abspath(path) in _drafts.get() or os.path.exists(path)


def read_text(path: str) -> Text:
    """Raises OSError, and UnicodeDecodeError for what is not UTF-8."""
    drafts = _drafts.get()
    if drafts and (draft := drafts.get(os.path.abspath(path))) is not None:
        return Text(draft, os.stat(path) if os.path.exists(path) else NOT_THERE)
    if (within := _open.get()) is not None and not _lies(os.path.realpath(path), within):
        raise Outside(0, "it lies outside the folders of the menus")
    with open_plain(path) as file:
        status = os.fstat(file.fileno())
        content = file.read(MOST + 1)
    if len(content) > MOST:
        raise TooLarge(0, f"it is larger than {MOST // 1_000_000} MB")
    return Text(decoded(content), status)


def _lies(path: str, within: Sequence[str]) -> bool:
    return any(os.path.commonpath([path, each]) == each for each in within)


def decoded(content: bytes) -> str:
    """A byte order mark, which Windows puts at the beginning, is no part of the text. Raises UnicodeDecodeError."""
    return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def text_of(path: str, shown: str = "") -> str:
    """The file's text; messages call it `shown`. Raises AdminError."""
    name = shown or path
    try:
        return read_text(path).text
    except TooLarge as error:
        raise AdminError([Fault(Place(name), f"can't be read: {error.strerror}", "is this the file that was meant?",
                                code="yaml-too-large")]) from None
    except OSError as error:
        raise AdminError([Fault(Place(name), f"can't be read: {error.strerror}", code="file-unreadable")]) from None
    except UnicodeDecodeError as error:
        raise AdminError([not_utf8(name, error)]) from None


def not_utf8(name: str, error: UnicodeDecodeError) -> Fault:
    """Where the first sign stands that is none, and what the file seems to be."""
    content = bytes(error.object)
    if content.startswith(WIDE):
        return Fault(Place(name), "is not UTF-8 text but UTF-16, which some editors call Unicode", SAVE,
                     code="file-encoding")
    before = content[:error.start]
    start = max(before.rfind(b"\n"), before.rfind(b"\r")) + 1
    line = before.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    column = len(before[start:].decode("utf-8-sig", "replace")) + 1
    guess = ": the letter here looks like Windows-1251" if content[error.start] >= 0xC0 else ""
    return Fault(Place(name, line, column), f"is not UTF-8 text{guess}", SAVE, code="file-encoding")


def sources_of(path: str, text: str, instead: Mapping[str, str] | None = None, leads: Leads = named) -> Sources:
    """The files that the menu file at `path` with this text leads to; `instead`: texts that files would have."""
    given = instead or {}
    return gather(text, path, lambda other: given[other] if other in given else text_of(other), leads)
