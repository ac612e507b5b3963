"""`fill: {field: expression}`: puts values into the form of the request, for the operator to see before "hello".

    - fill: {last_digits: digits, amount: balance.amount}

What the fields are stands in the file of topics, by queue. Values belong to the call: whatever request comes of it has
them, and they are erased with the caller.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Node
from ivr.base.suggestions import did_you_mean
from ivr.menu import steps
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Action
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.expressions.terms import Expression
from ivr.menu.expressions.values import Value
from ivr.menu.requests import plain
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

LONGEST = 500       # characters of a value


@dataclass(frozen=True)
class Fill(Action):
    """Fills in fields of the request. An expression without a value leaves its field as it was."""

    values: tuple[tuple[str, Expression], ...]

    def __str__(self) -> str:
        return f"fill {' '.join(name for name, _ in self.values)}"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Fill | None:
    mapping = scope.reader.mapping(node, "`fill`")
    found: list[tuple[str, Expression]] = []
    for name, value in mapping.entries.items() if mapping else ():
        expression = scope.expression(value, f"`{name}`")
        if mapping and scope.known and scope.known.fields is not None and name not in scope.known.fields:
            scope.reader.fault(mapping.key_places[name], f"requests have no field `{name}`",
                               f"{did_you_mean(name, scope.known.fields)}; fields stand in the file of topics",
                               code="field-unknown")
        if expression is None:
            continue
        for secret in scope.secrets(expression.names):
            scope.reader.fault(value.place, f"`{secret}` is secret, and operators would see it",
                               "ask for what they may know in a variable of its own", code="secret-told")
        found.append((name, expression))
    return Fill(tuple(found)) if found else None


def perform(menu: "Interpreter", action: Fill, now: float) -> list[Step]:
    known = ((name, expression.evaluate(menu.values(now), menu.opens_at(now))) for name, expression in action.values)
    filled = tuple((name, _told(value)[:LONGEST]) for name, value in known if value is not None)
    return [steps.FieldsFilled(menu.choice.name, filled)] if filled else []


def _told(value: Value) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else plain(value)


ROW = Row(Fill, parse, perform, "fill: {field: value}", shape=shapes.map_of(shapes.EXPRESSION))
