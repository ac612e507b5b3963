"""Secrets that may be typed before anybody knows that they are some."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.ahead import FAILING, secrets_next, stack_behind
from ivr.menu.lint.subject import Subject
from ivr.menu.lint.ways import spots
from ivr.menu.model import Say


def secrets_typed_ahead(subject: Subject) -> Iterator[Fault]:
    """What is said, or waited for, before a secret by one way and before something else by another. Of several in a row
    the last alone: with it the others are mended."""
    for choice in subject.reached:
        for spot in spots(choice):
            if not isinstance(spot.action, (Say, *FAILING)):
                continue
            if len(secrets_next(subject.menu, choice, stack_behind(spot.block, spot.position))) < 2:
                continue
            following = choice.actions(spot.block)[spot.position + 1:][:1]
            if following and isinstance(following[0], (Say, *FAILING)):
                continue
            yield warn("secret-typed-ahead", subject.places.action(spot.menu, spot.block, spot.position),
                       "who types on here may type a secret before the menu knows that it is one: captures and "
                       "recordings would have it", "let what decides stand before this, or say it in each case")
