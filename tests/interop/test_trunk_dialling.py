"""A call of ours through Kamailio, which asks for a password, to another endpoint of ours behind it."""

import os
import random
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ivr.base.ids import Ids
from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg, RejectLeg
from ivr.sip.effects import SendBytes
from ivr.sip.endpoint import Endpoint
from ivr.sip.events import LegAnswered, LegConfirmed, LegEnded, LegOffered, Traced
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import EndpointSettings, Listener, Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_events import LegRouted, TrunkChanged
from ivr.sip.trunk.trunk_settings import Registration
from tests.support.kamailio import running_kamailio

CUSTOMER, PROVIDER, WORLD, SECOND = "127.0.9.21", "127.0.9.22", "127.0.9.23", "127.0.9.24"
SDP = b"v=0\r\no=- 2 2 IN IP4 127.0.9.21\r\ns=-\r\nc=IN IP4 127.0.9.21\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n"
SECRET = "long and secret"


class OnTheWire:
    """An endpoint on a UDP socket of its own."""

    def __init__(self, host: str, trunks: tuple[Trunk, ...] = ()) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 5060))
        self.endpoint = Endpoint(EndpointSettings(local_address=host, listen=(Listener("udp", host, 5060),),
                                                  trunks=trunks), Ids(os.urandom))
        self.local = (host, 5060)
        self.events: list[Any] = []
        self.take(self.endpoint.start(time.monotonic()))

    def take(self, out: list[Any]) -> None:
        for one in out:
            if isinstance(one, SendBytes):
                self.socket.sendto(one.payload, one.flow.remote)
            elif not isinstance(one, Traced):
                self.events.append(one)

    def handle(self, command: Any) -> None:
        self.take(self.endpoint.handle(command, time.monotonic()))

    def turn(self, readable: bool) -> None:
        now = time.monotonic()
        if readable:
            data, remote = self.socket.recvfrom(65535)
            self.take(self.endpoint.receive(data, Flow("udp", self.local, remote), now))
        self.take(self.endpoint.handle_timers(now))

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def until(condition: Callable[[], Any], *ends: OnTheWire, timeout: float = 15.0) -> None:
    """Let all run until it holds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, [one.events for one in ends]
        readable, _, _ = select.select([one.socket for one in ends], [], [], .05)
        for one in ends:
            one.turn(one.socket in readable)


@contextmanager
def scene(folder: Path) -> Iterator[tuple[OnTheWire, OnTheWire]]:
    """The customer, with a second provider that is not there, and the world behind Kamailio."""
    with running_kamailio(folder, (f"udp:{PROVIDER}:5060",), passwords={"line1": SECRET},
                          world=f"sip:{WORLD}:5060"), ExitStack() as stack:
        trunks = (Trunk("gone", (SECOND,), target=parse_uri(f"sip:{SECOND}"), caller_id="+49301", priority=1),
                  Trunk("kamailio", registration=Registration("line1", parse_uri(f"sip:{PROVIDER}"), SECRET),
                        identity_header="p_preferred_identity", priority=2))
        customer, world = OnTheWire(CUSTOMER, trunks), OnTheWire(WORLD, (Trunk("carrier", (PROVIDER,)),))
        for one in (customer, world):
            stack.callback(one.socket.close)
        yield customer, world


def test_dialled_through_the_provider__after_one_that_is_silent(tmp_path: Path) -> None:
    with scene(tmp_path) as (customer, world):
        until(lambda: customer.of(TrunkChanged), customer, world)
        assert customer.of(TrunkChanged) == [TrunkChanged("kamailio", "registered")]
        customer.handle(DialLeg("L", parse_uri("tel:+49-30-4567"), SDP, f"+{random.randrange(10**9)}"))
        until(lambda: world.of(LegOffered), customer, world)
        offered = world.of(LegOffered)[0]
        assert (offered.dialled, offered.caller_number) == ("+49304567", "line1")
        assert [event.trunk for event in customer.of(LegRouted)] == ["gone", "kamailio"]
        world.handle(AnswerLeg(offered.leg, SDP))
        until(lambda: customer.of(LegAnswered) and world.of(LegConfirmed), customer, world)
        assert [status.calls for status in customer.endpoint.trunks()] == [0, 1]
        customer.handle(HangUpLeg("L"))
        until(lambda: world.of(LegEnded), customer, world)
        assert world.of(LegEnded)[0].by == "peer"


def test_busy__no_other_trunk_is_tried(tmp_path: Path) -> None:
    with scene(tmp_path) as (customer, world):
        until(lambda: customer.of(TrunkChanged), customer, world)
        customer.handle(DialLeg("L", parse_uri("tel:+49304567"), SDP, ""))
        until(lambda: world.of(LegOffered), customer, world)
        world.handle(RejectLeg(world.of(LegOffered)[0].leg, 486))
        until(lambda: customer.of(LegEnded), customer, world)
        assert customer.of(LegEnded)[0].status == 486
        assert [event.trunk for event in customer.of(LegRouted)] == ["gone", "kamailio"]
