"""Carries out what `registering` decides: sends REGISTER, reads the answers, keeps its timers."""

from typing import Any

from ivr.base.ids import Ids
from ivr.sip.composer import CREDENTIALS, safe_user
from ivr.sip.message.digest import answer_challenge
from ivr.sip.message.headers import parse_address
from ivr.sip.message.message import Response
from ivr.sip.transaction.transactions import Outbound, Transactions
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.networks import OwnAddresses
from ivr.sip.trunk.registering import (
    RETRY_BASE,
    AddressesFound,
    AddressFailed,
    Challenged,
    ConnectionLost,
    Failed,
    Register,
    Registering,
    RetryDue,
    State,
    Stop,
)
from ivr.sip.trunk.registrar_answers import classify, next_challenge
from ivr.sip.trunk.trunk_hop import Hop
from ivr.sip.trunk.trunk_machine import TrunkMachine
from ivr.sip.trunk.trunk_requests import TrunkRequests, address, realms_of
from ivr.sip.trunk.trunk_settings import Registration


class TrunkRegistration(TrunkMachine):
    """The TransactionUser of a trunk's REGISTERs. `hop` is where its registrar is."""

    machine: Registering

    def __init__(self, machine: Registering, settings: Registration, hop: Hop, requests: TrunkRequests, ids: Ids,
                 own: OwnAddresses, transactions: Transactions, clock: Any) -> None:
        super().__init__(machine, clock)
        self.hop = hop
        self._settings = settings
        self._requests = requests
        self._ids = ids
        self._own = own
        self._transactions = transactions
        self.realms: frozenset[str] = frozenset()           # that the registrar has challenged us for
        self._tried = 0                                     # addresses of the registrar, in one round of attempts
        self._next_challenge: tuple[int, str] | None = None

    @property
    def leaving(self) -> bool:
        """Whether our last REGISTER is not answered yet."""
        return self.machine.state in (State.LEAVING_OWED, State.LEAVING)

    def addresses_found(self, now: float) -> list[Any]:
        return self.run(AddressesFound(), now)

    def stop(self, now: float) -> list[Any]:
        return self.run(Stop(), now)

    def stream_closed(self, flow: Flow, now: float) -> list[Any]:
        used = self.hop.flows[0] if self.hop.flows else None
        if used is None or (used.transport, used.remote) != (flow.transport, flow.remote):
            return []
        return self.run(ConnectionLost(), now)

    # --- TransactionUser

    def response_received(self, sent: Outbound, response: Response, flow: Flow, now: float) -> list[Any]:
        if response.status < 200:
            return []
        renewed = self._requests.renewed(sent, response)
        if renewed is not None:
            return self.run(Challenged(renewed, sent.attempts + 1), now)
        if response.status < 300:
            self._next_challenge = next_challenge(sent.request, response)
            self.realms = realms_of(sent.request) or self.realms
        contact = sent.request.contacts[0].uri
        return self.run(classify(response, contact, sent.request.expires or 0, self._has_other), now)

    def request_failed(self, sent: Outbound, status: int, reason: str, now: float) -> list[Any]:
        return self.run(AddressFailed() if self._has_other else Failed(status, reason), now)

    def request_forgotten(self, sent: Outbound, now: float) -> list[Any]:
        return []

    # --- effects

    def carry_out(self, effect: Register, now: float) -> list[Any]:
        if effect.renewed is not None:
            return self._transactions.send(effect.renewed, self.hop.flows[0], "", "register", now, effect.attempts,
                                           self)
        self._tried = self._tried + 1 if effect.to_next else 0
        if effect.to_next:
            self.hop.turn()
        settings, flow = self._settings, self.hop.flows[0]
        contact = parse_address(self._own.contact(flow))
        contact = contact._replace(uri=contact.uri._replace(user=safe_user(settings.our_user)))
        registrar = settings.registrar._replace(user=None, password=None)
        us = address(settings.user, registrar.host)
        headers = [("Contact", str(contact)), ("Expires", str(effect.expires))]
        announced = self._answer_in_advance(str(registrar))
        request = self._requests.write("REGISTER", registrar, flow, us, us, [*headers, *announced])
        return self._transactions.send(request, flow, "", "register", now, 0, self)

    def mend(self, now: float) -> None:
        self.machine.state = State.WAITING
        self.start_timer(RetryDue(), now + RETRY_BASE)

    @property
    def _has_other(self) -> bool:
        return self._tried + 1 < len(self.hop.flows)

    def _answer_in_advance(self, uri: str) -> list[tuple[str, str]]:
        """Credentials for the nonce that the last 200 announced: spares the registrar a 401."""
        announced, self._next_challenge = self._next_challenge, None
        if announced is None:
            return []
        status, challenge = announced
        user = self._settings.auth_user or self._settings.user
        value = answer_challenge([challenge], "REGISTER", uri, user, self._settings.password, self._ids)
        return [] if value is None else [(CREDENTIALS[0 if status == 401 else 1], value)]
