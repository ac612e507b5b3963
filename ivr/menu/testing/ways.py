"""Every way through a menu, as scripts of keys and silences: each option after each order of misses, to the failure.

In a menu a caller chooses an option, presses nothing in time, or presses what is no option. All orders of the two
misses that do not yet lead to `on_failure` are walked, each followed by each option; and those that do lead there.
Every menu is reached by the fewest keys. So every timeout of the file comes up, also those between two keys.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.menu.dialogue import Dialogue
from ivr.menu.model import Choice, Menu
from ivr.menu.testing.steps import wrong_key

SILENCE = ""
Keys = tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """Keys pressed at one menu after the other, each time when it waits; SILENCE: none, until the menu acts."""

    keys: Keys

    def walk(self, menu: Menu, lengths: Mapping[str, float], language: str | None = None,
             kind: type[Dialogue] = Dialogue) -> Dialogue:
        """Go it, as a call (or a dialogue of another kind) of its own; what is left of it when the menu is left falls
        away."""
        dialogue = kind(menu, lengths, language)
        for keys in self.keys:
            _do(dialogue, keys)
        return dialogue.settle()


def ways(menu: Menu, lengths: Mapping[str, float]) -> Iterator[Way]:
    """All of them, menu after menu in the order in which a caller may come to them."""
    for name, reached in arrivals(menu, lengths).items():
        choice = menu.choices[name]
        for missed in misses(choice):
            yield from (Way((*reached, *missed, keys)) for keys in choice.options)
        yield from (Way((*reached, *missed)) for missed in failures(choice))


def arrivals(menu: Menu, lengths: Mapping[str, float]) -> dict[str, Keys]:
    """The fewest keys to every menu that callers come to, found by trying."""
    reached: dict[str, Keys] = {menu.start: ()}
    todo = [menu.start]
    for name in todo:
        for keys in menu.choices[name].options:
            way = (*reached[name], keys)
            dialogue = Way(way).walk(menu, lengths)
            there = dialogue.interpreter.choice.name
            if dialogue.end is None and there not in reached:
                reached[there] = way
                todo.append(there)
    return reached


def misses(choice: Choice) -> Iterator[Keys]:
    """Every order of misses after which the menu still asks, none of them first."""
    yield from _orders(choice, choice.attempts - 1, ())


def failures(choice: Choice) -> Iterator[Keys]:
    """Every order of misses whose last one is the last attempt."""
    for missed in misses(choice):
        for miss in _kinds(choice):
            if missed.count(miss) == choice.attempts - 1:
                yield (*missed, miss)


def _orders(choice: Choice, most: int, missed: Keys) -> Iterator[Keys]:
    yield missed
    for miss in _kinds(choice):
        if missed.count(miss) < most:
            yield from _orders(choice, most, (*missed, miss))


def _kinds(choice: Choice) -> tuple[str, ...]:
    """Silence, and a key that is no option; where every key begins one, the beginning of an option."""
    return (SILENCE, *filter(None, [wrong_key(choice) or _unfinished(choice)]))


def _unfinished(choice: Choice) -> str | None:
    begun = (keys[:size] for keys in choice.options for size in range(1, len(keys)))
    return next((keys for keys in begun if keys not in choice.options), None)


def _do(dialogue: Dialogue, keys: str) -> None:
    dialogue.settle()
    if dialogue.end is None:
        _ = dialogue.press(keys) if keys else dialogue.silence()
