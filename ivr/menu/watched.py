"""An interpreter that tells which ways of its menu it has gone."""

from ivr.menu.actions.action import Action
from ivr.menu.facts import Facts
from ivr.menu.interpreter import Interpreter
from ivr.menu.model import Menu


class Watched(Interpreter):
    """An interpreter that remembers of which lists of actions it did something, as (menu, block)."""

    def __init__(self, menu: Menu, language: str | None, facts: Facts) -> None:
        super().__init__(menu, language, facts)
        self.done: set[tuple[str, str]] = set()

    def _next_action(self) -> Action | None:
        if self.memory.stack:
            self.done.add((self.choice.name, self.memory.stack[-1][0]))
        return super()._next_action()
