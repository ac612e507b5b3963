"""MESSAGE outside dialogs (RFC 3428): judged as an INVITE is, told to the user, and answered when the user says so.

A 200 promises that the message is safe, so it waits for the disk. Who sends again meanwhile gets no second message: the
transaction absorbs it, and under another branch it has the same `key`.
"""

from itertools import takewhile
from typing import Any

from ivr.base.ids import Ids
from ivr.base.timers import Timers
from ivr.base.values import frozen
from ivr.sip.access.admission import Admission, Caller
from ivr.sip.access.screening import Refusal
from ivr.sip.composer import Composer
from ivr.sip.events import MessageReceived
from ivr.sip.gate.door import OFFENCES, Door
from ivr.sip.message.headers import Address
from ivr.sip.message.identity import is_anonymous, number_of
from ivr.sip.message.message import Request
from ivr.sip.message.uri import Uri
from ivr.sip.pager.bodies import Written, read
from ivr.sip.pager.way_back import WayBack
from ivr.sip.transaction.transactions import Inbound, Transactions
from ivr.sip.transport.edges import Edges
from ivr.sip.transport.flow import Flow

PATIENCE = 28.0             # s; whoever sent it gives it up after 32, and knows then that it may try again
RETRY_AFTER = 10            # s
MOST_UNANSWERED = 2_000
ANONYMITY_DISALLOWED = 433  # RFC 5079: there would be nobody to answer
KEY_LENGTH = 120


@frozen
class UserSilent:
    """Timer: the user has not said what becomes of a message."""

    message: str


class MessageReceiving:
    """Those that the user has not answered yet, by the name they are told under."""

    def __init__(self, ids: Ids, timers: Timers, composer: Composer, transactions: Transactions, admission: Admission,
                 door: Door) -> None:
        self._ids = ids
        self._timers = timers
        self._composer = composer
        self._transactions = transactions
        self._admission = admission
        self._door = door
        self._open: dict[str, tuple[Inbound, bool]] = {}        # and whether a stranger wrote it

    def __len__(self) -> int:
        return len(self._open)

    def receive(self, inbound: Inbound, now: float) -> list[Any] | Refusal:
        """One that passed the screening."""
        request, source = inbound.request, inbound.source
        by_edge = inbound.met.remote[0] in self._door.edges
        writer = self._admission.admit_message(request, source, now)
        if isinstance(writer, Refusal):
            return writer
        if not writer.number or (writer.trunk is None and is_anonymous(request.from_)):
            return Refusal(ANONYMITY_DISALLOWED)
        written = read(request)
        if isinstance(written, Refusal):
            return written
        if len(self._open) >= MOST_UNANSWERED:
            return Refusal(503, (("Retry-After", str(RETRY_AFTER)),))
        name = self._ids.token(8)
        self._open[name] = inbound, writer.account is None and writer.trunk is None
        self._timers.start(("message", name), now + PATIENCE, UserSilent(name))
        edges = self._door.edges if by_edge else None
        return [_received(name, inbound, writer, written, edges)]

    def answer(self, name: str, status: int, now: float, retry_after: int | None = None, leg: str = "") -> list[Any]:
        """The user's verdict; one that comes too late does nothing. `leg`: in whose ladder it stands."""
        inbound, is_stranger = self._open.pop(name, (None, False))
        if inbound is None:
            return []
        self._timers.cancel(("message", name))
        if is_stranger and status in OFFENCES:
            self._door.gate.blame(inbound.source.remote[0], OFFENCES[status], now)
        fields = [] if retry_after is None else [("Retry-After", str(retry_after))]
        if status == 405:
            fields.append(("Allow", self._composer.allow_calls))
        inbound.transaction.leg = leg or None
        return self._transactions.respond(inbound, self._composer.response(inbound.request, status, None, fields), now)

    def fire(self, event: UserSilent, now: float) -> list[Any]:
        return self.answer(event.message, 503, now, RETRY_AFTER)


def _received(name: str, inbound: Inbound, writer: Caller, written: Written, edges: Edges | None) -> MessageReceived:
    """`edges`: ours, if it came by one of them."""
    request = inbound.request
    key = f"{request.sip_call_id[:KEY_LENGTH - 12]} {request.cseq.number}"
    dialled = writer.dialled or number_of(request.request_uri)
    return MessageReceived(name, key, writer.account, writer.trunk, writer.number, writer.name, dialled,
                           _address(request.from_), written.text, written.active, _way_back(inbound, writer, edges),
                           inbound.source.remote[0], edges is not None)


def _address(from_: Address) -> str:
    """`user@host` as it was claimed."""
    return f"{from_.uri.plain_user}@{from_.uri.host.lower()}"


def _way_back(inbound: Inbound, writer: Caller, edges: Edges | None) -> WayBack:
    request, flow = inbound.request, inbound.met
    to = str(Address("", request.from_.uri._replace(headers=())))
    return WayBack(writer.account, writer.trunk, writer.number, to, _target(request, inbound.source, edges is not None),
                   flow, _routes(request, flow, edges) if edges is not None else ())


def _routes(request: Request, edge: Flow, edges: Edges) -> tuple[str, ...]:
    """The way through the edge, though no dialog begins. An edge may write none for a MESSAGE, and then what stands
    there is its caller's, who would have us send to a victim: only those of edges count, and none below another's."""
    recorded = takewhile(lambda hop: hop.uri.is_sip and not hop.uri.headers and hop.uri.parameter("lr") is not None
                         and hop.uri.host in edges, request.record_routes)
    return tuple(map(str, recorded)) or (str(Address("", _at_edge(request, edge))),)


def _at_edge(request: Request, edge: Flow) -> Uri:
    """Where the edge itself takes requests; a connection of its own began at a port of chance, and its Via says where
    it listens."""
    lr = (("lr", None),)
    if not edge.reliable:
        return Uri("sip", host=edge.remote[0], port=edge.remote[1], parameters=lr)
    return Uri("sip", host=edge.remote[0], port=request.top_via.port, parameters=(("transport", edge.transport), *lr))


def _target(request: Request, source: Flow, by_edge: bool) -> Uri:
    """Their user at the place it came from: a MESSAGE has no Contact (RFC 3428 §4), and some have one all the same."""
    contact = next((one.uri for one in request.contacts if not one.is_wildcard and one.uri.is_sip), None)
    user = contact.user if contact is not None else request.from_.uri.user
    vias = request.vias
    transport = vias[1].transport.lower() if by_edge and len(vias) > 1 else source.transport
    way = (("transport", transport),) if transport in ("tcp", "tls") else ()
    return Uri("sip", user=user, host=source.remote[0], port=source.remote[1], parameters=way)
