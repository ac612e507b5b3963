"""`back`: the menu that the caller came from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.menu.actions import shapes
from ivr.menu.actions.action import Ending
from ivr.menu.actions.scope import Row, lone
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter


@dataclass(frozen=True)
class Back(Ending):
    """The menu that the caller came from."""

    def __str__(self) -> str:
        return "back"


def perform(menu: "Interpreter", action: Back, now: float) -> list[Step]:
    """In a menu that only acts nobody has been: it would send the caller on at once."""
    been = [name for name in menu.memory.path[:-1] if not menu.menu.choices[name].do]
    return menu.enter(been[-1] if been else menu.menu.start, now)


ROW = Row(Back, lone(Back()), perform, "back", ends=True, shape=shapes.YES)
