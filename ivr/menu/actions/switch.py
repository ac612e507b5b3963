"""`switch:` does the first of several lists of actions whose condition holds.

    - switch:
        - when: closed(office)
          do: {goto: closed}
        - when: '"vip" in caller.groups'
          do: {queue: vip}
        - otherwise: {goto: main}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Sequence
from ivr.menu.actions import shapes
from ivr.menu.actions.action import DO, OTHERWISE, Action, Actions, ends
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.expressions.terms import Expression
from ivr.menu.expressions.values import Kind
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

LINE = "each line begins with `- when:` and has a `do:`; the last may be `- otherwise:`"


@dataclass(frozen=True)
class Case:
    """A condition and the block that is done when it holds."""

    when: Expression
    block: str


@dataclass(frozen=True)
class Switch(Action):
    """Does the first block whose condition holds, else `otherwise` ("": none), then goes on with the next action."""

    cases: tuple[Case, ...]
    otherwise: str = ""

    @property
    def inner(self) -> tuple[str, ...]:
        return (*(case.block for case in self.cases), *([self.otherwise] if self.otherwise else []))

    def ends(self, blocks: Mapping[str, Actions]) -> bool:
        return bool(self.otherwise) and all(ends(blocks[block], blocks) for block in self.inner)

    def __str__(self) -> str:
        return "switch"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Switch | None:
    if not isinstance(node, Sequence) or not node.items:
        scope.reader.fault(node.place, "`switch` must be a list", LINE, code="switch-list")
        return None
    cases: list[Case] = []
    otherwise = ""
    for number, item in enumerate(node.items, 1):
        if otherwise:
            scope.reader.fault(item.place, "a line after `otherwise` is never done", "put `otherwise` last",
                               code="case-unreached")
        elif isinstance(item, YamlMapping) and OTHERWISE in item.entries:
            fields = scope.reader.fields(item, "the last line of `switch`", (OTHERWISE,))
            otherwise = scope.block(OTHERWISE, fields[OTHERWISE])
        elif (case := _case(scope, item, number)) is not None:
            cases.append(case)
    if not cases and not scope.reader.faulty:
        scope.reader.fault(node.place, "`switch` has no condition", LINE, code="switch-list")
    return Switch(tuple(cases), otherwise) if cases else None


def _case(scope: Scope, item: Node, number: int) -> Case | None:
    fields = scope.reader.fields(item, "a line of `switch`", ("when", DO), required=("when", DO))
    when = scope.expression(fields.get("when"), "`when`", Kind.FLAG)
    block = scope.block(str(number), fields[DO]) if DO in fields else None
    return Case(when, block) if when is not None and block is not None else None


def perform(menu: "Interpreter", action: Switch, now: float) -> list[Step]:
    values, opens = menu.values(now), menu.opens_at(now)
    block = next((case.block for case in action.cases if case.when.holds(values, opens)), action.otherwise)
    if block:
        menu.memory.stack.append([block, 0])
    return []


ROW = Row(Switch, parse, perform, "switch: list of when and do", shape=shapes.list_of({
    "anyOf": [shapes.record({"when": shapes.EXPRESSION, DO: shapes.ACTIONS}, required=("when", DO)),
              shapes.record({OTHERWISE: shapes.ACTIONS}, required=(OTHERWISE,))]}))
