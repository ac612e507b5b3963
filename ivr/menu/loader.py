"""Reads a menu file: its YAML becomes a `Menu`, or every fault in it is named with its place and what to do."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Sequence
from ivr.base.reader import Reader
from ivr.menu import yaml_words
from ivr.menu.actions import LONE, Placed, Scope, actions_of, read_actions
from ivr.menu.model import ON_FAILURE, Actions, Choice, Goto, Known, Menu, Prompt, Taper
from ivr.menu.prompt_schema import PromptReader

LANGUAGE = re.compile(r"[a-z]{2,3}")
MAX_LANGUAGES = 20
KEYS = re.compile(r"[0-9*#]{1,12}")      # 12: the longest number anybody types at a menu, an account's
TERM_CHARS = (*"#*0123456789", "")

INHERITED = ("first_key_s", "interdigit_s", "term_char", "attempts", "noinput", "nomatch", ON_FAILURE)
OWN = ("greeting", "prompts", "all_languages", "options")


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
class _Settings:
    """What menus inherit. Unless a file says otherwise: VoiceXML's model with the figures of this house."""

    first_key: float = 5.0
    interdigit: float = 2.5
    term_char: str = "#"
    attempts: int = 3
    noinput: tuple[Taper, ...] = ()
    nomatch: tuple[Taper, ...] = ()
    on_failure: Actions = ()


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
        parts = self.reader.fields(root, "a menu file", ("languages", "start", "defaults", "prompts", "menus"),
                                   required=("languages", "start", "prompts", "menus"))
        languages = read_languages(self.reader, parts.get("languages"))
        prompts = self._prompts(parts.get("prompts"), languages)
        menus = self.reader.named(parts.get("menus"), "`menus`")
        start = self.reader.one_of(parts.get("start"), "menu", menus)
        self.scope = Scope(self.reader, prompts, menus, languages, self.known)
        defaults = self.reader.fields(parts.get("defaults"), "`defaults`", INHERITED)
        self.has_default_failure = ON_FAILURE in defaults
        inherited = self._settings(defaults, _Settings())
        choices = {name: self._choice(name, node, inherited, start) for name, node in menus.items()}
        self._no_silent_circle(choices, parts)
        self.reader.refuse_faulty()
        return Menu(self.file, version_of(self.text), languages, start or "", prompts, choices)

    def _prompts(self, node: Node | None, languages: tuple[str, ...]) -> dict[str, Prompt]:
        entries = self.reader.named(node, "`prompts`")
        places = node.key_places if isinstance(node, YamlMapping) else {}
        return PromptReader(self.reader, languages, self.catalogue).prompts(entries, places)

    def _choice(self, name: str, node: Node, inherited: _Settings, start: str | None) -> Choice:
        what = f"menu `{name}`"
        fields = self.reader.fields(node, what, (*OWN, *INHERITED), required=("prompts", "options"))
        if fields and ON_FAILURE not in fields and not self.has_default_failure:
            self.reader.fault(node.place, f"{what} does not say what happens to callers who can't choose",
                              "add `on_failure: {queue: name}` here or in `defaults`", code="failure-missing")
        return Choice(
            name=name,
            greeting=self._said(fields.get("greeting")),
            prompts=self._said(fields.get("prompts")),
            all_languages=self.reader.switch(fields.get("all_languages"), "all_languages") or False,
            options=self._options(what, fields.get("options"), is_start=name == start),
            **vars(self._settings(fields, inherited)),
        )

    def _settings(self, fields: Mapping[str, Node], inherited: _Settings) -> _Settings:
        """What these fields say, and for the rest what is inherited."""
        attempts = self.reader.whole(fields.get("attempts"), "attempts", 1, 9) or inherited.attempts
        read: dict[str, Any] = {
            "first_key": self.reader.number(fields.get("first_key_s"), "first_key_s", 0.5, 60),
            "interdigit": self.reader.number(fields.get("interdigit_s"), "interdigit_s", 0.5, 30),
            "term_char": self._term_char(fields.get("term_char")),
            "attempts": attempts,
            "noinput": self._tapers("noinput", fields.get("noinput"), attempts),
            "nomatch": self._tapers("nomatch", fields.get("nomatch"), attempts),
            "on_failure": self._on_failure(fields.get(ON_FAILURE)),
        }
        return replace(inherited, **{key: value for key, value in read.items() if value is not None})

    def _term_char(self, node: Node | None) -> str | None:
        if node is None:
            return None
        char = getattr(node, "text", None)
        if char not in TERM_CHARS or not (char or getattr(node, "quoted", False)):
            self.reader.fault(node.place, "`term_char` must be one key", 'write it like "#", or "" for none, in quotes',
                              code="term-char-invalid")
            return None
        return str(char)

    def _said(self, node: Node | None) -> tuple[str, ...]:
        return self.reader.some_of(node, "prompt", self.scope.prompts)

    def _options(self, what: str, node: Node | None, is_start: bool) -> dict[str, Actions]:
        mapping = self.reader.mapping(node, f"`options` of {what}")
        options: dict[str, Actions] = {}
        for keys, value in mapping.entries.items() if mapping else ():
            if mapping and not KEYS.fullmatch(keys):
                self.reader.fault(mapping.key_places[keys], f"`{keys}` can't be pressed",
                                  'keys are digits, * and #, such as "1" or "12"', code="option-keys-invalid")
            placed = read_actions(self.scope, value)
            if is_start:
                self._no_way_back(placed)
            options[keys] = actions_of(placed)
        return options

    def _no_way_back(self, placed: list[Placed]) -> None:
        for found in placed:
            if found.name == "back":
                self.reader.fault(found.place, "`back` leads nowhere: callers begin in this menu",
                                  "take it out, or write `goto:` and a menu", code="back-from-start")

    def _tapers(self, key: str, node: Node | None, attempts: int) -> tuple[Taper, ...] | None:
        if node is None:
            return None
        if not isinstance(node, Sequence):
            self.reader.fault(node.place, f"`{key}` must be a list",
                              "write each line like `- {count: 1, say: prompt}`", code="taper-list")
            return None
        tapers: dict[int, Taper] = {}
        for item in node.items:
            fields = self.reader.fields(item, f"a line of `{key}`", ("count", "say"), required=("count", "say"))
            count = self.reader.whole(fields.get("count"), "count", 1, 9)
            prompts = self._said(fields.get("say"))
            if count is None:
                continue
            if count in tapers:
                self.reader.fault(fields["count"].place, f"count {count} stands twice in `{key}`",
                                  "keep one of the two", code="taper-twice")
            elif count >= attempts:
                self.reader.fault(fields["count"].place, f"count {count} of `{key}` is never said",
                                  f"`on_failure` is done at attempt {attempts} instead", code="taper-unsaid")
            tapers[count] = Taper(count, prompts)
        return tuple(tapers[count] for count in sorted(tapers))

    def _on_failure(self, node: Node | None) -> Actions | None:
        """Actions that bring a caller who can't choose to somebody, and never cut them off without a word."""
        placed = read_actions(self.scope, node) if node else []
        if not placed:
            return None
        last = placed[-1]
        if last.name not in ("queue", "transfer", "goto", "hangup"):
            self.reader.fault(last.place, f"`{ON_FAILURE}` can't end with `{last.name}`: "
                                          "callers who can't choose would never get out",
                              "end it with `queue: name`, which leads to an operator", code="failure-open")
        elif last.name in LONE and not any(found.name == "say" for found in placed):
            self.reader.fault(last.place, "callers who can't choose would be cut off without a word",
                              "put a `say:` before it, or better `queue: name`, which leads to an operator",
                              code="failure-silent")
        return actions_of(placed)

    def _no_silent_circle(self, choices: Mapping[str, Choice], parts: dict[str, Node]) -> None:
        """A silent caller follows on_failure from menu to menu: that way must end."""
        leads = {name: choice.on_failure[-1].menu for name, choice in choices.items()
                 if choice.on_failure and isinstance(choice.on_failure[-1], Goto)}
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
        for mapping in (menus.entries[name] if isinstance(menus, YamlMapping) else None, defaults):
            if isinstance(mapping, YamlMapping) and ON_FAILURE in mapping.entries:
                return mapping.key_places[ON_FAILURE]
        return menus.place
