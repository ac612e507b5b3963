"""Who is told what the SIP sockets bring."""

from collections.abc import Callable
from dataclasses import dataclass

from ivr.sip.transport.flow import Flow

Address = tuple[str, int]


def _nobody(flow: Flow) -> None:
    """Who opened a connection need not be told."""


def _nothing() -> None:
    """Who looks at each datagram as it comes need not be told of the last."""


@dataclass(frozen=True)
class Received:
    """Each callback gets the flow first."""

    datagram: Callable[[Flow, bytes], None]
    stream: Callable[[Flow, bytes], None]
    closed: Callable[[Flow], None]
    send_failed: Callable[[Flow], None]
    opened: Callable[[Flow], None] = _nobody
    """A connection that we opened stands."""
    datagrams_end: Callable[[], None] = _nothing
    """The last datagram that was there has been told."""
