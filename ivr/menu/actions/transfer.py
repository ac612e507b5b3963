"""`transfer: name`: connects the caller to a number that the configuration names. `transfer: {menu: loans.yaml}`: goes
on in another menu file."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ivr.base.located_yaml import Mapping, Node
from ivr.menu import steps
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Ending
from ivr.menu.actions.goto import Goto
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


@dataclass(frozen=True)
class HandOver(Goto):
    """Goes on with a menu of another file. Its prompts and variables are there from the beginning."""

    def __str__(self) -> str:
        return f"transfer {self.menu}"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Transfer | HandOver | None:
    if isinstance(node, Mapping):
        return _hand_over(scope, node)
    target = configured(scope, node, "transfer", scope.known.transfers if scope.known else None)
    return Transfer(target) if target else None


def perform(menu: "Interpreter", action: Transfer, now: float) -> list[Step]:
    return menu.leave(steps.TransferTo(action.target))


def _hand_over(scope: Scope, node: Mapping) -> HandOver | None:
    fields = scope.reader.fields(node, "`transfer`", ("menu", "start"), required=("menu",))
    if "menu" not in fields or scope.hand_over is None:
        return None
    menu = scope.hand_over(fields["menu"], fields.get("start"))
    return HandOver(menu) if menu else None


SHAPE = {"anyOf": [shapes.NAME, shapes.record({"menu": shapes.TEXT, "start": shapes.NAME}, required=("menu",))]}
ROW = Row(Transfer, parse, perform, "transfer: name", ends=True, shape=SHAPE)
