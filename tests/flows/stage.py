"""Endpoints and proxies in virtual time, 10 ms apart, whose messages and events are drawn as they go."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ivr.sip.effects import LookUp, SendBytes
from ivr.sip.events import Traced
from ivr.sip.settings import EndpointSettings, Listener
from tests.flows.lines import Lines
from tests.sip.network import Network, Node

DELAY = 0.01
ALICE, PROXY_1, PROXY_2, BOB = "192.0.2.101", "192.0.2.111", "192.0.2.222", "192.0.2.201"     # as in RFC 3665
CAROL, PROXY_3 = "192.0.2.202", "192.0.2.233"
NAMES = {ALICE: "Alice", PROXY_1: "Proxy 1", PROXY_2: "Proxy 2", PROXY_3: "Proxy 3", BOB: "Bob", CAROL: "Carol"}
ALICES_SDP, BOBS_SDP, CAROLS_SDP = (
    f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n".encode()
    for host, port in ((ALICE, 49172), (BOB, 3456), (CAROL, 4456)))
Steps = list[tuple[float, Callable[[str], Any]]]


class Person:
    """Who uses an endpoint: does what `when` says for an event of a kind, and remembers all events and the last leg."""

    def __init__(self, when: Mapping[type, Steps] | None = None) -> None:
        self.when = dict(when or {})
        self.events: list[Any] = []
        self.leg = ""

    def __call__(self, event: Any, now: float) -> list[tuple[float, Any]]:
        self.events.append(event)
        self.leg = getattr(event, "leg", self.leg)
        return [(delay, make(self.leg)) for delay, make in self.when.get(type(event), [])]

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class Stage(Network):
    """`hosts` are the columns, from left to right. Nothing is lost, doubled or overtaken."""

    def __init__(self, *hosts: str, show: tuple[str, ...] = (), dns: Mapping[Any, tuple[Any, ...]] | None = None
                 ) -> None:
        super().__init__()
        self.lines = Lines({host: NAMES[host] for host in hosts}, show)
        self.people: dict[str, Person] = {}
        self.deaf: set[str] = set()         # hosts that nothing reaches
        self._gone: set[str] = set()
        self._dns = dict(dns or {})

    def person(self, host: str, when: Mapping[type, Steps] | None = None, **settings: Any) -> Node:
        """Our endpoint at `host`, and who uses it."""
        made = self.people[host] = Person(when)
        own = replace(EndpointSettings(local_address=host, listen=(Listener("udp", host, 5060),
                                                                   Listener("tcp", host, 5060))), **settings)

        def told(event: Any, now: float) -> list[tuple[float, Any]]:
            if isinstance(event, LookUp):
                node = self.nodes[host]
                answer = node.endpoint.looked_up(event.question, self._dns.get(event.question, ()), now)
                self.at(now, lambda: self.take(node, answer))
                return []
            if host in self._gone:
                return []
            if not isinstance(event, Traced):
                self.lines.note(now, self.lines.names[host], _words(event))
            else:
                assert not event.text.startswith("bug"), event
            return made(event, now)

        return self.add(host, told, own)

    def proxy(self, proxy: Any) -> None:
        """Another party, which has the verbs of an endpoint."""
        self.nodes[proxy.host] = Node(proxy.host, proxy, lambda event, now: [])

    def tell(self, node: Node, command: Any, at: float | None = None) -> None:
        """Let a person do something, now or later."""
        self.at(self.now if at is None else at, lambda: self.command(node, command))

    def vanish(self, node: Node) -> None:
        """It is gone with all that it would still send, as in a power cut."""
        self.lines.note(self.now, self.lines.names[node.address], "vanishes")
        self.deaf.add(node.address)
        self._gone.add(node.address)

    def of(self, node: Node, kind: type) -> list[Any]:
        return self.people[node.address].of(kind)

    def leg(self, node: Node) -> str:
        return self.people[node.address].leg

    def ends(self, *nodes: Node) -> None:
        """Let every timer fire: nothing may be left of any call."""
        drawn = len(self.lines.kept)
        self.run(self.now + 120)
        assert len(self.lines.kept) == drawn, self.lines
        for node in nodes:
            counts = {name: count for name, count in node.endpoint.counts().items() if name not in LASTING}
            assert not any(counts.values()), counts

    def _send(self, node: Node, effect: SendBytes) -> None:
        if node.address in self._gone:
            return
        self.lines.message(self.now, node.address, effect.flow.remote[0], effect.payload)
        if effect.flow.remote[0] not in self.deaf:
            super()._send(node, effect)

    def _later(self, node: Node, receive: Callable[[], list[Any]]) -> None:
        self.at(self.now + DELAY, lambda: self.take(node, receive()))


LASTING = frozenset(("streams", "watched_sources"))      # bounded, and no matter of calls


def _words(event: Any) -> str:
    """What its user is told, in short."""
    words = [type(event).__name__]
    for name in ("by", "status", "state", "final"):
        value = getattr(event, name, None)
        if value is True:
            words.append(name)
        elif value not in (None, False):
            words.append(str(value))
    if getattr(event, "bindings", None) is not None:
        words.append(str(len(event.bindings)))
    if getattr(event, "replaces", None) or getattr(event, "replaced_leg", None):
        words.append("replaces")
    if hasattr(event, "body") and event.body is not None:
        words.append("sdp")
    return " ".join(words)
