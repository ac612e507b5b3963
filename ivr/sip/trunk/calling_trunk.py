"""A leg that dials a number: through the trunks one by one, until one of them can carry the call."""

from collections.abc import Callable
from typing import Any

from ivr.sip.leg.calling import CallingSession
from ivr.sip.leg.calling_table import (
    CandidateFailed,
    CandidatesFound,
    CandidateSilent,
    Failed,
    Provisional,
    ReliableReceived,
)
from ivr.sip.leg.invite_session import State
from ivr.sip.leg.leg_effects import StopTimers, TrunkChosen
from ivr.sip.message.message import Request
from ivr.sip.message.uri import Uri
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_calls import dress, request_uri
from ivr.sip.trunk.trunk_events import LegRouted
from ivr.sip.trunk.trunk_line import TrunkLine

NO_TRUNK = "no trunk"
# Answers that speak of the trunk and not of who was called: it does not take our password or wants none of our calls
# now, it is silent, its flow is gone, its servers fail. All others end the call: 403, 404, 480, 484, 486, 488, 6xx.
GOES_ON = frozenset((401, 407, 408, 430, *range(500, 600)))


class TrunkCallingSession(CallingSession):
    """`ways`, still to be tried: a trunk and one of its addresses each. `draw_tag` gives a From tag for each trunk, or
    the second INVITE would be taken for the first one that came over another way (RFC 3261 §8.2.2.2)."""

    ways: list[tuple[TrunkLine, Flow]]
    draw_tag: Callable[[], str]
    number: Uri
    line: TrunkLine | None = None
    rang = False

    @property
    def has_candidates(self) -> bool:
        return bool(self._candidates) or any(line is self.line or line.has_room for line, _ in self.ways)

    @property
    def trunk_name(self) -> str | None:
        return self.line.name if self.line is not None else None

    def goes_on_after(self, status: int) -> bool:
        """A 408 after it rang is a proxy's word for: nobody answered."""
        return self.has_candidates and status in GOES_ON and not (status == 408 and self.rang)

    def take_candidates(self, event: CandidatesFound, now: float) -> list[Any]:
        return []

    def call(self, event: Any, now: float) -> list[Any]:
        if self._candidates:
            return super().call(event, now)
        doubted = self._doubt(now) if isinstance(event, (CandidateFailed, CandidateSilent)) else []
        while self.ways:
            line, flow = self.ways.pop(0)
            if line is self.line:
                return [*doubted, *self._call_through(line, flow, event, now)]
            if line.take_call(now):
                self._tag = self.draw_tag()
                told = [] if self.our_offer.asks else [LegRouted(self.leg, line.name, flow)]
                return [*doubted, TrunkChosen(line.name), *told, *self._call_through(line, flow, event, now)]
        self.state = State.ENDED
        return [*doubted, StopTimers(self.timers), *self.end("network", 503, NO_TRUNK)]

    def _call_through(self, line: TrunkLine, flow: Flow, event: Any, now: float) -> list[Any]:
        self.line, self.rang = line, False
        self.target = request_uri(line.trunk, self.number)
        self._candidates = [flow]
        return super().call(event, now)

    def _invite(self, flow: Flow) -> Request:
        request = super()._invite(flow)
        assert self.line is not None
        dress(request, self.line.trunk, self._command.caller_number, self._command.caller_name)
        return request

    def ringing(self, event: Provisional | ReliableReceived, now: float) -> list[Any]:
        self.rang = self.rang or event.response.status != 100
        return super().ringing(event, now)

    def end_failed(self, event: Failed, now: float) -> list[Any]:
        doubted = self._doubt(now) if event.status in GOES_ON and not self.rang else []
        return [*doubted, *super().end_failed(event, now)]

    def _doubt(self, now: float) -> list[Any]:
        return self.line.doubt(now) if self.line is not None else []
