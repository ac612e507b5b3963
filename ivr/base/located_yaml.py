"""YAML whose every value remembers its line and column, and whose scalars all stay strings.

PyYAML's plain loading reads `18:30` as 1110, `010` as 8 and `no` as false, and takes duplicate keys in silence. Here
the schema that reads the tree gives the types, and each fault has its place.
"""

import re
from typing import NoReturn

import yaml

from ivr.base.composed_yaml import NotPlain, compose
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.yaml_lines import ODD_SPACES
from ivr.base.yaml_nodes import MAX_DEPTH, MAX_NODES, Mapping, Node, Scalar, Sequence
from ivr.base.yaml_words import explained

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Mapping", "Node", "Scalar", "Sequence", "load"]

MAX_BYTES = 1_000_000     # a menu of a thousand options is 100 kB
ODD_SPACE = re.compile(f"[{ODD_SPACES}]")
UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def load(text: str, file: str) -> Node:
    """Read one YAML document. Raises AdminError with file, line and column."""
    if len(text) > MAX_BYTES:
        _refuse(Place(file), f"the file is larger than {MAX_BYTES} bytes", "split it", code="yaml-too-large")
    if found := UNREADABLE.search(text):
        _refuse(_place_of(text, found.start(), file), f"a character that can't be shown (U+{ord(found.group()):04X})",
                "delete it; the file must be text in UTF-8", code="yaml-control-character")
    try:
        return compose(text, file)
    except NotPlain:
        return _load_explained(text, file)


def _load_explained(text: str, file: str) -> Node:
    """The same tree from PyYAML's own scanner, whose words for a fault are known."""
    try:
        root = yaml.compose(text, yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        raise AdminError([_explained(error, file, text)]) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        _refuse(Place(file), f"not readable as YAML: {' '.join(str(error).split())[:200]}", code="yaml-unreadable")
    if root is None:
        _refuse(Place(file, 1, 1), "the file is empty", code="yaml-empty")
    return _Converter(file).convert(root, 0)


class _Converter:
    def __init__(self, file: str) -> None:
        self.file = file
        self.nodes = 0

    def convert(self, node: yaml.Node, depth: int) -> Node:
        place = self._place(node)
        self.nodes += 1
        if depth > MAX_DEPTH:
            _refuse(place, f"nested deeper than {MAX_DEPTH} levels", code="yaml-too-deep")
        if self.nodes > MAX_NODES:
            _refuse(place, f"more than {MAX_NODES} values, aliases counted each time they are used",
                    code="yaml-too-many")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            return Sequence(tuple(self.convert(item, depth + 1) for item in node.value), place)
        quoted = isinstance(node, yaml.ScalarNode) and node.style in ("'", '"')
        return Scalar(node.value, place, quoted)

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        places: dict[str, Place] = {}
        for key, value in node.value:
            at = self._place(key)
            if not isinstance(key, yaml.ScalarNode):
                _refuse(at, "a key must be a plain word", code="yaml-complex-key")
            if odd := ODD_SPACE.search(key.value):
                _refuse(at, f"what looks like a space in `{key.value[:40]}` is none (U+{ord(odd.group()):04X})",
                        "it was copied from a web page or a text program: type the space anew", code="yaml-odd-space")
            if key.value in entries:
                _refuse(at, f"`{key.value}` stands twice here (first in line {places[key.value].line})",
                        "keep one of the two", code="yaml-key-twice")
            places[key.value] = at
            entries[key.value] = self.convert(value, depth + 1)
        return Mapping(entries, places, place)

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)


def _refuse(place: Place, message: str, remedy: str = "", *, code: str) -> NoReturn:
    raise AdminError([Fault(place, message, remedy, code=code)])


def _explained(error: yaml.MarkedYAMLError, file: str, text: str) -> Fault:
    place, opened = _at(error.problem_mark or error.context_mark, file), _at(error.context_mark, file)
    return explained(error.problem or "not readable as YAML", place or Place(file), opened, text)


def _at(mark: yaml.Mark | None, file: str) -> Place | None:
    return Place(file, mark.line + 1, mark.column + 1) if mark else None


def _place_of(text: str, index: int, file: str) -> Place:
    return Place(file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))
