"""`set: {name: expression}`: gives variables their values."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Node, Scalar
from ivr.base.suggestions import did_you_mean
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Action
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.expressions.terms import Expression, literal
from ivr.menu.expressions.values import Kind
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter


@dataclass(frozen=True)
class Set(Action):
    """Gives variables their values, one after the other. An expression without a value takes the variable's away."""

    values: tuple[tuple[str, Expression], ...]

    def __str__(self) -> str:
        return f"set {' '.join(name for name, _ in self.values)}"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Set | None:
    mapping = scope.reader.mapping(node, "`set`")
    found: list[tuple[str, Expression]] = []
    for name, value in mapping.entries.items() if mapping else ():
        if mapping and name not in scope.variables:
            scope.reader.fault(mapping.key_places[name], f"there is no variable `{name}`",
                               f"{did_you_mean(name, scope.variables)}: write it under `variables`",
                               code="variable-unknown")
        elif (expression := _value(scope, name, value)) is not None:
            found.append((name, expression))
    return Set(tuple(found)) if found else None


def _value(scope: Scope, name: str, node: Node) -> Expression | None:
    """What YAML has in quotes is for a text variable the text itself: nobody sees that YAML takes the quotes away."""
    variable = scope.variables[name]
    if variable.kind is Kind.TEXT and isinstance(node, Scalar) and node.quoted:
        return literal(Kind.TEXT, node.text)
    expression = scope.expression(node, f"`{name}`", variable.kind)
    if expression is not None and not variable.secret and expression.kind is not Kind.FLAG:
        for secret in scope.secrets(expression.names):
            scope.reader.fault(node.place, f"`{secret}` is secret, and `{name}` would tell it",
                               f"add `secret: yes` to variable `{name}`", code="secret-told")
    return expression


def perform(menu: "Interpreter", action: Set, now: float) -> list[Step]:
    for name, expression in action.values:
        menu.assign(name, expression.evaluate(menu.values(now), menu.opens_at(now)))
    return []


ROW = Row(Set, parse, perform, "set: {name: value}", shape=shapes.map_of(shapes.EXPRESSION))
