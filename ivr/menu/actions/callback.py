"""`callback:` leaves a request to be called back instead of waiting.

    - callback: {queue: cards, number: other_number, done: we_will_call, on_failure: {queue: cards}}
    - callback: cards
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ivr.base.located_yaml import Node
from ivr.base.numbers import e164
from ivr.base.suggestions import did_you_mean
from ivr.menu import steps
from ivr.menu.actions import shapes
from ivr.menu.actions.leaving import SHAPES, LeavesRequest, fields_of, read_left
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.expressions.values import Kind
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

CALLER = "caller"


@dataclass(frozen=True)
class Callback(LeavesRequest):
    """Leaves the wish to be called back. `number` is the variable that holds the number, "" for the caller's own."""

    kind: ClassVar[Literal["callback"]] = "callback"
    number: str = ""

    def __str__(self) -> str:
        return f"callback {self.queue}"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Callback | None:
    fields = fields_of(scope, node, "callback", ("number",))
    if not fields:
        return None
    left, number = read_left(scope, node, fields, "callback"), _number(scope, fields.get("number"))
    return Callback(left, number) if left is not None else None


def _number(scope: Scope, node: Node | None) -> str:
    name = scope.reader.text(node, "`number`") or CALLER
    if name == CALLER or node is None:
        return ""
    variable = scope.variables.get(name)
    if variable is None:
        scope.reader.fault(node.place, f"there is no variable `{name}`",
                           f"{did_you_mean(name, [CALLER, *scope.variables])}; `collect: {{into: {name}, as: phone}}` "
                           "asks for one", code="variable-unknown")
    elif variable.kind is not Kind.TEXT:
        scope.reader.fault(node.place, f"variable `{name}` is a {variable.kind.value} and can't be called",
                           f"`collect: {{into: {name}, as: phone}}` asks for a telephone number", code="variable-kind")
    elif variable.secret:
        scope.reader.fault(node.place, f"`{name}` is secret, and operators would see it",
                           "ask for the number in a variable of its own", code="secret-told")
    return name


def perform(menu: "Interpreter", action: Callback, now: float) -> list[Step]:
    """A number that callers typed as they dial at home becomes one that can be dialled from anywhere."""
    number = menu.values(now).get(action.number or "caller.number")
    if not isinstance(number, str) or not number:
        return menu.not_left("no number to call", now)
    number = e164(number, menu.facts.country) or number
    return menu.leave_request(steps.LeaveRequest(action.kind, action.queue, action.subject, number), now)


ROW = Row(Callback, parse, perform, "callback: queue", shape={"anyOf": [shapes.NAME, shapes.record(
    {**SHAPES, "number": shapes.NAME}, required=("queue",))]})
