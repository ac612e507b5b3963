"""How callers get from menu to menu: which menus they reach, by how many keys, and in which language.

Everything that knows how actions follow one another is here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from ivr.menu.actions.leaving import LeavesRequest
from ivr.menu.actions.switch import Switch
from ivr.menu.model import ON_FAILURE, Action, Back, Choice, Enqueue, Goto, Hangup, Menu, Speak, Transfer

ENDS = (Enqueue, Transfer, LeavesRequest, Hangup)      # a person has the caller, or their request; or it is over


@dataclass(frozen=True)
class Spot:
    """An action with where it stands: the menu, the block ("1", on_failure, "1/2/otherwise") and its number there."""

    menu: str
    block: str
    position: int
    action: Action


def slot_of(block: str) -> str:
    """The keys, on_failure or do, that lead to a block."""
    return block.partition("/")[0]


def presses(choice: Choice, block: str) -> int:
    """How many keys lead to a block."""
    slot = slot_of(block)
    return len(slot) if slot in choice.options else 0


def spots(choice: Choice) -> Iterator[Spot]:
    """Every action of a menu."""
    for block, actions in choice.blocks.items():
        for position, action in enumerate(actions):
            yield Spot(choice.name, block, position, action)


def reached(menu: Menu) -> list[Choice]:
    """The menus that callers can come to, in the order of the file."""
    names, found = [menu.start, *menu.surveys, *menu.entries], set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += [spot.action.menu for spot in spots(menu.choices[name]) if isinstance(spot.action, Goto)]
    return [choice for name, choice in menu.choices.items() if name in found]


def before(menu: Menu) -> dict[str, set[str]]:
    """For each menu those that lead to it: where `back` may go."""
    found: dict[str, set[str]] = {name: set() for name in menu.choices}
    for choice in reached(menu):
        for spot in spots(choice):
            if isinstance(spot.action, Goto):
                found[spot.action.menu].add(choice.name)
    return found


def ways_by_key(menu: Menu) -> dict[str, set[tuple[int, str | None]]]:
    """What the options of each menu lead to: how many keys, and the menu; None where the caller leaves the menus."""
    backs = before(menu)
    return {choice.name: {(presses(choice, spot.block), target) for spot in spots(choice)
                          if slot_of(spot.block) != ON_FAILURE
                          for target in _targets(spot.action, backs[choice.name])}
            for choice in reached(menu)}


def _targets(action: Action, back_to: set[str]) -> set[str | None]:
    if isinstance(action, ENDS):
        return {None}
    if isinstance(action, Goto):
        return {action.menu}
    return {*back_to} if isinstance(action, Back) else set()


def keys_to_end(menu: Menu) -> dict[str, float]:
    """For each menu that callers reach: the fewest keys from it until they leave the menus; inf: never."""
    ways = ways_by_key(menu)
    fewest = dict.fromkeys(ways, inf)
    for _ in ways:      # no way is longer than through every menu once
        nearer = {name: min((keys + (fewest[target] if target else 0) for keys, target in found), default=inf)
                  for name, found in ways.items()}
        if nearer == fewest:
            break
        fewest = nearer
    return fewest


def closures(menu: Menu) -> dict[str, frozenset[str]]:
    """For each menu that callers reach: the menus to which keys can lead from it, itself among them."""
    steps = {name: {target for _, target in ways if target} for name, ways in ways_by_key(menu).items()}
    found = {}
    for name in steps:
        within, waiting = {name}, [name]
        while waiting:
            fresh = steps[waiting.pop()] - within
            within |= fresh
            waiting += fresh
        found[name] = frozenset(within)
    return found


def spoken_at_ends(menu: Menu, first_languages: frozenset[str]) -> dict[Spot, set[str]]:
    """For each action that leads out of the menus: the languages that a caller may speak there."""
    found: dict[Spot, set[str]] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(menu.start, language) for language in first_languages]
    waiting += [(name, language) for name in (*menu.surveys, *menu.entries) for language in menu.languages]
    backs = before(menu)
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        name, language = here
        choice = menu.choices[name]
        for slot in (block for block in choice.blocks if block == slot_of(block)):
            onwards, left = _follow(choice, slot, {language}, backs[name], found)
            # The same menu follows a list that ends with `say`, and a queue or a number that gave the caller back.
            waiting += onwards | {(name, one) for one in left}
    return found


def _follow(choice: Choice, block: str, languages: set[str], back_to: set[str],
            found: dict[Spot, set[str]]) -> tuple[set[tuple[str, str]], set[str]]:
    """Where a block leads callers of these languages, and what they speak who come to its end.

    Ends on the way are noted in `found`.
    """
    onwards: set[tuple[str, str]] = set()
    for position, action in enumerate(choice.actions(block)):
        if isinstance(action, Speak):
            languages = {action.language}
        if isinstance(action, ENDS):
            found.setdefault(Spot(choice.name, block, position, action), set()).update(languages)
        onwards |= {(name, language) for name in _targets(action, back_to) if name for language in languages}
        within = [_follow(choice, inner, languages, back_to, found) for inner in action.inner]
        onwards |= {way for ways, _ in within for way in ways}
        always = isinstance(action, Switch) and bool(action.otherwise)
        languages = (set() if always else languages).union(*(left for _, left in within))
        if isinstance(action, Goto | Back | Hangup):
            return onwards, set()
    return onwards, languages
