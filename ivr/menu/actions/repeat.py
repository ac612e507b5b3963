"""`repeat`: the menu's prompts once more."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.menu.actions import shapes
from ivr.menu.actions.action import Ending
from ivr.menu.actions.scope import Row, lone
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter


@dataclass(frozen=True)
class Repeat(Ending):
    """The menu's prompts once more; counts stay as they are. A menu that only acts does so anew."""

    def __str__(self) -> str:
        return "repeat"


def perform(menu: "Interpreter", action: Repeat, now: float) -> list[Step]:
    """The menu is not left: its counts stay."""
    if menu.choice.do:
        return menu.enter(menu.choice.name, now)
    menu.memory.stack = []
    return menu.prompt(menu.choice.prompts, now)


ROW = Row(Repeat, lone(Repeat()), perform, "repeat", ends=True, shape=shapes.YES)
