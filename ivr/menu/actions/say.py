"""`say: prompt`: plays prompts, then goes on with the next action."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Node
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Action
from ivr.menu.actions.hangup import Hangup
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.memory import Phase
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter


@dataclass(frozen=True)
class Say(Action):
    """Plays prompts, then goes on with the next action."""

    prompts: tuple[str, ...]

    @property
    def said(self) -> tuple[str, ...]:
        return self.prompts

    def __str__(self) -> str:
        return f"say {' '.join(self.prompts)}"


def parse(scope: Scope, node: Node, parameters: Parameters) -> Say | None:
    prompts = scope.reader.some_of(node, "prompt", scope.prompts)
    return Say(prompts) if prompts else None


def perform(menu: "Interpreter", action: Say, now: float) -> list[Step]:
    return say(menu, action.prompts, now)


def say(menu: "Interpreter", prompts: tuple[str, ...], now: float) -> list[Step]:
    """Before a hangup no key may interrupt it: the call would end on the caller in mid-sentence."""
    last_words = isinstance(menu.last_action(), Hangup)
    said = [piece._replace(barge_in=piece.barge_in and not last_words) for piece in menu.pieces(prompts, now)]
    masked = menu.mask_ahead()
    taken = menu.play(said, now)
    menu.state = Phase.SAYING if taken else Phase.RUNNING
    return masked + taken


ROW = Row(Say, parse, perform, "say: prompt", shape=shapes.one_or_more(shapes.PROMPT))
