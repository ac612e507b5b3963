"""What a caller may be asked next, by whatever way: so that keys typed ahead of a secret are masked at once.

Callers who know a menu type on while it still speaks. What they type is kept for the next question, so it is that
question's secret already while something is said, or another system is asked, before it.
"""

from collections.abc import Iterable, Iterator

from ivr.menu.actions.action import DO, Action
from ivr.menu.actions.callback import Callback
from ivr.menu.actions.collect import Collect
from ivr.menu.actions.fill import Fill
from ivr.menu.actions.goto import Goto
from ivr.menu.actions.hangup import Hangup
from ivr.menu.actions.http import LookUp
from ivr.menu.actions.language import Speak
from ivr.menu.actions.order import Order
from ivr.menu.actions.queue import Enqueue
from ivr.menu.actions.repeat import Repeat
from ivr.menu.actions.say import Say
from ivr.menu.actions.set_variable import Set
from ivr.menu.actions.survey import Survey
from ivr.menu.actions.switch import Switch
from ivr.menu.actions.transfer import Transfer
from ivr.menu.actions.verify import Verify
from ivr.menu.model import ON_FAILURE, Choice, Menu

PASSING = (Say, Set, Fill, Speak)
FAILING = (LookUp, Verify, Order, Callback)
LEAVING = (Enqueue, Transfer, Hangup)
Stack = tuple[tuple[str, int], ...]         # blocks of one menu, the innermost last, with the action that comes next
State = tuple[str, Stack]                   # the menu, and where in it


def secrets_next(menu: Menu, choice: Choice, stack: Iterable[tuple[str, int]]) -> frozenset[bool]:
    """Whether the next question is for a secret: {True} by every way, {False} by none, both where it depends. Ways on
    which nothing more is asked don't count; empty where there are no others."""
    waiting: list[State] = [(choice.name, tuple(stack))]
    seen, found = set[State](), set[bool]()
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            for step in _steps(menu, state):
                if isinstance(step, bool):
                    found.add(step)
                else:
                    waiting.append(step)
    return frozenset(found)


def stack_behind(block: str, position: int) -> Stack:
    """Where an action goes on that stands at this position, from 0, of a block such as "1/2/otherwise"."""
    slot, *steps = block.split("/")
    stack: list[tuple[str, int]] = []
    for number, case in zip(steps[::2], steps[1::2], strict=True):
        stack.append((slot, int(number)))
        slot = f"{slot}/{number}/{case}"
    return (*stack, (slot, position + 1))


def _steps(menu: Menu, state: State) -> Iterator[State | bool]:
    """Where one action leads, or what it asks. That a `verify` may ask for the PIN once more does not count: nobody
    types it again before they hear that it was wrong."""
    name, stack = state
    choice = menu.choices[name]
    if not stack:
        yield _entered(menu, name)
        return
    block, position = stack[-1]
    actions = choice.actions(block)
    if position >= len(actions):
        yield name, stack[:-1]
        return
    action, after = actions[position], (*stack[:-1], (block, position + 1))
    if isinstance(action, Collect | Survey):
        yield action.asks_secret
    elif isinstance(action, PASSING):
        yield name, after
    elif isinstance(action, FAILING):
        yield name, after
        yield name, (*after, (action.on_failure, 0)) if action.on_failure else ((ON_FAILURE, 0),)
    else:
        yield from _elsewhere(menu, name, action, after)


def _elsewhere(menu: Menu, name: str, action: Action, after: Stack) -> Iterator[State | bool]:
    """Of actions that choose a way, or end it."""
    if isinstance(action, Switch):
        yield from ((name, (*after, (block, 0))) for block in action.inner)
        if not action.otherwise:
            yield name, after
    elif isinstance(action, Goto):
        yield _entered(menu, action.menu)
    elif isinstance(action, Repeat):
        yield _entered(menu, name)
    elif not isinstance(action, LEAVING):
        yield False         # `back` leads to menus that ask; of what nobody has thought of here, no secret is supposed


def _entered(menu: Menu, name: str) -> State | bool:
    """A menu that asks wants the key of an option."""
    return (name, ((DO, 0),)) if menu.choices[name].do else False
