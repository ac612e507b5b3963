"""`language: en`: from now on the call goes in this language."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Node
from ivr.menu import steps
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Action
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter


@dataclass(frozen=True)
class Speak(Action):
    """From now on the call goes in this language."""

    language: str

    def __str__(self) -> str:
        return f"language {self.language}"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Speak | None:
    if not scope.languages:         # the list of languages has a fault of its own
        return None
    language = scope.reader.one_of(node, "language", scope.languages, scope.origin)
    return Speak(language) if language else None


def perform(menu: "Interpreter", action: Speak, now: float) -> list[Step]:
    menu.memory.language = action.language
    return [steps.LanguageChosen(action.language)]


ROW = Row(Speak, parse, perform, "language: en", shape=shapes.LANGUAGE)
