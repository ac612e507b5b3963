"""`hangup`: ends the call from our side."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.menu.actions import shapes
from ivr.menu.actions.action import Ending
from ivr.menu.actions.scope import Row, lone
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter


@dataclass(frozen=True)
class Hangup(Ending):
    """Ends the call from our side."""

    def __str__(self) -> str:
        return "hangup"


def perform(menu: "Interpreter", action: Hangup, now: float) -> list[Step]:
    menu.memory.served |= not menu.failing
    return menu.end()


ROW = Row(Hangup, lone(Hangup()), perform, "hangup", ends=True, shape=shapes.YES)
