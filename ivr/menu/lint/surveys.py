"""What callers meet after a talk, where a queue sends them into a menu."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.actions.collect import Collect
from ivr.menu.actions.http import LookUp
from ivr.menu.lint.subject import Subject
from ivr.menu.lint.ways import Spot, slot_of, spots
from ivr.menu.model import DO, ON_FAILURE, Choice, Enqueue, Goto


def silent_ways_into_queues(subject: Subject) -> Iterator[Fault]:
    """Surveys that put a caller who does nothing into a queue again: the receiver may lie beside the telephone, and an
    operator would be rung for nobody, after each talk."""
    found = {}
    for choice in _surveys(subject):
        for spot in spots(choice):
            if isinstance(spot.action, Enqueue) and _needs_no_key(choice, spot):
                place = subject.places.action(spot.menu, spot.block, spot.position)
                found[place] = warn("survey-queues", place, "after their talk, callers who press nothing in menu "
                                    f"`{choice.name}` come into queue `{spot.action.queue}` again",
                                    "let it end with `say:` and `hangup`; a queue may follow an answer, as in `switch` "
                                    "or an option")
    yield from (found[place] for place in sorted(found))


def _surveys(subject: Subject) -> list[Choice]:
    """The menus that callers come to after a talk, straight or from one another."""
    names, found = list(subject.menu.surveys), set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += [spot.action.menu for spot in spots(subject.menu.choices[name]) if isinstance(spot.action, Goto)]
    return [choice for name, choice in subject.menu.choices.items() if name in found]


def _needs_no_key(choice: Choice, spot: Spot) -> bool:
    if slot_of(spot.block) == ON_FAILURE:
        return not choice.do or any(isinstance(action, Collect | LookUp) for action in choice.all_actions())
    return spot.block == DO
