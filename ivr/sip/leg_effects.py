"""What the machines of a leg ask of `Legs`, beside the events that go up to the user as they are."""

from dataclasses import dataclass
from typing import Any

from ivr.sip.flow import Flow
from ivr.sip.message import Request, Response
from ivr.sip.transactions import Inbound, Purpose


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer a request that came."""

    inbound: Inbound
    response: Response


@dataclass(frozen=True, slots=True)
class Ask:
    """Start a client transaction. `attempts` counts the challenges answered so far."""

    request: Request
    flow: Flow
    purpose: Purpose
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Send the ACK for a 2xx; it has no transaction."""

    request: Request
    flow: Flow


@dataclass(frozen=True, slots=True)
class Abandon:
    """Forget the client transaction of an INVITE."""

    request: Request


@dataclass(frozen=True, slots=True)
class StartTimer:
    """One timer per type of event and leg; starting it again replaces it."""

    event: Any
    at: float


@dataclass(frozen=True, slots=True)
class StopTimers:
    kinds: tuple[type, ...]


@dataclass(frozen=True, slots=True)
class DialogLost:
    """The peer has no such dialog any more, or never acknowledged."""

    reason: str
