"""The way of a request that comes in: its transaction, the screening, and who answers it (RFC 3261 §8.2)."""

from typing import Any

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.sip.access.admission import DRAIN_RETRY_AFTER, Admission, Caller
from ivr.sip.access.authentication import Authenticator
from ivr.sip.access.screening import Refusal, screen
from ivr.sip.composer import Composer
from ivr.sip.events import LegOffered, Traced
from ivr.sip.gate.door import Door
from ivr.sip.leg.answering import AnsweringSession
from ivr.sip.leg.dialog import dialog_as_server
from ivr.sip.leg.leg_requests import LegRequests
from ivr.sip.leg.legs import Legs
from ivr.sip.message.fields import Headers
from ivr.sip.message.grammar import split_commas
from ivr.sip.message.headers import parse_vias
from ivr.sip.message.identity import number_of
from ivr.sip.message.message import Request
from ivr.sip.message.path import Way, read_path, screen_path
from ivr.sip.message.referred_by import diversions, referred_by
from ivr.sip.message.session_interval import is_too_small
from ivr.sip.message.subscription import ALLOW_EVENTS
from ivr.sip.pager.receiving import MessageReceiving
from ivr.sip.registrar.outbound import screen_outbound
from ivr.sip.registrar.registrar import Registered, Registrar
from ivr.sip.settings import EndpointSettings
from ivr.sip.tracing import line_of
from ivr.sip.transaction.matching import server_key
from ivr.sip.transaction.transactions import Inbound, ServerTransaction, Transactions
from ivr.sip.transfer.replacing import leg_to_replace
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.networks import OwnAddresses
from ivr.sip.transport.next_hop import NextHop

# What else than INVITE, OPTIONS and REGISTER gets without a dialog, where most methods live alone (481). A REFER there
# would let strangers make us call whom they like (RFC 3515 §5.2); we keep no state that one could subscribe to.
SESSION_REQUESTS = frozenset(("INVITE", "UPDATE"))
OUTSIDE_DIALOGS = {"REFER": Refusal(403), "SUBSCRIBE": Refusal(489, (ALLOW_EVENTS,))}


# What is asked for by mistake now and then, and by who looks for holes all the time.
SUSPICIOUS = frozenset((400, 403, 405, 415, 416, 420, 481, 489, 501))


class Reception:
    """Takes every request."""

    def __init__(self, settings: EndpointSettings, ids: Ids, composer: Composer, transactions: Transactions, legs: Legs,
                 leg_requests: LegRequests, registrar: Registrar, authenticator: Authenticator, admission: Admission,
                 route: NextHop, door: Door, own: OwnAddresses, messages: MessageReceiving) -> None:
        self._messages = messages
        self._door = door
        self._edges = door.edges
        self._own = own
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
        key = server_key(request)
        known = self._transactions.find(key)
        by_edge = flow.remote[0] in self._edges
        source = self._edges.source(request.vias, flow) if by_edge else flow
        if request.method == "ACK":
            return self._acknowledge(request, known, source or flow, now)
        if known is not None:
            seen = [Traced(known.leg, "in", line_of(request))] if known.leg is not None else []
            return seen + self._transactions.came_again(known, now)
        if self._transactions.full or self._authenticator.is_blocked(request, (source or flow).remote[0], now):
            return []
        stamp(request.headers, flow)        # for our responses; an ACK gets none, one that came again has its own
        inbound = self._transactions.open(key, request, flow, source)
        if source is None:
            return self._refuse(inbound, Refusal(400), now)         # an edge that does not say for whom it speaks
        try:
            return self._serve(inbound, now)
        except PeerError as error:
            return self._refuse(inbound, Refusal(error.status or 400), now)

    def _acknowledge(self, request: Request, invite: ServerTransaction | None, flow: Flow, now: float) -> list[Any]:
        """An ACK for a 3xx to 6xx ends at the transaction, one for a 2xx goes to the dialog, whatever its branch."""
        out: list[Any] = []
        if invite is not None:
            passed_up, out = self._transactions.acknowledged(invite, now)
            if not passed_up:
                return [Traced(invite.leg, "in", line_of(request)), *out] if invite.leg is not None else out
        return out + self._leg_requests.acknowledge(request, flow, now)

    def _serve(self, inbound: Inbound, now: float) -> list[Any]:
        request = inbound.request
        if request.method == "CANCEL":
            return self._leg_requests.cancel(inbound, self._transactions.find(server_key(request, "INVITE")), now)
        if self._transactions.is_merged(inbound.transaction) and request.method != "MESSAGE":
            return self._refuse(inbound, Refusal(482), now)         # of a message the user knows it by its key
        refusal = screen(request, messages=self._settings.messages)
        if refusal is not None:
            return self._refuse(inbound, refusal, now)
        if request.method in SESSION_REQUESTS and is_too_small(request, self._settings):
            return self._refuse(inbound, Refusal(422, (("Min-SE", str(self._settings.min_se)),)), now)
        if request.method == "REGISTER":
            return self._register(inbound, now)     # never in a dialog, whatever its To (§10.2)
        if request.to.tag is not None:
            return self._leg_requests.receive(inbound, now)
        if request.method == "INVITE":
            return self._invite(inbound, now)
        if request.method == "OPTIONS":
            return self._options(inbound, now)
        if request.method == "MESSAGE":
            told = self._messages.receive(inbound, now)
            return self._refuse(inbound, told, now) if isinstance(told, Refusal) else told
        return self._refuse(inbound, OUTSIDE_DIALOGS.get(request.method, Refusal(481)), now)

    def _invite(self, inbound: Inbound, now: float) -> list[Any]:
        request = inbound.request
        by_edge = inbound.met.remote[0] in self._edges
        caller = self._admission.admit(request, inbound.source, self._legs.in_progress, now, by_edge=by_edge)
        if isinstance(caller, Refusal):
            return self._refuse(inbound, caller, now)
        is_stranger = caller.trunk is None and caller.account is None
        if is_stranger and self._door.refuses_stranger(now):
            return self._refuse(inbound, Refusal(503, (("Retry-After", str(DRAIN_RETRY_AFTER)),)), now)
        replaced = leg_to_replace(request, caller, inbound.source, self._legs)
        if isinstance(replaced, Refusal):
            return self._refuse(inbound, replaced, now)
        dialog = dialog_as_server(request, self._ids.token(), inbound.transaction.flow)
        session = AnsweringSession(self._ids.uuid(), inbound, dialog, self._composer, self._settings, self._route)
        session.account, session.trunk = caller.account, caller.trunk
        session.may_authenticate = caller.trunk is not None
        trying, told = self._trying(inbound, session.leg, now)
        inbound.transaction.leg = session.leg
        leg = self._legs.add(session)
        if is_stranger:
            self._door.let_in_stranger(session.leg, now)
        return [*trying, _offered(session, caller, replaced, by_edge),
                Traced(session.leg, "in", line_of(request, dialled=True)), *told,
                *self._legs.apply(leg, session.start(now), now)]

    def _trying(self, inbound: Inbound, leg: str, now: float) -> tuple[list[Any], list[Any]]:
        """The 100 and its line; none yet if it is to be sent later, should nothing else have been said by then."""
        if self._settings.trying_after:
            self._transactions.try_later(inbound, now + self._settings.trying_after)
            return [], []
        request = inbound.request
        return (self._transactions.respond(inbound, self._composer.response(request, 100), now),
                [Traced(leg, "out", f"100 Trying ({request.cseq})")])

    def say_trying(self, inbound: Inbound, now: float) -> list[Any]:
        """The time for a 100 that was put off has come, and nothing else has been said."""
        return self._transactions.respond(inbound, self._composer.response(inbound.request, 100), now)

    def _register(self, inbound: Inbound, now: float) -> list[Any]:
        request = inbound.request
        if not request.to.uri.is_sip:
            return self._refuse(inbound, Refusal(400), now)     # an address-of-record is a SIP URI (§10.3 step 5)
        source = inbound.source
        if self._settings.phones_tls and source.transport != "tls":
            self._door.gate.refused_insecure(source.remote[0], source.transport, "phone", now)
            return self._refuse(inbound, Refusal(403), now)
        account = self._authenticator.authenticate(request, source.remote[0], now)
        if isinstance(account, Refusal):
            return self._refuse(inbound, account, now)
        if not account.may_register or request.to.uri.plain_user != account.name:
            return self._refuse(inbound, Refusal(403), now)
        result = self._registered(account.name, inbound, now)
        if isinstance(result, Refusal):
            return self._refuse(inbound, result, now)
        response = self._composer.response(request, 200, None, result.fields)
        return [*self._transactions.respond(inbound, response, now), *result.events]

    def _registered(self, account: str, inbound: Inbound, now: float) -> Registered | Refusal:
        request, path = inbound.request, read_path(inbound.request)
        refusal = screen_path(path, inbound.met, self._edges, self._own)
        if refusal is not None:
            self._door.gate.refused_path(inbound.met.remote[0], account, now)
        refusal = refusal or screen_outbound(request, path)
        way = Way(inbound.met, inbound.source.remote[0], path)
        return refusal or self._registrar.register(account, request, way, now)

    def _options(self, inbound: Inbound, now: float) -> list[Any]:
        if self._admission.unavailable is not None:
            return self._refuse(inbound, self._admission.unavailable, now)
        self._door.gate.blame(inbound.source.remote[0], "ping", now)
        return self._transactions.respond(inbound, self._composer.capabilities(inbound.request), now)

    def _refuse(self, inbound: Inbound, refusal: Refusal, now: float) -> list[Any]:
        if refusal.status in SUSPICIOUS:
            self._door.gate.blame(inbound.source.remote[0], "refused", now)
        response = self._composer.response(inbound.request, refusal.status, None, refusal.headers)
        return [*self._transactions.respond(inbound, response, now), *refusal.told]


def stamp(headers: Headers, flow: Flow) -> None:
    """Write into the top Via where the request came from (RFC 3261 §18.2.1, RFC 3581 §4). Raises PeerError(400)."""
    vias = headers.view("Via", parse_vias)
    stamped = vias[0].stamped(*flow.remote)
    if stamped == vias[0]:
        return
    line = str(stamped)
    if len(vias) > 1:           # perhaps in the same line
        line = ", ".join([line, *split_commas(headers.get("Via") or "")[1:]])
    headers.replace_first("Via", line, [stamped, *vias[1:]])


def _offered(session: AnsweringSession, caller: Caller, replaced: str | None, by_edge: bool) -> LegOffered:
    request = session.inbound.request
    return LegOffered(session.leg, session.sip_call_id, request.request_uri, caller.number, caller.name,
                      caller.dialled or number_of(request.request_uri), session.offer, session.inbound.source,
                      caller.account, caller.trunk, replaced, referred_by(request.headers),
                      diversions(request.headers), by_edge)
