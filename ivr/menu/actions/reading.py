"""Reads lists of actions by the table: nested ones become blocks of their menu."""

from itertools import pairwise

from ivr.base.located_yaml import Mapping, Node, Scalar, Sequence
from ivr.base.suggestions import did_you_mean, guess
from ivr.menu.actions.action import Actions
from ivr.menu.actions.scope import Placed, Scope
from ivr.menu.actions.table import ALLOWED, LONE, ROWS


def read_actions(scope: Scope, node: Node, block: str) -> list[Placed]:
    """One action, or a list of actions that are done one after the other. Faults go to the scope's reader."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    if not nodes:
        scope.reader.fault(node.place, "an empty list of actions", ALLOWED, code="actions-empty")
    placed = [found for position, item in enumerate(nodes, 1)
              if (found := _read_action(scope.within(block, position), item))]
    for before, after in pairwise(placed):
        if ends(scope, before):
            scope.reader.fault(after.place, f"`{after.name}` is never reached: `{before.name}` stands before it",
                               f"nothing can follow `{before.name}`: put it last", code="action-unreached")
    return placed


def read_block(scope: Scope, node: Node, block: str) -> Actions:
    """The actions alone."""
    return actions_of(read_actions(scope, node, block))


def actions_of(placed: list[Placed]) -> Actions:
    """The actions alone, without those that had a fault."""
    return tuple(found.action for found in placed if found.action is not None)


def ends(scope: Scope, placed: Placed) -> bool:
    """Whether nothing after it would be done; of one that has a fault what its row says."""
    return placed.action.ends(scope.blocks) if placed.action is not None else ROWS[placed.name].ends


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

