"""Which ways of a menu the dialogues went, and which none of them did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.base import located_yaml
from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping, Sequence
from ivr.menu.actions.action import DO, OTHERWISE
from ivr.menu.dialogue import Dialogue
from ivr.menu.model import ON_FAILURE, Choice, Menu
from ivr.menu.sources import ALONE, Sources
from ivr.menu.steps import KeysTaken, NoInputCounted, NoMatchCounted

NOINPUT, NOMATCH = "noinput", "nomatch"


@dataclass(frozen=True)
class Branch:
    """One way on from a menu: the keys of an option, `noinput`, `nomatch`, `on_failure`, or a list of actions within
    one of these, such as "1/2/otherwise": key 1, its second action, the case `otherwise`."""

    place: Place
    menu: str
    way: str
    visited: bool

    def __str__(self) -> str:
        plain = self.way in (NOINPUT, NOMATCH, ON_FAILURE) or "/" in self.way
        what = self.way if plain else f'option "{self.way}"'
        return f"{self.place}: {'visited' if self.visited else 'not visited'}: menu {self.menu}, {what}"


def coverage(menu: Menu, text: str, dialogues: Iterable[Dialogue], others: Sources = ALONE) -> list[Branch]:
    """Every branch, in the order of the files; `text` is what `menu` was read from, with `others`."""
    visited = {way for dialogue in dialogues for way in _ways(dialogue)}
    texts = {menu.file: text, **others.texts}
    roots = {one.path: located_yaml.load(texts[one.path], one.path) for one in menu.files}
    branches = []
    for choice in menu.choices.values():
        file, local = menu.file_of(choice.name)
        branches += [Branch(_place(roots[file.path], local, way), choice.name, way, (choice.name, way) in visited)
                     for way in _branches(choice)]
    return sorted(branches, key=lambda branch: (list(menu.choices).index(branch.menu), branch.place))


def _branches(choice: Choice) -> Iterator[str]:
    """With one attempt nothing is said at a miss: the first one is the failure."""
    yield from choice.options
    if choice.attempts > 1 and choice.options:
        yield from (NOINPUT, NOMATCH)
    if choice.on_failure and choice.may_fail:
        yield ON_FAILURE
    yield from choice.nested


def _ways(dialogue: Dialogue) -> Iterator[tuple[str, str]]:
    """What is counted as a miss may have been one of a `collect` within an option; it is a miss in its menu all the
    same."""
    yield from dialogue.interpreter.done
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
    if "/" in way:
        return _within(own, way.split("/")) or root.place
    for mapping in (_below(own, "options"), own):
        if isinstance(mapping, Mapping) and way in mapping.key_places:
            return mapping.key_places[way]
    return menus.key_places[menu] if isinstance(menus, Mapping) else root.place


def _within(own: located_yaml.Node | None, way: list[str]) -> Place | None:
    """Of a list of actions within another: pairs of an action's place in its list and the name of the case there."""
    node, place = _below(_below(own, "options"), way[0]) or _below(own, way[0]), None
    for position, name in zip(way[1::2], way[2::2], strict=True):
        action = node.items[int(position) - 1] if isinstance(node, Sequence) else node
        value = next(iter(action.entries.values())) if isinstance(action, Mapping) else None
        case = _case(value, name)
        node = _below(case, name) or _below(case, DO)
        if isinstance(case, Mapping):
            place = case.key_places.get(name, case.place)
    return place


def _case(value: located_yaml.Node | None, name: str) -> located_yaml.Node | None:
    """The line of a `switch`, counted from 1, or its last; of another action its parameters."""
    if not isinstance(value, Sequence):
        return value
    return value.items[-1 if name == OTHERWISE else int(name) - 1]


def _below(node: located_yaml.Node | None, key: str) -> located_yaml.Node | None:
    return node.entries.get(key) if isinstance(node, Mapping) else None
