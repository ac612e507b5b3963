"""The tree of topics that admins define, outcomes, and what operators fill in for requests of a queue. Pure.

    topics:
      cards:
        title: {en: Cards, ru: Карты}
        topics:
          lost: {title: {en: Lost card, ru: Утеря}}
      other: {title: Other}
    outcomes: {solved: Solved, passed_on: Passed on}
    fields:
      cards:                                            # a queue
        last_digits: {type: digits, length: 4, required: yes, title: {en: Last digits, ru: Последние цифры}}
        reason: {type: choice, options: [lost, stolen]}
    notes:                                              # sentences that operators put into a note
      blocked: {en: "The card is blocked.", ru: "Карта заблокирована."}
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Sequence, load
from ivr.base.reader import Reader
from ivr.base.titles import ALL, Titles

DEEPEST, MOST = 6, 2_000        # levels of topics; topics in all
MOST_FIELDS, LONGEST = 50, 500  # fields of a queue; characters of a value
TYPES = ("text", "digits", "number", "date", "yes_no", "choice")
OUTCOMES = {"solved": {ALL: "solved"}, "not_solved": {ALL: "not solved"}, "passed_on": {ALL: "passed on"}}
_NUMBER = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,6})?")


@dataclass(frozen=True)
class Field:
    """What operators fill in; `required`: without it a request can't be closed. `length`: of digits, 0 for any."""

    name: str
    type: str
    titles: Titles
    required: bool = False
    length: int = 0
    options: tuple[str, ...] = ()

    def why_not(self, value: str) -> str | None:
        """Why `value` can't stand in this field; None if it can."""
        if len(value) > LONGEST:
            return f"more than {LONGEST} characters"
        if self.type == "digits" and not (value.isascii() and value.isdigit() and self.length in (0, len(value))):
            return f"{self.length} digits are expected" if self.length else "digits are expected"
        if self.type == "number" and not _NUMBER.fullmatch(value):
            return "a number is expected"
        if self.type == "yes_no" and value not in ("yes", "no"):
            return "yes or no is expected"
        if self.type == "choice" and value not in self.options:
            return f"one of {', '.join(self.options)} is expected"
        return _no_date(value) if self.type == "date" else None


def _no_date(value: str) -> str | None:
    try:
        date.fromisoformat(value)
    except ValueError:
        return "a date is expected, as 2026-12-31"
    return None


@dataclass(frozen=True)
class Topics:
    """`topics` by path, as `cards/lost`; where there are none, any text is a topic. `version` is the hash of the file,
    as of menus, and stands in what was filled in by it."""

    version: str = ""
    topics: Mapping[str, Titles] = field(default_factory=dict)
    outcomes: Mapping[str, Titles] = field(default_factory=lambda: OUTCOMES)
    fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    notes: Mapping[str, Titles] = field(default_factory=dict)

    def faults(self, queue: str, topic: str, outcome: str, filled: Mapping[str, str], closing: bool) -> Iterator[str]:
        """What keeps these values from being kept, in words. `closing`: everything that is required must be there."""
        if topic and self.topics and topic not in self.topics:
            yield f"there is no topic `{topic}`"
        if outcome and outcome not in self.outcomes:
            yield f"there is no outcome `{outcome}`: {', '.join(self.outcomes)}"
        known = {each.name: each for each in self.fields.get(queue, ())}
        for name, value in filled.items():
            if name not in known:
                yield f"requests of {queue} have no field `{name}`"
            elif value and (fault := known[name].why_not(value)):
                yield f"`{name}`: {fault}"
        if closing:
            yield from self._lacking(known, topic, filled)

    def _lacking(self, known: Mapping[str, Field], topic: str, filled: Mapping[str, str]) -> Iterator[str]:
        if self.topics and not topic:
            yield "a topic is needed to close it"
        for each in known.values():
            if each.required and not filled.get(each.name):
                yield f"`{each.name}` is needed to close it"


# --- reading --------------------------------------------------------------------------------------------------------
def load_topics(text: str, file: str) -> Topics:
    """What the file describes. Raises AdminError with every fault."""
    reader = Reader()
    fields = reader.fields(load(text, file), "a file of topics", ("topics", "outcomes", "fields", "notes"))
    topics: dict[str, Titles] = {}
    _read_topics(reader, fields.get("topics"), "", topics, 1)
    outcomes = {name: _titles(reader, node, f"outcome `{name}`")
                for name, node in reader.named(fields.get("outcomes"), "`outcomes`").items()}
    queues = {queue: tuple(_fields(reader, node, queue))
              for queue, node in reader.named(fields.get("fields"), "`fields`").items()}
    notes = {name: _titles(reader, node, f"note `{name}`")
             for name, node in reader.named(fields.get("notes"), "`notes`").items()}
    reader.refuse_faulty()
    return Topics(hashlib.sha256(text.encode()).hexdigest()[:12], topics, outcomes or OUTCOMES, queues, notes)


def _read_topics(reader: Reader, node: Node | None, path: str, found: dict[str, Titles], depth: int) -> None:
    for name, child in reader.named(node, "`topics`").items():
        if len(found) >= MOST or depth > DEEPEST:
            reader.fault(child.place, f"there are more than {MOST} topics" if depth <= DEEPEST
                         else f"topics are more than {DEEPEST} levels deep", "fewer are found sooner",
                         code="topics-too-many")
            reader.refuse_faulty()
        whole = f"{path}/{name}" if path else name
        fields = reader.fields(child, f"topic `{whole}`", ("title", "topics"), required=("title",))
        found[whole] = _titles(reader, fields.get("title"), f"topic `{whole}`")
        _read_topics(reader, fields.get("topics"), whole, found, depth + 1)


def _titles(reader: Reader, node: Node | None, of: str) -> Titles:
    """One title for all languages, or one for each."""
    if isinstance(node, YamlMapping):
        named = reader.named(node, f"the title of {of}")
        return {language: reader.text(each, f"the title of {of}") or "" for language, each in named.items()}
    return {ALL: reader.text(node, f"the title of {of}") or ""}


def _fields(reader: Reader, node: Node, queue: str) -> Iterator[Field]:
    named = reader.named(node, f"the fields of `{queue}`")
    if len(named) > MOST_FIELDS:
        reader.fault(node.place, f"there are more than {MOST_FIELDS} fields", "nobody fills in so many",
                     code="topics-too-many")
    for name, each in named.items():
        fields = reader.fields(each, f"field `{name}`", ("type", "title", "required", "length", "options"),
                               required=("type",))
        kind = reader.one_of(fields.get("type"), "sort of field", TYPES) or "text"
        title = _titles(reader, fields["title"], f"field `{name}`") if "title" in fields else {ALL: name}
        yield Field(name, kind, title, reader.switch(fields.get("required"), "required") or False,
                    reader.whole(fields.get("length"), "length", 1, 50) or 0,
                    _options(reader, each, fields, name, kind))


def _options(reader: Reader, node: Node, fields: Mapping[str, Node], name: str, kind: str) -> tuple[str, ...]:
    given = fields.get("options")
    if (kind == "choice") != (given is not None):
        reader.fault(node.place, f"field `{name}` {'has no' if given is None else 'of this type has no use for'} "
                     "`options`", "a choice has them, and nothing else: options: [lost, stolen]",
                     code="field-options")
    items = given.items if isinstance(given, Sequence) else ()
    if given is not None and not items:
        reader.fault(given.place, "`options` must be a list", "options: [lost, stolen]", code="field-options")
    return tuple(word for item in items if (word := reader.text(item, "an option")) is not None)
