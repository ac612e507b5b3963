"""The files that a menu file hands callers over to (`transfer: {menu: loans.yaml}`): their paths, and their texts."""

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.base import located_yaml
from ivr.base.errors import AdminError
from ivr.base.located_yaml import Node, Scalar, Sequence

MOST_FILES = 50
MOST_BYTES = 2_000_000           # of all their texts
WRITTEN = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*\.ya?ml")      # as a menu file names another one
HINT = re.compile(r"\bmenu\b[\"']?\s*:")     # without it no file hands over: most files need not be parsed to see that
MENTION = re.compile(rf"\bmenu\b[\"']?\s*:\s*[\"']?({WRITTEN.pattern})")
PACKED = "\0"                    # begins no text that YAML takes


@dataclass(frozen=True)
class Refused:
    """Why a file was not read, as the rest of a sentence that begins with its name; what to do; the code of that."""

    why: str
    remedy: str
    code: str


@dataclass(frozen=True)
class Sources:
    """What a menu file hands over to, with what that hands over to: texts by path, and files that could not be read.
    The file itself is in neither."""

    texts: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, Refused] = field(default_factory=dict)

    def paths(self) -> tuple[str, ...]:
        """All that were asked for."""
        return (*self.texts, *self.refused)


ALONE = Sources()
MISSING = Refused("is not there", "correct the name: it is relative to the file that it stands in", "menu-file-missing")
TOO_MANY = Refused(f"would be more than the {MOST_FILES} files that callers of one line can come to",
                   "put some of their menus into one file", "menu-files-bounds")
TOO_LARGE = Refused(f"would be too much: all files together may have {MOST_BYTES // 1_000_000} MB",
                    "shorten them, or divide them between lines", "menu-files-bounds")


def path_from(file: str, written: str) -> str:
    """The path of a file that is named in another one: relative to the folder of that."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), written))


def named(text: str, file: str) -> Iterator[str]:
    """The files that a text hands over to. One that is no YAML leads nowhere: whoever loads it says what is wrong."""
    if not HINT.search(text):
        return
    try:
        root = located_yaml.load(text, file)
    except AdminError:
        return
    for node in _mappings(root):
        given = node.entries.get("transfer")
        menu = given.entries.get("menu") if isinstance(given, located_yaml.Mapping) else None
        if isinstance(menu, Scalar) and WRITTEN.fullmatch(menu.text):
            yield path_from(file, menu.text)


def mentioned(text: str, file: str) -> Iterator[str]:
    """The same without parsing, for whoever may not take the time: files in remarks are among them."""
    return (path_from(file, found[1]) for found in MENTION.finditer(text))


def gather(text: str, file: str, read: Callable[[str], str],
           leads: Callable[[str, str], Iterator[str]] = named) -> Sources:
    """Every file that callers of this one can come to, each once, whatever circles they make. `read` gives a text, or
    raises AdminError; `leads(text, path)` what a text leads to."""
    texts: dict[str, str] = {}
    refused: dict[str, Refused] = {}
    size, waiting = len(text.encode()), list(leads(text, file))
    while waiting:
        path = waiting.pop(0)
        if path in texts or path in refused or path == posixpath.normpath(file):
            continue
        if len(texts) + 1 >= MOST_FILES:
            refused[path] = TOO_MANY
            return Sources(texts, refused)
        try:
            found = read(path)
        except AdminError as error:
            fault = error.faults[0]
            refused[path] = Refused(fault.message, fault.remedy or MISSING.remedy, "menu-file-missing")
            continue
        size += len(found.encode())
        if size > MOST_BYTES:
            refused[path] = TOO_LARGE
            return Sources(texts, refused)
        texts[path] = found
        waiting += leads(found, path)
    return Sources(texts, refused)


def spaces_of(first: str, paths: tuple[str, ...]) -> dict[str, str]:
    """What goes before the names of each file: "" for the first; for others their path from its folder, without the
    ending, such as "loans/". Steps upwards are left out, and a second one of the same name is told by a number."""
    spaces = {first: ""}
    folder = [part for part in posixpath.dirname(posixpath.normpath(first)).split("/") if part]
    for path in paths:
        parts = [part for part in path.split("/") if part and part != ".."]
        above = 0
        while above < min(len(folder), len(parts) - 1) and folder[above] == parts[above]:
            above += 1
        name = "/".join(parts[above:]).rpartition(".")[0]
        space, number = f"{name}/", 2
        while space in spaces.values():
            space, number = f"{name}~{number}/", number + 1
        spaces[path] = space
    return spaces


def pack(texts: Mapping[str, str]) -> str:
    """The texts of a menu's files as one, so that it can be read again after a restart; the first is that of the menu
    itself, and alone it stays as it is."""
    return next(iter(texts.values())) if len(texts) == 1 else PACKED + json.dumps(dict(texts))


def unpack(packed: str) -> tuple[str, Sources]:
    """The menu's own text, and those of its other files."""
    if not packed.startswith(PACKED):
        return packed, ALONE
    texts = dict(json.loads(packed.removeprefix(PACKED)))
    return texts.pop(next(iter(texts))), Sources(texts)


def _mappings(node: Node) -> Iterator[located_yaml.Mapping]:
    if isinstance(node, located_yaml.Mapping):
        yield node
    inner = node.entries.values() if isinstance(node, located_yaml.Mapping) else \
        node.items if isinstance(node, Sequence) else ()
    for each in inner:
        yield from _mappings(each)
