"""The messages we write: our requests in and out of dialogs, and what our responses say besides what they copy."""

from collections.abc import Iterable

from ivr.base.ids import Ids
from ivr.sip.leg.dialog import Dialog
from ivr.sip.message.grammar import printable, quote
from ivr.sip.message.message import MalformedRequest, Request, Response, make_response
from ivr.sip.message.uri import Uri
from ivr.sip.settings import EndpointSettings
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.networks import OwnAddresses

Fields = Iterable[tuple[str, str]]
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY, SUBSCRIBE, REGISTER"
OF_MESSAGES = "text/plain, application/im-iscomposing+xml"
SUPPORTED = "100rel, timer, replaces, norefersub"
OFFERLESS_SUPPORTED = SUPPORTED.removeprefix("100rel, ")
SDP = "application/sdp"
CAPABILITIES = (("Accept-Encoding", "identity"), ("Accept-Language", "en"), ("Supported", SUPPORTED),
                ("Allow-Events", "refer"))
WITH_CONTACT = frozenset(("INVITE", "UPDATE", "REFER", "NOTIFY"))     # those that make or move a dialog
CREDENTIALS = ("Authorization", "Proxy-Authorization")
_PLAIN_USER = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()+")


class Composer:
    """Writes messages; the only place that knows our header fields."""

    def __init__(self, settings: EndpointSettings, own: OwnAddresses, ids: Ids) -> None:
        self._agent = settings.user_agent
        self._realm = settings.realm
        self._session_expires = str(settings.session_expires)
        self._own = own
        self._ids = ids
        self._takes_messages = settings.messages
        self.allow = allowed(messages=settings.messages)        # outside dialogs; in those of calls nobody writes
        self.allow_calls = ALLOW

    # responses

    def response(self, request: Request | MalformedRequest, status: int, to_tag: str | None = None,
                 headers: Fields = (), reason: str | None = None) -> Response:
        """A response without a dialog. A To tag is drawn unless given; 100 has none."""
        tag = None if status == 100 else to_tag or self._ids.token()
        return make_response(request, status, reason or None, tag, (*headers, ("Server", self._agent)))

    def in_dialog_response(self, request: Request, status: int, dialog: Dialog, body: bytes = b"",
                           headers: Fields = ()) -> Response:
        """A 101 to 299 that makes or refreshes a dialog: with Contact, and with SDP if `body`."""
        contact = self._own.contact(dialog.flow, dialog.secure)
        fields = [("Contact", contact), ("Allow", ALLOW), ("Supported", SUPPORTED), *headers,
                  ("Server", self._agent)]
        if body:
            fields.append(("Content-Type", SDP))
        return make_response(request, status, None, dialog.local.tag, fields, body)

    def capabilities(self, request: Request) -> Response:
        """The 200 to OPTIONS (§11.2)."""
        accept = f"{SDP}, {OF_MESSAGES}" if self._takes_messages else SDP
        return self.response(request, 200, None, (("Allow", self.allow), ("Accept", accept), *CAPABILITIES))

    # requests

    def invite(self, leg_call_id: str, target: Uri, flow: Flow, tag: str, number: str, name: str, body: bytes | None,
               headers: Fields, sequence: int = 1) -> Request:
        """The INVITE that begins a leg. `number` and `name` may be of any origin: they are made safe here."""
        host = self._own.sent_by(flow)
        shown = f"{quote(name)} " if name else ""
        request = Request("INVITE", target._replace(headers=()))
        fields = request.headers
        fields.add("Via", self._own.via(flow, self._ids.branch()))
        fields.add("Max-Forwards", "70")
        fields.add("From", f"{shown}<sip:{safe_user(number)}@{host}>;tag={tag}")
        fields.add("To", f"<{request.request_uri}>")
        fields.add("Call-ID", leg_call_id)
        fields.add("CSeq", f"{sequence} INVITE")
        fields.add("Contact", self._own.contact(flow, target.scheme == "sips"))
        fields.add("Allow", ALLOW)
        # a reliable 1xx to an INVITE without an offer would carry one, to be answered before anybody has answered
        fields.add("Supported", SUPPORTED if body is not None else OFFERLESS_SUPPORTED)
        fields.add("Session-Expires", self._session_expires)
        fields.add("User-Agent", self._agent)
        for field, value in headers:
            fields.add(field, printable(value))
        if body is not None:
            fields.add("Content-Type", SDP)
            request.body = body
        return request

    def standalone(self, method: str, target: Uri, flow: Flow, from_: str, to: str, sip_call_id: str, sequence: int,
                   headers: Fields = ()) -> Request:
        """A request outside dialogs, as REGISTER (§10.2) and OPTIONS (§11.1); `from_` has its tag."""
        request = Request(method, target._replace(headers=()))
        fields = request.headers
        fields.add("Via", self._own.via(flow, self._ids.branch()))
        fields.add("Max-Forwards", "70")
        fields.add("From", from_)
        fields.add("To", to)
        fields.add("Call-ID", sip_call_id)
        fields.add("CSeq", f"{sequence} {method}")
        fields.add("User-Agent", self._agent)
        fields.extend(headers)
        return request

    def from_us(self, user: str, flow: Flow) -> str:
        """The value of a From without a name, with a tag of its own."""
        return f"<sip:{safe_user(user)}@{self._own.sent_by(flow)}>;tag={self._ids.token()}"

    def in_dialog(self, dialog: Dialog, method: str, flow: Flow, headers: Fields = (), body: bytes = b"") -> Request:
        """The next request of a dialog (RFC 3261 §12.2.1.1)."""
        return self._dialog_request(dialog, method, dialog.next_sequence(), flow, headers, body)

    def acknowledge(self, dialog: Dialog, invite: Request, flow: Flow, body: bytes = b"") -> Request:
        """The ACK for a 2xx: the INVITE's CSeq number and credentials (§13.2.2.4); with our answer if `body`."""
        credentials = [(name, value) for name in CREDENTIALS for value in invite.headers.all(name)]
        if body:
            credentials.append(("Content-Type", SDP))
        return self._dialog_request(dialog, "ACK", invite.cseq.number, flow, credentials, body)

    def cancel(self, invite: Request, headers: Fields = ()) -> Request:
        """The CANCEL of an INVITE: its top Via, Route, To without a tag (§9.1)."""
        request = Request("CANCEL", invite.request_uri)
        for name in ("Via", "Route", "Max-Forwards", "From", "To", "Call-ID"):
            for value in invite.headers.all(name):
                request.headers.add(name, value)
        request.headers.add("CSeq", f"{invite.cseq.number} CANCEL")
        request.headers.extend(headers)
        return request

    def renewed(self, request: Request, flow: Flow, sequence: int, credentials: Fields) -> Request:
        """The same request again with credentials: a new branch and CSeq (§22.2)."""
        made = Request(request.method, request.request_uri, request.headers.copy(), request.body)
        made.headers.set("Via", self._own.via(flow, self._ids.branch()))
        made.headers.set("CSeq", f"{sequence} {request.method}")
        made.headers.extend(credentials)
        return made

    def over(self, request: Request, flow: Flow) -> Request:
        """The same request, for another transport."""
        made = Request(request.method, request.request_uri, request.headers.copy(), request.body)
        made.headers.set("Via", self._own.via(flow, request.top_via.branch or self._ids.branch()))
        return made

    def reason(self, text: str) -> list[tuple[str, str]]:
        """A Reason header (RFC 3326) that tells a phone why it stopped ringing: 200 means somebody else answered."""
        return [("Reason", f"SIP;cause=200;text={quote(text)}")] if text else []

    def _dialog_request(self, dialog: Dialog, method: str, sequence: int, flow: Flow, headers: Fields,
                        body: bytes) -> Request:
        target, routes = dialog.target_and_routes()
        request = Request(method, target, body=body)
        fields = request.headers
        fields.add("Via", self._own.via(flow, self._ids.branch()))
        for route in routes:
            fields.add("Route", str(route))
        fields.add("Max-Forwards", "70")
        fields.add("From", str(dialog.local))
        fields.add("To", str(dialog.remote))
        fields.add("Call-ID", dialog.sip_call_id)
        fields.add("CSeq", f"{sequence} {method}")
        if method in WITH_CONTACT:
            fields.add("Contact", self._own.contact(flow, dialog.secure))
            fields.add("Allow", ALLOW)
            fields.add("Supported", SUPPORTED)
        fields.add("User-Agent", self._agent)
        fields.extend(headers)
        return request


def allowed(*, messages: bool) -> str:
    """The methods that are served outside dialogs."""
    return f"{ALLOW}, MESSAGE" if messages else ALLOW


def safe_user(text: str) -> str:
    """`text` as the user part of a URI; everything else is escaped. Nothing at all becomes `anonymous`."""
    if not text:
        return "anonymous"
    return "".join(char if char in _PLAIN_USER else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
                   for char in text)


def acknowledge_failure(invite: Request, response: Response) -> Request:
    """The ACK for a 3xx to 6xx (RFC 3261 §17.1.1.3): the INVITE's top Via and Route, the response's To."""
    ack = Request("ACK", invite.request_uri)
    ack.headers.add("Via", str(invite.top_via))
    for name in ("Route", "Max-Forwards", "From", "Call-ID"):
        for value in invite.headers.all(name):
            ack.headers.add(name, value)
    ack.headers.add("To", response.headers.get("To") or "")
    ack.headers.add("CSeq", f"{invite.cseq.number} ACK")
    return ack
