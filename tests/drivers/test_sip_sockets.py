"""SIP's sockets: what is sent arrives or its failure is told, connections are counted, found again and cut in time."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from ivr.drivers import own_address, stream_connections
from ivr.drivers.own_address import OUTSIDE, facing
from ivr.drivers.received import Received
from ivr.drivers.stream_connections import StreamConnections
from ivr.drivers.udp_socket import UdpSocket, open_udp
from ivr.sip.transport.flow import Flow

HOST = "127.0.12.1"
PATIENCE = 5.0


@dataclass
class Told:
    """Everything that the sockets told, as (what, flow, payload)."""

    events: list[tuple[str, Flow, bytes]] = field(default_factory=list)

    @property
    def received(self) -> Received:
        def told(what: str) -> Callable[..., None]:
            return lambda flow, payload=b"": self.events.append((what, flow, payload))

        return Received(told("datagram"), told("stream"), told("closed"), told("failed"), told("opened"))

    async def wait(self, what: str, count: int = 1) -> list[tuple[str, Flow, bytes]]:
        async with asyncio.timeout(PATIENCE):
            while len(found := [event for event in self.events if event[0] == what]) < count:
                await asyncio.sleep(0.005)
        return found


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


@contextlib.asynccontextmanager
async def tcp(told: Told, most: int = 100) -> AsyncIterator[tuple[StreamConnections, tuple[str, int]]]:
    connections = StreamConnections(told.received, most)
    listener = socket.create_server((HOST, 0))
    await connections.listen("tcp", listener)
    yield connections, listener.getsockname()
    await connections.close()
    await asyncio.sleep(0.01)


def to(remote: tuple[str, int], connection: int = 0) -> Flow:
    return Flow("tcp", (HOST, 5060), remote, connection)


def test_udp__there_and_back() -> None:
    async def story() -> None:
        told = Told()
        first, second = UdpSocket(open_udp(HOST, 0), told.received), UdpSocket(open_udp(HOST, 0), told.received)
        first.send(Flow("udp", first.local, second.local), b"x")
        ((_, flow, payload),) = await told.wait("datagram")
        assert (flow, payload) == (Flow("udp", second.local, first.local), b"x")
        first.send(Flow("udp", first.local, second.local), b"x" * 70_000)
        await told.wait("failed")
        first.close()
        second.close()

    run(story)


def test_udp__every_address_of_both_families_has_a_socket_of_its_own() -> None:
    async def story() -> None:
        told = Told()
        four = UdpSocket(open_udp("0.0.0.0", 0), told.received)
        with contextlib.closing(UdpSocket(open_udp("::", four.local[1]), told.received)):
            four.close()

    run(story)


def test_tcp__a_connection_is_opened_once_and_found_again() -> None:
    async def story() -> None:
        told = Told()
        async with tcp(told) as (server, address), tcp(told) as (client, _):
            client.send(to(address), b"one")
            client.send(to(address), b"two")
            await told.wait("stream")
            client.send(to(address), b"three")
            async with asyncio.timeout(PATIENCE):
                while b"".join(payload for what, _, payload in told.events if what == "stream") != b"onetwothree":
                    await asyncio.sleep(0.005)
            assert len(server) == len(client) == 1
            flow = next(event[1] for event in told.events if event[0] == "stream")
            server.send(flow, b"back")                              # the accepted connection, by its number
            server.close_stream(flow)
            await told.wait("closed", 2)
            assert len(server) == len(client) == 0
            server.send(flow, b"late")
            await told.wait("failed")

    run(story)


def test_tcp__nobody_listens() -> None:
    async def story() -> None:
        told = Told()
        async with tcp(told) as (_, address):
            pass
        async with tcp(told) as (client, _):
            client.send(to(address), b"x")
            ((_, flow, _),) = await told.wait("failed")
            assert flow == to(address)

    run(story)


def test_tcp__no_room_for_one_more_connection() -> None:
    """Who asked us to send is told at once, and need not wait until a transaction times out."""
    async def story() -> None:
        told, far = Told(), Told()
        async with tcp(far) as (_, address), tcp(told, most=0) as (client, _):
            client.send(to(address), b"x")
            await told.wait("failed")
            assert len(client) == 0

    run(story)


def test_tcp__a_peer_that_reads_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_connections, "UNSENT_LIMIT", 1000)

    async def story() -> None:
        told = Told()
        async with tcp(told) as (server, address):
            with socket.create_connection(address) as peer:
                peer.sendall(b"x")
                ((_, flow, _),) = await told.wait("stream")
                async with asyncio.timeout(PATIENCE):
                    while len(server):
                        server.send(flow, b"y" * 100_000)
                        await asyncio.sleep(0)
                await told.wait("closed")

    run(story)


def test_tcp__a_silent_connection_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_connections, "IDLE_LIMIT", 0.2)

    async def story() -> None:
        told = Told()
        async with tcp(told) as (server, address):
            with socket.create_connection(address) as peer:
                for _ in range(6):
                    peer.sendall(b"x")
                    await asyncio.sleep(0.06)
                assert len(server) == 1
                await told.wait("closed")
                assert len(server) == 0

    run(story)


def test_facing__looks_no_name_up_and_forgets_that_there_was_no_route(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Probe:
        def __init__(self, *_: Any) -> None: ...

        def __enter__(self) -> "Probe":
            return self

        def __exit__(self, *_: object) -> None: ...

        def connect(self, address: tuple[str, int]) -> None:
            asked.append(address[0])
            if len(asked) == 1:
                raise OSError(101, "Network is unreachable")

        def getsockname(self) -> tuple[str, int]:
            return "192.0.2.77", 1

    monkeypatch.setattr(own_address.socket, "socket", Probe)
    assert facing("pbx.example.com") == "127.0.0.1"
    assert facing("pbx.example.com") == "192.0.2.77"
    assert facing("pbx.example.com") == "192.0.2.77"
    assert asked == [OUTSIDE, OUTSIDE]
    own_address._route_to.cache_clear()
