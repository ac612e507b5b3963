"""One trunk at work: its registration, its pings, where it is reached, and what it may carry."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ivr.base.ids import Ids
from ivr.base.timers import Timers
from ivr.sip.access.credentials import Credentials
from ivr.sip.composer import Composer
from ivr.sip.gate.token_bucket import TokenBucket
from ivr.sip.message.message import Request
from ivr.sip.settings import Credential, Trunk
from ivr.sip.transaction.transactions import Transactions
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locator import Locator
from ivr.sip.transport.networks import Networks, OwnAddresses
from ivr.sip.trunk.pinging import PingDue, Pinging
from ivr.sip.trunk.registering import Registering
from ivr.sip.trunk.trunk_events import TrunkChanged, TrunkStatus
from ivr.sip.trunk.trunk_hop import Hop, LookUpDue
from ivr.sip.trunk.trunk_machine import NONE, TrunkClock
from ivr.sip.trunk.trunk_pings import NO_ADDRESS, TrunkPings
from ivr.sip.trunk.trunk_registration import TrunkRegistration
from ivr.sip.trunk.trunk_requests import TrunkRequests


@dataclass(frozen=True)
class TrunkTools:
    """What every trunk works with. `calls` tells how many legs a trunk carries now; `others` are the credentials of
    calls to trunks that we don't register with."""

    ids: Ids
    timers: Timers
    composer: Composer
    own: OwnAddresses
    locator: Locator
    transactions: Transactions
    others: Credentials
    calls: Callable[[str], int]

    def chance(self) -> float:
        """A number from 0 to 1."""
        return self.ids.uint16() / 65535


class TrunkLine:
    """The parts that a trunk has by its settings."""

    def __init__(self, trunk: Trunk, tools: TrunkTools) -> None:
        self.trunk = trunk
        self.name = trunk.name
        self.calls_hop: Hop | None = None
        self.registration: TrunkRegistration | None = None
        self.pings: TrunkPings | None = None
        self._tools = tools
        self._networks = Networks(trunk.addresses)
        self._bucket = TokenBucket(trunk.calls_per_second) if trunk.calls_per_second is not None else None
        self._no_address = NONE
        self._last_refusal = NONE
        self._add_calls()
        self._add_registration()

    def _add_calls(self) -> None:
        trunk, tools, place = self.trunk, self._tools, self.trunk.place_of_calls
        if place is None:
            return
        self.calls_hop = Hop(f"{self.name}/calls", trunk.outbound_proxy or place, tools.locator, tools.timers)
        if trunk.ping:
            self.pings = TrunkPings(Pinging(self.name, trunk.ping), trunk, place, self.calls_hop, self._requests(),
                                    tools.own, tools.transactions, self._clock())

    def _add_registration(self) -> None:
        trunk, tools, settings = self.trunk, self._tools, self.trunk.registration
        if settings is None:
            return
        assert self.calls_hop is not None
        hop = self.calls_hop
        if hop.uri != settings.registrar and trunk.outbound_proxy is None:
            hop = Hop(f"{self.name}/registrar", settings.registrar, tools.locator, tools.timers)
        self.registration = TrunkRegistration(
            Registering(self.name, settings.expires, tools.chance), settings, hop, self._requests(), tools.ids,
            tools.own, tools.transactions, self._clock())

    def _requests(self) -> TrunkRequests:
        """Requests that the provider itself answers: it may name any realm."""
        return TrunkRequests(self.trunk, self._tools.ids, self._tools.composer, self._credentials(("*",)))

    def _credentials(self, realms: Iterable[str]) -> Credentials:
        known = self.trunk.registration
        if known is None:
            return self._tools.others
        user = known.auth_user or known.user
        return Credentials((Credential(realm, user, known.password) for realm in realms), self._tools.ids)

    @property
    def credentials(self) -> Credentials:
        """For its calls. A challenge to these may come from whoever was called, to try passwords on our answer at
        leisure: so it must name the realm that the registrar names."""
        known, registration = self.trunk.registration, self.registration
        if known is None or registration is None:
            return self._tools.others
        return self._credentials((known.realm,) if known.realm else {known.registrar.host, *registration.realms})

    def _clock(self) -> TrunkClock:
        return TrunkClock(self.name, self._tools.timers)

    # --- how it stands

    @property
    def is_good(self) -> bool:
        """Whether calls of ours had better go through this trunk than through one that is not."""
        return (bool(self.flows)
                and (self.registration is None or self.registration.machine.is_good)
                and (self.pings is None or self.pings.machine.is_good))

    @property
    def flows(self) -> tuple[Flow, ...]:
        """Where our calls to it go, the best first."""
        return self.calls_hop.flows if self.calls_hop is not None else ()

    @property
    def leaving(self) -> bool:
        """Whether the REGISTER that ends our registration is not answered yet."""
        return self.registration is not None and self.registration.leaving

    def owns(self, request: Request, address: str) -> bool:
        """Whether a request from `address` comes from this trunk: by its configured addresses, or, if it has none, to
        our registered contact from where the registrar is."""
        if self.trunk.addresses:
            return address in self._networks
        settings = self.trunk.registration
        return settings is not None and request.request_uri.plain_user == settings.our_user and self.is_at(address)

    def is_home(self, address: str) -> bool:
        """Whether it is one of its addresses, configured or found."""
        return address in self._networks or self.is_at(address)

    def is_at(self, address: str) -> bool:
        """Whether one of its hosts was last found there."""
        return any(address in hop.addresses for hop in self._hops())

    @property
    def has_room(self) -> bool:
        """Whether it carries fewer calls than it may."""
        most = self.trunk.max_calls
        return most is None or self._tools.calls(self.name) < most

    def take_call(self, now: float) -> bool:
        """Whether it may carry one more call, which then counts against its calls per second."""
        return self._full(now) is None

    def refuses(self, now: float) -> str | None:
        """Why a call that it brings may not come in, which is kept as an error; None: it may, and counts as above."""
        limit = self._full(now)
        if limit is not None:
            self._last_refusal = now, f"{self.trunk.full_status} {limit}"
        return limit

    def _full(self, now: float) -> str | None:
        """The limit that it has reached; None: one more call is taken."""
        if not self.has_room:
            return "max_calls"
        return None if self._bucket is None or self._bucket.take(now) else "calls_per_s"

    def status(self) -> TrunkStatus:
        registering = self.registration.machine if self.registration else None
        pinging = self.pings.machine if self.pings else None
        errors = [part.last_error for part in (self.registration, self.pings) if part is not None]
        return TrunkStatus(
            self.name,
            registering.state.name.lower() if registering else "", registering.reason if registering else "",
            registering.expires_at if registering else None,
            pinging.state.name.lower() if pinging else "", pinging.reason if pinging else "",
            pinging.round_trip if pinging else None,
            self._tools.calls(self.name), self.trunk.max_calls,
            max(*errors, self._no_address, self._last_refusal)[1],
            self.calls_hop.addresses if self.calls_hop else ())

    # --- what happens to it

    def start(self, now: float) -> list[Any]:
        out: list[Any] = []
        for hop in self._hops():
            out += hop.look_up(now)
        if self.pings is not None:
            self.pings.start_timer(PingDue(), now + self._tools.chance())
        return out

    def stop(self, now: float) -> list[Any]:
        """Leave the provider; pings and look-ups end."""
        if self.pings is not None:
            self.pings.stop()
        for hop in self._hops():
            hop.stop()
        return self.registration.stop(now) if self.registration is not None else []

    def located(self, hop_name: str, flows: tuple[Flow, ...], now: float) -> list[Any]:
        """A search for one of its hosts is over."""
        hop = next(hop for hop in self._hops() if hop.name == hop_name)
        hop.found(flows, now)
        if not hop.flows:
            told = self._no_address is not NONE
            self._no_address = now, NO_ADDRESS
            return [] if told else [TrunkChanged(self.name, "failing", NO_ADDRESS)]
        if self.registration is not None and hop is self.registration.hop:
            return self.registration.addresses_found(now)
        return []

    def stream_closed(self, flow: Flow, now: float) -> list[Any]:
        return self.registration.stream_closed(flow, now) if self.registration is not None else []

    def doubt(self, now: float) -> list[Any]:
        """A call through it failed as if nobody were there."""
        return self.pings.doubt(now) if self.pings is not None else []

    def fire(self, event: Any, now: float) -> list[Any]:
        """A timer of this trunk is due."""
        if isinstance(event, LookUpDue):
            return next(hop.look_up(now) for hop in self._hops() if hop.name == event.hop)
        if isinstance(event, Pinging.timers):
            return self.pings.fire(event, now) if self.pings is not None else []
        return self.registration.run(event, now) if self.registration is not None else []

    def _hops(self) -> list[Hop]:
        registrar = self.registration.hop if self.registration is not None else None
        hops = (self.calls_hop, None if registrar is self.calls_hop else registrar)
        return [hop for hop in hops if hop is not None]
