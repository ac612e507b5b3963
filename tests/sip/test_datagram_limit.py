"""Requests of a dialog that no datagram should carry (RFC 3261 §18.1.1)."""

import pytest

from ivr.sip.commands import AnswerLeg, HangUpLeg, ReofferLeg
from ivr.sip.events import LegReanswered
from ivr.sip.transport.flow import Flow
from tests.sip.rig import OUR_SDP, OURS, PEER, SDP, UDP, Rig, invite, request, response

LARGE = OUR_SDP + b"a=x-filler:0123456789\r\n" * 50
STREAM = Flow("tcp", (OURS, 5060), (PEER, 5070))


def in_call(rig: Rig, **fields: str) -> None:
    rig.receive(invite(**fields))
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.call_tag = rig.tag
    rig.receive(request("ACK", tag=rig.tag))
    rig.sent.clear()


def test_a_large_offer_goes_over_tcp(rig: Rig) -> None:
    in_call(rig)
    rig.handle(ReofferLeg(rig.leg, LARGE))
    (sent,) = rig.requests("INVITE")
    assert rig.sent[0].flow == STREAM
    assert (sent.top_via.transport, sent.body) == ("TCP", LARGE)
    answered = Flow("tcp", (OURS, 44444), (PEER, 5070), 5)
    rig.receive(response(sent, 200, body=SDP), answered)
    assert [one.status for one in rig.of(LegReanswered)] == [200]
    rig.handle(HangUpLeg(rig.leg))
    assert rig.sent[-1].flow == UDP                     # small again
    rig.receive(response(rig.requests("BYE")[-1], 200))
    assert rig.is_clean()


def test_over_udp_where_tcp_is_refused__and_from_then_on(rig: Rig) -> None:
    in_call(rig)
    rig.handle(ReofferLeg(rig.leg, LARGE))
    rig.take(rig.endpoint.send_failed(STREAM, rig.now))
    again = rig.requests("INVITE")[-1]
    assert rig.sent[-1].flow == UDP
    assert (again.top_via.transport, again.cseq.number, again.body) == ("UDP", 1, LARGE)
    rig.receive(response(again, 200, body=SDP))
    assert [one.status for one in rig.of(LegReanswered)] == [200]
    rig.handle(ReofferLeg(rig.leg, LARGE))
    assert rig.sent[-1].flow == UDP
    assert rig.requests("INVITE")[-1].cseq.number == 2


@pytest.mark.parametrize("contact", ["<sip:alice@192.0.2.9:5070;transport=udp>", "<sip:alice@10.0.0.7>"])
def test_not_where_no_connection_would_arrive(rig: Rig, contact: str) -> None:
    in_call(rig, contact=contact)
    rig.handle(ReofferLeg(rig.leg, LARGE))
    assert rig.sent[-1].flow == UDP


def test_an_ordinary_offer_stays(rig: Rig) -> None:
    in_call(rig)
    rig.handle(ReofferLeg(rig.leg, OUR_SDP))
    assert rig.sent[-1].flow == UDP
