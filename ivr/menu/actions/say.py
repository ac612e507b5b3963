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
    said = [(barge_in and not last_words, clips) for barge_in, clips in menu.pieces(prompts, now)]
    masked = menu.mask(True) if _asks_secret(menu) else []
    taken = menu.play(said, now)
    menu.state = Phase.SAYING if taken else Phase.RUNNING
    return masked + taken


def _asks_secret(menu: "Interpreter") -> bool:
    """Whether a `collect` right after this asks for a secret: its first keys may come while this is said."""
    comes = next((action for action in menu.upcoming() if not isinstance(action, Say)), None)
    return comes is not None and comes.asks_secret


ROW = Row(Say, parse, perform, "say: prompt", shape=shapes.one_or_more(shapes.PROMPT))
