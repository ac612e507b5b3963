"""`deploy/kamailio-edge.cfg` among liars: who is seen behind it, what it relays, and what it says of a dead flow.

The hotline is a bare socket here, which shows what would reach it.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ivr.sip.composer import acknowledge_failure
from ivr.sip.message.message import Request, Response, make_response
from ivr.sip.message.parser import parse
from ivr.sip.message.path import preload, read_path
from ivr.sip.message.printer import to_bytes
from ivr.sip.transport.edges import Edges
from ivr.sip.transport.flow import Flow
from tests.support.edge import running_edge
from tests.support.raw_sip import SDP, RawUdp, request
from tests.support.service import wait_for

OUTSIDE, INSIDE = "127.0.84.2", "127.0.84.3"
NODE, SECOND, CARRIER, VICTIM = "127.0.84.1", "127.0.84.4", "127.0.84.20", "127.0.84.30"
MOMENT = 0.4                 # s in which nothing comes


class Node:
    """A hotline's socket: answers pings, keeps the rest."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 5060))

    def next(self, timeout: float = 5.0) -> Request | Response | None:
        """What comes next of all but pings, and the ACKs for our refusals."""
        self._socket.settimeout(timeout)
        while True:
            try:
                message = parse(self._socket.recv(65535))
            except TimeoutError:
                return None
            if not isinstance(message, Request) or message.method not in ("OPTIONS", "ACK"):
                return message
            if message.method == "OPTIONS":
                self.send(make_response(message, 200, None, "t"))

    def request(self) -> Request:
        """The next request; responses are passed over."""
        while not isinstance(found := self.next(), Request):
            assert found is not None, "nothing came"
        return found

    def send(self, message: Request | Response) -> None:
        self._socket.sendto(to_bytes(message), (INSIDE, 5060))

    def close(self) -> None:
        self._socket.close()


@dataclass
class Scene:
    node: Node
    second: Node
    count: int = field(default=10)

    def stranger(self) -> RawUdp:
        self.count += 1
        return RawUdp(f"127.0.84.{self.count + 100}", (OUTSIDE, 5060))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    scene = Scene(Node(NODE), Node(SECOND))
    folder = tmp_path_factory.mktemp("relay")
    try:
        with running_edge(folder, inside=f"udp:{INSIDE}:5060", outside=[f"udp:{OUTSIDE}:5060", f"tcp:{OUTSIDE}:5060"],
                          nodes=[f"sip:{NODE}:5060", f"sip:{SECOND}:5060"]):
            yield scene
    finally:
        scene.node.close()
        scene.second.close()


def invite(host: str, transport: str = "UDP") -> str:
    return request("INVITE", host, f"sip:100@{OUTSIDE}", transport, SDP.format(host=host))


def register(host: str, transport: str = "UDP", more: str = "") -> str:
    return request("REGISTER", host, f"sip:{OUTSIDE}", transport).replace("Max-Forwards", f"{more}Max-Forwards")


def seen(message: Request) -> str | None:
    source = Edges((INSIDE,)).source(message.vias, Flow("udp", (NODE, 5060), (INSIDE, 5060)))
    return source.remote[0] if source is not None else None


def refuse(node: Node, message: Request, status: int = 404) -> None:
    node.send(make_response(message, status, None, "t"))


@pytest.mark.parametrize("forged", [
    "", f";received={CARRIER}", f";received={CARRIER};rport=5060", f";rport;received={CARRIER}", f";RECEIVED={CARRIER}",
    f";\treceived = {CARRIER}"])
def test_the_caller_is_seen_or_nobody(scene: Scene, forged: str) -> None:
    with scene.stranger() as stranger:
        stranger.send(invite(stranger.host).replace(";rport", forged, 1).encode())
        came = scene.node.request()
        refuse(scene.node, came)
        assert seen(came) in ((stranger.host,) if not forged else (stranger.host, None)), came.headers.all("Via")


@pytest.mark.parametrize("via", [f"SIP/2.0/UDP {CARRIER}:5060;branch=z9hG4bKf",
                                 f"SIP/2.0/UDP {INSIDE};branch=z9hG4bKf"])
def test_a_via_that_the_caller_makes_up(scene: Scene, via: str) -> None:
    """Below his own, or as his only one."""
    with scene.stranger() as stranger:
        stranger.send(invite(stranger.host).replace("Max-Forwards", f"Via: {via}\r\nMax-Forwards", 1).encode())
        came = scene.node.request()
        refuse(scene.node, came)
        assert seen(came) == stranger.host
        text = invite(stranger.host)
        own = text[text.index("SIP/2.0/UDP"):text.index("\r\nMax")]
        stranger.send(text.replace(own, via + stranger.host.replace(".", "")).encode())
        came = scene.node.request()
        refuse(scene.node, came)
        assert seen(came) == stranger.host


def test_a_path_that_the_phone_makes_up_is_taken_out(scene: Scene) -> None:
    with scene.stranger() as stranger:
        stranger.send(register(stranger.host, more=f"Path: <sip:{VICTIM};lr>\r\nRoute: <sip:{VICTIM};lr>\r\n").encode())
        came = scene.node.request()
        refuse(scene.node, came)
        [hop] = read_path(came)
        assert (hop.uri.host, hop.uri.parameter("lr"), hop.uri.parameter("ob")) == (INSIDE, "", "")
        assert came.headers.all("Route") == []


def test_it_relays_to_the_hotline_and_to_nobody_else(scene: Scene) -> None:
    with scene.stranger() as stranger, RawUdp(VICTIM, (OUTSIDE, 5060)) as victim:
        route = f"Route: <sip:{OUTSIDE};lr>, <sip:{VICTIM};lr>\r\nMax-Forwards"
        stranger.send(invite(stranger.host).replace("Max-Forwards", route).encode())
        refuse(scene.node, scene.node.request())
        assert stranger.statuses(5.0, 2)[-1] == 404
        for text in (invite(stranger.host).replace("Max-Forwards", route),
                     invite(stranger.host).replace(f"INVITE sip:100@{OUTSIDE}", f"INVITE sip:x@{VICTIM}")
                     .replace("Max-Forwards", f"Route: <sip:{OUTSIDE};lr>\r\nMax-Forwards")):
            stranger.send(text.replace("\r\nCall-ID", ";tag=x\r\nCall-ID").encode())
            assert stranger.statuses(5.0, 1) == [403]
        assert victim.messages(MOMENT) == []


def test_a_node_that_is_full__the_next_one(scene: Scene) -> None:
    with scene.stranger() as stranger:
        stranger.send(invite(stranger.host).encode())
        refuse(scene.node, scene.node.request(), 503)
        came = scene.second.request()
        assert (came.method, seen(came)) == ("INVITE", stranger.host)
        refuse(scene.second, came, 486)
        assert stranger.statuses(5.0, 2)[-1] == 486


class TestCalledBack:
    """What the hotline's INVITE along a Path meets."""

    def call(self, scene: Scene, registered: Request, token: str = "") -> Request:
        made = parse(invite(NODE).encode())
        assert isinstance(made, Request)
        path = read_path(registered)
        if token:
            path = (path[0]._replace(uri=path[0].uri._replace(user=token)),)
        made.request_uri = registered.contacts[0].uri
        preload(made, path)
        scene.node.send(made)
        return made

    def status(self, scene: Scene, made: Request) -> int:
        while True:
            answer = scene.node.next()
            assert isinstance(answer, Response), answer
            if answer.status >= 200 and answer.sip_call_id == made.sip_call_id:
                scene.node.send(acknowledge_failure(made, answer))
                return answer.status

    def test_a_phone_that_names_a_wrong_address_is_reached(self, scene: Scene) -> None:
        with scene.stranger() as phone:
            phone.send(register(phone.host).replace(f"raw@{phone.host}:5060", "raw@10.9.9.9:5060").encode())
            registered = scene.node.request()
            refuse(scene.node, registered)
            phone.messages(5.0, 1)
            self.call(scene, registered)
            [came] = phone.messages(5.0, 1)
            assert came.startswith(b"INVITE sip:raw@10.9.9.9:5060")

    def test_a_token_that_somebody_changed(self, scene: Scene) -> None:
        with scene.stranger() as phone:
            phone.send(register(phone.host).encode())
            registered = scene.node.request()
            refuse(scene.node, registered)
            token = read_path(registered)[0].uri.user or ""
            made = self.call(scene, registered, token[:-3] + ("AA=" if token[-3:] != "AA=" else "BB="))
            assert self.status(scene, made) == 430

    def test_a_connection_that_is_gone(self, scene: Scene) -> None:
        host = "127.0.84.99"
        with socket.create_connection((OUTSIDE, 5060), 5.0, (host, 0)) as phone:
            phone.sendall(register(host, "TCP").encode())
            registered = scene.node.request()
            refuse(scene.node, registered)
            assert phone.recv(65535).startswith(b"SIP/2.0 404")
        wait_for(lambda: _closed(host), 5.0, "the connection was not closed")
        assert self.status(scene, self.call(scene, registered)) == 430


def _closed(host: str) -> bool:
    part = "".join(f"{int(each):02X}" for each in reversed(host.split(".")))
    return not any(line.split()[3] in ("01", "08") for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
                   if f"{part}:" in line)
