"""Whether a new call may come in, and who is calling."""

from dataclasses import dataclass

from ivr.base.errors import PeerError
from ivr.sip.authentication import Authenticator
from ivr.sip.flow import Flow
from ivr.sip.headers import Address, parse_addresses
from ivr.sip.message import Request
from ivr.sip.networks import Networks
from ivr.sip.screening import Refusal
from ivr.sip.settings import EndpointSettings, Trunk

DRAIN_RETRY_AFTER = 30      # by then the new process is up, or another node has the line
FULL = 486


@dataclass(frozen=True)
class Caller:
    """`number` and `name` as people read them."""

    number: str
    name: str
    account: str | None
    trunk: str | None


class Admission:
    """`draining` and `refusal` are set from outside: the service goes down, or can't take calls just now."""

    def __init__(self, settings: EndpointSettings, authenticator: Authenticator) -> None:
        self._settings = settings
        self._authenticator = authenticator
        self._trunks = [(Networks(trunk.addresses), trunk) for trunk in settings.trunks]
        self.draining = False
        self.offers_while_draining = False      # the user turns calls away itself, and keeps a record of them
        self.refusal: int | None = None

    @property
    def unavailable(self) -> Refusal | None:
        """What OPTIONS and INVITE get while the service is going down."""
        return Refusal(503, (("Retry-After", str(DRAIN_RETRY_AFTER)),)) if self.draining else None

    def admit(self, request: Request, flow: Flow, in_progress: int, now: float) -> Caller | Refusal:
        """Judge an INVITE outside a dialog. Raises PeerError(400) for credentials that can't be read."""
        if self.unavailable is not None and not self.offers_while_draining:
            return self.unavailable
        trunk = self._trunk_of(flow.remote[0])
        status = self.refusal or (FULL if in_progress >= self._settings.max_calls else None)
        if status is not None:
            return _full(status, trunk)
        if trunk is not None:
            return _caller(_asserted(request) or request.from_, None, trunk.name)
        if self._authenticator.names(request) or self._shows_credentials(request):
            return self._known_phone(request, flow, now)
        if not self._settings.anonymous_calls:
            return Refusal(403)
        return _caller(request.from_, None, None)

    def _known_phone(self, request: Request, flow: Flow, now: float) -> Caller | Refusal:
        account = self._authenticator.authenticate(request, flow.remote[0], now)
        if isinstance(account, Refusal):
            return account
        if not account.may_call or request.from_.uri.plain_user != account.name:
            return Refusal(403)
        return _caller(request.from_, account.name, None)

    def _shows_credentials(self, request: Request) -> bool:
        values = [*request.headers.all("Authorization"), *request.headers.all("Proxy-Authorization")]
        return any(f'realm="{self._settings.realm}"' in value for value in values)

    def _trunk_of(self, address: str) -> Trunk | None:
        return next((trunk for networks, trunk in self._trunks if address in networks), None)


def _full(status: int, trunk: Trunk | None) -> Refusal:
    """Busy for people; for a carrier what it was told to understand. 503 alone says when to come back."""
    if trunk is not None and status == FULL:
        status = trunk.full_status
    return Refusal(status, (("Retry-After", str(DRAIN_RETRY_AFTER)),) if status == 503 else ())


def _asserted(request: Request) -> Address | None:
    """P-Asserted-Identity (RFC 3325), which counts between those who trust each other only."""
    value = request.headers.get("P-Asserted-Identity")
    if value is None:
        return None
    try:
        return parse_addresses([value])[0]
    except PeerError:
        return None


def _caller(address: Address, account: str | None, trunk: str | None) -> Caller:
    number = address.uri.plain_user.partition(";")[0]       # `+49301234;phone-context=…` of gateways
    return Caller(number, address.display_name, account, trunk)
