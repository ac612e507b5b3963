"""What actions have in common that wait for an answer: another system's, a register's, the house's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ivr.menu.events import LookUpAnswered
from ivr.menu.memory import Phase
from ivr.menu.playing import PlayingPart
from ivr.menu.prompting import in_one
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

UNANSWERED = "no answer in time"


@dataclass(frozen=True)
class Waiter:
    """What an action does with its answer. `meanwhile`: the prompts that are heard until it is there."""

    answered: Callable[[Any, LookUpAnswered, float], list[Step]]
    meanwhile: Callable[[Any], tuple[str, ...]] = lambda action: ()


def wait(menu: "Interpreter", ask: Callable[[int], Step], meanwhile: tuple[str, ...], patience: float,
         now: float) -> list[Step]:
    """Ask, under a new number, and wait for at most `patience` s. Keys do nothing meanwhile: there is no choice yet."""
    menu.memory.look_up += 1
    menu.state = Phase.LOOKING_UP
    heard = say_meanwhile(menu, meanwhile, now)
    return [*menu.mask_ahead(), ask(menu.memory.look_up), *heard, *menu.set_timer(now + patience)]


def say_meanwhile(menu: PlayingPart, meanwhile: tuple[str, ...], now: float) -> list[Step]:
    """What is heard until the answer is there, again and again."""
    said = in_one(menu.pieces(meanwhile, now))
    return menu.play(said, now) if said else []
