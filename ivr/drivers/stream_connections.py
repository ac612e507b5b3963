"""SIP's connections, TCP and TLS, accepted and opened by us: found again, counted, and ended in time."""

import asyncio
import contextlib
import itertools
import socket
from collections import Counter, deque
from collections.abc import Callable

from ivr.drivers.certificates import Contexts
from ivr.drivers.log import Log
from ivr.drivers.own_address import EVERY_ADDRESS, mark
from ivr.drivers.received import Address, Received
from ivr.drivers.tls import TlsChannel, TlsFailed
from ivr.sip.transport.flow import Flow

BACKLOG = 1024
CONNECT_TIMEOUT = 5.0            # s; then the target has failed, and the transaction says so to its user
HANDSHAKE_TIMEOUT = 5.0          # s for TLS to be agreed on; a phone on a bad mobile line takes one or two
HANDSHAKES = 256                 # unfinished ones at a time: who opens many and says nothing must not keep others out.
                                 # At the bound the oldest gives way: real ones are over in a fraction of a second
UNSENT_LIMIT = 1 << 20           # bytes waiting for a peer that does not read; beyond, the connection is cut
OPENING_LIMIT = 64               # messages waiting for one connection to open; more are dropped and sent again
IDLE_LIMIT = 600.0               # s without a byte from the peer; phones refresh or ping far more often
FIRST_BYTE_LIMIT = 30.0          # s for the first byte: who connects to a SIP port wants to say something
SHARE_PER_ADDRESS = 8            # one address gets one part in so many of all connections: an office behind one NAT
                                 # fits in 500, and nobody takes the house alone. One more is closed at once
UNACKNOWLEDGED_LIMIT_MS = 20_000     # then the kernel gives a peer up that does not even acknowledge our bytes
FAULTS_TOLD = 20                 # failed handshakes from strangers that are logged in an hour: scanners bring thousands
HOUR = 3600.0

Way = tuple[str, Address, str]
log = Log("tls")


class StreamConnections:
    """Every connection by its number. `contexts` gives those of TLS for a new connection, or None where none is set."""

    def __init__(self, received: Received, max_connections: int = 4000,
                 contexts: Callable[[], Contexts | None] = lambda: None) -> None:
        self.received = received
        self.max_connections = max_connections
        self.contexts = contexts
        self._numbers = itertools.count(1)
        self._by_number: dict[int, StreamConnection] = {}
        self._by_way: dict[Way, StreamConnection] = {}
        self._of_address: Counter[str] = Counter()
        self._shaking: dict[StreamConnection, None] = {}
        self._opening: dict[Way, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self._faults: deque[float] = deque(maxlen=FAULTS_TOLD)

    async def listen(self, transport: str, listener: socket.socket) -> None:
        """Accept what comes to one that listens; it is closed with the connections."""
        self._servers.append(await asyncio.get_running_loop().create_server(
            lambda: StreamConnection(self, transport), sock=listener, backlog=BACKLOG))

    def has_room(self, address: str) -> bool:
        """Whether one more connection with `address` may stand, its handshake included."""
        most = self.max_connections
        return (len(self._by_number) + len(self._shaking) < most
                and self._of_address[address] < max(1, most // SHARE_PER_ADDRESS))

    def accepted(self, connection: "StreamConnection") -> None:
        """A connection is there, if without a word yet."""
        self._of_address[connection.remote[0]] += 1
        if connection.channel is None:
            return
        if len(self._shaking) >= HANDSHAKES:
            oldest = next(iter(self._shaking))
            del self._shaking[oldest]
            oldest.fail("too many unfinished handshakes")
        self._shaking[connection] = None

    def established(self, connection: "StreamConnection") -> int:
        """It can be used from now on; returns its number."""
        self._shaking.pop(connection, None)
        number = next(self._numbers)
        self._by_number[number] = self._by_way[connection.way] = connection
        return number

    def removed(self, connection: "StreamConnection") -> None:
        self._shaking.pop(connection, None)
        self._by_number.pop(connection.number, None)
        if self._by_way.get(connection.way) is connection:
            del self._by_way[connection.way]
        address = connection.remote[0]
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    def __len__(self) -> int:
        return len(self._by_number)

    def send(self, flow: Flow, payload: bytes) -> None:
        """Send on the flow's connection; open one where the flow names none and none of its way is there."""
        way: Way = (flow.transport, flow.remote, flow.domain)
        connection = self._by_number.get(flow.connection) if flow.connection else self._by_way.get(way)
        if connection is not None:
            connection.send(payload)
        elif flow.connection:
            asyncio.get_running_loop().call_soon(self.received.send_failed, flow)
        elif way in self._opening:
            if len(self._opening[way]) < OPENING_LIMIT:
                self._opening[way].append(payload)
        else:
            self._opening[way] = [payload]
            task = asyncio.get_running_loop().create_task(self._open(flow, way))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self, flow: Flow, way: Way) -> None:
        connection: StreamConnection | None = None
        with contextlib.suppress(OSError, TimeoutError):
            connection = await self._connected(flow)
        waiting = self._opening.pop(way, ())
        if connection is None or not connection.number:
            self.received.send_failed(flow)
            return
        self.received.opened(connection.flow)
        for payload in waiting:
            connection.send(payload)

    async def _connected(self, flow: Flow) -> "StreamConnection":
        """Open a connection from the address we listen at, which is the one the peer knows."""
        loop = asyncio.get_running_loop()
        host = flow.local[0]
        source = None if host in EVERY_ADDRESS or (":" in host) != (":" in flow.remote[0]) else (host, 0)
        async with asyncio.timeout(CONNECT_TIMEOUT):
            _, connection = await loop.create_connection(
                lambda: StreamConnection(self, flow.transport, flow.domain, ours=True), *flow.remote,
                local_addr=source)
        await connection.ready.wait()
        return connection

    def tls_failed(self, connection: "StreamConnection", reason: str) -> None:
        """Told of our own calls always, of strangers some times an hour."""
        now = asyncio.get_running_loop().time()
        if not connection.ours:
            if len(self._faults) == FAULTS_TOLD and now - self._faults[0] < HOUR:
                return
            self._faults.append(now)
        tell = log.warning if connection.ours else log.info
        tell("tls_refused", host=connection.domain or connection.remote[0], address=connection.remote[0],
             port=connection.remote[1], opened_by="us" if connection.ours else "peer", reason=reason)

    def close_stream(self, flow: Flow) -> None:
        connection = self._by_number.get(flow.connection)
        if connection is not None:
            connection.close()

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for connection in [*self._by_number.values(), *self._shaking]:
            connection.close()
        for task in list(self._tasks):
            task.cancel()


class StreamConnection(asyncio.Protocol):
    """One connection; what the peer says goes to `Received.stream` as it comes.

    `number` is 0 until it can be used; `ready` is set then, or once it is clear that it never can.
    """

    def __init__(self, connections: StreamConnections, transport: str, domain: str = "", *, ours: bool = False) -> None:
        self._connections = connections
        self._kind = transport
        self.domain = domain
        self.ours = ours
        self.number = 0
        self.remote: Address = ("", 0)
        self.flow = Flow(transport, ("", 0), ("", 0))
        self.channel: TlsChannel | None = None
        self.ready = asyncio.Event()
        self._counted = False
        self._limit: asyncio.TimerHandle | None = None

    @property
    def way(self) -> Way:
        return self._kind, self.remote, self.domain

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")      # None where the peer has gone already
        contexts = self._connections.contexts() if self._kind == "tls" else None
        if peer is None or not self._connections.has_room(peer[0]) or (self._kind == "tls" and contexts is None):
            self.ready.set()
            transport.abort()
            return
        self.remote = peer[:2]
        _prepare(transport.get_extra_info("socket"))
        if contexts is not None:
            context = contexts.client if self.ours else contexts.server
            self.channel = TlsChannel(context, self.domain or (self.remote[0] if self.ours else ""),
                                      server_side=not self.ours)
        self._counted = True
        self._connections.accepted(self)
        self._heard_at = self._now()
        if self.channel is None:
            self._establish()
        else:
            self._limit = asyncio.get_running_loop().call_later(HANDSHAKE_TIMEOUT, self.fail, "no handshake in time")
            self._guarded(self.channel.start)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _establish(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
        self.number = self._connections.established(self)
        local = self._transport.get_extra_info("sockname")[:2]
        self.flow = Flow(self._kind, local, self.remote, self.number, self.domain)
        self._patience = IDLE_LIMIT if self.ours else FIRST_BYTE_LIMIT
        self._limit = asyncio.get_running_loop().call_later(min(self._patience, IDLE_LIMIT), self._check_idle)
        self.ready.set()

    def data_received(self, payload: bytes) -> None:
        self._heard_at = self._now()
        if self.channel is not None:
            payload = self._guarded(self.channel.receive, payload) or b""
            if self.channel.established and not self.number and not self._transport.is_closing():
                self._establish()
        if self.number and payload:
            self._patience = IDLE_LIMIT
            self._connections.received.stream(self.flow, payload)
        if self.channel is not None and self.channel.closed:
            self.close()

    def _guarded(self, step: Callable[..., bytes | None], *arguments: bytes) -> bytes | None:
        """One step of TLS, and what it wants to send; a failure ends the connection."""
        assert self.channel is not None
        said: bytes | None = None
        try:
            said = step(*arguments)
        except TlsFailed as failure:
            self._flush()
            self.fail(str(failure))
            return None
        self._flush()
        return said

    def _flush(self) -> None:
        pending = self.channel.outgoing() if self.channel is not None else b""
        if pending and not self._transport.is_closing():
            self._transport.write(pending)

    def fail(self, reason: str) -> None:
        """TLS can't go on."""
        if self.ours or not self.number:
            self._connections.tls_failed(self, reason)
        self.ready.set()
        self._transport.close()

    def _check_idle(self) -> None:
        due = self._heard_at + self._patience
        if due <= self._now():
            # one that reads nothing would hold an orderly end up for ever
            self._transport.abort() if self._transport.get_write_buffer_size() else self.close()
        else:
            self._limit = asyncio.get_running_loop().call_at(due, self._check_idle)

    def send(self, payload: bytes) -> None:
        if self._transport.get_write_buffer_size() > UNSENT_LIMIT:
            self._transport.abort()
        elif self.channel is None:
            self._transport.write(payload)
        elif self.channel.established:
            self._guarded(lambda: self.channel.send(payload) if self.channel else None)

    def close(self) -> None:
        self.ready.set()
        if self.channel is not None:
            self.channel.finish()
            self._flush()
        self._transport.close()

    def connection_lost(self, exception: Exception | None) -> None:
        self.ready.set()
        if not self._counted:
            return
        if self._limit is not None:
            self._limit.cancel()
        self._connections.removed(self)
        if self.number:
            self._connections.received.closed(self.flow)


def _prepare(sock: socket.socket) -> None:
    mark(sock)
    with contextlib.suppress(OSError, AttributeError):       # not every system has it
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_LIMIT_MS)
