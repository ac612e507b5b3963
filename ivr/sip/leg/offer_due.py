"""The offer of an INVITE of ours, where its user makes it only once the way is known (RFC 3264 §5).

```
 endpoint                     user
    |--- LegRouted ------------>|   a way that differs in trunk, address or security
    |<-- OfferLeg --------------|
  INVITE ... silence, 503, 408: the next way, LegRouted again
  INVITE ... 415, 488, 606: with `has_another` LegRouted again for the same way, `refused`
```
"""

from typing import Literal, NamedTuple

from ivr.sip.commands import Later, OfferLeg
from ivr.sip.transport.flow import Flow

# s; the user runs beside us and answers in the same turn: this ends a call whose question was lost by a bug
OFFER_LIMIT = 5.0
# that speak of the session description alone (RFC 3261 §21.4.13, §21.4.26, §21.6.4)
REFUSALS = frozenset((415, 488, 606))


class Way(NamedTuple):
    """What the user makes the offer for."""

    trunk: str | None
    address: str
    secure: bool


class OfferDue:
    """The offer of one leg. `body`: as it goes into the next INVITE; None in one without an offer."""

    def __init__(self, body: bytes | Literal[Later.WHEN_ROUTED] | None) -> None:
        self.asks = body is Later.WHEN_ROUTED
        self.body = body if isinstance(body, bytes) else None
        self.refused = False
        self._way: Way | None = None
        self._has_another = False

    def turn_to(self, trunk: str | None, flow: Flow) -> bool:
        """The INVITE takes this way now; whether the offer at hand is for it."""
        if not self.asks:
            return True
        way = Way(trunk, flow.remote[0], flow.transport == "tls")
        if way == self._way:
            return True
        self._way, self.refused = way, False
        return False

    def take(self, offer: OfferLeg) -> None:
        """One more for each way: a user that always has another one would call for ever."""
        self.body = offer.body
        self._has_another = offer.has_another and not self.refused

    def has_another(self, status: int) -> bool:
        """Whether the peer's refusal speaks of this offer, and the user has another."""
        return self._has_another and status in REFUSALS
