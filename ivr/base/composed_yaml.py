"""YAML without faults, composed from the events of libyaml: a tenth of the time of PyYAML's own scanner.

Whatever is not plainly right goes back to the reader that explains it (`ivr.base.located_yaml`), so that an admin
reads the same words everywhere. Events are taken one by one since libyaml's own composer recurses in C, without bound.
"""

import re
from typing import Any

import yaml

from ivr.base.errors import Place
from ivr.base.yaml_lines import ODD_SPACES
from ivr.base.yaml_nodes import MAX_DEPTH, MAX_NODES, Mapping, Node, Scalar, Sequence

# Ends of lines to one reader and not to the other, a mark that is part of the text to one alone, and no real spaces.
ODD = re.compile(f"[\x85\u2028\u2029\ufeff{ODD_SPACES}]")
Loader: Any = getattr(yaml, "CBaseLoader", None)      # absent where PyYAML was built without libyaml


class NotPlain(Exception):
    """A fault, an alias, or too much of something: the other reader knows what to say."""


def compose(text: str, file: str) -> Node:
    """The one document of `text`. Raises NotPlain."""
    if Loader is None or ODD.search(text):
        raise NotPlain
    try:
        return _Composer(Loader(text), file).document()
    except (yaml.YAMLError, ValueError):
        raise NotPlain from None


class _Composer:
    def __init__(self, events: Any, file: str) -> None:
        self._next = events.get_event
        self._file = file
        self._nodes = 0

    def document(self) -> Node:
        self._next()                                # the stream's start
        if not isinstance(self._next(), yaml.DocumentStartEvent):
            raise NotPlain
        root = self._node(self._next(), 0)
        self._next()                                # the document's end
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise NotPlain
        return root

    def _node(self, event: Any, depth: int) -> Node:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES or getattr(event, "anchor", None):
            raise NotPlain
        place = self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            quoted = event.style in ("'", '"')
            if not event.value and not quoted:
                raise NotPlain                      # nothing where a value should be: the two place it differently
            return Scalar(event.value, place, quoted)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self._items(depth + 1)), place)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(place, depth + 1)
        raise NotPlain                              # an alias

    def _items(self, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth))
        return items

    def _mapping(self, place: Place, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        places: dict[str, Place] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or not event.value or event.value in entries:
                raise NotPlain
            places[event.value] = self._place(event)
            entries[event.value] = self._node(self._next(), depth)
        return Mapping(entries, places, place)

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1)
