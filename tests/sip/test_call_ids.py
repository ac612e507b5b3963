"""Whose first INVITE under a Call-ID that lives is heard as part of the call, at the endpoint's own door."""

import pytest

from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg
from ivr.sip.gate.gate import Standing
from ivr.sip.message.uri import parse_uri
from ivr.sip.transport.flow import Flow
from tests.sip.edge_rig import BY_EDGE, BY_OTHER, HOME, OTHER_EDGE, edge_rig, through
from tests.sip.rig import OUR_SDP, OURS, PEER, UDP, Rig, invite, request, response

ELSEWHERE = Flow("udp", (OURS, 5060), ("192.0.2.77", 5070))
OTHER_PORT = Flow("udp", (OURS, 5060), (PEER, 1024))


def standing(rig: Rig, text: str, flow: Flow = UDP) -> Standing | None:
    return rig.endpoint.door.gate.judge(text.encode(), flow, rig.now)


def test_before_and_after_the_call_it_is_a_strangers(rig: Rig) -> None:
    assert standing(rig, invite()) is Standing.STRANGER
    rig.receive(invite())
    rig.handle(HangUpLeg(rig.leg))
    rig.receive(request("ACK", tag=rig.tag, branch="c11INVITE"))
    assert rig.is_clean()
    assert standing(rig, invite()) is Standing.STRANGER


@pytest.mark.parametrize(("flow", "expected"), [
    (UDP, Standing.ONGOING), (OTHER_PORT, Standing.ONGOING), (ELSEWHERE, Standing.STRANGER)])
def test_sent_again(rig: Rig, flow: Flow, expected: Standing) -> None:
    rig.receive(invite())
    assert standing(rig, invite(), flow) is expected
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    assert standing(rig, invite(), flow) is expected
    assert standing(rig, request("ACK", tag=rig.tag), flow) is Standing.ONGOING
    assert standing(rig, invite(tag=rig.tag, sequence=2), flow) is Standing.ONGOING


def test_two_legs_of_one_call_id(rig: Rig) -> None:
    """A proxy has forked to us twice, from two places; the one that ends leaves the other as it was."""
    rig.receive(invite())
    first = rig.leg
    rig.receive(invite(branch="fork", sequence=7).replace("tag=ac1", "tag=other"), ELSEWHERE)
    assert rig.leg != first
    assert [standing(rig, invite(), flow) for flow in (UDP, ELSEWHERE)] == [Standing.ONGOING] * 2
    rig.handle(HangUpLeg(first))
    rig.receive(request("ACK", tag=rig.responses("INVITE")[-1].to.tag or "", branch="c11INVITE"))
    rig.run_until(6)
    assert [standing(rig, invite(), flow) for flow in (UDP, ELSEWHERE)] == [Standing.STRANGER, Standing.ONGOING]


def test_the_call_id_of_a_call_of_ours(rig: Rig) -> None:
    """Nobody sends its INVITE but we."""
    rig.handle(DialLeg("ours", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
    sent = rig.requests("INVITE")[0]
    assert standing(rig, invite().replace("c1@192.0.2.9", sent.sip_call_id)) is Standing.STRANGER
    assert standing(rig, response(sent, 180)) is Standing.ONGOING


def test_through_edges__whom_they_saw_decides() -> None:
    rig = edge_rig()
    rig.receive(through(invite()))
    assert standing(rig, through(invite()), BY_EDGE) is Standing.ONGOING
    assert standing(rig, through(invite(), edge=OTHER_EDGE), BY_OTHER) is Standing.ONGOING
    assert standing(rig, through(invite(), source="203.0.113.77"), BY_EDGE) is Standing.STRANGER
    assert standing(rig, invite(), Flow("udp", (OURS, 5060), (HOME, 5060))) is Standing.ONGOING
