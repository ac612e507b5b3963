"""Reads one menu file; the menus that it leads to may stand in others, which are read together with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Sequence
from ivr.base.reader import Aliases, Reader
from ivr.base.titles import read_titles
from ivr.menu.actions.action import DO, endings, ends
from ivr.menu.actions.reading import actions_of, read_actions, read_block
from ivr.menu.actions.scope import Placed, Scope
from ivr.menu.actions.table import BRINGERS, LONE
from ivr.menu.declarations import brought, read_variables
from ivr.menu.facts import NAMES
from ivr.menu.model import ON_FAILURE, Actions, Back, Choice, Known, Prompt, Repeat, Variable, Wording
from ivr.menu.prompt_schema import CLIP, FOLDER, PromptReader
from ivr.menu.settings import KEYS as KEYS_OF_SETTINGS
from ivr.menu.settings import Settings, read_settings
from ivr.menu.sources import MISSING, WRITTEN, Sources, path_from
from ivr.menu.spots import Spots
from ivr.menu.templates import Values

LANGUAGE = re.compile(r"[a-z]{2,3}")
MAX_LANGUAGES = 20
KEYS = re.compile(r"[0-9*#]{1,12}")      # 12: the longest number anybody types at a menu, an account's

INHERITED = (*KEYS_OF_SETTINGS, ON_FAILURE)
OWN = ("title", "greeting", "prompts", "all_languages", "options", DO)
ROOT = ("languages", "start", FOLDER, "variables", "defaults", "prompts", "menus")
REQUIRED = ("languages", "start", "prompts", "menus")


def read_languages(reader: Reader, node: Node | None) -> tuple[str, ...]:
    """The list of languages; () when it is faulty."""
    if node is None:
        return ()
    if not isinstance(node, Sequence) or not 1 <= len(node.items) <= MAX_LANGUAGES:
        reader.fault(node.place, "`languages` must be a list", "write it like [en, ru]; the first is spoken at first",
                     code="languages-list")
        return ()
    found: list[str] = []
    for item in node.items:
        word = getattr(item, "text", "")
        if not LANGUAGE.fullmatch(word):
            reader.fault(item.place, "a language is written with two or three small letters", "such as en or ru",
                         code="language-invalid")
        elif word in found:
            reader.fault(item.place, f"language `{word}` stands twice", "take one out", code="language-twice")
        else:
            found.append(word)
    return tuple(found) if len(found) == len(node.items) else ()


@dataclass(frozen=True)
class _Inherited:
    """What menus inherit: their settings, and what is done where a caller can't choose (ON_FAILURE, and what is nested
    in it)."""

    settings: Settings = field(default_factory=Settings)
    failure: Mapping[str, Actions] = field(default_factory=dict)


class Whole(Protocol):
    """What a file knows of the files that are read with it: `first` is where calls begin, `owners` has who has which
    clip, `surveys` are menus of it that callers come to after a talk, `entries` those that keys lead to who waits."""

    reader: Reader
    sources: Sources
    surveys: frozenset[str]
    entries: frozenset[str]
    files: "dict[str, FileReader]"
    owners: dict[str, tuple[str, Wording]]

    @property
    def first(self) -> "FileReader": ...


@dataclass
class FileReader:
    """Reads one file. Its menus and prompts get names that begin with `space`; within the file they have none."""

    whole: Whole
    file: str
    space: str
    text: str
    root: YamlMapping
    catalogue: Mapping[str, float] | None
    known: Known | None
    languages: tuple[str, ...] = ()
    menus: Aliases = field(default_factory=Aliases)
    start: str | None = None
    variables: dict[str, Variable] = field(default_factory=dict)
    parts: dict[str, Node] = field(init=False)
    nodes: dict[str, Node] = field(init=False)
    prompts: Aliases = field(init=False)
    spots: Spots = field(init=False)
    scope: Scope = field(init=False)
    has_default_failure: bool = field(init=False)

    @property
    def reader(self) -> Reader:
        return self.whole.reader

    def declare(self) -> None:
        """Read what other files may need to know of this one."""
        self.parts = self.reader.fields(self.root, "a menu file", ROOT, required=REQUIRED)
        self.languages = read_languages(self.reader, self.parts.get("languages"))
        if self.languages and (missing := [one for one in self.whole.first.languages if one not in self.languages]):
            self.reader.fault(self.parts["languages"].place, f"callers come here from {self.whole.first.file} and may "
                              f"speak `{'`, `'.join(missing)}`, which this file has not", "add the language here, with "
                              "the text of every prompt", code="menu-file-languages")
        self.spots = Spots(self.text)
        self.variables = {**brought(self.root, BRINGERS),
                          **read_variables(self.reader, self.spots, self.parts.get("variables"))}

        self.nodes = self.reader.named(self.parts.get("menus"), "`menus`")
        self.menus = Aliases({name: f"{self.space}{name}" for name in self.nodes})
        self.start = self.reader.one_of(self.parts.get("start"), "menu", self.menus)

    def read_prompts(self) -> dict[str, Prompt]:
        node = self.parts.get("prompts")
        entries = self.reader.named(node, "`prompts`")
        places = node.key_places if isinstance(node, YamlMapping) else {}
        origin = f" of {self.file}" if len(self.whole.files) > 1 else ""
        prompts = PromptReader(self.reader, self.languages, self.catalogue, self._folder(),
                               Values(self.reader, self.spots, self.variables), self.whole.owners, origin,
                               ).prompts(entries, places)
        self.prompts = Aliases({name: f"{self.space}{name}" for name in prompts})
        return {self.prompts[name]: replace(prompt, name=self.prompts[name]) for name, prompt in prompts.items()}

    def read_choices(self) -> dict[str, Choice]:
        names = {**NAMES, **{name: variable.kind for name, variable in self.variables.items()}}
        first = self.whole.first
        self.scope = Scope(self.reader, self.spots, self.prompts, self.menus, first.languages, self.known,
                           self.variables, names, read_block, hand_over=self._hand_over,
                           origin=f" in {first.file}, from which callers come here" if self is not first else "")
        defaults = self.reader.fields(self.parts.get("defaults"), "`defaults`", INHERITED)
        self.has_default_failure = ON_FAILURE in defaults
        inherited = self._inherit(defaults, _Inherited())
        return {self.menus[name]: self._choice(name, node, inherited) for name, node in self.nodes.items()}

    def _folder(self) -> str:
        node = self.parts.get(FOLDER)
        folder = self.reader.text(node, f"`{FOLDER}`")
        if folder is not None and node is not None and not CLIP.fullmatch(f"{folder}/x.wav"):
            self.reader.fault(node.place, f"`{folder}` can't be a folder of prompts", "Latin letters, digits, - and _; "
                              "it lies in the folder of each language", code="clip-name-invalid")
            return ""
        return f"{folder}/" if folder else ""

    def _hand_over(self, node: Node, start: Node | None) -> str | None:
        """The menu that `transfer` to a menu file leads to."""
        written = self.reader.text(node, "the menu file")
        if written is None:
            return None
        if not WRITTEN.fullmatch(written):
            self.reader.fault(node.place, f"`{written}` can't be a menu file", "write it as it lies from the folder of "
                              "this file, such as loans.yaml; Latin letters", code="menu-file-invalid")
            return None
        other = self.whole.files.get(path := path_from(self.file, written))
        if other is None:
            refused = self.whole.sources.refused.get(path, MISSING)
            self.reader.fault(node.place, f"{written} {refused.why}", refused.remedy, code=refused.code)
            return None
        return other.start if start is None else self.reader.one_of(start, "menu", other.menus, f" in {written}")

    def _choice(self, name: str, node: Node, inherited: _Inherited) -> Choice:
        what = f"menu `{name}`"
        acts = isinstance(node, YamlMapping) and DO in node.entries
        fields = self.reader.fields(node, what, (*OWN, *INHERITED), required=() if acts else ("prompts", "options"))
        if fields and not acts and ON_FAILURE not in fields and not self.has_default_failure:
            self.reader.fault(node.place, f"{what} does not say what happens to callers who can't choose",
                              "add `on_failure: {queue: name}` here or in `defaults`", code="failure-missing")
        inherited = self._inherit(fields, inherited)
        nested = dict(inherited.failure)
        on_failure = nested.pop(ON_FAILURE, ())
        scope = replace(self.scope, blocks=nested, settings=inherited.settings, has_failure=bool(on_failure))
        return Choice(
            name=self.menus[name],
            greeting=self._said(fields.get("greeting")),
            prompts=self._said(fields.get("prompts")),
            all_languages=self.reader.switch(fields.get("all_languages"), "all_languages") or False,
            options=self._options(scope, what, fields.get("options"), self._is_start(name)),
            do=self._do(scope, what, fields),
            **vars(inherited.settings),
            on_failure=on_failure,
            nested=nested,
            titles=read_titles(self.reader, fields.get("title"), what),
        )

    def _is_start(self, name: str) -> bool:
        """Whether callers can come here from nowhere: at the beginning, after a talk, or by a key while they wait."""
        first = self.whole.first
        return self.menus[name] == first.start or (self is first and name in (*self.whole.surveys, *self.whole.entries))

    def _do(self, scope: Scope, what: str, fields: Mapping[str, Node]) -> Actions:
        """What a menu does that only acts: it must lead on, or it would begin again and again."""
        if DO not in fields:
            return ()
        for key in ("prompts", "options"):
            if key in fields:
                self.reader.fault(fields[key].place, f"{what} has `do`, which leaves no time for `{key}`",
                                  "take one of them out: a menu acts or asks", code="menu-acts-and-asks")
        actions = read_block(scope, fields[DO], DO)
        if actions and not ends(actions, {**scope.blocks, DO: actions}) and not self.reader.faulty:
            self.reader.fault(fields[DO].place, f"{what} does not say what comes after its `do`",
                              "end it, and each of its cases, with `goto: menu` or the like", code="menu-open")
        return actions

    def _inherit(self, fields: Mapping[str, Node], inherited: _Inherited) -> _Inherited:
        """What these fields say, and for the rest what is inherited."""
        settings = read_settings(self.reader, self.scope.prompts, fields, inherited.settings)
        failure = self._on_failure(replace(self.scope, blocks={}, settings=settings), fields.get(ON_FAILURE))
        return _Inherited(settings, failure if failure is not None else inherited.failure)

    def _said(self, node: Node | None) -> tuple[str, ...]:
        return self.reader.some_of(node, "prompt", self.scope.prompts)

    def _options(self, scope: Scope, what: str, node: Node | None, is_start: bool) -> dict[str, Actions]:
        mapping = self.reader.mapping(node, f"`options` of {what}")
        options: dict[str, Actions] = {}
        for keys, value in mapping.entries.items() if mapping else ():
            if mapping and not KEYS.fullmatch(keys):
                self.reader.fault(mapping.key_places[keys], f"`{keys}` can't be pressed",
                                  'keys are digits, * and #, such as "1" or "12"', code="option-keys-invalid")
            placed = read_actions(scope, value, keys)
            if is_start:
                self._no_way_back(placed)
            options[keys] = actions_of(placed)
        return options

    def _no_way_back(self, placed: list[Placed]) -> None:
        for found in placed:
            if found.name == "back":
                self.reader.fault(found.place, "`back` leads nowhere: callers begin in this menu",
                                  "take it out, or write `goto:` and a menu", code="back-from-start")

    def _on_failure(self, scope: Scope, node: Node | None) -> Mapping[str, Actions] | None:
        """Actions that bring a caller who can't choose to somebody, and never cut them off without a word."""
        placed = read_actions(scope, node, ON_FAILURE) if node else []
        if not placed:
            return None
        last = placed[-1]
        end = next((action for action in endings(actions_of(placed), scope.blocks)
                    if isinstance(action, Repeat | Back) or not action.ends(scope.blocks)), None)
        if end is not None and last.action is not None:
            self.reader.fault(last.place, f"`{ON_FAILURE}` can't end with `{str(end).partition(' ')[0]}`: "
                                          "callers who can't choose would never get out",
                              "end it with `queue: name`, which leads to an operator", code="failure-open")
        elif last.name in LONE and not any(found.name == "say" for found in placed):
            self.reader.fault(last.place, "callers who can't choose would be cut off without a word",
                              "put a `say:` before it, or better `queue: name`, which leads to an operator",
                              code="failure-silent")
        return {**scope.blocks, ON_FAILURE: actions_of(placed)}

    def place_of_failure(self, menu: str) -> Place:
        """Where it stands what a silent caller comes to in this menu."""
        menus, defaults = self.parts["menus"], self.parts.get("defaults")
        own = menus.entries[menu.removeprefix(self.space)] if isinstance(menus, YamlMapping) else None
        for mapping, key in ((own, DO), (own, ON_FAILURE), (defaults, ON_FAILURE)):
            if isinstance(mapping, YamlMapping) and key in mapping.entries:
                return mapping.key_places[key]
        return menus.place
