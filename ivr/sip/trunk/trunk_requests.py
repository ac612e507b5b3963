"""Requests outside dialogs to one trunk: a Call-ID and a sequence of their own, and our credentials when asked."""

from ivr.base.ids import Ids
from ivr.sip.access.credentials import Credentials, without_realms
from ivr.sip.composer import CREDENTIALS, Composer, safe_user
from ivr.sip.message.headers import parse_auth
from ivr.sip.message.message import Request, Response
from ivr.sip.message.uri import Uri
from ivr.sip.transaction.transactions import Outbound
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_calls import route_to
from ivr.sip.trunk.trunk_settings import Trunk


class TrunkRequests:
    """Writes them. RFC 3261 §10.2 asks for one Call-ID and rising CSeqs for all REGISTERs to one registrar."""

    def __init__(self, trunk: Trunk, ids: Ids, composer: Composer, credentials: Credentials) -> None:
        self._trunk = trunk
        self._composer = composer
        self._credentials = credentials
        self._sip_call_id, self._tag = ids.token(16), ids.token()
        self._sequence = 0

    def write(self, method: str, target: Uri, flow: Flow, from_: str, to: str,
              headers: list[tuple[str, str]]) -> Request:
        """A new request; `from_` without a tag."""
        proxy = self._trunk.outbound_proxy
        route = [] if proxy is None else [("Route", route_to(proxy))]
        self._sequence += 1
        return self._composer.standalone(method, target, flow, f"{from_};tag={self._tag}", to, self._sip_call_id,
                                         self._sequence, [*route, *headers])

    def renewed(self, sent: Outbound, response: Response) -> Request | None:
        """`sent` once more with credentials; None if it was not challenged, we have none, or they were refused. Those
        shown without being asked prove nothing about our password when they are refused: their nonce may be old."""
        if response.status not in (401, 407):
            return None
        asked = sent.request if sent.attempts else without_credentials(sent.request)
        fields = self._credentials.answer(asked, response, sent.attempts)
        if not fields:
            return None
        self._sequence += 1
        return without_realms(self._composer.renewed(asked, sent.flow, self._sequence, fields), fields)


def without_credentials(request: Request) -> Request:
    made = Request(request.method, request.request_uri, request.headers.copy(), request.body)
    for name in CREDENTIALS:
        made.headers.remove(name)
    return made


def realms_of(request: Request) -> frozenset[str]:
    """For which realms a request of ours shows credentials."""
    shown = [value for name in CREDENTIALS for value in request.headers.all(name)]
    return frozenset(parse_auth(value).get("realm", "") for value in shown)


def address(user: str, host: str) -> str:
    """The value of a From or To, without a tag."""
    return f"<{Uri('sip', user=safe_user(user), host=host)}>"
