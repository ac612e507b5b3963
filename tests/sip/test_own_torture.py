"""Our own torture messages: the reply to each over UDP and TCP, and that the endpoint goes on."""

import pytest

from ivr.sip.commands import RejectLeg
from ivr.sip.effects import CloseStream, SendBytes
from ivr.sip.events import LegOffered
from tests.sip.rig import ACCOUNTS, TCP, Rig, request, with_settings
from tests.support.own_torture import ALL, Odd

PONG = SendBytes(TCP, b"\r\n")
OURS = pytest.mark.parametrize("odd", ALL, ids=lambda odd: odd.name)


def status_of(out: list[object]) -> int:
    sent = [int(one.payload.split(b" ", 2)[1]) for one in out if isinstance(one, SendBytes)]
    assert len(sent) <= 1
    return sent[0] if sent else 0


def goes_on(rig: Rig, out: list[object]) -> None:
    rig.receive(request("OPTIONS", call="after", transport=rig.flow.transport.upper()))
    assert rig.statuses("OPTIONS")[-1] == 200
    for offered in out:
        if isinstance(offered, LegOffered):
            rig.handle(RejectLeg(offered.leg, 404))
    assert rig.is_clean()


@OURS
def test_own_torture__over_udp(odd: Odd) -> None:
    rig = Rig(with_settings(accounts=ACCOUNTS))
    out = rig.endpoint.receive(odd.data, rig.flow, 0)
    assert status_of(out) == odd.udp
    assert any(isinstance(one, LegOffered) for one in out) == (odd.udp == 100)
    goes_on(rig, out)


@OURS
def test_own_torture__over_tcp_one_byte_at_a_time(odd: Odd) -> None:
    rig = Rig(with_settings(accounts=ACCOUNTS), TCP)
    out = [one for byte in odd.data for one in rig.endpoint.receive_stream(bytes([byte]), TCP, 0) if one != PONG]
    assert status_of(out) == (odd.udp if odd.tcp is None else odd.tcp)
    closed = any(isinstance(one, CloseStream) for one in out)
    assert closed == odd.closes
    if closed or odd.tcp == 0:
        rig.take(rig.endpoint.stream_closed(TCP, 0))
    goes_on(rig, out)


def test_own_torture__every_name_once() -> None:
    names = [odd.name for odd in ALL]
    assert len(names) == len(set(names)) > 60
