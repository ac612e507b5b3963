"""Finds where a SIP URI's host is reached: transport, address and port, best first (RFC 3263 §4, RFC 2782).

```
 numeric host ------------------------------------------------------------> candidate
 name, port, or transport and no SRV ------------------> A, AAAA ---------> candidates
 name, transport ------------------------> SRV --------> A, AAAA ---------> candidates
 name alone ------------------> NAPTR ---> SRV --------> A, AAAA ---------> candidates
```
Whatever a step does not find, the next one does without. Questions of a step are asked side by side.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ivr.base.ids import Ids
from ivr.sip.message.uri import Uri
from ivr.sip.transport.flow import is_address
from ivr.sip.transport.transports import default_port, transport_of

MAX_CANDIDATES = 8      # addresses that are tried for one name; each may stay silent for some seconds
MAX_SERVICES = 4        # NAPTR records that are followed: a transport each, and there are three
MAX_RECORDS = 100       # SRV records of one name that are ordered, the first priorities; an answer of 64 kB has 3,000
MAX_SERVERS = 8         # SRV records whose addresses are asked for; more could never become candidates
UNAVAILABLE = "."       # an SRV target that says: not here (RFC 2782)

Kind = Literal["NAPTR", "SRV", "A", "AAAA"]
# RFC 3263 §4.1; for a `sips` URI only what keeps it on TLS
SERVICES = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
PREFIXES = {"udp": "_sip._udp.", "tcp": "_sip._tcp.", "tls": "_sips._tcp."}


class Question(NamedTuple):
    """One look-up in the name service. `name` in lower case, without the dot at its end."""

    kind: Kind
    name: str


class NaptrRecord(NamedTuple):
    """RFC 3403 §4.1; `flags` and `service` as they came."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


class SrvRecord(NamedTuple):
    """RFC 2782."""

    priority: int
    weight: int
    port: int
    target: str


Record = NaptrRecord | SrvRecord | str      # an address is its text


class Candidate(NamedTuple):
    """Where a request may be sent."""

    transport: str
    address: str
    port: int


@dataclass(frozen=True)
class Server:
    """A name whose addresses are to be asked for; `port` 0: the default of its transport."""

    transport: str
    name: str
    port: int


class Locating:
    """One search. `questions` must be answered all by `answer`; once none is open, `candidates` are what was found.

    `transports`: those we have a socket of, with the address kinds ("A", "AAAA") that it reaches, in our order.
    """

    def __init__(self, uri: Uri, transports: dict[str, tuple[Kind, ...]], ids: Ids) -> None:
        self.questions: set[Question] = set()
        self.candidates: list[Candidate] = []
        self._transports = {name: kinds for name, kinds in transports.items() if uri.scheme != "sips" or name == "tls"}
        self._ids = ids
        self._answers: dict[Question, tuple[Record, ...]] = {}
        self._host, self._port = uri.host.rstrip("."), uri.port or 0
        self._services: list[tuple[str, str]] = []
        self._servers: list[Server] = []
        transport = transport_of(uri)
        if is_address(self._host):
            self._numeric(transport)
        elif self._port:
            self._ask_addresses([Server(transport, self._host, self._port)])
        elif uri.parameter("transport"):
            self._ask_servers([(transport, PREFIXES.get(transport, "") + self._host)])
        else:
            self._ask({Question("NAPTR", self._host)})

    @property
    def finished(self) -> bool:
        return not self.questions

    def answer(self, question: Question, records: Iterable[Record]) -> None:
        """What the name service says; nothing for what does not exist or could not be asked. May open questions."""
        if question not in self.questions:
            return
        self.questions.discard(question)
        self._answers[question] = tuple(records)
        if self.questions:
            return
        step = {"NAPTR": self._services_known, "SRV": self._servers_known}.get(question.kind, self._addresses_known)
        step()

    def _numeric(self, transport: str) -> None:
        kind: Kind = "AAAA" if ":" in self._host else "A"
        if kind in self._transports.get(transport, ()):
            self.candidates = [Candidate(transport, self._host, self._port or default_port(transport))]

    def _ask(self, questions: set[Question]) -> None:
        self.questions = questions

    def _services_known(self) -> None:
        """NAPTR was answered: the SRV names it points to, else the usual ones of every transport we have (§4.1)."""
        records = [one for one in self._answers[Question("NAPTR", self._host)] if isinstance(one, NaptrRecord)]
        records.sort(key=lambda one: (one.order, one.preference))
        found = [(SERVICES[one.service.upper()], one.replacement.rstrip(".").lower()) for one in records
                 if one.service.upper() in SERVICES and one.flags.lower() == "s" and one.replacement.rstrip(".")]
        usable = [one for one in found if one[0] in self._transports][:MAX_SERVICES]
        usual = [(transport, PREFIXES[transport] + self._host) for transport in self._transports
                 if transport in PREFIXES]
        self._ask_servers(usable or usual)

    def _ask_servers(self, services: list[tuple[str, str]]) -> None:
        self._services = [one for one in services if one[0] in self._transports and one[0] in PREFIXES]
        self._ask({Question("SRV", name) for _, name in self._services})

    def _servers_known(self) -> None:
        servers: list[Server] = []
        for transport, name in self._services:
            records = [one for one in self._answers[Question("SRV", name)] if isinstance(one, SrvRecord)]
            servers += [Server(transport, one.target.rstrip(".").lower(), one.port)
                        for one in ordered(records, self._ids) if one.target != UNAVAILABLE]
        if not any(self._answers[Question("SRV", name)] for _, name in self._services):
            servers = [Server(self._services[0][0], self._host, 0)]     # §4.2: no SRV at all, the host itself
        self._ask_addresses(servers[:MAX_SERVERS])

    def _ask_addresses(self, servers: list[Server]) -> None:
        self._servers = servers
        self._ask({Question(kind, server.name) for server in servers
                   for kind in self._transports.get(server.transport, ()) if not is_address(server.name)})
        if not self.questions:
            self._addresses_known()

    def _addresses_known(self) -> None:
        for server in self._servers:
            port = server.port or default_port(server.transport)
            for address in self._addresses_of(server):
                candidate = Candidate(server.transport, address, port)
                if candidate not in self.candidates and len(self.candidates) < MAX_CANDIDATES:
                    self.candidates.append(candidate)

    def _addresses_of(self, server: Server) -> list[str]:
        kinds = self._transports.get(server.transport, ())
        found = [self._answers.get(Question(kind, server.name), ()) for kind in kinds]
        return [one for records in found for one in records if isinstance(one, str)]


def ordered(records: Iterable[SrvRecord], ids: Ids) -> list[SrvRecord]:
    """By priority, and within one by chance in proportion to the weights (RFC 2782, "Weight")."""
    looked_at = sorted(records, key=lambda one: one.priority)[:MAX_RECORDS]
    waiting = sorted(looked_at, key=lambda one: (one.priority, one.weight))     # those of weight 0 first, as it asks
    chosen: list[SrvRecord] = []
    while waiting:
        group = [one for one in waiting if one.priority == waiting[0].priority]
        drawn = ids.uint32() % (sum(one.weight for one in group) + 1)
        for one in group:
            drawn -= one.weight
            if drawn <= 0:
                break
        chosen.append(one)
        waiting.remove(one)
    return chosen
