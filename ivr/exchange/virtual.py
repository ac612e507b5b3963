"""The whole hotline in virtual time: the exchange, the media plane, simulated phones and the network between them.

Nothing sleeps and nothing is random but what `chance` gives, so any story or storm can be told again exactly. The
phones speak real SIP (our endpoint, as client and as registered phone) and real RTP over a network that may lose,
double, delay and reorder.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from ivr.call.record import Batch
from ivr.exchange.effects import OrdersKept, Report, ToOtherSystem, ToPage, ToPinRegister, ToPlane, ToStore, ToText
from ivr.exchange.exchange import Exchange
from ivr.media.stream_numbers import from_worker, to_rows, worker_for
from ivr.media.virtual_wire import Address, Packet, VirtualWire
from ivr.menu.actions.verify import REFUSED
from ivr.menu.requests import Request
from ivr.sip.effects import SendBytes
from ivr.sip.transport.flow import Flow

PHASE = 0.005            # s between ticks of the plane
COMMIT = 0.004           # s that a simulated database takes
VERDICT = 0.02           # s that a simulated register of PINs takes
ANSWER = 0.3             # s that a simulated other system takes


@dataclass(frozen=True)
class Network:
    """How bad it is. `chance` gives floats in [0, 1); `delay` and `jitter` in s; SIP alone is lost or doubled."""

    chance: Callable[[], float]
    delay: float = 0.005
    jitter: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0


class Host(Protocol):
    """Something with addresses in the virtual network."""

    def receive_sip(self, payload: bytes, flow: Flow, now: float) -> None: ...

    def receive_rtp(self, source: Address, port: int, payload: bytes, now: float) -> None: ...


class World:
    """Virtual time and the network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.now = 0.0
        self.hosts: dict[str, Host] = {}
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._due, (max(when, self.now), next(self._order), what))

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass; True as soon as `until` holds."""
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            self.now, _, what = heapq.heappop(self._due)
            what()
            if until():
                return True
        self.now = end
        return until()

    def send_sip(self, flow: Flow, payload: bytes) -> None:
        net = self.network
        if net.chance() < net.loss:
            return
        copies = 2 if net.chance() < net.duplication else 1
        target = self.hosts.get(flow.remote[0])
        back = Flow(flow.transport, flow.remote, flow.local)
        if target is None:
            return
        for _ in range(copies):
            delay = net.delay + net.jitter * net.chance()
            self.at(self.now + delay, partial(self._arrive, target, payload, back))

    def _arrive(self, target: "Host", payload: bytes, flow: Flow) -> None:
        target.receive_sip(payload, flow, self.now)

    def send_rtp(self, packet: Packet) -> None:
        source, destination, payload = packet
        target = self.hosts.get(destination[0])
        if target is not None:
            self.at(self.now + self.network.delay,
                    lambda: target.receive_rtp(source, destination[1], payload, self.now))


class Hotline:
    """The service under simulation, at the host of its wires, one for each plane. `stored` collects what the database
    would get, in order."""

    def __init__(self, world: World, exchange: Exchange, *wires: VirtualWire, audio: bool = True) -> None:
        self.world = world
        self.exchange = exchange
        self.wires: dict[int, VirtualWire] = dict(enumerate(wires))      # by worker; one that dies is taken out
        self.audio = audio           # False: streams open and close and say nothing, for storms of signalling
        self.stored: list[Batch] = []
        self.reports: list[Report] = []
        self.other_systems: Callable[[Request], tuple[Any, str]] = lambda request: (None, "no connection")
        self.pins: Callable[[ToPinRegister], tuple[str, str]] = lambda asked: ("", REFUSED)     # name, why not
        self.to_page: Callable[[ToPage], None] = lambda told: None
        self.to_text: Callable[[ToText], None] = lambda told: None
        self.database_answers = True
        self.unanswered: list[str] = []     # tokens that the database owes an answer while it does not
        self._timer_at: float | None = None
        self._ticking = False

    @property
    def wire(self) -> VirtualWire:
        """That of the first plane."""
        return self.wires[0]

    def start(self, host: str) -> None:
        self.world.hosts[host] = self

    def _tick(self) -> None:
        """The plane's clock runs while there are legs; between calls virtual time may jump."""
        now = self.world.now
        for worker, wire in list(self.wires.items()):
            self._media(worker, wire.tick(now))
        self._ticking = not self.exchange.idle
        if self._ticking:
            self.world.at(now + PHASE, self._tick)

    def _media(self, worker: int, came: tuple[list[Any], list[Packet]]) -> None:
        told, packets = came
        for packet in packets:
            self.world.send_rtp(packet)
        self._tell(worker, told)

    def _tell(self, worker: int, told: list[Any]) -> None:
        for event in told:
            from_worker(event, worker)
            self.carry_out(self.exchange.plane_event(event, self.world.now))

    def to_planes(self, command: Any, worker: int | None) -> None:
        """A command for one plane, or for all."""
        if worker is None:
            worker = worker_for(command)
        to_rows(command)
        for number in [*self.wires] if worker is None else [worker] if worker in self.wires else []:
            self._tell(number, self.wires[number].handle(command, self.world.now))

    def plane_dies(self, worker: int) -> VirtualWire:
        """At once and with all that it holds; what of it is left is returned."""
        dead = self.wires.pop(worker)
        self.carry_out(self.exchange.plane_lost(worker, self.world.now))
        return dead

    def receive_sip(self, payload: bytes, flow: Flow, now: float) -> None:
        self.carry_out(self.exchange.receive(payload, flow, now))

    def receive_rtp(self, source: Address, port: int, payload: bytes, now: float) -> None:
        for worker, wire in list(self.wires.items()):
            if port in wire.plane.ports:
                self._media(worker, wire.receive(source, port, payload, now))

    def carry_out(self, effects: list[Any]) -> None:
        for effect in effects:
            match effect:
                case SendBytes(flow, payload):
                    self.world.send_sip(flow, payload)
                case ToPlane(command, worker):
                    if self.audio and not self._ticking:
                        self._ticking = True
                        self.world.at(self.world.now, self._tick)
                    self.to_planes(command, worker)
                case ToStore(batch, token):
                    self._store(batch, token)
                case ToOtherSystem(call, number, request):
                    self.world.at(self.world.now + ANSWER, partial(self._answer, call, number, request))
                case ToPinRegister():
                    self.world.at(self.world.now + VERDICT, partial(self._verdict, effect))
                case OrdersKept(call, number, by):
                    self.world.at(self.world.now + COMMIT, partial(self._ordered, call, number, by))
                case ToPage():
                    self.to_page(effect)
                case ToText():
                    self.to_text(effect)
                case Report():
                    self.reports.append(effect)
        self._arm()

    def _answer(self, call: str, number: int, request: Request) -> None:
        answer, reason = self.other_systems(request)
        self.carry_out(self.exchange.answered(call, number, answer, reason, self.world.now))

    def _verdict(self, asked: ToPinRegister) -> None:
        name, reason = self.pins(asked)
        self.carry_out(self.exchange.verified(asked.call, asked.number, name, reason, self.world.now))

    def _ordered(self, call: str, number: int, by: str) -> None:
        self.carry_out(self.exchange.answered(call, number, by, "", self.world.now))

    def _store(self, batch: Batch, token: str | None) -> None:
        self.stored.append(batch)
        if token is None:
            return
        if self.database_answers:
            self.world.at(self.world.now + COMMIT,
                          lambda: self.carry_out(self.exchange.durable(token, self.world.now)))
        else:
            self.unanswered.append(token)

    def database_back(self) -> None:
        """The database answers again, and what it owes."""
        self.database_answers = True
        tokens, self.unanswered = self.unanswered, []
        for token in tokens:
            self.carry_out(self.exchange.durable(token, self.world.now))

    def _arm(self) -> None:
        at = self.exchange.next_timer()
        if at is not None and (self._timer_at is None or at < self._timer_at):
            self._timer_at = at
            self.world.at(at, self._timers_due)

    def _timers_due(self) -> None:
        if self._timer_at is not None and self._timer_at <= self.world.now:
            self._timer_at = None
            self.carry_out(self.exchange.handle_timers(self.world.now))
            self._arm()
