"""Our INVITE without an offer: the peer offers in its 2xx, our user answers with the ACK (RFC 3261 §13.2.2.4)."""

from ivr.sip.commands import AcknowledgeLeg, DialLeg, HangUpLeg, ReofferLeg
from ivr.sip.events import LegAnswered, LegEnded, LegReanswered
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from tests.sip.rig import OUR_SDP, SDP, Rig, response
from tests.sip.test_prack import early_request


def dial(rig: Rig) -> Request:
    rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), None, "1"))
    return rig.requests("INVITE")[0]


def test_the_invite_has_no_body_and_wants_no_reliable_1xx(rig: Rig) -> None:
    sent = dial(rig)
    assert (sent.body, sent.content_type) == (b"", None)
    assert "100rel" not in sent.supported
    assert "timer" in sent.supported


def test_the_answer_goes_with_the_ack(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 180))
    rig.receive(response(sent, 200, body=SDP))
    assert rig.of(LegAnswered) == [LegAnswered("L", SDP.encode())]
    rig.receive(response(sent, 200, body=SDP))
    assert rig.requests("ACK") == []
    rig.handle(AcknowledgeLeg("L", OUR_SDP))
    rig.receive(response(sent, 200, body=SDP))
    acks = rig.requests("ACK")
    assert [(ack.cseq.number, ack.body, ack.content_type) for ack in acks] == [(1, OUR_SDP, "application/sdp")] * 2
    assert len(rig.of(LegAnswered)) == 1
    rig.handle(ReofferLeg("L", OUR_SDP))
    assert rig.requests("INVITE")[-1].cseq.number == 2


def test_an_offer_of_ours_before_the_ack(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 200, body=SDP))
    rig.handle(ReofferLeg("L", OUR_SDP))
    assert rig.of(LegReanswered) == [LegReanswered("L", 491, None)]


def test_an_update_before_the_ack(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 200, body=SDP))
    rig.receive(early_request(sent, "UPDATE", body=SDP))
    assert rig.statuses("UPDATE") == [500]
    rig.receive(early_request(sent, "INVITE", body=SDP, sequence=2))
    assert rig.statuses("INVITE") == [491]
    assert rig.of(LegEnded) == []


def test_hang_up_before_the_ack(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 200, body=SDP))
    rig.handle(HangUpLeg("L"))
    assert [one.message.method for one in rig.sent] == ["INVITE", "ACK", "BYE"]
    rig.receive(response(sent, 200, body=SDP))
    rig.receive(response(rig.requests("BYE")[0], 200))
    rig.handle(AcknowledgeLeg("L", OUR_SDP))
    assert rig.is_clean()


def test_the_peer_hangs_up_before_the_ack(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 200, body=SDP))
    rig.receive(early_request(sent, "BYE"))
    rig.handle(AcknowledgeLeg("L", OUR_SDP))
    rig.receive(response(sent, 200, body=SDP))
    assert rig.of(LegEnded) == [LegEnded("L", "peer", 200, "hung up")]
    assert rig.is_clean()


def test_the_answer_crosses_our_cancel(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 180))
    rig.handle(HangUpLeg("L"))
    rig.receive(response(sent, 200, body=SDP))
    assert len(rig.requests("ACK")) == len(rig.requests("BYE")) == 1
    rig.receive(response(rig.requests("BYE")[0], 200))
    rig.receive(response(rig.requests("CANCEL")[0], 481))
    assert rig.of(LegAnswered) == []
    assert rig.is_clean()


def test_a_second_phone_answers_before_the_ack(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 200, body=SDP, tag="b1"))
    rig.receive(response(sent, 200, body=SDP, tag="b2"))
    assert [bye.to.tag for bye in rig.requests("BYE")] == ["b2"]
    rig.handle(AcknowledgeLeg("L", OUR_SDP))
    assert [(ack.to.tag, ack.body) for ack in rig.requests("ACK")] == [("b2", b""), ("b1", OUR_SDP)]


def test_an_answer_that_nobody_awaits_is_nothing(rig: Rig) -> None:
    rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
    sent = rig.requests("INVITE")[0]
    rig.handle(AcknowledgeLeg("L", OUR_SDP))
    rig.receive(response(sent, 200, body=SDP))
    rig.handle(AcknowledgeLeg("L", OUR_SDP))
    assert [ack.body for ack in rig.requests("ACK")] == [b""]
