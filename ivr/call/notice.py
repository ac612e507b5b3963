"""What a caller hears before the menu of a line, to its end: an emergency, a closure, that calls may be recorded."""

from ivr.base.values import frozen
from ivr.call.record import Outcome


@frozen
class Notice:
    """`outcome`: with it the call is ended afterwards, for `reason`; None: the menu follows."""

    clips: tuple[str, ...]
    outcome: Outcome | None = None
    reason: str = ""
