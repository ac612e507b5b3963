"""Carries out what `pinging` decides: sends OPTIONS, reads the answers, keeps its timers."""

from typing import Any

from ivr.sip.message.message import Request, Response
from ivr.sip.message.uri import Uri
from ivr.sip.transaction.transactions import Outbound, Transactions
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.networks import OwnAddresses
from ivr.sip.trunk.pinging import SOON, Answered, Doubted, Ping, PingDue, Pinging, Unanswered
from ivr.sip.trunk.trunk_hop import Hop
from ivr.sip.trunk.trunk_machine import TrunkClock, TrunkMachine
from ivr.sip.trunk.trunk_requests import TrunkRequests, address
from ivr.sip.trunk.trunk_settings import Trunk

GONE = (408, 503)           # answers that say: nobody is here
NO_ADDRESS = "its host has no address that we can reach"


class TrunkPings(TrunkMachine):
    """The TransactionUser of a trunk's OPTIONS. `hop` and `place` are where our calls go."""

    machine: Pinging

    def __init__(self, machine: Pinging, trunk: Trunk, place: Uri, hop: Hop, requests: TrunkRequests,
                 own: OwnAddresses, transactions: Transactions, clock: TrunkClock) -> None:
        super().__init__(machine, clock)
        self._trunk = trunk
        self._place = place._replace(user=None, password=None, headers=())
        self._hop = hop
        self._requests = requests
        self._own = own
        self._transactions = transactions
        self._open: tuple[Request, float] | None = None     # the question in the air, and since when
        self._stopped = False

    def doubt(self, now: float) -> list[Any]:
        return [] if self._stopped else self.run(Doubted(), now)

    def stop(self) -> None:
        self._stopped, self._open = True, None
        self._clock.cancel(Pinging.timers)

    def fire(self, event: Any, now: float) -> list[Any]:
        self._open = None           # what still comes of the last question is too late
        return self.run(event, now)

    # --- TransactionUser

    def response_received(self, sent: Outbound, response: Response, flow: Flow, now: float) -> list[Any]:
        if response.status < 200 or self._open is None or self._open[0] is not sent.request:
            return []
        renewed = self._requests.renewed(sent, response)
        if renewed is not None:
            self._open = renewed, now
            return self._transactions.send(renewed, sent.flow, "", "ping", now, sent.attempts + 1, self)
        asked_at, self._open = self._open[1], None
        if response.status in GONE:
            return self.run(Unanswered(f"{response.status} {response.reason}"), now)
        return self.run(Answered(now - asked_at), now)

    def request_failed(self, sent: Outbound, status: int, reason: str, now: float) -> list[Any]:
        if self._open is None or self._open[0] is not sent.request:
            return []
        self._open = None
        return self.run(Unanswered(reason), now)

    def request_forgotten(self, sent: Outbound, now: float) -> list[Any]:
        return []

    # --- effects

    def carry_out(self, effect: Ping, now: float) -> list[Any]:
        if effect.to_next:
            self._hop.turn()
        if not self._hop.flows:
            return []               # a search is under way, or there is no such host: silence
        flow = self._hop.flows[0]
        registration = self._trunk.registration
        user = registration.user if registration else self._trunk.caller_id or "ping"
        host = registration.registrar.host if registration else self._own.advertised(flow.remote[0])
        request = self._requests.write("OPTIONS", self._place, flow, address(user, host), f"<{self._place}>",
                                       [("Contact", self._own.contact(flow)), ("Accept", "application/sdp")])
        self._open = request, now
        return self._transactions.send(request, flow, "", "ping", now, 0, self)

    def mend(self, now: float) -> None:
        self.start_timer(PingDue(), now + SOON)
