"""Events of who is called back, and of what is said to those who wait."""

from ivr.base.values import frozen


@frozen
class BackRung:
    """Who is to be called back is rung on these legs; `target` is what records may name."""

    legs: tuple[str, ...]
    target: str


@frozen
class BackRefused:
    """They can't be rung: a SIP status, and why."""

    status: int
    reason: str


@frozen
class OperatorFetched:
    """The operator who is kept for the call is rung on these legs; none: they have no phone any more."""

    legs: tuple[str, ...]


@frozen
class ComfortDue:
    """Time to say something to a caller who waits."""
