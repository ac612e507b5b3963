"""The body of a message that is a file: `{"file":…,"name":…,"type":…,"bytes":…,"width":…,"height":…}`, spelled in one
way alone, so that what is read is what was checked. The file itself lies with the web process.
"""

import json
import re
import unicodedata
from typing import NamedTuple

# What a chat may hold, and how its names end; the first is put to a name that ends otherwise.
TYPES = {"image/png": (".png",), "image/jpeg": (".jpg", ".jpeg"), "image/webp": (".webp",), "image/gif": (".gif",),
         "application/pdf": (".pdf",), "text/plain": (".txt", ".log")}
FILE = re.compile(r"[0-9a-f]{32}")
MOST_BYTES = 1 << 40
MOST_SIDE = 1 << 16
LONGEST_STEM = 80           # characters of a name before its end
UNSEEN = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
PARTS = re.compile(r"[/\\]")
NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
MOST_MARKS = 2              # on one letter
FIELDS = ("file", "name", "type", "bytes")
CHANNELS = frozenset(["web"])       # by which files go to visitors; what is sent by others is told in words
TOLD = {"en": "[file {name}, {size}: it can't be sent here]", "ru": "[файл {name}, {size}: его нельзя передать сюда]"}
UNREAD = {"en": "[a file, which can't be sent here]", "ru": "[файл, его нельзя передать сюда]"}
UNITS = {"en": ("B", "kB", "MB", "."), "ru": ("Б", "кБ", "МБ", ",")}


class FileSaid(NamedTuple):
    """`file`: its id, 32 hexadecimal digits that nobody guesses; `width` and `height` (pixels) of a picture that may be
    shown, 0 for all else."""

    file: str
    name: str
    type: str
    bytes: int
    width: int = 0
    height: int = 0

    @property
    def is_shown(self) -> bool:
        """Whether it is a picture that a page may draw; all else is for downloading."""
        return self.width > 0


def written(said: FileSaid) -> str:
    """As a message's body."""
    fields = said._asdict() if said.is_shown else {name: getattr(said, name) for name in FIELDS}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def read(body: str) -> FileSaid:
    """Raises ValueError for anything that `written` has not written."""
    try:
        given = json.loads(body)
        said = FileSaid(**given)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"this is no file: {error}") from None
    if not _holds(said) or written(said) != body:
        raise ValueError("this is no file as we write them")
    return said


def in_words(body: str, language: str) -> str:
    """The body of a file's message for who can't get the file: its name and size, never its JSON."""
    language = "ru" if language.lower().startswith("ru") else "en"
    try:
        said = read(body)
    except ValueError:
        return UNREAD[language]
    return TOLD[language].format(name=said.name, size=_size(said.bytes, language))


def _size(octets: int, language: str) -> str:
    small, middle, large, point = UNITS[language]
    if octets >= 1_000_000:
        return f"{octets / 1_000_000:.1f} {large}".replace(".", point)
    return f"{octets / 1000:.0f} {middle}" if octets >= 1000 else f"{octets} {small}"


def clean_name(given: str, type_: str) -> str:
    """A name without folders, without what nobody sees or what turns it around, of bounded length; its end is that of
    the type."""
    bare = PARTS.split(given)[-1][:400]
    seen = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", bare)
                   if char.isspace() or unicodedata.category(char) not in UNSEEN)
    shown = " ".join(NOT_IN_NAMES.sub("_", _without_towers(seen)).split()).rstrip(". ")
    ends = TYPES[type_]
    end = next((end for end in ends if shown.lower().endswith(end)), "")
    stem = (shown[:len(shown) - len(end)] if end else shown).strip(". ")[:LONGEST_STEM].rstrip(". ")
    return (stem or "file") + (end or ends[0])


def _without_towers(text: str) -> str:
    marks, kept = 0, []
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _holds(said: FileSaid) -> bool:
    return (isinstance(said.file, str) and FILE.fullmatch(said.file) is not None and said.type in TYPES
            and isinstance(said.name, str) and clean_name(said.name, said.type) == said.name
            and _is_count(said.bytes, MOST_BYTES) and said.bytes > 0
            and _is_count(said.width, MOST_SIDE) and _is_count(said.height, MOST_SIDE)
            and (said.width > 0) == (said.height > 0))


def _is_count(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most
