"""What the user asks of legs, and how a dialled address becomes flows (RFC 3261 §8.1.2, RFC 3263)."""

from collections.abc import Iterable
from typing import Any

from ivr.base.ids import Ids
from ivr.sip.binding import Binding
from ivr.sip.bodies import RELAY, key_body
from ivr.sip.calling import CallingSession, CandidatesFound, NobodyFound
from ivr.sip.commands import (
    AnswerOffer,
    Command,
    DialLeg,
    ProbeLeg,
    RejectOffer,
    ReofferLeg,
    SendInfoDigit,
)
from ivr.sip.composer import Composer
from ivr.sip.effects import ResolveHost
from ivr.sip.events import LegReanswered, ProbeAnswered
from ivr.sip.flow import DEFAULT_PORT, Flow, is_address
from ivr.sip.invite_session import State
from ivr.sip.leg_effects import Ask
from ivr.sip.legs import Leg, Legs
from ivr.sip.networks import OwnAddresses
from ivr.sip.next_hop import NextHop
from ivr.sip.settings import EndpointSettings
from ivr.sip.transactions import Purpose
from ivr.sip.uri import Uri

MAX_CANDIDATES = 8      # addresses of one name that are tried; each may take 32 s to stay silent


class LegCommands:
    """Carries out commands. One for a leg that is gone does nothing."""

    def __init__(self, legs: Legs, settings: EndpointSettings, ids: Ids, composer: Composer, own: OwnAddresses,
                 route: NextHop) -> None:
        self._legs = legs
        self._settings = settings
        self._ids = ids
        self._composer = composer
        self._own = own
        self._route = route

    def handle(self, command: Command, now: float) -> list[Any]:
        if isinstance(command, DialLeg):
            return self._dial(command, now)
        leg = self._legs.get(command.leg)
        if leg is None:
            return []
        if isinstance(command, ReofferLeg) and leg.session.state is not State.CONFIRMED:
            return [] if leg.session.ended else [LegReanswered(leg.name, 491, None)]
        if isinstance(command, (ReofferLeg, AnswerOffer, RejectOffer)):
            return self._legs.run(leg, leg.reoffer, command, now)
        if isinstance(command, ProbeLeg):
            return self._probe(leg, now)
        if isinstance(command, SendInfoDigit):
            body = key_body(command.digit, command.duration_ms)
            return self._ask(leg, "INFO", "key", now, [("Content-Type", RELAY)], body)
        return self._legs.run(leg, leg.session, command, now)

    def host_resolved(self, name: str, addresses: Iterable[tuple[str, int]], now: float) -> list[Any]:
        """The driver has looked up the host of a dialled URI; an empty list: there is none."""
        leg = self._legs.get(name)
        if leg is None or leg.session.state is not State.RESOLVING:
            return []
        assert isinstance(leg.session, CallingSession)
        transport = _transport(leg.session.target)
        found = [self._own.flow(transport, address) for address in list(addresses)[:MAX_CANDIDATES]]
        flows = tuple(flow for flow in found if flow is not None)
        return self._place(leg, flows, "the name has no address", now)

    def _dial(self, command: DialLeg, now: float) -> list[Any]:
        pinned = isinstance(command.target, Binding)
        target = command.target.contact if isinstance(command.target, Binding) else command.target
        session = CallingSession(command, target, pinned, self._ids.token(16), self._ids.token(), self._composer,
                                 self._settings, self._route, lambda flow: self._own.flow("tcp", flow.remote))
        leg = self._legs.add(session)
        if isinstance(command.target, Binding):
            return self._place(leg, (command.target.flow,), "", now)
        transport = _transport(target)
        if target.scheme != "sip" or self._own.flow(transport, (target.host, 0)) is None:
            return self._place(leg, (), f"no way to reach a {target.scheme} URI over {transport}", now)
        if is_address(target.host):
            flow = self._own.flow(transport, (target.host, target.port or DEFAULT_PORT))
            return self._place(leg, (flow,) if flow else (), "", now)
        return [ResolveHost(leg.name, target.host, target.port or 0, transport)]

    def _place(self, leg: Leg, flows: tuple[Flow, ...], fault: str, now: float) -> list[Any]:
        event = CandidatesFound(flows) if flows else NobodyFound(fault)
        return self._legs.run(leg, leg.session, event, now)

    def _probe(self, leg: Leg, now: float) -> list[Any]:
        if leg.dialog is None:
            return [] if leg.session.ended else [ProbeAnswered(leg.name, True)]     # its INVITE is being answered
        return self._ask(leg, "OPTIONS", "probe", now, [("Accept", "application/sdp")], b"")

    def _ask(self, leg: Leg, method: str, purpose: Purpose, now: float, headers: list[tuple[str, str]],
             body: bytes) -> list[Any]:
        if leg.dialog is None or leg.session.ended:
            return []
        flow = self._route(leg.dialog)
        request = self._composer.in_dialog(leg.dialog, method, flow, headers, body)
        return self._legs.apply(leg, [Ask(request, flow, purpose)], now)


def _transport(uri: Uri) -> str:
    return (uri.parameter("transport") or "udp").lower()
