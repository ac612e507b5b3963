"""Reads a menu file: its YAML becomes a `Menu`, or every fault in it is named with its place and what to do."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Sequence
from ivr.base.reader import Reader
from ivr.menu import yaml_words
from ivr.menu.actions.action import DO, Action, endings, ends
from ivr.menu.actions.collect import Collect
from ivr.menu.actions.reading import actions_of, read_actions, read_block
from ivr.menu.actions.scope import Placed, Scope
from ivr.menu.actions.table import BRINGERS, LONE
from ivr.menu.declarations import brought, read_variables
from ivr.menu.facts import NAMES
from ivr.menu.model import ON_FAILURE, Actions, Back, Choice, Goto, Known, Menu, Prompt, Repeat
from ivr.menu.prompt_schema import PromptReader
from ivr.menu.settings import KEYS as KEYS_OF_SETTINGS
from ivr.menu.settings import Settings, read_settings
from ivr.menu.spots import Spots
from ivr.menu.templates import Values

LANGUAGE = re.compile(r"[a-z]{2,3}")
MAX_LANGUAGES = 20
KEYS = re.compile(r"[0-9*#]{1,12}")      # 12: the longest number anybody types at a menu, an account's

INHERITED = (*KEYS_OF_SETTINGS, ON_FAILURE)
OWN = ("greeting", "prompts", "all_languages", "options", DO)
ROOT = ("languages", "start", "variables", "defaults", "prompts", "menus")


def load_menu(text: str, file: str, catalogue: Mapping[str, float] | None, known: Known | None) -> Menu:
    """The menu that the file describes.

    `catalogue` maps the clips that exist to their length in seconds; None leaves sounds unchecked (their texts are
    still to be rendered). `known` has the names of the configuration; None leaves them unchecked. Raises AdminError
    with every fault.
    """
    return _MenuReader(Reader(), file, text, catalogue, known).read()


def version_of(text: str) -> str:
    """The short hash by which a call's record names the text that it met."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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


@dataclass
class _MenuReader:
    reader: Reader
    file: str
    text: str
    catalogue: Mapping[str, float] | None
    known: Known | None
    scope: Scope = field(init=False)
    has_default_failure: bool = field(init=False)

    def read(self) -> Menu:
        root = yaml_words.load(self.text, self.file)
        parts = self.reader.fields(root, "a menu file", ROOT, required=("languages", "start", "prompts", "menus"))
        languages = read_languages(self.reader, parts.get("languages"))
        spots = Spots(self.text)
        variables = {**brought(root, BRINGERS), **read_variables(self.reader, spots, parts.get("variables"))}
        prompts = self._prompts(parts.get("prompts"), languages, Values(self.reader, spots, variables))
        menus = self.reader.named(parts.get("menus"), "`menus`")
        start = self.reader.one_of(parts.get("start"), "menu", menus)
        names = {**NAMES, **{name: variable.kind for name, variable in variables.items()}}
        self.scope = Scope(self.reader, spots, prompts, menus, languages, self.known, variables, names, read_block)
        defaults = self.reader.fields(parts.get("defaults"), "`defaults`", INHERITED)
        self.has_default_failure = ON_FAILURE in defaults
        inherited = self._inherit(defaults, _Inherited())
        choices = {name: self._choice(name, node, inherited, start) for name, node in menus.items()}
        self._no_silent_circle(choices, parts)
        self.reader.refuse_faulty()
        entries = tuple(name for name in choices if self.known is not None and name in self.known.entries)
        return Menu(self.file, version_of(self.text), languages, start or "", prompts, choices, variables,
                    entries=entries)

    def _prompts(self, node: Node | None, languages: tuple[str, ...], values: Values) -> dict[str, Prompt]:
        entries = self.reader.named(node, "`prompts`")
        places = node.key_places if isinstance(node, YamlMapping) else {}
        return PromptReader(self.reader, languages, self.catalogue, values=values).prompts(entries, places)

    def _choice(self, name: str, node: Node, inherited: _Inherited, start: str | None) -> Choice:
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
            name=name,
            greeting=self._said(fields.get("greeting")),
            prompts=self._said(fields.get("prompts")),
            all_languages=self.reader.switch(fields.get("all_languages"), "all_languages") or False,
            options=self._options(scope, what, fields.get("options"), is_start=name == start),
            do=self._do(scope, what, fields),
            **vars(inherited.settings),
            on_failure=on_failure,
            nested=nested,
        )

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

    def _no_silent_circle(self, choices: Mapping[str, Choice], parts: dict[str, Node]) -> None:
        """A silent caller follows on_failure from menu to menu: that way must end."""
        leads = {name: last.menu for name, choice in choices.items() if isinstance(last := _silent_end(choice), Goto)}
        for name in leads:
            way = [name]
            while (after := leads.get(way[-1])) is not None and after not in way:
                way.append(after)
            if after == name:
                self.reader.fault(self._place_of_failure(name, parts), "a caller who presses nothing would go round "
                                  f"for ever: {' → '.join([*way, name])}",
                                  "let one of these menus end with `queue: name`", code="loop-without-input")

    def _place_of_failure(self, name: str, parts: dict[str, Node]) -> Place:
        menus, defaults = parts["menus"], parts.get("defaults")
        own = menus.entries[name] if isinstance(menus, YamlMapping) else None
        for mapping, key in ((own, DO), (own, ON_FAILURE), (defaults, ON_FAILURE)):
            if isinstance(mapping, YamlMapping) and key in mapping.entries:
                return mapping.key_places[key]
        return menus.place


def _silent_end(choice: Choice) -> Action | None:
    """What a caller who presses nothing surely comes to in the end, where that is certain."""
    actions = choice.do or choice.on_failure
    certain = not any(action.inner or isinstance(action, Collect) for action in actions)
    return actions[-1] if actions and (certain or not choice.do) else None
