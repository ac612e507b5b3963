"""Reads a menu file, with those that it hands callers over to: their YAML becomes a `Menu`, or every fault in them is
named with its place and what to do."""

import hashlib
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.base.errors import AdminError, Fault
from ivr.base.reader import Reader
from ivr.menu import yaml_words
from ivr.menu.actions.action import Action
from ivr.menu.actions.collect import Collect
from ivr.menu.file_reader import FileReader, read_languages
from ivr.menu.model import Choice, Goto, Known, Menu, MenuFile, Prompt, Wording
from ivr.menu.shared_variables import agreed
from ivr.menu.sources import ALONE, Sources, spaces_of

__all__ = ["load_menu", "read_languages", "version_of"]


def load_menu(text: str, file: str, catalogue: Mapping[str, float] | None, known: Known | None,
              others: Sources = ALONE) -> Menu:
    """The menu that the file describes.

    `catalogue` maps the clips that exist to their length in seconds; None leaves sounds unchecked (their texts are
    still to be rendered). `known` has the names of the configuration; None leaves them unchecked. `others` are the
    files that it hands callers over to (`ivr.menu.sources.gather`). Raises AdminError with every fault of all files.
    """
    texts = {posixpath.normpath(file): (file, text), **{path: (path, each) for path, each in others.texts.items()}}
    whole = _Whole(Reader(), others)
    if known is not None:
        whole.surveys, whole.entries = known.surveys, known.entries
    spaces = spaces_of(next(iter(texts)), tuple(others.texts))
    whole.open(texts, spaces, catalogue, known)
    return whole.read()


def version_of(text: str) -> str:
    """The short hash by which a call's record names the text that it met."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass
class _Whole:
    """A menu file with those that it hands over to, each read by a reader of its own."""

    reader: Reader
    sources: Sources
    files: dict[str, FileReader] = field(default_factory=dict)       # by path, its own first
    owners: dict[str, tuple[str, Wording]] = field(default_factory=dict)    # of clips, over all files
    surveys: frozenset[str] = frozenset()                           # menus that queues send callers to after the talk
    entries: frozenset[str] = frozenset()                           # menus that keys lead those to who wait

    def open(self, texts: Mapping[str, tuple[str, str]], spaces: Mapping[str, str],
             catalogue: Mapping[str, float] | None, known: Known | None) -> None:
        """Read their YAML. Raises AdminError with what is no YAML in any of them."""
        faults: list[Fault] = []
        for path, (file, text) in texts.items():
            try:
                root = yaml_words.load(text, file)
            except AdminError as error:
                faults += error.faults
                continue
            self.files[path] = FileReader(self, file, spaces[path], text, root, catalogue, known)
        if faults:
            raise AdminError(faults)

    @property
    def first(self) -> FileReader:
        return next(iter(self.files.values()))

    def read(self) -> Menu:
        parts = list(self.files.values())
        for part in parts:
            part.declare()
        variables = agreed(self.reader, [(part.root, part.variables) for part in parts])
        surveys = tuple(name for name in self.first.menus if name in self.surveys)
        prompts: dict[str, Prompt] = {}
        choices: dict[str, Choice] = {}
        for part in parts:
            prompts |= part.read_prompts()
            choices |= part.read_choices()
        self._no_silent_circle(choices)
        self.reader.refuse_faulty()
        files = tuple(MenuFile(part.file, part.space, version_of(part.text)) for part in parts)
        first = self.first
        entries = tuple(name for name in first.menus if name in self.entries)
        return Menu(first.file, _version_of_all(files), first.languages, first.start or "", prompts, choices, variables,
                    files, surveys, entries)

    def _no_silent_circle(self, choices: Mapping[str, Choice]) -> None:
        """A silent caller follows on_failure from menu to menu: that way must end."""
        leads = {name: last.menu for name, choice in choices.items() if isinstance(last := _silent_end(choice), Goto)}
        for name in leads:
            way = [name]
            while (after := leads.get(way[-1])) is not None and after not in way:
                way.append(after)
            if after == name:
                part = next(part for part in self.files.values() if name in part.menus.values())
                self.reader.fault(part.place_of_failure(name), "a caller who presses nothing would go round "
                                  f"for ever: {' → '.join([*way, name])}",
                                  "let one of these menus end with `queue: name`", code="loop-without-input")


def _version_of_all(files: tuple[MenuFile, ...]) -> str:
    """A file alone has the hash of its text; several have one over the versions of all."""
    return files[0].version if len(files) == 1 else version_of(
        "\n".join(f"{one.space} {one.version}" for one in sorted(files, key=lambda one: one.space)))


def _silent_end(choice: Choice) -> Action | None:
    """What a caller who presses nothing surely comes to in the end, where that is certain."""
    actions = choice.do or choice.on_failure
    certain = not any(action.inner or isinstance(action, Collect) for action in actions)
    return actions[-1] if actions and (certain or not choice.do) else None
