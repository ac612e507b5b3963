"""A dialog: what two user agents remember of each other (RFC 3261 §12). Plain data; who sends is elsewhere."""

from dataclasses import dataclass

from ivr.sip.message.grammar import WS
from ivr.sip.message.headers import Address
from ivr.sip.message.message import Request, Response
from ivr.sip.message.uri import Uri
from ivr.sip.transport.flow import Flow, same_host
from ivr.sip.transport.networks import LOOPBACK, PRIVATE

DialogKey = tuple[str, str, str]


@dataclass
class Dialog:
    """`flow` is how the peer was last met; while `pinned` requests go there, whatever its Contact says (NAT)."""

    sip_call_id: str
    local: Address
    remote: Address
    local_sequence: int
    remote_sequence: int | None
    remote_target: Uri
    route_set: tuple[Address, ...]
    flow: Flow
    pinned: bool = False
    secure: bool = False        # the peer reached us by `sips`, and shall do so later (§12.1.1)
    allow: str = ""             # the peer's Allow, as far as it has told

    @property
    def key(self) -> DialogKey:
        """Call-ID, local tag, remote tag; a peer of RFC 2543 may have no tag."""
        return self.sip_call_id, self.local.tag or "", self.remote.tag or ""

    def next_sequence(self) -> int:
        self.local_sequence += 1
        return self.local_sequence

    def accept_sequence(self, number: int) -> bool:
        """Take the CSeq of a request that came; False if it is not above the last one (§12.2.2: answer 500)."""
        if self.remote_sequence is not None and number <= self.remote_sequence:
            return False
        self.remote_sequence = number
        return True

    def refresh_target(self, message: Request | Response, flow: Flow) -> None:
        """A re-INVITE, an UPDATE or their 2xx may move the peer (§12.2); the route set stays."""
        target = contact_of(message)
        if target is not None:
            self.remote_target = target
        self.flow = flow
        self.allow = allow_of(message) or self.allow
        if isinstance(message, Request) and len(message.vias) == 1:
            self.pinned = is_pinned(message, flow, self.remote_target)

    def allows(self, method: str) -> bool:
        """Whether the peer has said that it knows a method (§20.5)."""
        return any(name.strip(WS) == method for name in self.allow.split(","))

    def next_hop(self) -> Uri:
        """The URI that decides where requests go (§8.1.2): the first route, else the remote target."""
        return self.route_set[0].uri if self.route_set else self.remote_target

    def target_and_routes(self) -> tuple[Uri, list[Address]]:
        """Request-URI and Route values (§12.2.1.1); a first route without `lr` is a strict router of RFC 2543."""
        routes = list(self.route_set)
        if not routes or routes[0].uri.parameter("lr") is not None:
            return self.remote_target, routes
        strict = routes[0].uri._replace(headers=())
        return strict, [*routes[1:], Address("", self.remote_target)]


def dialog_as_server(request: Request, local_tag: str, flow: Flow) -> Dialog:
    """The dialog that our response to an INVITE makes (§12.1.1): Record-Route in the order it stands."""
    target = contact_of(request) or request.from_.uri
    return Dialog(
        request.sip_call_id, request.to.with_tag(local_tag), request.from_, 0, request.cseq.number, target,
        tuple(request.record_routes), flow, len(request.vias) == 1 and is_pinned(request, flow, target),
        is_secure(request), allow_of(request))


def dialog_as_client(request: Request, response: Response, flow: Flow, pinned: bool) -> Dialog:
    """The dialog that a response to our INVITE makes (§12.1.2): Record-Route in reverse order.

    `pinned` if the INVITE was sent over the flow of a registration and not where its Request-URI says.
    """
    return Dialog(
        request.sip_call_id, request.from_, response.to, request.cseq.number, None,
        contact_of(response) or request.request_uri, tuple(reversed(response.record_routes)), flow, pinned,
        request.request_uri.scheme == "sips", allow_of(response))


def allow_of(message: Request | Response) -> str:
    """The methods a message lists in Allow, as it spells them; "" if it lists none."""
    return ",".join(message.headers.all("Allow"))


def is_secure(request: Request) -> bool:
    """§12.1.1: Request-URI, or first Record-Route, or without one the Contact, is `sips`."""
    named = request.record_routes or request.contacts
    return request.request_uri.scheme == "sips" or (bool(named) and named[0].uri.scheme == "sips")


def contact_of(message: Request | Response) -> Uri | None:
    """The remote target a message names, without URI headers, which nobody may put into our requests; None if it names
    none that we could reach."""
    for contact in message.contacts:
        if contact.uri.is_sip:
            return contact.uri._replace(headers=()) if contact.uri.headers else contact.uri
    return None


def is_pinned(request: Request, flow: Flow, target: Uri) -> bool:
    """Whether the dialog stays on its flow: the peer asks for it by `ob` (RFC 5626 §4.3), or is reached in no other
    way."""
    return target.parameter("ob") is not None or is_behind_nat(request, flow, target)


def is_behind_nat(request: Request, flow: Flow, target: Uri) -> bool:
    """True if a phone doesn't know its own address: the request came from elsewhere than its Via says, or its Contact
    is a private address and its source is not."""
    source = flow.remote[0]
    if same_host(target.host, source):
        return False
    if not same_host(request.top_via.host, source) or source in LOOPBACK:
        return True
    return target.host in PRIVATE and source not in PRIVATE
