"""Where prompts stand in the files of menus, and which menus say them: for the page of prompts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.base.errors import AdminError, Place
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar, Sequence
from ivr.drivers.text_files import text_of
from ivr.menu import yaml_words
from ivr.menu.model import Announcements, Menu, Prompt

MOST = 20           # uses of one prompt that are told


@dataclass(frozen=True)
class Use:
    """A menu says it: where that stands. An announcement has no menu."""

    file: str
    line: int
    menu: str


@dataclass
class Uses:
    """Of every clip: the prompt that it belongs to, and who says it."""

    names: dict[str, str] = field(default_factory=dict)
    uses: dict[str, list[Use]] = field(default_factory=dict)
    _roots: dict[str, Node | None] = field(default_factory=dict)

    def add_menu(self, menu: Menu) -> None:
        for name, choice in menu.choices.items():
            file, local = menu.file_of(name)
            for said in dict.fromkeys(choice.said()):
                if said in menu.prompts:
                    place = self._place(file.path, local, menu.file_of(said)[1])
                    self._add(menu.prompts[said], Use(place.file, place.line, local))

    def add_announcements(self, announcements: Announcements) -> None:
        for prompt in announcements.prompts.values():
            place = self._entry(announcements.file, prompt.name)
            self._add(prompt, Use(place.file, place.line, ""))

    def _add(self, prompt: Prompt, use: Use) -> None:
        for wording in prompt.wordings.values():
            for clip, _ in wording.texts() or ((wording.clip, ""),):
                self.names.setdefault(clip, prompt.name)
                known = self.uses.setdefault(clip, [])
                if use not in known and len(known) < MOST:
                    known.append(use)

    def _place(self, file: str, menu: str, prompt: str) -> Place:
        """Where a menu names a prompt; where it only inherits it, that of the defaults; else the menu's own."""
        root = self._root(file)
        menus = _entry(root, "menus")
        own, defaults = _entry(menus, menu), _entry(root, "defaults")
        spot = next((found for node in (own, defaults) for found in _named(node, prompt)), None)
        key = menus.key_places.get(menu) if isinstance(menus, YamlMapping) else None
        return spot or key or Place(file)

    def _entry(self, file: str, name: str) -> Place:
        for section in ("announcements", "notices"):
            node = _entry(self._root(file), section)
            if isinstance(node, YamlMapping) and name in node.key_places:
                return node.key_places[name]
        return Place(file)

    def _root(self, file: str) -> Node | None:
        if file not in self._roots:
            try:
                self._roots[file] = yaml_words.load(text_of(file), file)
            except AdminError:
                self._roots[file] = None
        return self._roots[file]


def uses_of(menus: Iterable[Menu], announcements: Announcements) -> Uses:
    """Who says what."""
    found = Uses()
    for menu in menus:
        found.add_menu(menu)
    found.add_announcements(announcements)
    return found


def _entry(node: Node | None, key: str) -> Node | None:
    return node.entries.get(key) if isinstance(node, YamlMapping) else None


def _named(node: Node | None, prompt: str) -> Iterator[Place]:
    """Every place in a part of a file at which this name stands as a value."""
    if isinstance(node, Scalar):
        if node.text.strip() == prompt:
            yield node.place
        return
    inner: Iterable[Node] = node.items if isinstance(node, Sequence) else _values(node)
    for each in inner:
        yield from _named(each, prompt)


def _values(node: Node | None) -> Iterable[Node]:
    entries: Mapping[str, Node] = node.entries if isinstance(node, YamlMapping) else {}
    return entries.values()
