"""What the user asks of legs (RFC 3261 §8.1.2)."""

from typing import Any

from ivr.base.ids import Ids
from ivr.sip.commands import (
    AnswerOffer,
    Command,
    DialLeg,
    HangUpLeg,
    ProbeLeg,
    RejectOffer,
    ReofferLeg,
    SendInfoDigit,
)
from ivr.sip.composer import Composer
from ivr.sip.events import LegReanswered, ProbeAnswered
from ivr.sip.leg.calling import CallingSession
from ivr.sip.leg.calling_flows import FlowsCallingSession
from ivr.sip.leg.calling_table import CandidatesFound, NobodyFound
from ivr.sip.leg.invite_session import State
from ivr.sip.leg.leg_effects import Ask
from ivr.sip.leg.legs import Leg, Legs
from ivr.sip.leg.offers import AskByInvite, AskByUpdate
from ivr.sip.leg.offers import State as OfferState
from ivr.sip.message.bodies import RELAY, key_body
from ivr.sip.registrar.binding import Binding
from ivr.sip.registrar.registrar import Registrar
from ivr.sip.settings import EndpointSettings
from ivr.sip.transaction.transactions import Purpose
from ivr.sip.transfer.transfer_commands import TransferCommand, TransferCommands
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locator import Locator
from ivr.sip.transport.networks import OwnAddresses
from ivr.sip.transport.next_hop import NextHop
from ivr.sip.trunk.calling_trunk import NO_TRUNK, TrunkCallingSession
from ivr.sip.trunk.trunks import Trunks

EARLY = frozenset((State.OFFERED, State.PRACK_DUE, State.PROCEEDING))


class LegCommands:
    """Carries out commands. One for a leg that is gone does nothing."""

    def __init__(self, legs: Legs, settings: EndpointSettings, ids: Ids, composer: Composer, own: OwnAddresses,
                 route: NextHop, locator: Locator, registrar: Registrar) -> None:
        self._registrar = registrar
        self._legs = legs
        self._settings = settings
        self._ids = ids
        self._composer = composer
        self._own = own
        self._route = route
        self._locator = locator
        self._transfers = TransferCommands(legs)
        self.trunks: Trunks | None = None        # set right after both are made
        locator.users["leg"] = self.located

    def handle(self, command: Command, now: float) -> list[Any]:
        if isinstance(command, DialLeg):
            return self._dial(command, now)
        leg = self._legs.get(command.leg)
        if leg is None:
            return []
        if isinstance(command, ReofferLeg):
            return self._reoffer(leg, command, now)
        if isinstance(command, (AnswerOffer, RejectOffer)):
            offers = next((one for one in leg.live_offers if one.state is OfferState.THEIRS), leg.reoffer)
            return self._legs.run(leg, offers, command, now)
        if isinstance(command, ProbeLeg):
            return self._probe(leg, now)
        if isinstance(command, SendInfoDigit):
            body = key_body(command.digit, command.duration_ms)
            return self._ask(leg, "INFO", "key", now, [("Content-Type", RELAY)], body)
        if isinstance(command, TransferCommand):
            return self._transfers.handle(leg, command, now)
        event = self._transfers.held(leg, command) if isinstance(command, HangUpLeg) else command
        return self._legs.run(leg, leg.session, event, now)

    def _reoffer(self, leg: Leg, command: ReofferLeg, now: float) -> list[Any]:
        """By re-INVITE; before the answer by UPDATE, in the only early dialog there is (RFC 3311 §5.1)."""
        if leg.session.ended:
            return []
        if leg.session.state is State.CONFIRMED:
            return self._legs.run(leg, self._legs.machines.reoffer(leg, now), AskByInvite(command.body), now)
        offers = leg.live_offers if leg.dialog is None else [self._legs.machines.reoffer(leg, now)]
        if len(offers) == 1 and leg.session.state in EARLY and offers[0].dialog.allows("UPDATE"):
            return self._legs.run(leg, offers[0], AskByUpdate(command.body), now)
        return [LegReanswered(leg.name, 491, None)]

    def located(self, name: str, flows: tuple[Flow, ...], now: float) -> list[Any]:
        """The way to a dialled URI is known; no flows: there is none."""
        leg = self._legs.get(name)
        if leg is None or leg.session.state is not State.RESOLVING:
            return []
        assert isinstance(leg.session, CallingSession)
        return self._place(leg, flows, f"no way to {leg.session.target.host}", now)

    def _dial(self, command: DialLeg, now: float) -> list[Any]:
        bound = isinstance(command.target, Binding)
        target = command.target.contact if isinstance(command.target, Binding) else command.target
        kind = FlowsCallingSession if bound else TrunkCallingSession if target.scheme == "tel" else CallingSession
        session = kind(command, target, bound, self._ids.token(16), self._ids.token(), self._composer,
                       self._settings, self._route, self._over_tcp)
        leg = self._legs.add(session)
        if isinstance(session, TrunkCallingSession):
            return self._dial_number(leg, session, now)
        if isinstance(command.target, Binding) and isinstance(session, FlowsCallingSession):
            return self._dial_phone(leg, session, command.target, now)
        if not target.is_sip:
            return self._place(leg, (), f"no way to reach a {target.scheme} URI", now)
        return self._locator.locate(("leg", leg.name), target, now)

    def _over_tcp(self, flow: Flow) -> Flow | None:
        return self._own.flow("tcp", flow.remote)

    def _dial_phone(self, leg: Leg, session: FlowsCallingSession, binding: Binding, now: float) -> list[Any]:
        session.ways = list(self._registrar.flows(binding, now))
        session.flow_of, session.draw_tag = self._route.of_binding, self._ids.token
        return self._place(leg, tuple(map(self._route.of_binding, session.ways)), "", now)

    def _dial_number(self, leg: Leg, session: TrunkCallingSession, now: float) -> list[Any]:
        lines = self.trunks.in_order() if self.trunks is not None else []
        session.ways = [(line, flow) for line in lines for flow in line.flows]
        session.number, session.draw_tag = session.target, self._ids.token
        return self._place(leg, tuple(flow for _, flow in session.ways), NO_TRUNK, now)

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
