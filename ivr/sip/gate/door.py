"""The gate, the queues behind it and the places for strangers, as the endpoint uses them."""

from collections.abc import Callable
from typing import Any

from ivr.sip.commands import RejectLeg
from ivr.sip.effects import SendBytes
from ivr.sip.gate.arrivals import Arrivals
from ivr.sip.gate.gate import Gate, Standing
from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.gate.glance import is_invite, short_refusal
from ivr.sip.gate.half_open import HalfOpen
from ivr.sip.leg.answering import AnsweringSession
from ivr.sip.leg.invite_session import State
from ivr.sip.leg.legs import Legs
from ivr.sip.registrar.registrar import Registrar
from ivr.sip.settings import EndpointSettings
from ivr.sip.transport.edges import Edges
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.networks import Networks

ACKNOWLEDGED = frozenset((State.CONFIRMED, State.BYE_HELD, State.BYE_SENT, State.ENDED))
OVERLOADED = 503
OFFENCES = {403: "refused", 404: "unknown_number"}      # by the status with which the user turns a stranger away


class Door:
    """`arrivals` is for the driver, which puts datagrams in and takes them out to be received."""

    def __init__(self, settings: EndpointSettings, legs: Legs, registrar: Registrar,
                 is_provider: Callable[[str], bool]) -> None:
        self._is_provider = is_provider
        self._legs = legs
        self._registrar = registrar
        self._trunks = [(Networks(trunk.addresses), trunk.full_status) for trunk in settings.trunks]
        self._watches_streams = settings.gate is not None
        gate = settings.gate or GateSettings()
        self.edges = Edges(settings.edges)
        self.gate = Gate(gate, legs.call_ids.is_live, self.is_known, self.edges, self._is_carrier,
                         legs.call_ids.is_offered_by)
        self._half_open = HalfOpen(gate.max_half_open, self._is_unacknowledged)
        self.arrivals = Arrivals(self.gate, self._full_status, self._half_open.may_call)

    @property
    def counters(self) -> dict[str, int]:
        """What never goes back, for `/metrics`."""
        return self.gate.counters | self.arrivals.counters

    def counts(self) -> dict[str, int]:
        """What is kept."""
        return {**self.gate.counts(), "waiting_messages": len(self.arrivals)}

    def is_known(self, address: str) -> bool:
        """Whether that is an address of a trunk, of a registered phone, or of an edge of ours."""
        return address in self.edges or self._registrar.is_home(address) or self._is_carrier(address)

    def _is_carrier(self, address: str) -> bool:
        return any(address in networks for networks, _ in self._trunks) or self._is_provider(address)

    def refuses_stranger(self, now: float) -> bool:
        """Whether there is no place for one more call of a stranger. Asked again here, as a Call-ID that lives, or the
        forged address of a phone, has brought it past the queue of strangers."""
        return self._watches_streams and not self._half_open.may_call(now)

    def let_in_stranger(self, leg: str, now: float) -> None:
        """Somebody without account and trunk has called."""
        self._half_open.add(leg, now)

    def shuts_out(self, flow: Flow, now: float) -> bool:
        """Whether a new connection is closed at its first byte."""
        address = flow.remote[0]
        return self._watches_streams and (
            self.gate.bars(address) or (self.gate.is_aside(address, now) and not self.is_known(address)))

    def turned_away(self, command: RejectLeg, now: float) -> None:
        """The user refused a call. Who is no stranger may err."""
        if command.status not in OFFENCES:
            return
        found = self._legs.get(command.leg)
        session = found.session if found is not None else None
        if isinstance(session, AnsweringSession) and session.account is None and session.trunk is None:
            self.gate.blame(session.inbound.source.remote[0], OFFENCES[command.status], now)

    def judge_frame(self, frame: bytes, flow: Flow, now: float) -> list[Any] | None:
        """None if a message cut out of a stream is to be received; else what is done instead.

        A stream does not wait in `arrivals`: TCP itself slows down who sends too much.
        """
        if not self._watches_streams:
            return None
        standing = self.gate.judge(frame, flow, now)
        if standing is None:
            return []
        refused = self.arrivals.refusing or (standing is Standing.STRANGER and not self._half_open.may_call(now))
        if not refused or standing is Standing.ONGOING or not is_invite(frame):
            return None
        response = short_refusal(frame, self._full_status(flow.remote[0]))
        return [] if response is None else [SendBytes(flow, response)]

    def _full_status(self, address: str) -> int:
        if address in self.edges:
            return OVERLOADED
        return next((status for networks, status in self._trunks if address in networks), OVERLOADED)

    def _is_unacknowledged(self, name: str) -> bool:
        leg = self._legs.get(name)
        return leg is not None and leg.session.state not in ACKNOWLEDGED
