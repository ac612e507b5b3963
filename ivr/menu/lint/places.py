"""Where in its files each part of a menu stands. Only for files that have been read without a fault."""

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf

from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping, Node, Scalar, Sequence
from ivr.menu.actions.action import DO
from ivr.menu.actions.table import ROWS


class Places:
    """The places of a menu's files, by the names that its model has. `roots`: by what the names of a file begin with,
    "" for the menu's own."""

    def __init__(self, roots: MappingOf[str, Mapping]) -> None:
        self._roots = roots

    def entry(self, *path: str) -> Place:
        """The place of the name of an entry, such as ("menus", "cards"); if it is not there, of what it would be in."""
        space, local = _split(path[1] if len(path) > 1 else "")
        return self._way((path[0], local, *path[2:]) if local else path, space)[1]

    def option(self, menu: str, keys: str) -> Place:
        """The place of an option's keys."""
        return self.entry("menus", menu, "options", keys)

    def inherited(self, menu: str, field: str) -> Place:
        """The place of a setting of a menu: its own, else that of `defaults`."""
        space, local = _split(menu)
        own = self._has(("menus", local, field), space)
        return self._way(("menus", local, field) if own else ("defaults", field), space)[1]

    def action(self, menu: str, block: str, position: int) -> Place:
        """The place of the word of an action in a block such as "1", "on_failure" or "1/2/otherwise"."""
        slot, *steps = block.split("/")
        space, local = _split(menu)
        ways = (("menus", local, "options", slot), ("menus", local, slot), ("defaults", slot))
        node, place = self._way(next((way for way in ways if self._has(way, space)), ("menus", local)), space)
        for number, case in zip(steps[::2], steps[1::2], strict=True):
            node = _within(_items(node)[int(number) - 1], case)
        return [*_words(node), *[place] * (position + 1)][position]

    def language(self, language: str) -> Place:
        """The place of a language in the list of all."""
        node, place = self._way(("languages",))
        found = (item.place for item in _items(node) if isinstance(item, Scalar) and item.text == language)
        return next(found, place)

    def _has(self, path: tuple[str, ...], space: str) -> bool:
        node: Node = self._roots[space]
        for step in path:
            if not isinstance(node, Mapping) or step not in node.entries:
                return False
            node = node.entries[step]
        return True

    def _way(self, path: tuple[str, ...], space: str = "") -> tuple[Node, Place]:
        node: Node = self._roots[space]
        place = node.place
        for step in path:
            if not isinstance(node, Mapping) or step not in node.entries:
                break
            place = node.key_places[step]
            node = node.entries[step]
        return node, place


def _split(name: str) -> tuple[str, str]:
    """A name of the model: what those of its file begin with, and what it is called there."""
    space, slash, local = name.rpartition("/")
    return space + slash, local


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else (node,)


def _within(action: Node, case: str) -> Node:
    """The list of actions that stands within an action: that of a case of `switch`, or its own `on_failure`."""
    entries = action.entries if isinstance(action, Mapping) else {}
    value = next((node for key, node in entries.items() if key in ROWS), action)
    if isinstance(value, Sequence):
        value, case = (value.items[int(case) - 1], DO) if case.isdecimal() else (value.items[-1], case)
    return value.entries.get(case, value) if isinstance(value, Mapping) else value


def _words(node: Node) -> Iterator[Place]:
    """The place of each action's word in what an option has."""
    for item in _items(node):
        places = item.key_places if isinstance(item, Mapping) else {}
        yield next((place for key, place in places.items() if key in ROWS), item.place)
