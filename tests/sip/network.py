"""Any number of endpoints on a network that loses, doubles, delays and reorders datagrams, in virtual time.

TCP between them is whole and in order, but cut into pieces of any size. A user per endpoint sees its events and says
what to do: a list of (delay in s, command).
"""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ivr.base.ids import Ids
from ivr.base.trace import Row, ladder
from ivr.sip.effects import CloseStream, SendBytes
from ivr.sip.endpoint import Endpoint
from ivr.sip.settings import EndpointSettings, Listener
from ivr.sip.transport.flow import Flow

User = Callable[[Any, float], list[tuple[float, Any]]]
KEPT_ROWS = 2000


@dataclass(frozen=True)
class Weather:
    """Chances per datagram, and the longest delay in s; delays are even, so neighbours overtake one another."""

    loss: float = 0.0
    duplication: float = 0.0
    delay: float = 0.0


@dataclass
class Node:
    address: str
    endpoint: Endpoint
    user: User
    wakes_at: float | None = None


@dataclass
class Connection:
    """One end of a TCP connection; `other` is the far end's number."""

    node: Node
    flow: Flow
    other: int


class Network:
    """Nodes by address, everything on port 5060. `run` lets time pass."""

    def __init__(self, weather: Weather | None = None, seed: int = 1, piece_bytes: int | None = None) -> None:
        self.now = 0.0
        self.nodes: dict[str, Node] = {}
        self.rows: list[Row] = []
        self.dropped = 0
        self._weather = weather or Weather()
        self._chance = random.Random(seed)
        self._piece_bytes = piece_bytes
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._connections: dict[int, Connection] = {}
        self._numbers = itertools.count(1)

    def add(self, address: str, user: User, settings: EndpointSettings | None = None) -> Node:
        listen = (Listener("udp", address, 5060), Listener("tcp", address, 5060))
        made = settings or EndpointSettings(local_address=address, listen=listen)
        node = Node(address, Endpoint(made, Ids(random.Random(f"{address}{self._chance.random()}").randbytes)), user)
        self.nodes[address] = node
        return node

    def at(self, moment: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (moment, next(self._order), do))

    def command(self, node: Node, command: Any) -> None:
        self.take(node, node.endpoint.handle(command, self.now))

    def take(self, node: Node, out: list[Any]) -> None:
        """Carry out what an endpoint returned."""
        for one in out:
            if isinstance(one, SendBytes):
                self._send(node, one)
            elif isinstance(one, CloseStream):
                self.close(one.flow.connection)
            else:
                for delay, command in node.user(one, self.now):
                    self.at(self.now + delay, lambda command=command: self.command(node, command))  # type: ignore[misc]
        self._set_alarm(node)

    def run(self, until: float) -> None:
        """Let time pass, until then or until nothing is due."""
        while self._due and self._due[0][0] <= until:
            self.now, _, do = heapq.heappop(self._due)
            do()
        self.now = until

    def close(self, number: int) -> None:
        """Close both ends of a connection."""
        near = self._connections.pop(number, None)
        far = self._connections.pop(near.other, None) if near else None
        for end in (near, far):
            if end is not None:
                self.take(end.node, end.node.endpoint.stream_closed(end.flow, self.now))

    def close_all(self) -> None:
        for number in list(self._connections):
            self.close(number)

    def __str__(self) -> str:
        return ladder(self.rows[-KEPT_ROWS:], tuple(self.nodes))

    def _set_alarm(self, node: Node) -> None:
        due = node.endpoint.next_timer()
        if due is None or (node.wakes_at is not None and node.wakes_at <= due):
            return
        node.wakes_at = due

        def ring() -> None:
            node.wakes_at = None
            self.take(node, node.endpoint.handle_timers(self.now))

        self.at(max(due, self.now), ring)

    def _send(self, node: Node, effect: SendBytes) -> None:
        text = effect.payload.split(b"\r\n")[0].decode("utf-8", "replace")
        self.rows.append(Row(self.now, node.address, effect.flow.remote[0], text))
        if len(self.rows) > 2 * KEPT_ROWS:
            del self.rows[:KEPT_ROWS]
        if effect.flow.transport == "udp":
            self._datagram(node, effect)
        else:
            self._stream(node, effect)

    def _datagram(self, node: Node, effect: SendBytes) -> None:
        target = self.nodes.get(effect.flow.remote[0])
        flow = Flow("udp", effect.flow.remote, (node.address, 5060))
        copies = 1 + (self._chance.random() < self._weather.duplication)
        for _ in range(copies):
            if target is None or self._chance.random() < self._weather.loss:
                self.dropped += 1
                continue
            self._later(target, lambda: target.endpoint.receive(effect.payload, flow, self.now))

    def _later(self, node: Node, receive: Callable[[], list[Any]]) -> None:
        delay = .0001 + self._chance.random() * self._weather.delay
        self.at(self.now + delay, lambda: self.take(node, receive()))

    def _stream(self, node: Node, effect: SendBytes) -> None:
        near = self._connection(node, effect.flow)
        far = self._connections.get(near.other) if near else None
        if near is None or far is None:
            self.at(self.now, lambda: self.take(node, node.endpoint.send_failed(effect.flow, self.now)))
            return
        size = self._piece_bytes or len(effect.payload)
        pieces = [effect.payload[start:start + size] for start in range(0, len(effect.payload), size)]

        def arrive() -> None:
            for piece in pieces:
                self.take(far.node, far.node.endpoint.receive_stream(piece, far.flow, self.now))

        self.at(self.now + .0001, arrive)

    def _connection(self, node: Node, flow: Flow) -> Connection | None:
        """As a driver does: that of the number, else one that stands, else a new one."""
        if flow.connection:
            return self._connections.get(flow.connection)
        target = self.nodes.get(flow.remote[0])
        if target is None:
            return None
        standing = [end for end in self._connections.values() if end.node is node and end.flow.remote == flow.remote]
        if standing:
            return standing[0]
        near, far = next(self._numbers), next(self._numbers)
        here, there = (node.address, 30000 + near), flow.remote
        self._connections[near] = Connection(node, Flow("tcp", here, there, near), far)
        self._connections[far] = Connection(target, Flow("tcp", there, here, far), near)
        return self._connections[near]
