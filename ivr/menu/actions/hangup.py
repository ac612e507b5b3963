"""`hangup`: ends the call from our side; `hangup: closed` says in the record that the line was closed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Node, Scalar
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Ending
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter


@dataclass(frozen=True)
class Hangup(Ending):
    """Ends the call from our side. `closed`: since the line was; such a call is neither served nor abandoned."""

    closed: bool = False

    def __str__(self) -> str:
        return "hangup"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Hangup:
    return Hangup(closed=isinstance(node, Scalar) and node.text == "closed")


def perform(menu: "Interpreter", action: Hangup, now: float) -> list[Step]:
    menu.memory.served |= not menu.failing
    return menu.end("closed" if action.closed else None)


ROW = Row(Hangup, parse, perform, "hangup", ends=True, shape={"anyOf": [shapes.YES, {"const": "closed"}]})
