"""Which ways of a menu the dialogues went, and which none of them did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.base import located_yaml
from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping
from ivr.menu.dialogue import Dialogue
from ivr.menu.model import ON_FAILURE, Choice, Menu
from ivr.menu.steps import KeysTaken, NoInputCounted, NoMatchCounted

NOINPUT, NOMATCH = "noinput", "nomatch"


@dataclass(frozen=True)
class Branch:
    """One way on from a menu: the keys of an option, `noinput`, `nomatch` or `on_failure`."""

    place: Place
    menu: str
    way: str
    visited: bool

    def __str__(self) -> str:
        what = self.way if self.way in (NOINPUT, NOMATCH, ON_FAILURE) else f'option "{self.way}"'
        return f"{self.place}: {'visited' if self.visited else 'not visited'}: menu {self.menu}, {what}"


def coverage(menu: Menu, text: str, dialogues: Iterable[Dialogue]) -> list[Branch]:
    """Every branch, in the order of the file; `text` is what `menu` was read from."""
    visited = {way for dialogue in dialogues for way in _ways(dialogue)}
    root = located_yaml.load(text, menu.file)
    branches = [Branch(_place(root, choice.name, way), choice.name, way, (choice.name, way) in visited)
                for choice in menu.choices.values() for way in _branches(choice)]
    return sorted(branches, key=lambda branch: (list(menu.choices).index(branch.menu), branch.place))


def _branches(choice: Choice) -> Iterator[str]:
    """With one attempt nothing is said at a miss: the first one is the failure."""
    yield from choice.options
    if choice.attempts > 1 and choice.options:
        yield from (NOINPUT, NOMATCH)
    if choice.on_failure:
        yield ON_FAILURE


def _ways(dialogue: Dialogue) -> Iterator[tuple[str, str]]:
    for _, step in dialogue.taken:
        if isinstance(step, KeysTaken):
            yield step.menu, step.keys
        elif isinstance(step, NoInputCounted | NoMatchCounted):
            failed = step.count >= dialogue.menu.choices[step.menu].attempts
            miss = NOINPUT if isinstance(step, NoInputCounted) else NOMATCH
            yield step.menu, ON_FAILURE if failed else miss


def _place(root: located_yaml.Node, menu: str, way: str) -> Place:
    """Of the option, or of what is said at a miss; where the menu only inherits that, of the menu itself."""
    menus = _below(root, "menus")
    own = _below(menus, menu)
    for mapping in (_below(own, "options"), own):
        if isinstance(mapping, Mapping) and way in mapping.key_places:
            return mapping.key_places[way]
    return menus.key_places[menu] if isinstance(menus, Mapping) else root.place


def _below(node: located_yaml.Node | None, key: str) -> located_yaml.Node | None:
    return node.entries.get(key) if isinstance(node, Mapping) else None
