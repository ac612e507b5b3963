"""Whether somebody answers where a menu sends callers, and in a language of theirs."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.actions.leaving import LeavesRequest
from ivr.menu.lint.subject import Subject
from ivr.menu.lint.ways import Spot, slot_of, spoken_at_ends
from ivr.menu.model import ON_FAILURE, Enqueue


def wrong_languages(subject: Subject) -> Iterator[Fault]:
    """Queues in which nobody speaks what a caller may have chosen on the way there."""
    found = {}
    for spot, languages in spoken_at_ends(subject.menu, subject.first_languages).items():
        if not isinstance(spot.action, Enqueue | LeavesRequest):
            continue
        staff = subject.staff.get(spot.action.queue)
        foreign = sorted(one for one in languages if staff and staff.anybody and not staff.speaks(one))
        if foreign:
            place = subject.places.action(spot.menu, spot.block, spot.position)
            chosen = " or ".join(f"`{one}`" for one in foreign)
            found[place] = warn("queue-language", place, f"callers who speak {chosen} come to queue "
                                f"`{spot.action.queue}`, and nobody there speaks it",
                                "add the language to one of its operators in config.yaml, or lead these callers to "
                                "another queue")
    yield from (found[place] for place in sorted(found))


def failures_to_nobody(subject: Subject) -> Iterator[Fault]:
    """on_failure into a queue that nobody answers; one that several menus inherit is named once."""
    found = {}
    for spot in spoken_at_ends(subject.menu, subject.first_languages):
        if _leads_to_nobody(subject, spot) and isinstance(spot.action, Enqueue):
            place = subject.places.action(spot.menu, spot.block, spot.position)
            found[place] = warn("failure-unstaffed", place, "callers who can't choose come to queue "
                                f"`{spot.action.queue}`, which nobody answers",
                                "name its operators in config.yaml, or lead to another queue")
    yield from (found[place] for place in sorted(found))


def _leads_to_nobody(subject: Subject, spot: Spot) -> bool:
    if not isinstance(spot.action, Enqueue) or slot_of(spot.block) != ON_FAILURE:
        return False
    staff = subject.staff.get(spot.action.queue)
    return staff is not None and not staff.anybody
