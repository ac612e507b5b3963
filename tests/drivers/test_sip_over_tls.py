"""Whole calls between two endpoints over real sockets: TLS and IPv6, found by name through a real DNS server."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import trustme

from ivr.base.config_words import SipListen, TcpListen
from ivr.base.ids import Ids
from ivr.drivers.certificates import TlsFiles
from ivr.drivers.name_service import NameService
from ivr.drivers.received import Received
from ivr.drivers.sip_sockets import SipSockets, open_socket
from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg
from ivr.sip.effects import CloseStream, LookUp, SendBytes
from ivr.sip.endpoint import Endpoint
from ivr.sip.events import LegAnswered, LegConfirmed, LegEnded, LegOffered
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import EndpointSettings, Listener
from tests.drivers.dns_server import serve_dns

HOST = "127.0.15.1"
PATIENCE = 10.0
SDP = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


class Node:
    """An endpoint on real sockets. `events` holds what it told."""

    def __init__(self, seed: int, listens: list[SipListen], tls: TlsFiles, nameserver: TcpListen | None = None) -> None:
        own = next(iter({listen.host for listen in listens}))
        settings = EndpointSettings(
            listen=tuple(Listener(one.transport, one.host, one.port) for one in listens), local_address=own,
            facing=lambda remote: next((one.host for one in listens if (":" in one.host) == (":" in remote)), own))
        self.endpoint = Endpoint(settings, Ids(random.Random(seed).randbytes))
        self.listens = listens
        self.names = NameService(nameserver, Path("/nonexistent"))
        self.events: list[Any] = []
        self.sockets = SipSockets(Received(
            lambda flow, data: self.turn(self.endpoint.receive(data, flow, time.monotonic())),
            lambda flow, data: self.turn(self.endpoint.receive_stream(data, flow, time.monotonic())),
            lambda flow: self.turn(self.endpoint.stream_closed(flow, time.monotonic())),
            lambda flow: self.turn(self.endpoint.send_failed(flow, time.monotonic())),
            lambda flow: self.turn(self.endpoint.stream_opened(flow, time.monotonic()))), tls)
        self._tasks: list[asyncio.Task[None]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        for listen in self.listens:
            await self.sockets.adopt(listen.transport, open_socket(listen))

    def do(self, command: Any) -> None:
        self.turn(self.endpoint.handle(command, time.monotonic()))

    def turn(self, effects: list[Any]) -> None:
        for effect in effects:
            match effect:
                case SendBytes(flow, payload):
                    self.sockets.send(flow, payload)
                case CloseStream(flow):
                    self.sockets.close_stream(flow)
                case LookUp():
                    self._tasks.append(asyncio.get_running_loop().create_task(self._look_up(effect)))
                case LegOffered(leg=leg):
                    self.events.append(effect)
                    self.do(AnswerLeg(leg, SDP))
                case _:
                    self.events.append(effect)
        self._arm()

    async def _look_up(self, effect: LookUp) -> None:
        records = await self.names.look_up(effect.question)
        self.turn(self.endpoint.looked_up(effect.question, records, time.monotonic()))

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        at = self.endpoint.next_timer()
        if at is not None:
            self._timer = asyncio.get_running_loop().call_later(
                max(0.0, at - time.monotonic()), lambda: self.turn(self.endpoint.handle_timers(time.monotonic())))

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def wait(self, kind: type[Any]) -> Any:
        async with asyncio.timeout(PATIENCE):
            while not self.of(kind):
                await asyncio.sleep(0.005)
        return self.of(kind)[0]

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self.sockets.close()
        await asyncio.sleep(0.02)
        if self._timer is not None:
            self._timer.cancel()


def files(folder: Path, authority: trustme.CA, *names: str) -> TlsFiles:
    made = authority.issue_cert(*names)
    found = TlsFiles(folder / f"{names[0]}.pem", folder / f"{names[0]}.key", folder / "ca.pem")
    found.certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    made.private_key_pem.write_to_path(found.key)
    authority.cert_pem.write_to_path(str(found.ca))
    return found


@contextlib.asynccontextmanager
async def pair(folder: Path, host: str, name: str, ports: tuple[int, int]) -> AsyncIterator[tuple[Node, Node]]:
    """Who calls, and who is called and shows a certificate for `name`."""
    authority = trustme.CA()
    zone = {("_sips._tcp.pbx.example.com.", "SRV"): [f"10 0 {ports[1]} dead.example.com.",
                                                     f"20 0 {ports[1]} live.example.com."],
            ("dead.example.com.", "A"): ["127.0.15.250"],
            ("live.example.com.", "AAAA" if ":" in host else "A"): [host]}
    async with serve_dns("127.0.15.53", zone) as (_, port):
        called = Node(1, [SipListen(transport, host, ports[1] + (transport != "tls"))
                          for transport in ("udp", "tcp", "tls")], files(folder, authority, name))
        calls = Node(2, [SipListen(transport, host, ports[0] + (transport != "tls"))
                         for transport in ("udp", "tcp", "tls")], files(folder, authority, "a.example.com"),
                     TcpListen("127.0.15.53", port))
        await called.start()
        await calls.start()
        yield calls, called
        await calls.close()
        await called.close()


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


def test_sips__by_name_past_a_dead_server(tmp_path: Path) -> None:
    async def story() -> None:
        async with pair(tmp_path, HOST, "pbx.example.com", (15061, 15071)) as (calls, called):
            calls.do(DialLeg("L", parse_uri("sips:100@pbx.example.com"), SDP, "200"))
            await calls.wait(LegAnswered)
            await called.wait(LegConfirmed)
            assert called.of(LegOffered)[0].request_uri == parse_uri("sips:100@pbx.example.com")
            called.do(HangUpLeg(called.of(LegOffered)[0].leg))          # back over the connection that stands
            assert (await calls.wait(LegEnded)).by == "peer"
            assert len(called.sockets.streams) == len(calls.sockets.streams) == 1

    run(story)


def test_sips__nobody_with_the_right_certificate(tmp_path: Path) -> None:
    async def story() -> None:
        async with pair(tmp_path, HOST, "evil.example.com", (15081, 15091)) as (calls, called):
            calls.do(DialLeg("L", parse_uri("sips:100@pbx.example.com"), SDP, "200"))
            ended = await calls.wait(LegEnded)
            assert (ended.by, ended.status) == ("network", 503)
            assert called.events == []

    run(story)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_ipv6__a_whole_call(tmp_path: Path, transport: str) -> None:
    async def story() -> None:
        async with pair(tmp_path, "::1", "::1", (15101, 15111)) as (calls, called):
            calls.do(DialLeg("L", parse_uri(f"sip:100@[::1]:15112;transport={transport}"), SDP, "200"))
            await calls.wait(LegAnswered)
            await called.wait(LegConfirmed)
            calls.do(HangUpLeg("L"))
            assert (await called.wait(LegEnded)).by == "peer"

    run(story)


def test_ipv6__sips_by_name(tmp_path: Path) -> None:
    async def story() -> None:
        async with pair(tmp_path, "::1", "pbx.example.com", (15121, 15131)) as (calls, called):
            calls.do(DialLeg("L", parse_uri("sips:100@pbx.example.com"), SDP, "200"))
            await calls.wait(LegAnswered)
            await called.wait(LegConfirmed)
            calls.do(HangUpLeg("L"))
            assert (await called.wait(LegEnded)).by == "peer"

    run(story)
