"""What the parsers of actions are handed, and what a row of the table of actions says."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ivr.base.errors import AdminError, Place
from ivr.base.located_yaml import Node, Scalar
from ivr.base.reader import Reader
from ivr.menu.actions.action import ON_FAILURE, Action, Actions
from ivr.menu.expressions.parser import parse
from ivr.menu.expressions.terms import Expression
from ivr.menu.expressions.values import Kind
from ivr.menu.spots import Spots
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.model import Known, Variable
    from ivr.menu.settings import Settings

Parameters = dict[str, Node]


@dataclass(frozen=True)
class Scope:
    """What names an action may use. Without `known` queues, transfers and schedules go unchecked.

    `here` is the action that is read, as the name of its block and its place in it ("1/2": the second of key 1);
    `blocks` collects the lists of actions that stand within others.
    """

    reader: Reader
    spots: Spots
    prompts: Collection[str]
    menus: Collection[str]
    languages: Collection[str]
    known: "Known | None"
    variables: Mapping[str, "Variable"]
    names: Mapping[str, Kind]                   # of expressions: the variables, and what the house knows of a call
    read_block: Callable[["Scope", Node, str], Actions]
    settings: "Settings | None" = None          # what questions inherit from their menu
    has_failure: bool = False                   # their menu has an `on_failure`
    origin: str = ""                            # " in bank.yaml": where languages are from, if from another file
    hand_over: Callable[[Node, Node | None], str | None] | None = None      # (menu file, start): where it goes on
    here: str = ""
    blocks: dict[str, Actions] = field(default_factory=dict)

    def within(self, block: str, position: int) -> "Scope":
        """The scope of the action at this position of a block, counted from 1."""
        return replace(self, here=f"{block}/{position}")

    def block(self, name: str, node: Node) -> str:
        """Read the actions that stand within the present one under `name`; returns what their block is called."""
        block = f"{self.here}/{name}"
        self.blocks[block] = self.read_block(self, node, block)
        return block

    def expression(self, node: Node | None, what: str, kind: Kind | None = None) -> Expression | None:
        """An expression of this kind, or of any. Faults stand at the very column."""
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.reader.fault(node.place, f"{what} must be an expression", "put it in quotes if it has commas or "
                              "brackets", code="expression-expected")
            return None
        schedules, groups = (self.known.schedules, self.known.groups) if self.known else (None, None)
        try:
            found = parse(node.text, node.place, self.names, schedules, self.spots.of(node), groups)
        except AdminError as error:
            for fault in error.faults:
                self.reader.fault(fault.place, fault.message, fault.remedy, code="expression-wrong")
            return None
        if kind is not None and found.kind is not kind:
            self.reader.fault(node.place, f"{what} must be {_WORDS[kind]}, and this is {_WORDS[found.kind]}",
                              code="expression-kind")
            return None
        return found

    def failure(self, node: Node | None, place: Place, what: str) -> str:
        """The block of an action's own `on_failure`; "" for that of the menu, which then must be there."""
        if node is not None:
            return self.block(ON_FAILURE, node)
        if not self.has_failure:
            self.reader.fault(place, f"nothing says what happens when this {what} fails",
                              "add an `on_failure:` to it", code="failure-missing")
        return ""

    def secrets(self, names: Collection[str]) -> list[str]:
        """Those of the names that are secret."""
        return sorted(name for name in names if name in self.variables and self.variables[name].secret)


_WORDS = {Kind.NUMBER: "a number", Kind.TEXT: "a text", Kind.FLAG: "a condition", Kind.DATE: "a date",
          Kind.TIME: "a time", Kind.DURATION: "a duration", Kind.MONEY: "money", Kind.TEXTS: "a list"}

Parse = Callable[[Scope, Node, Parameters], Action | None]


@dataclass(frozen=True)
class Row:
    """How one action is written, and who does it.

    `value` is its class; `perform(interpreter, action, now)` does it; `example` is shown to admins; `ends`: nothing
    after it would be run. `shape` is the JSON Schema of what stands after its word, `parameters` those of the keys
    beside it.
    """

    value: type[Action]
    parse: Parse
    perform: Callable[[Any, Any, float], list[Step]]
    example: str
    ends: bool = False
    shape: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """An action with the place of its word."""

    name: str
    action: Action | None
    place: Place


def lone(action: Action) -> Parse:
    """An action that is a word by itself. As a key (`back: yes`) it is taken too: what is meant is plain."""
    return lambda scope, node, parameters: action


def configured(scope: Scope, node: Node, what: str, names: Collection[str] | None) -> str | None:
    """A name out of the configuration, where that is at hand."""
    if names is None:
        return scope.reader.text(node, f"the {what}")
    return scope.reader.one_of(node, what, names, " in the configuration")
