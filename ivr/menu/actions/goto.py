"""`goto: menu`: enters a menu."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Node
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Ending
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter


@dataclass(frozen=True)
class Goto(Ending):
    """Enters a menu."""

    menu: str

    @property
    def menus(self) -> tuple[str, ...]:
        return (self.menu,)

    def __str__(self) -> str:
        return f"goto {self.menu}"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Goto | None:
    menu = scope.reader.one_of(node, "menu", scope.menus)
    return Goto(menu) if menu else None


def perform(menu: "Interpreter", action: Goto, now: float) -> list[Step]:
    return menu.enter(action.menu, now)


ROW = Row(Goto, parse, perform, "goto: menu", ends=True, shape=shapes.NAME)
