"""The actions that a menu file may name: one row each, from the word in the file to a value of the model.

A new action is a class in `model`, a parser and a row here, and a method in `interpreter`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise

from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping, Node, Scalar, Sequence
from ivr.base.reader import Reader
from ivr.base.suggestions import did_you_mean, guess
from ivr.menu.model import Action, Actions, Back, Enqueue, Goto, Hangup, Known, Repeat, Say, Speak, Transfer


@dataclass(frozen=True)
class Scope:
    """What names an action may use. Without `known` queues and transfers go unchecked."""

    reader: Reader
    prompts: Collection[str]
    menus: Collection[str]
    languages: Collection[str]
    known: Known | None


Parse = Callable[[Scope, Node, dict[str, Node]], Action | None]


@dataclass(frozen=True)
class Row:
    """How one action is written. `example` is shown to admins; `ends`: nothing after it would be run."""

    parse: Parse
    example: str
    ends: bool
    parameters: tuple[str, ...] = ()


def _say(scope: Scope, node: Node, _: dict[str, Node]) -> Action | None:
    prompts = scope.reader.some_of(node, "prompt", scope.prompts)
    return Say(prompts) if prompts else None


def _goto(scope: Scope, node: Node, _: dict[str, Node]) -> Action | None:
    menu = scope.reader.one_of(node, "menu", scope.menus)
    return Goto(menu) if menu else None


def _queue(scope: Scope, node: Node, parameters: dict[str, Node]) -> Action | None:
    queue = _configured(scope, node, "queue", scope.known.queues if scope.known else None)
    subject = scope.reader.text(parameters.get("subject"), "`subject`")
    return Enqueue(queue, subject or queue) if queue else None


def _transfer(scope: Scope, node: Node, _: dict[str, Node]) -> Action | None:
    target = _configured(scope, node, "transfer", scope.known.transfers if scope.known else None)
    return Transfer(target) if target else None


def _language(scope: Scope, node: Node, _: dict[str, Node]) -> Action | None:
    if not scope.languages:         # the list of languages has a fault of its own
        return None
    language = scope.reader.one_of(node, "language", scope.languages)
    return Speak(language) if language else None


def _configured(scope: Scope, node: Node, what: str, names: frozenset[str] | None) -> str | None:
    """A name out of the configuration, where that is at hand."""
    if names is None:
        return scope.reader.text(node, f"the {what}")
    return scope.reader.one_of(node, what, names, " in the configuration")


def _lone(action: Action) -> Parse:
    """An action that is a word by itself. As a key (`back: yes`) it is taken too: what is meant is plain."""
    return lambda scope, node, parameters: action


ROWS = {
    "say": Row(_say, "say: prompt", ends=False),
    "language": Row(_language, "language: en", ends=False),
    "goto": Row(_goto, "goto: menu", ends=True),
    "queue": Row(_queue, "queue: name", ends=True, parameters=("subject",)),
    "transfer": Row(_transfer, "transfer: name", ends=True),
    "repeat": Row(_lone(Repeat()), "repeat", ends=True),
    "back": Row(_lone(Back()), "back", ends=True),
    "hangup": Row(_lone(Hangup()), "hangup", ends=True),
}
LONE = frozenset(name for name, row in ROWS.items() if row.example == name)
ALLOWED = "allowed: " + "; ".join(row.example for row in ROWS.values())


@dataclass(frozen=True)
class Placed:
    """An action with the place of its word."""

    name: str
    action: Action | None
    place: Place


def read_actions(scope: Scope, node: Node) -> list[Placed]:
    """One action, or a list of actions that are done one after the other. Faults go to the scope's reader."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    if not nodes:
        scope.reader.fault(node.place, "an empty list of actions", ALLOWED, code="actions-empty")
    placed = [found for item in nodes if (found := _read_action(scope, item))]
    for before, after in pairwise(placed):
        if ROWS[before.name].ends:
            scope.reader.fault(after.place, f"`{after.name}` is never reached: `{before.name}` stands before it",
                               f"nothing can follow `{before.name}`: put it last", code="action-unreached")
    return placed


def actions_of(placed: list[Placed]) -> Actions:
    """The actions alone, without those that had a fault."""
    return tuple(found.action for found in placed if found.action is not None)


def _read_action(scope: Scope, node: Node) -> Placed | None:
    if isinstance(node, Scalar):
        return _read_word(scope, node)
    if isinstance(node, Sequence):
        scope.reader.fault(node.place, "a list inside a list of actions", "write all actions in one list",
                           code="actions-nested")
        return None
    return _read_mapping(scope, node)


def _read_word(scope: Scope, node: Scalar) -> Placed | None:
    word = node.text.strip()
    if word in LONE:
        return Placed(word, ROWS[word].parse(scope, node, {}), node.place)
    if not word:
        scope.reader.fault(node.place, "nothing is said here about what to do", ALLOWED, code="action-missing")
    elif word in ROWS:
        scope.reader.fault(node.place, f"`{word}` needs something after it", f"write `{ROWS[word].example}`",
                           code="action-incomplete")
    elif word in scope.menus:
        scope.reader.fault(node.place, f"`{word}` is a menu, not an action", f"write `goto: {word}`",
                           code="action-is-menu")
    elif word in scope.prompts:
        scope.reader.fault(node.place, f"`{word}` is a prompt, not an action", f"write `say: {word}`",
                           code="action-is-prompt")
    else:
        scope.reader.fault(node.place, f"`{word}` is no action", f"{guess(word, ROWS)} {ALLOWED}".strip(),
                           code="action-unknown")
    return None


def _read_mapping(scope: Scope, node: Mapping) -> Placed | None:
    names = [key for key in node if key in ROWS]
    if not names:
        _no_action(scope, node)
        return None
    name = names[0]
    row = ROWS[name]
    for key in node:
        if key in names[1:]:
            scope.reader.fault(node.key_places[key], f"two actions in one: `{name}` and `{key}`",
                               "make it a list: each action in its own line that begins with -", code="actions-joined")
        elif key != name and key not in row.parameters:
            scope.reader.fault(node.key_places[key], f"`{key}` means nothing to `{name}`",
                               did_you_mean(key, row.parameters) if row.parameters else f"write `{row.example}` alone",
                               code="parameter-unknown")
    parameters = {key: node.entries[key] for key in row.parameters if key in node.entries}
    return Placed(name, row.parse(scope, node.entries[name], parameters), node.key_places[name])


def _no_action(scope: Scope, node: Mapping) -> None:
    for key in node:
        scope.reader.fault(node.key_places[key], f"`{key}` is no action", f"{guess(key, ROWS)} {ALLOWED}".strip(),
                           code="action-unknown")
    if not node.entries:
        scope.reader.fault(node.place, "nothing is said here about what to do", ALLOWED, code="action-missing")

