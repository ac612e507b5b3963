"""SIP's sockets: UDP and TCP, bytes in and bytes out. No message is looked at here."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from ivr.sip.flow import Flow

CS3 = 24 << 2                    # DSCP CS3 for signalling (RFC 4594 §3.3), as the IP TOS byte
DATAGRAMS_PER_WAKE = 64          # then the loop's other work has its turn
SOCKET_BUFFER = 4 << 20          # a burst of 1,000 calls waits here and is not lost
TCP_BACKLOG = 1024
CONNECT_TIMEOUT = 5.0            # s; then the target has failed, and the transaction says so to its user
UNSENT_LIMIT = 1 << 20           # bytes waiting for a TCP peer that does not read; beyond, the connection is cut
OPENING_LIMIT = 64               # messages waiting for one connection to open; more are dropped and sent again
IDLE_LIMIT = 600.0               # s without a byte from a TCP peer; phones refresh or ping far more often
EVERY_ADDRESS = ("0.0.0.0", "::")
OUTSIDE = "192.0.2.1"            # an address that is nobody's (RFC 5737): the way to it is the way to everybody

Address = tuple[str, int]


@dataclass(frozen=True)
class Received:
    """Who is told what came. Each callback gets the flow first."""

    datagram: Callable[[Flow, bytes], None]
    stream: Callable[[Flow, bytes], None]
    closed: Callable[[Flow], None]
    send_failed: Callable[[Flow], None]


class UdpSocket:
    """One bound UDP socket in the asyncio loop."""

    def __init__(self, host: str, port: int, received: Received) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._received = received
        self._socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        mark(self._socket)
        if family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)      # 0.0.0.0 has a socket of its own
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.local: Address = self._socket.getsockname()[:2]
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def _readable(self) -> None:
        for _ in range(DATAGRAMS_PER_WAKE):
            try:
                payload, remote = self._socket.recvfrom(65535)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue         # an ICMP error for something we sent; the transaction's timer tells its user
            self._received.datagram(Flow("udp", self.local, remote[:2]), payload)

    def send(self, flow: Flow, payload: bytes) -> None:
        """Send or drop: over UDP a full buffer is loss, and SIP sends again."""
        with contextlib.suppress(BlockingIOError, InterruptedError):
            try:
                self._socket.sendto(payload, flow.remote)
            except OSError as error:
                if isinstance(error, BlockingIOError | InterruptedError):
                    raise
                asyncio.get_running_loop().call_soon(self._received.send_failed, flow)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


class TcpConnections:
    """Every TCP connection, accepted or opened by us, by its number."""

    def __init__(self, received: Received, max_connections: int = 4000) -> None:
        self.received = received
        self.max_connections = max_connections
        self._numbers = itertools.count(1)
        self._by_number: dict[int, TcpConnection] = {}
        self._by_remote: dict[Address, TcpConnection] = {}
        self._opening: dict[Address, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    async def listen(self, host: str, port: int) -> Address:
        server = await asyncio.get_running_loop().create_server(
            lambda: TcpConnection(self), host, port, backlog=TCP_BACKLOG)
        self._servers.append(server)
        local: Address = server.sockets[0].getsockname()[:2]
        return local

    def added(self, connection: "TcpConnection") -> int:
        number = next(self._numbers)
        self._by_number[number] = self._by_remote[connection.remote] = connection
        return number

    def removed(self, connection: "TcpConnection") -> None:
        self._by_number.pop(connection.number, None)
        if self._by_remote.get(connection.remote) is connection:
            del self._by_remote[connection.remote]

    def __len__(self) -> int:
        return len(self._by_number)

    def send(self, flow: Flow, payload: bytes) -> None:
        """Send on the flow's connection; open one where the flow names none and none to its remote is there."""
        connection = self._by_number.get(flow.connection) if flow.connection else self._by_remote.get(flow.remote)
        if connection is not None:
            connection.send(payload)
        elif flow.connection:
            asyncio.get_running_loop().call_soon(self.received.send_failed, flow)
        elif flow.remote in self._opening:
            if len(self._opening[flow.remote]) < OPENING_LIMIT:
                self._opening[flow.remote].append(payload)
        else:
            self._opening[flow.remote] = [payload]
            task = asyncio.get_running_loop().create_task(self._open(flow))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self, flow: Flow) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                _, connection = await loop.create_connection(lambda: TcpConnection(self), *flow.remote)
        except (OSError, TimeoutError):
            connection = None
        waiting = self._opening.pop(flow.remote, ())
        if connection is None or not connection.number:
            self.received.send_failed(flow)
            return
        for payload in waiting:
            connection.send(payload)

    def close_stream(self, flow: Flow) -> None:
        connection = self._by_number.get(flow.connection)
        if connection is not None:
            connection.close()

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for connection in list(self._by_number.values()):
            connection.close()
        for task in list(self._tasks):
            task.cancel()


class TcpConnection(asyncio.Protocol):
    """One connection; its bytes go to `Received.stream` as they come."""

    def __init__(self, connections: TcpConnections) -> None:
        self._connections = connections
        self.number = 0
        self.remote: Address = ("", 0)
        self.flow = Flow("tcp", ("", 0), ("", 0))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")      # None where the peer has gone already
        if peer is None or len(self._connections) >= self._connections.max_connections:
            transport.abort()
            return
        mark(transport.get_extra_info("socket"))
        self.remote = peer[:2]
        self.number = self._connections.added(self)
        self.flow = Flow("tcp", transport.get_extra_info("sockname")[:2], self.remote, self.number)
        self._heard_at = asyncio.get_running_loop().time()
        self._idle = asyncio.get_running_loop().call_later(IDLE_LIMIT, self._check_idle)

    def data_received(self, payload: bytes) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        if self.number:
            self._connections.received.stream(self.flow, payload)

    def _check_idle(self) -> None:
        loop = asyncio.get_running_loop()
        due = self._heard_at + IDLE_LIMIT
        if due <= loop.time():
            self.close()
        else:
            self._idle = loop.call_at(due, self._check_idle)

    def send(self, payload: bytes) -> None:
        if self._transport.get_write_buffer_size() > UNSENT_LIMIT:
            self._transport.abort()
        else:
            self._transport.write(payload)

    def close(self) -> None:
        self._transport.close()

    def connection_lost(self, exception: Exception | None) -> None:
        if not self.number:
            return
        self._idle.cancel()
        self._connections.removed(self)
        self._connections.received.closed(self.flow)


def mark(sock: socket.socket) -> None:
    """Ask routers to treat the socket's packets as signalling; where that is not allowed, they are ordinary."""
    with contextlib.suppress(OSError):
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, CS3)
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, CS3)


def facing(remote: str) -> str:
    """Our address on the route to `remote`, by the kernel's routing table; nothing is sent, and no name looked up.

    For a name it is that on the way to the outside; loopback where there is no route.
    """
    try:
        return _route_to(remote)
    except OSError:     # not remembered: the network may come up after us
        return "::1" if ":" in remote else "127.0.0.1"


@lru_cache(maxsize=4096)         # routes change seldom; phones that call again are spared two system calls
def _route_to(remote: str) -> str:
    try:
        ip_address(remote)
    except ValueError:
        remote = OUTSIDE
    with socket.socket(socket.AF_INET6 if ":" in remote else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((remote, 9))
        address: str = probe.getsockname()[0]
    return address
