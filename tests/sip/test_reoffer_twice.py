"""Two re-INVITEs of ours in a row, where the ACK of the first is lost: its 2xx comes again while the second is out."""

import pytest

from ivr.sip.commands import HangUpLeg, ReofferLeg
from ivr.sip.events import LegEnded, LegReanswered
from ivr.sip.message.message import Request
from ivr.sip.settings import Credential
from tests.sip.calls import made
from tests.sip.rig import OUR_SDP, SDP, Rig, response, with_settings

FIRST, SECOND = SDP.replace("o=- 1 1", "o=- 1 2"), SDP.replace("o=- 1 1", "o=- 1 3")
MOVED = "<sip:bob@192.0.2.9:6000>"


def asked_twice(rig: Rig) -> tuple[Request, Request]:
    leg = "ours"
    made(rig, leg)
    rig.handle(ReofferLeg(leg, OUR_SDP))
    first = rig.requests("INVITE")[-1]
    rig.receive(response(first, 200, body=FIRST))
    rig.handle(ReofferLeg(leg, OUR_SDP))
    second = rig.requests("INVITE")[-1]
    rig.receive(response(first, 200, body=FIRST))
    return first, second


def end(rig: Rig) -> None:
    rig.handle(HangUpLeg("ours"))
    rig.receive(response(rig.requests("BYE")[-1], 200))
    assert [(ended.by, ended.status) for ended in rig.of(LegEnded)] == [("us", 200)]
    assert rig.is_clean()


def test_the_old_2xx_gets_its_ack_and_answers_nothing(rig: Rig) -> None:
    first, second = asked_twice(rig)
    numbers = [ack.cseq.number for ack in rig.requests("ACK")]
    assert numbers == [first.cseq.number] * 2
    assert rig.of(LegReanswered) == [LegReanswered("ours", 200, FIRST.encode())]
    rig.receive(response(second, 200, body=SECOND, contact=MOVED))
    rig.receive(response(first, 200, body=FIRST))
    rig.receive(response(second, 200, body=SECOND, contact=MOVED))
    assert [ack.cseq.number for ack in rig.requests("ACK")] == [*numbers, second.cseq.number, first.cseq.number,
                                                               second.cseq.number]
    assert rig.of(LegReanswered)[1:] == [LegReanswered("ours", 200, SECOND.encode())]
    assert str(rig.requests("ACK")[-1].request_uri) == "sip:bob@192.0.2.9:6000"
    end(rig)


@pytest.mark.parametrize(("status", "told"), [(488, 488), (401, None)])
def test_then_the_second_is_refused(status: int, told: int | None) -> None:
    rig = Rig(with_settings(credentials=(Credential("them", "us", "secret"),)))
    _, second = asked_twice(rig)
    rig.receive(response(second, status, extra='WWW-Authenticate: Digest realm="them", nonce="n"\r\n'))
    assert [one.status for one in rig.of(LegReanswered)[1:]] == ([told] if told else [])
    if told is None:
        rig.receive(response(rig.requests("INVITE")[-1], 200, body=SECOND))
        assert rig.of(LegReanswered)[-1] == LegReanswered("ours", 200, SECOND.encode())
    end(rig)
