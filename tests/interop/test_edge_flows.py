"""Two flows of one phone (RFC 5626) through a real edge: the newer connection breaks, and the call takes the other."""

import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ivr.base.ids import Ids
from ivr.sip.commands import DialLeg
from ivr.sip.effects import SendBytes
from ivr.sip.endpoint import Endpoint
from ivr.sip.events import LegEnded
from ivr.sip.message.message import Response
from ivr.sip.message.parser import parse
from ivr.sip.settings import EndpointSettings, Listener
from ivr.sip.transport.flow import Flow
from tests.sip.rig import ACCOUNTS, OUR_SDP, authorization
from tests.support.edge import running_edge

HOTLINE, OUTSIDE, INSIDE, PHONE = "127.0.85.1", "127.0.85.2", "127.0.85.3", "127.0.85.10"
INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
PATIENCE = 10.0              # s


class Hotline:
    """The endpoint on a socket."""

    def __init__(self) -> None:
        settings = EndpointSettings(local_address=HOTLINE, listen=(Listener("udp", HOTLINE, 5060),), accounts=ACCOUNTS,
                                    edges=(INSIDE,))
        self.endpoint = Endpoint(settings, Ids(secrets.token_bytes))
        self.events: list[Any] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOTLINE, 5060))
        self._socket.settimeout(0.05)

    def run(self, until: Callable[[], bool]) -> None:
        """Carry messages to and fro until this holds."""
        end = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < end, self.events
            self.take(self.endpoint.handle_timers(time.monotonic()))
            try:
                data, remote = self._socket.recvfrom(65535)
            except TimeoutError:
                continue
            flow = Flow("udp", (HOTLINE, 5060), remote)
            self.take(self.endpoint.receive(data, flow, time.monotonic()))

    def take(self, out: list[Any]) -> None:
        for one in out:
            if isinstance(one, SendBytes):
                self._socket.sendto(one.payload, one.flow.remote)
        self.events += out

    def close(self) -> None:
        self._socket.close()


class PhoneFlow:
    """One connection of the phone."""

    def __init__(self, hotline: Hotline, number: int) -> None:
        self._hotline, self._number = hotline, number
        self._socket = socket.create_connection((OUTSIDE, 5060), 5.0, (PHONE, 0))
        self._socket.setblocking(False)
        self.heard = b""
        self._call = secrets.token_hex(4)

    def register(self) -> Response:
        refused = self._ask(1, "")
        return self._ask(2, authorization(refused, "op1", "secret"))

    def hears(self, text: bytes) -> bool:
        with suppress(BlockingIOError):
            self.heard += self._socket.recv(65535)
        return text in self.heard

    def close(self) -> None:
        self._socket.close()

    def _ask(self, sequence: int, more: str) -> Response:
        port = self._socket.getsockname()[1]
        self.heard = b""
        self._socket.sendall((
            "REGISTER sip:hotline SIP/2.0\r\n"
            f"Via: SIP/2.0/TCP {PHONE}:{port};branch=z9hG4bK{secrets.token_hex(6)};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:op1@hotline>;tag={self._call}\r\nTo: <sip:op1@hotline>\r\n"
            f"Call-ID: {self._call}\r\nCSeq: {sequence} REGISTER\r\nSupported: path, outbound\r\n{more}"
            f"Contact: <sip:op1@{PHONE}:{port};transport=tcp;ob>;reg-id={self._number};{INSTANCE}\r\n"
            "Content-Length: 0\r\n\r\n").encode())
        self._hotline.run(lambda: self.hears(b"\r\n\r\n"))
        answer = parse(self.heard)
        assert isinstance(answer, Response)
        return answer


@pytest.fixture
def hotline(tmp_path: Path) -> Iterator[Hotline]:
    hotline = Hotline()
    try:
        with running_edge(tmp_path, inside=f"udp:{INSIDE}:5060", outside=[f"tcp:{OUTSIDE}:5060"],
                          nodes=[f"sip:{HOTLINE}:5060"]):
            yield hotline
    finally:
        hotline.close()


def test_the_newer_flow_is_gone__the_older_one_rings(hotline: Hotline) -> None:
    first, second = PhoneFlow(hotline, 1), PhoneFlow(hotline, 2)
    for flow in (first, second):
        answer = flow.register()
        assert (answer.status, answer.headers.get("Require")) == (200, "outbound")
    [newest] = hotline.endpoint.phones("op1", time.monotonic())
    assert newest.reg_id == 2
    second.close()
    hotline.take(hotline.endpoint.handle(DialLeg("out", newest, OUR_SDP, "100"), time.monotonic()))
    hotline.run(lambda: first.hears(b"INVITE sip:op1@"))
    invites = [one for one in hotline.events if isinstance(one, SendBytes) and one.payload.startswith(b"INVITE ")]
    assert len(invites) == 2
    assert not [event for event in hotline.events if isinstance(event, LegEnded)]
    first.close()
