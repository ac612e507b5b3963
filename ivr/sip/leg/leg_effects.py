"""What the machines of a leg ask of `Legs`, beside the events that go up to the user as they are."""

from typing import Any

from ivr.base.values import frozen
from ivr.sip.message.message import Request, Response
from ivr.sip.transaction.transactions import Inbound, Purpose
from ivr.sip.transport.flow import Flow


@frozen(slots=True)
class Respond:
    """Answer a request that came."""

    inbound: Inbound
    response: Response


@frozen(slots=True)
class Ask:
    """Start a client transaction. `attempts` counts the challenges answered so far; `fallback` is tried if the request
    can't be sent over `flow`."""

    request: Request
    flow: Flow
    purpose: Purpose
    attempts: int = 0
    fallback: Flow | None = None


@frozen(slots=True)
class Acknowledge:
    """Send the ACK for a 2xx; it has no transaction."""

    request: Request
    flow: Flow


@frozen(slots=True)
class TrunkChosen:
    """The INVITE goes through this trunk now, and the leg counts as one of its calls."""

    trunk: str


@frozen(slots=True)
class StopRepeating:
    """Send an INVITE no more, and go on listening for what it brings."""

    request: Request


@frozen(slots=True)
class Abandon:
    """Forget the client transaction of an INVITE."""

    request: Request


@frozen(slots=True)
class StartTimer:
    """One timer per type of event and leg; starting it again replaces it."""

    event: Any
    at: float


@frozen(slots=True)
class StopTimers:
    kinds: tuple[type, ...]


@frozen(slots=True)
class ToOffers:
    """An event for the machine of the dialog's offers; of an early dialog's, if it is given."""

    event: Any
    early: Any = None


@frozen(slots=True)
class ToTimer:
    """An event for the session timer."""

    event: Any


@frozen(slots=True)
class EarlyDialogMade:
    """A 1xx has made a dialog; requests inside it may come from now on."""

    early: Any


@frozen(slots=True)
class DialogLost:
    """The peer has no such dialog any more, or never acknowledged."""

    reason: str
