"""What the endpoint replies to each torture message of RFC 4475 and RFC 5118, and that it goes on."""

import os
from pathlib import Path

import pytest

from ivr.sip.commands import RejectLeg
from ivr.sip.effects import CloseStream, SendBytes
from ivr.sip.events import LegEnded, LegOffered
from tests.sip.rig import ACCOUNTS, TCP, Rig, request, with_settings
from tests.support.torture import CLOSED, FILES, LEFT_OVER, ON_A_STREAM, RFC4475, RFC5118, TOO_SHORT, corpus


def status_of(out: list[object]) -> int:
    """Of the only response in `out`, 0 if there is none."""
    sent = [int(one.payload.split(b" ", 2)[1]) for one in out if isinstance(one, SendBytes)]
    assert len(sent) <= 1
    return sent[0] if sent else 0


def goes_on(rig: Rig) -> None:
    """OPTIONS is answered, and what was let in ends as it must."""
    rig.receive(request("OPTIONS", call="after", transport=rig.flow.transport.upper()))
    assert rig.statuses("OPTIONS")[-1] == 200
    for offered in rig.of(LegOffered):
        rig.handle(RejectLeg(offered.leg, 404))
    assert len(rig.of(LegEnded)) == len(rig.of(LegOffered))
    assert rig.is_clean()


@pytest.mark.parametrize(("name", "status"), FILES)
def test_over_udp(name: str, status: int) -> None:
    rig = Rig(with_settings(accounts=ACCOUNTS))
    out = rig.endpoint.receive(corpus(name), rig.flow, 0)
    assert status_of(out) == status
    rig.events += [one for one in out if isinstance(one, LegOffered)]
    assert (status == 100) == bool(rig.events)
    goes_on(rig)


@pytest.mark.parametrize(("name", "status"), FILES)
def test_over_tcp_one_byte_at_a_time(name: str, status: int) -> None:
    data = corpus(name)
    rig = Rig(with_settings(accounts=ACCOUNTS), TCP)
    out = [one for byte in data for one in rig.endpoint.receive_stream(bytes([byte]), TCP, 0)]
    if name in TOO_SHORT:
        assert out == []
        return
    if name == "rfc4475/dblreq.dat":        # on a stream it is two requests
        assert [int(one.payload.split()[1]) for one in out if isinstance(one, SendBytes)] == [401, 100]
        return
    out = [one for one in out if one != SendBytes(TCP, b"\r\n")]
    assert status_of(out) == ON_A_STREAM.get(name, status)
    assert any(isinstance(one, CloseStream) for one in out) == (name in CLOSED)
    if name in LEFT_OVER:
        assert rig.receive(request("OPTIONS", call="lost", transport="TCP")) == [CloseStream(TCP)]
    if name in CLOSED + LEFT_OVER:
        rig.take(rig.endpoint.stream_closed(TCP, 0))
    rig.events += [one for one in out if isinstance(one, LegOffered)]
    goes_on(rig)


def test_the_tables_name_every_file() -> None:
    corpus("rfc4475/wsinv.dat")
    folder = Path(os.environ["HOTLINE_TESTDATA"])
    assert {path.stem for path in (folder / "rfc4475").glob("*.dat")} == set(RFC4475)
    assert {path.name for path in (folder / "rfc5118").iterdir()} == set(RFC5118)
