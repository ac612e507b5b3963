"""The gate before the parser: which source may be heard, and how often. It looks at raw bytes, never raises, and
answers nothing by itself.

```
 denied, not allowed, put aside ----> dropped
 Call-ID of a leg that lives -------> ONGOING    } a large budget per source; a first INVITE from its sender alone
 a trunk's or a registered phone's -> ONGOING (answers, ACK, BYE …) or KNOWN (what begins something)
 anybody else's --------------------> STRANGER     a small budget per source
```
"""

from collections.abc import Callable
from enum import IntEnum, auto

from ivr.sip.gate.budgets import Budgets
from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.gate.glance import (
    acknowledges_refusal,
    begins_call,
    is_keep_alive,
    is_outside_dialogs,
    is_response,
    sip_call_id,
)
from ivr.sip.gate.news import InsecureRefused, News, PathRefused, SourcePutAside
from ivr.sip.gate.offences import Offences
from ivr.sip.transport.edges import Edges
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.networks import Networks

FAMILIAR = 20           # so many times the budget of strangers for who has a call or a registered phone at that address
CARRIER = 250           # the same for a trunk: 1,600 calls a second, more than we serve; `calls_per_s` is its own limit
BEGINNING = (b"INVITE ", b"REGISTER ", b"OPTIONS ", b"SUBSCRIBE ", b"MESSAGE ", b"PUBLISH ", b"REFER ", b"NOTIFY ")


class Standing(IntEnum):        # its members are looked up for every message, and those of an Enum hash slowly
    """Whose message it is. What comes first is served first."""

    ONGOING = auto()
    KNOWN = auto()
    STRANGER = auto()


class Gate:
    """`counters` never go back; `is_live` knows the Call-IDs of legs, `is_offered_by` those that came from an address,
    `is_known` the addresses of trunks and registered phones, `is_carrier` those of trunks alone. What comes through one
    of `edges` is judged by whom that edge saw."""

    def __init__(self, settings: GateSettings, is_live: Callable[[str], bool], is_known: Callable[[str], bool],
                 edges: Edges | None = None, is_carrier: Callable[[str], bool] = lambda _: False,
                 is_offered_by: Callable[[str, str], bool] = lambda *_: False) -> None:
        self._edges = edges or Edges()
        self._allow = Networks(settings.allow) if settings.allow else None
        self._deny = Networks(settings.deny) if settings.deny else None
        self._is_live = is_live
        self._is_offered_by = is_offered_by
        self._is_known = is_known
        self._strangers = Budgets(settings.requests_per_second, settings.max_sources)
        self._familiars = Budgets(settings.requests_per_second * FAMILIAR, settings.max_sources)
        self._carriers = Budgets(settings.requests_per_second * CARRIER, settings.max_sources)
        self._is_carrier = is_carrier
        self._offences = Offences(settings.pause, settings.max_sources)
        self._pause = settings.pause
        self.news = News()
        self.counters = dict.fromkeys(("sip_denied", "sip_put_aside", "sip_over_budget", "sip_sources_put_aside",
                                       "sip_insecure"), 0)

    def counts(self) -> dict[str, int]:
        budgets = len(self._strangers) + len(self._familiars) + len(self._carriers)
        return {"watched_sources": budgets + len(self._offences)}

    def bars(self, address: str) -> bool:
        """Whether `sip.allow` or `sip.deny` keeps this address out; our own edges are in no need of either."""
        return address not in self._edges and ((self._deny is not None and address in self._deny)
                or (self._allow is not None and address not in self._allow))

    def judge(self, data: bytes, flow: Flow, now: float) -> Standing | None:
        """Whose message this is; None: drop it."""
        address = self._edges.address_of(data, flow)
        if self.bars(address):
            self.counters["sip_denied"] += 1
            return None
        if is_keep_alive(data) or acknowledges_refusal(data):
            return None
        standing = self._standing(data, address)
        if standing is Standing.STRANGER and self._offences.is_aside(address, now):
            self.counters["sip_put_aside"] += 1
            return None
        if self._budgets(standing, address).take(address, now):
            return standing
        self.counters["sip_over_budget"] += 1
        self.blame(address, "flood", now)
        return None

    def has_begun(self, data: bytes, flow: Flow) -> bool:
        """Whether an INVITE, judged when it came, belongs by now to a call that lives: it is the first, sent again."""
        return self._is_in_call(data, self._edges.address_of(data, flow))

    def _budgets(self, standing: Standing, address: str) -> Budgets:
        if standing is Standing.STRANGER:
            return self._strangers
        return self._carriers if self._is_carrier(address) else self._familiars

    def blame(self, address: str, offence: str, now: float) -> None:
        """Count an offence (`offences.POINTS`). Who is known is never put aside: over UDP sources can be forged, and
        one bad phone must not silence an office."""
        if not self._is_known(address) and self._offences.add(address, offence, now):
            self.counters["sip_sources_put_aside"] += 1
            self.news.tell(SourcePutAside(address, offence, self._pause), now)

    def is_aside(self, address: str, now: float) -> bool:
        return self._offences.is_aside(address, now)

    def forgive(self, address: str) -> None:
        """A phone at this address has logged in."""
        self._offences.forgive(address)

    def blame_sender(self, data: bytes, flow: Flow, now: float) -> None:
        """Count a message that can't be read."""
        self.blame(self._edges.address_of(data, flow), "malformed", now)

    def refused_path(self, address: str, account: str, now: float) -> None:
        """A REGISTER of this account had a Path that it may not have."""
        self.news.tell(PathRefused(address, account), now)

    def refused_insecure(self, address: str, transport: str, who: str, now: float) -> None:
        """A trunk or a phone that must use TLS came by another transport."""
        self.counters["sip_insecure"] += 1
        self.news.tell(InsecureRefused(address, transport, who), now)

    def _standing(self, data: bytes, address: str) -> Standing:
        if self._is_in_call(data, address):
            return Standing.ONGOING
        if not self._is_known(address):
            return Standing.STRANGER
        return Standing.KNOWN if data.startswith(BEGINNING) and not is_response(data) else Standing.ONGOING

    def _is_in_call(self, data: bytes, address: str) -> bool:
        """Whether a message can belong to a call that lives. A first INVITE can where its sender sends it again: from
        anybody else the Call-ID is borrowed."""
        call = sip_call_id(data)
        if not self._is_live(call) or is_outside_dialogs(data):
            return False
        return not begins_call(data) or self._is_offered_by(call, address)
