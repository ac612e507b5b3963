"""What the interpreter of a text channel is told besides what a caller's has."""

from dataclasses import field

from ivr.base.values import frozen


@frozen
class Typed:
    """A message came: all of it is the answer to what is asked, or (nothing is asked) it changes nothing. `at` as in
    `ivr.menu.events`. What people type may be a secret or a card's number: it is never printed."""

    text: str = field(repr=False)
    at: float
