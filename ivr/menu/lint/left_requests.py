"""Whether what callers leave, a callback or a message, will be worked on, and whether they know that all is done."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.actions.callback import Callback
from ivr.menu.actions.collect import Collect
from ivr.menu.actions.leaving import LeavesRequest
from ivr.menu.lint.subject import Subject
from ivr.menu.lint.ways import Spot, spots


def requests_to_nobody(subject: Subject) -> Iterator[Fault]:
    """Requests in a queue that nobody serves: nobody will ever work on them."""
    for spot, action in _left(subject):
        staff = subject.staff.get(action.queue)
        if staff is not None and not staff.anybody:
            yield _warn(subject, spot, "request-unstaffed", f"nobody serves queue `{action.queue}`, so nobody will "
                        "work on what callers leave here", "name its operators in config.yaml, or name another queue")


def withheld_numbers(subject: Subject) -> Iterator[Fault]:
    """Callbacks at the caller's own number, which some withhold."""
    for spot, action in _left(subject):
        if isinstance(action, Callback) and not action.number and not action.on_failure:
            yield _warn(subject, spot, "callback-number-missing",
                        "who withholds their number can't be called back, and nothing here says what they hear",
                        "add an `on_failure:` that asks for one (`collect:` with `as: phone`, then `callback:` with "
                        "`number:`), or that leads to an operator")


def odd_numbers(subject: Subject) -> Iterator[Fault]:
    """Callbacks at what was typed for something else."""
    sorts = {action.into: action.sort for choice in subject.reached for action in choice.all_actions()
             if isinstance(action, Collect) and action.sort != "phone"}
    for spot, action in _left(subject):
        if isinstance(action, Callback) and action.number in sorts:
            yield _warn(subject, spot, "callback-number-odd", f"`{action.number}` is collected as "
                        f"`{sorts[action.number]}`: whatever was typed would be called",
                        "write `as: phone` where it is collected")


def requests_without_end(subject: Subject) -> Iterator[Fault]:
    """Requests after which the menu begins again, as if nothing had been done."""
    for spot, action in _left(subject):
        actions = subject.menu.choices[spot.menu].actions(spot.block)
        if spot.position == len(actions) - 1 and "/" not in spot.block:
            yield _warn(subject, spot, "request-then-menu", f"after this `{action.kind}` callers hear the menu again",
                        "put `hangup` behind it, or `goto:` and a menu that asks for more")


def _left(subject: Subject) -> Iterator[tuple[Spot, LeavesRequest]]:
    for choice in subject.reached:
        for spot in spots(choice):
            if isinstance(spot.action, LeavesRequest):
                yield spot, spot.action


def _warn(subject: Subject, spot: Spot, code: str, message: str, remedy: str) -> Fault:
    return warn(code, subject.places.action(spot.menu, spot.block, spot.position), message, remedy)
