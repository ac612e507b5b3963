"""What can happen to a call in which the operator asks somebody, or whose transfer comes back."""

from ivr.base.values import frozen


@frozen
class QueueCalled:
    """An operator calls a queue: they want to ask somebody there."""

    by: str
    queue: str


@frozen
class ConsultAsked:
    """The operator on `leg` wants to ask somebody first (as in OwnCallMade): ring these legs."""

    leg: str
    target: str
    operator: str
    legs: tuple[str, ...]


@frozen
class ConsultEnded:
    """The operator on `leg` goes back to the caller, without whom they asked."""

    leg: str


@frozen
class ConferenceAsked:
    """The operator on `leg` wants to talk with both, the caller and whom they asked."""

    leg: str


@frozen
class ConferenceGiven:
    """As ConferenceAsked, where they asked on a second call: `own`, their leg there, and `partner` are ours now.

    `leg`: theirs in this call, which the other one takes the place of.
    """

    leg: str
    own: str
    partner: str
    target: str
    operator: str


@frozen
class HandOverAsked:
    """The operator on `leg` leaves the caller to whom they asked."""

    leg: str


@frozen
class ReturnMade:
    """A transfer came to nothing, and who made it has hung up: ring these legs of theirs; none if they are not free."""

    operator: str
    legs: tuple[str, ...]
