"""A proxy as the RFCs' flows draw it: it challenges, forks, records its route, and cancels hop by hop. It has no
timers, as nothing is lost on the stage."""

import re
from dataclasses import dataclass, field
from typing import Any

from ivr.sip.effects import SendBytes
from ivr.sip.message.headers import parse_auth
from ivr.sip.message.message import Request, Response, make_response
from ivr.sip.message.parser import parse
from ivr.sip.message.printer import to_bytes
from ivr.sip.message.uri import parse_uri
from ivr.sip.transport.flow import Flow


@dataclass
class Forwarded:
    """An INVITE that came over `flow`, and what became of its branches."""

    request: Request
    flow: Flow
    branches: dict[str, Request] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    best: Response | None = None
    over: bool = False

    @property
    def open(self) -> list[Request]:
        return [request for branch, request in self.branches.items() if self.statuses.get(branch, 0) < 200]


class Proxy:
    """`next_hops`: where INVITEs outside dialogs go; several are forked to at once. `rewrites`: addresses that a
    gateway changes in descriptions, both ways."""

    def __init__(self, host: str, *next_hops: str, realm: str = "", record_route: bool = True,
                 cancels_others: bool = True, rewrites: tuple[str, str] | None = None) -> None:
        self.host = host
        self._next_hops = next_hops
        self._realm = realm
        self._record_route = record_route
        self._cancels_others = cancels_others
        self._rewrites = rewrites
        self._forwarded: dict[str, Forwarded] = {}      # by the branch of the INVITE that came

    # the verbs of an endpoint

    def next_timer(self) -> None:
        return None

    def receive(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        message = parse(data)
        return self._request(message, flow) if isinstance(message, Request) else self._response(message)

    # requests

    def _request(self, request: Request, flow: Flow) -> list[Any]:
        branch = request.top_via.branch or ""
        if request.method == "ACK" and branch in self._forwarded:
            return []                       # of a refusal: it ends here
        if request.method == "CANCEL":
            return self._cancel(request, flow, branch)
        if request.method == "INVITE" and request.to.tag is None:
            return self._invite(request, flow, branch)
        return [self._forward(request, self._way(request), self._branch(request))]

    def _invite(self, request: Request, flow: Flow, branch: str) -> list[Any]:
        known = self._forwarded[branch] = Forwarded(request, flow)
        if self._realm and not self._may(request):
            challenge = f'Digest realm="{self._realm}", nonce="n", algorithm=SHA-256, qop="auth"'
            return [_reply(request, flow, 407, self.host, [("Proxy-Authenticate", challenge)])]
        out = [_reply(request, flow, 100)]
        for number, host in enumerate(self._next_hops):
            own = f"{self._branch(request)}.{number}"
            sent = self._forward(request, host, own)
            known.branches[own] = _parsed(sent)
            out.append(sent)
        return out

    def _may(self, request: Request) -> bool:
        return any(parse_auth(value)["realm"] == self._realm for value in request.headers.all("Proxy-Authorization"))

    def _cancel(self, request: Request, flow: Flow, branch: str) -> list[Any]:
        known = self._forwarded[branch]
        return [_reply(request, flow, 200, self.host), *self._cancel_open(known)]

    def _cancel_open(self, known: Forwarded) -> list[Any]:
        return [self._send(invite, _hop_request(invite, "CANCEL")) for invite in known.open]

    def _way(self, request: Request) -> str:
        routes = [route.uri.host for route in request.routes if route.uri.host != self.host]
        return routes[0] if routes else request.request_uri.host

    def _forward(self, request: Request, host: str, branch: str) -> SendBytes:
        headers = request.headers.copy()
        routes = [route for route in request.routes if route.uri.host != self.host]
        headers.remove("Route")
        for route in routes:
            headers.add("Route", str(route))
        headers.insert_first("Via", f"SIP/2.0/UDP {self.host}:5060;branch={branch}")
        if request.method == "INVITE" and self._record_route:
            headers.insert_first("Record-Route", f"<sip:{self.host};lr>")
        uri = request.request_uri
        if uri.host == self.host:
            uri = parse_uri(f"sip:{uri.user}@{host}")
        return self._send_to(host, Request(request.method, uri, headers, self._rewritten(request.body)))

    # responses

    def _response(self, response: Response) -> list[Any]:
        branch = response.top_via.branch or ""
        known = next((each for each in self._forwarded.values() if branch in each.branches), None)
        if response.cseq.method == "CANCEL" or (known is not None and response.status == 100):
            return []
        if known is None or response.cseq.method != "INVITE":
            return [self._back(response)]
        known.statuses[branch] = response.status
        if response.status < 200:
            return [self._back(response)]
        if response.status < 300:
            first, known.over = not known.over, True
            others = self._cancel_open(known) if first and self._cancels_others else []
            return [self._back(response), *others]
        invite = known.branches[branch]
        out: list[Any] = [self._send(invite, _hop_request(invite, "ACK", response))]
        if known.best is None or response.status < known.best.status:
            known.best = response
        if not known.open and not known.over:
            out.append(self._back(known.best))
        return out

    def _back(self, response: Response) -> SendBytes:
        headers = response.headers.copy()
        vias = headers.all("Via")
        headers.remove("Via")
        for via in vias[1:]:
            headers.add("Via", via)
        passed = Response(response.status, response.reason, headers, self._rewritten(response.body))
        return self._send_to(passed.top_via.host, passed)

    # both

    def _rewritten(self, body: bytes) -> bytes:
        if self._rewrites is None:
            return body
        outside = self.host.encode()
        return re.sub(b"|".join(each.encode() for each in self._rewrites), outside, body)

    def _branch(self, request: Request) -> str:
        return f"{request.top_via.branch}-{self.host}"

    def _send(self, invite: Request, request: Request) -> SendBytes:
        return self._send_to(invite.request_uri.host, request)

    def _send_to(self, host: str, message: Request | Response) -> SendBytes:
        return SendBytes(Flow("udp", (self.host, 5060), (host, 5060)), to_bytes(message))


def _parsed(sent: SendBytes) -> Request:
    message = parse(sent.payload)
    assert isinstance(message, Request)
    return message


def _hop_request(invite: Request, method: str, response: Response | None = None) -> Request:
    """A CANCEL, or the ACK of a refusal (RFC 3261 §9.1, §17.1.1.3): both belong to this hop alone."""
    headers = invite.headers.copy()
    for name in ("Via", "CSeq", "Content-Type", "Contact", "Supported", "Allow", "Session-Expires", "Min-SE"):
        headers.remove(name)
    headers.add("Via", str(invite.headers.all("Via")[0]))
    headers.add("CSeq", f"{invite.cseq.number} {method}")
    if response is not None:
        headers.set("To", response.headers.get("To") or "")
    return Request(method, invite.request_uri, headers, b"")


def _reply(request: Request, flow: Flow, status: int, tag: str = "", headers: Any = ()) -> SendBytes:
    response = make_response(request, status, to_tag=tag or None, headers=headers)
    return SendBytes(Flow(flow.transport, flow.local, flow.remote, flow.connection), to_bytes(response))
