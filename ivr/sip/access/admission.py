"""Whether a new call may come in, and who is calling."""


from ivr.base.values import frozen
from ivr.sip.access.authentication import Authenticator
from ivr.sip.access.claims import Claims
from ivr.sip.access.screening import Refusal
from ivr.sip.events import CallRefused
from ivr.sip.gate.gate import Gate
from ivr.sip.message.headers import Address
from ivr.sip.message.identity import caller_of, dialled_in, number_of
from ivr.sip.message.message import Request
from ivr.sip.settings import EndpointSettings, Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_line import TrunkLine
from ivr.sip.trunk.trunks import Trunks

DRAIN_RETRY_AFTER = 30      # by then the new process is up, or another node has the line
FULL = 486
FULL_AT_EDGE = 503          # an edge takes the call to another node then (RFC 3261 §16.7), and only it sees this


@frozen
class Caller:
    """`number` and `name` as people read them."""

    number: str
    name: str
    account: str | None
    trunk: str | None
    dialled: str = ""           # where the trunk says it elsewhere than in the Request-URI


class Admission:
    """`draining` and `refusal` are set from outside: the service goes down, or can't take calls just now."""

    def __init__(self, settings: EndpointSettings, authenticator: Authenticator, claims: Claims, gate: Gate,
                 trunks: Trunks) -> None:
        self._trunks = trunks
        self._claims = claims
        self._gate = gate
        self._settings = settings
        self._authenticator = authenticator
        self.draining = False
        self.offers_while_draining = False      # the user turns calls away itself, and keeps a record of them
        self.refusal: int | None = None

    @property
    def unavailable(self) -> Refusal | None:
        """What OPTIONS and INVITE get while the service is going down."""
        return Refusal(503, (("Retry-After", str(DRAIN_RETRY_AFTER)),)) if self.draining else None

    def admit(self, request: Request, flow: Flow, in_progress: int, now: float, *,
              by_edge: bool = False) -> Caller | Refusal:
        """Judge an INVITE outside a dialog; `flow` has the caller's own address, also where it came `by_edge`, through
        a proxy of ours. Raises PeerError(400) for credentials that can't be read."""
        if self.unavailable is not None and not self.offers_while_draining:
            return self.unavailable
        line = self._trunks.of(request, flow)
        trunk = line.trunk if line is not None else None
        status = self.refusal or (FULL if in_progress >= self._settings.max_calls else None)
        if status is not None:
            return _full(FULL_AT_EDGE if by_edge else status, trunk)
        if trunk is not None and trunk.tls_required and flow.transport != "tls":
            self._gate.refused_insecure(flow.remote[0], flow.transport, trunk.name, now)
            return Refusal(403)
        if line is not None:
            return _from_trunk(request, line, now)
        if self._claims.must_prove(request, flow) or self._shows_credentials(request):
            return self._known_phone(request, flow, now)
        stranger = _caller(request.from_, None, None)
        return stranger if self._settings.anonymous_calls else _turned_away(request, stranger, 403, "anonymous_calls")

    def admit_message(self, request: Request, flow: Flow, now: float) -> Caller | Refusal:
        """Judge a MESSAGE outside dialogs by the same rules but those of how many calls there may be: whether there is
        room, and whether a service that goes down still takes it, the user knows, who has the chats. Raises as above.
        """
        line = self._trunks.of(request, flow)
        if line is not None:
            if line.trunk.tls_required and flow.transport != "tls":
                self._gate.refused_insecure(flow.remote[0], flow.transport, line.name, now)
                return Refusal(403)
            return _carried(request, line.trunk)
        if self._claims.must_prove(request, flow) or self._shows_credentials(request):
            known = self._known_phone(request, flow, now)
            return known if isinstance(known, Caller) else _of_no_call(known)
        return _caller(request.from_, None, None) if self._settings.anonymous_calls else Refusal(403)

    def _known_phone(self, request: Request, flow: Flow, now: float) -> Caller | Refusal:
        if self._settings.phones_tls and flow.transport != "tls":
            self._gate.refused_insecure(flow.remote[0], flow.transport, "phone", now)
            return Refusal(403)
        account = self._authenticator.authenticate(request, flow.remote[0], now)
        if isinstance(account, Refusal):
            return account
        caller = _caller(request.from_, account.name, None)
        if not account.may_call:
            return _turned_away(request, caller, 403, "account_may_not_call")
        if request.from_.uri.plain_user != account.name:
            return _turned_away(request, caller, 403, "from_is_not_the_account")
        return caller

    def _shows_credentials(self, request: Request) -> bool:
        values = [*request.headers.all("Authorization"), *request.headers.all("Proxy-Authorization")]
        return any(f'realm="{self._settings.realm}"' in value for value in values)


def _full(status: int, trunk: Trunk | None) -> Refusal:
    """Busy for people; for a carrier what it was told to understand. 503 alone says when to come back."""
    if trunk is not None and status == FULL:
        status = trunk.full_status
    return Refusal(status, (("Retry-After", str(DRAIN_RETRY_AFTER)),) if status == 503 else ())


def _from_trunk(request: Request, line: TrunkLine, now: float) -> Caller | Refusal:
    """Within its limits; what it asserts of the caller counts, as we trust it."""
    trunk = line.trunk
    caller = _carried(request, trunk)
    limit = line.refuses(now)
    if limit is None:
        return caller
    full = _full(FULL, trunk)
    return _turned_away(request, caller, full.status, f"trunk_{limit}", full.headers)


def _carried(request: Request, trunk: Trunk) -> Caller:
    known = caller_of(request, trunk.caller_from)
    return Caller(known.number, known.name, None, trunk.name, dialled_in(request, trunk.dialled_from))


def _of_no_call(refusal: Refusal) -> Refusal:
    return Refusal(refusal.status, refusal.headers,
                   tuple(one for one in refusal.told if not isinstance(one, CallRefused)))


def _turned_away(request: Request, caller: Caller, status: int, reason: str,
                 headers: tuple[tuple[str, str], ...] = ()) -> Refusal:
    """The refusal of a call of whose caller we know what they say; the user of the endpoint is told of it."""
    told = CallRefused(status, reason, request.sip_call_id, caller.number, caller.name,
                       caller.dialled or number_of(request.request_uri), caller.account, caller.trunk)
    return Refusal(status, headers, (told,))


def _caller(address: Address, account: str | None, trunk: str | None) -> Caller:
    number = address.uri.plain_user.partition(";")[0]       # `+49301234;phone-context=…` of gateways
    return Caller(number, address.display_name, account, trunk)
