"""What is told of trunks: their changes, which one served a leg, and how each stands."""

from dataclasses import dataclass
from typing import Literal

from ivr.sip.transport.flow import Flow

TrunkState = Literal["registered", "failing", "refused", "unregistered", "up", "down"]


@dataclass(frozen=True)
class TrunkChanged:
    """A registration (the first four states) or the pings of a trunk came to another state; `reason` is for people.

    `refused`: the provider does not accept our user or password; it is asked again after minutes only.
    """

    trunk: str
    state: TrunkState
    reason: str = ""


@dataclass(frozen=True)
class LegRouted:
    """The way of an INVITE of ours. Of a leg that dials a number, each trunk that it goes through; of one that was
    dialled with WHEN_ROUTED, each way that differs in trunk, address or security.

    `offer_due`: the INVITE waits for OfferLeg. `refused`: so it does, as the peer did not accept the offer before.
    """

    leg: str
    trunk: str | None           # None: the leg dials an address, no number
    flow: Flow
    offer_due: bool = False
    refused: bool = False

    @property
    def secure(self) -> bool:
        """Whether nobody on the way can read the offer, keys in it included."""
        return self.flow.transport == "tls"


@dataclass(frozen=True)
class TrunkStatus:
    """One trunk at one moment. Times are of the machine's clock; `round_trip` in seconds; empty words: not in use."""

    name: str
    registration: str           # a state of `registering` in small letters, or ""
    registration_reason: str
    expires_at: float | None
    ping: str                   # a state of `pinging` in small letters, or ""
    ping_reason: str
    round_trip: float | None
    calls: int
    max_calls: int | None
    last_error: str             # the last thing that went wrong, whether or not it was mended since
    addresses: tuple[str, ...]  # where our calls to it go, the next one first
