"""A leg that dials a registered phone: over its flows one after the other (RFC 5626 §7), each along its Path."""

from collections.abc import Callable
from typing import Any

from ivr.sip.leg.calling import CallingSession
from ivr.sip.leg.calling_table import CandidatesFound, Provisional, ReliableReceived
from ivr.sip.message.message import Request
from ivr.sip.message.path import preload
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow

# Answers that speak of the flow and not of the phone: after any other one the phone has had its say (§7).
GOES_ON = frozenset((408, 430))


class FlowsCallingSession(CallingSession):
    """`ways`, still to be tried: the flows of one phone, never two at once. `flow_of` gives the first hop of each when
    its turn comes. `draw_tag` gives a From tag for each, or the phone would take the second INVITE for the first one
    that came over another way (RFC 3261 §8.2.2.2)."""

    ways: list[Binding]
    flow_of: Callable[[Binding], Flow]
    draw_tag: Callable[[], str]
    binding: Binding | None = None
    rang = False

    @property
    def has_candidates(self) -> bool:
        return bool(self._candidates or self.ways)

    def goes_on_after(self, status: int) -> bool:
        """A 408 after it rang is a proxy's word for: nobody answered."""
        return self.has_candidates and status in GOES_ON and not (status == 408 and self.rang)

    def take_candidates(self, event: CandidatesFound, now: float) -> list[Any]:
        return []

    def call(self, event: Any, now: float) -> list[Any]:
        if not self._candidates:
            if self.binding is not None:
                self._tag = self.draw_tag()
            self.binding, self.rang = self.ways.pop(0), False
            # only who is met without a proxy between is met where the REGISTER came from, whatever the Contact says
            self.target, self._pinned = self.binding.contact, not self.binding.path
            self._candidates = [self.flow_of(self.binding)]
        return super().call(event, now)

    def _invite(self, flow: Flow) -> Request:
        request = super()._invite(flow)
        assert self.binding is not None
        preload(request, self.binding.path)
        return request

    def ringing(self, event: Provisional | ReliableReceived, now: float) -> list[Any]:
        self.rang = self.rang or event.response.status != 100
        return super().ringing(event, now)
