"""`transfer: name`: connects the caller to a number that the configuration names."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ivr.base.located_yaml import Node
from ivr.menu import steps
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Ending
from ivr.menu.actions.scope import Parameters, Row, Scope, configured
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter


@dataclass(frozen=True)
class Transfer(Ending):
    """Connects the caller to a number that the configuration names."""

    target: str
    hands_over: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"transfer {self.target}"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Transfer | None:
    target = configured(scope, node, "transfer", scope.known.transfers if scope.known else None)
    return Transfer(target) if target else None


def perform(menu: "Interpreter", action: Transfer, now: float) -> list[Step]:
    return menu.leave(steps.TransferTo(action.target))


ROW = Row(Transfer, parse, perform, "transfer: name", ends=True, shape=shapes.NAME)
