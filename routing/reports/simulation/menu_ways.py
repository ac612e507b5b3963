"""The ways of callers through a real menu, each walked once by the real interpreter.

At every menu callers press keys by their habits. Ways are walked the likeliest first, until all but LEFT_OUT of the
callers have come to an end, or MOST_WALKS are walked; the rest is taken to go the same ways. So a day of any number of
calls costs no more walking than one of a thousand, and what the menu does with keys, silence and hours is its own.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields, is_dataclass
from itertools import count

from ivr.menu.actions.back import Back
from ivr.menu.actions.repeat import Repeat
from ivr.menu.dialogue import Dialogue
from ivr.menu.expressions.terms import Expression
from ivr.menu.facts import Facts
from ivr.menu.model import Choice, Menu
from ivr.menu.steps import EnterQueue, TransferTo
from routing.reports.simulation.ways import Ending, Way, Ways

HANGUP, SILENCE = "hangup", "silence"       # what callers may do besides pressing keys
THINKING = 1.0          # seconds from the last word to the key
LEFT_OUT = 0.002
MOST_WALKS = 2_000
Habits = Mapping[str, Mapping[str, float]]
"""Menu -> keys, HANGUP or SILENCE -> how many callers do that there, in any unit. Of a menu that is not in it, every
option is taken equally often, but those that only repeat the menu or go back."""


@dataclass(frozen=True)
class Walked:
    """The ways with how often they are gone; `share` of the callers came to their end on them, in `walks` walks;
    `assumed`: menus of which no habits are known."""

    ways: Ways
    share: float
    walks: int
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entrance:
    """How calls come to the menu: the line, in which language it speaks first, what it may know of them."""

    line: str
    language: str | None = None
    facts: Facts = field(default_factory=Facts)


def walk_all(menu: Menu, lengths: Mapping[str, float], entrance: Entrance, habits: Habits) -> Walked:
    """Raises ValueError if no way that callers go comes to an end."""
    found: defaultdict[Way, float] = defaultdict(float)
    assumed: dict[str, None] = {}
    left, walks, serial = 1.0, 0, count()
    begun = Dialogue(menu, lengths, entrance.language, entrance.facts).settle()
    todo: list[tuple[float, int, Dialogue, str]] = [(-1.0, next(serial), begun, "")]
    while todo and left > LEFT_OUT and walks < MOST_WALKS:
        part, _, before, keys = heapq.heappop(todo)
        dialogue = _going_on(before, keys)
        walks += 1
        if (way := _end_of(dialogue, entrance.line)) is not None:
            found[way] -= part
            left += part
            continue
        choice = dialogue.interpreter.choice
        if choice.name not in habits:
            assumed[choice.name] = None
        weights = habits.get(choice.name) or supposed(choice)
        total = sum(weights.values())
        for each, weight in weights.items():
            if weight > 0:
                heapq.heappush(todo, (part * weight / total, next(serial), dialogue, each))
    if not found:
        raise ValueError(f"no way through {menu.file} that callers go comes to an end")
    return Walked(Ways(tuple(found.items())), 1 - left, walks, tuple(assumed))


def depends_on(menu: Menu) -> tuple[frozenset[str], frozenset[str]]:
    """The names of facts and the schedules that the menu asks for anywhere: while these stay, its ways do."""
    names: set[str] = set()
    schedules: set[str] = set()
    todo: list[object] = [action for choice in menu.choices.values() for action in choice.all_actions()]
    while todo:
        part = todo.pop()
        if isinstance(part, Expression):
            names |= part.names
            schedules |= part.schedules
        elif isinstance(part, Mapping):
            todo += part.values()
        elif isinstance(part, tuple | list):
            todo += part
        elif is_dataclass(part):
            todo += [getattr(part, each.name) for each in fields(part)]
    return frozenset(names), frozenset(schedules)


def supposed(choice: Choice) -> dict[str, float]:
    """Of callers of whom nothing is known."""
    onward = {keys: 1.0 for keys, actions in choice.options.items()
              if not all(isinstance(action, Repeat | Back) for action in actions)}
    return onward or {SILENCE: 1.0}


def _going_on(before: Dialogue, keys: str) -> Dialogue:
    """What comes of what the caller does there. They hear the menu out and then press: they call for the first time.

    The dialogue is copied, so that no way is walked from its beginning again; what was heard is not asked for.
    """
    before.heard.clear()
    before.taken.clear()
    kept = (before.menu, before.lengths, before.interpreter.facts)
    dialogue = deepcopy(before, {id(each): each for each in kept})
    if keys == HANGUP:
        return dialogue.hang_up()
    if keys == SILENCE:
        return dialogue.silence().settle()
    return dialogue.wait(THINKING).press(keys).settle() if keys else dialogue


def _end_of(dialogue: Dialogue, line: str) -> Way | None:
    """The way, if the caller has come to its end."""
    seconds, language = round(dialogue.now, 1), dialogue.interpreter.language
    if dialogue.hung_up:
        ending: Ending = "self_served" if dialogue.interpreter.served else "abandoned"
        return Way(line, "", seconds, ending, language)
    if dialogue.end is None:
        return None
    if isinstance(dialogue.end, EnterQueue):
        return Way(line, dialogue.end.queue, seconds, "queued", language, dialogue.end.priority,
                   dialogue.end.skills)
    ending = "transferred" if isinstance(dialogue.end, TransferTo) else dialogue.end.outcome
    return Way(line, "", seconds, ending, language)
