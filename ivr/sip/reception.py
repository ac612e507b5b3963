"""The way of a request that comes in: its transaction, the screening, and who answers it (RFC 3261 §8.2)."""

from typing import Any

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.sip.admission import Admission, Caller
from ivr.sip.answering import AnsweringSession
from ivr.sip.authentication import Authenticator
from ivr.sip.bodies import sdp_of
from ivr.sip.composer import Composer
from ivr.sip.dialog import dialog_as_server
from ivr.sip.events import LegOffered, Traced
from ivr.sip.fields import Headers
from ivr.sip.flow import Flow
from ivr.sip.grammar import split_commas
from ivr.sip.headers import parse_vias
from ivr.sip.leg_requests import LegRequests
from ivr.sip.legs import Legs
from ivr.sip.matching import server_key
from ivr.sip.message import Request
from ivr.sip.next_hop import NextHop
from ivr.sip.registrar import Registrar
from ivr.sip.screening import Refusal, screen
from ivr.sip.settings import EndpointSettings
from ivr.sip.tracing import line_of
from ivr.sip.transactions import Inbound, Transactions


class Reception:
    """Takes every request."""

    def __init__(self, settings: EndpointSettings, ids: Ids, composer: Composer, transactions: Transactions, legs: Legs,
                 leg_requests: LegRequests, registrar: Registrar, authenticator: Authenticator, admission: Admission,
                 route: NextHop) -> None:
        self._settings = settings
        self._ids = ids
        self._composer = composer
        self._transactions = transactions
        self._legs = legs
        self._leg_requests = leg_requests
        self._registrar = registrar
        self._authenticator = authenticator
        self._admission = admission
        self._route = route

    def receive(self, request: Request, flow: Flow, now: float) -> list[Any]:
        """One request; raises PeerError for an ACK or CANCEL too broken to matter."""
        stamp(request.headers, flow)
        key = server_key(request)
        inbound = self._transactions.find(key)
        if request.method == "ACK":
            return self._acknowledge(request, inbound, flow, now)
        if inbound is not None:
            seen = [Traced(inbound.leg, "in", line_of(request))] if inbound.leg is not None else []
            return seen + self._transactions.came_again(inbound, now)
        if self._transactions.full or self._authenticator.is_blocked(request, flow.remote[0], now):
            return []
        inbound = self._transactions.open(key, request, flow)
        try:
            return self._serve(inbound, now)
        except PeerError as error:
            return self._refuse(inbound, Refusal(error.status or 400), now)

    def _acknowledge(self, request: Request, inbound: Inbound | None, flow: Flow, now: float) -> list[Any]:
        """An ACK for a 3xx to 6xx ends at the transaction, one for a 2xx goes to the dialog, whatever its branch."""
        out: list[Any] = []
        if inbound is not None:
            passed_up, out = self._transactions.acknowledged(inbound, now)
            if not passed_up:
                return [Traced(inbound.leg, "in", line_of(request)), *out] if inbound.leg is not None else out
        return out + self._leg_requests.acknowledge(request, flow, now)

    def _serve(self, inbound: Inbound, now: float) -> list[Any]:
        request = inbound.request
        if request.method == "CANCEL":
            return self._leg_requests.cancel(inbound, self._transactions.find(server_key(request, "INVITE")), now)
        if self._transactions.is_merged(inbound):
            return self._refuse(inbound, Refusal(482), now)
        refusal = screen(request)
        if refusal is not None:
            return self._refuse(inbound, refusal, now)
        if request.method == "REGISTER":
            return self._register(inbound, now)     # never in a dialog, whatever its To (§10.2)
        if request.to.tag is not None:
            return self._leg_requests.receive(inbound, now)
        if request.method == "INVITE":
            return self._invite(inbound, now)
        if request.method == "OPTIONS":
            return self._options(inbound, now)
        return self._refuse(inbound, Refusal(481), now)     # BYE, INFO, UPDATE live in dialogs alone

    def _invite(self, inbound: Inbound, now: float) -> list[Any]:
        request = inbound.request
        caller = self._admission.admit(request, inbound.source, self._legs.in_progress, now)
        if isinstance(caller, Refusal):
            return self._refuse(inbound, caller, now)
        dialog = dialog_as_server(request, self._ids.token(), inbound.flow)
        session = AnsweringSession(self._ids.uuid(), inbound, dialog, self._composer, self._settings, self._route)
        session.account, session.trunk = caller.account, caller.trunk
        session.may_authenticate = caller.trunk is not None
        trying = self._transactions.respond(inbound, self._composer.response(request, 100), now)
        inbound.leg = session.leg
        leg = self._legs.add(session)
        return [*trying, _offered(inbound, session.leg, caller),
                Traced(session.leg, "in", line_of(request, dialled=True)),
                Traced(session.leg, "out", f"100 Trying ({request.cseq})"),
                *self._legs.apply(leg, session.start(now), now)]

    def _register(self, inbound: Inbound, now: float) -> list[Any]:
        request = inbound.request
        account = self._authenticator.authenticate(request, inbound.source.remote[0], now)
        if isinstance(account, Refusal):
            return self._refuse(inbound, account, now)
        if not account.may_register or request.to.uri.plain_user != account.name:
            return self._refuse(inbound, Refusal(403), now)
        result = self._registrar.register(account.name, request, inbound.source, now)
        if isinstance(result, Refusal):
            return self._refuse(inbound, result, now)
        response = self._composer.response(request, 200, None, result.contacts)
        return [*self._transactions.respond(inbound, response, now), *result.events]

    def _options(self, inbound: Inbound, now: float) -> list[Any]:
        if self._admission.unavailable is not None:
            return self._refuse(inbound, self._admission.unavailable, now)
        return self._transactions.respond(inbound, self._composer.capabilities(inbound.request), now)

    def _refuse(self, inbound: Inbound, refusal: Refusal, now: float) -> list[Any]:
        response = self._composer.response(inbound.request, refusal.status, None, refusal.headers)
        return self._transactions.respond(inbound, response, now)


def stamp(headers: Headers, flow: Flow) -> None:
    """Write into the top Via where the request came from (RFC 3261 §18.2.1, RFC 3581 §4). Raises PeerError(400)."""
    via, *others = headers.view("Via", parse_vias)
    stamped = via.stamped(*flow.remote)
    if stamped == via:
        return
    first, *lines = headers.all("Via")
    headers.set("Via", ", ".join([str(stamped), *split_commas(first)[1:]]))
    for line in lines:
        headers.add("Via", line)
    headers.view("Via", lambda _: [stamped, *others])       # known already: not to be read again


def _offered(inbound: Inbound, leg: str, caller: Caller) -> LegOffered:
    request = inbound.request
    return LegOffered(leg, request.sip_call_id, request.request_uri, caller.number, caller.name,
                      request.request_uri.plain_user.partition(";")[0], sdp_of(request), inbound.source,
                      caller.account, caller.trunk)
