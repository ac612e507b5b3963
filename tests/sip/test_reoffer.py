"""Offers inside a dialog (RFC 3261 §14, RFC 3311)."""

import pytest

from ivr.sip.commands import AnswerLeg, AnswerOffer, DialLeg, HangUpLeg, RejectOffer, ReofferLeg, RingLeg
from ivr.sip.events import LegEnded, LegOffered, LegReanswered, LegReoffered
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential, Trunk
from tests.sip.rig import OUR_SDP, SDP, Rig, invite, request, response, with_settings

HOLD = SDP + "a=sendonly\r\n"


@pytest.fixture
def call(rig: Rig) -> Rig:
    """A call in progress; the peer sent the INVITE."""
    rig.receive(invite())
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    rig.call_tag = rig.tag
    rig.events = rig.of(LegOffered)
    rig.sent.clear()
    return rig


class TestTheirs:
    def test_hold_and_resume(self, call: Rig) -> None:
        for sequence, body in ((2, HOLD), (3, SDP)):
            call.receive(invite(sequence=sequence, tag=call.call_tag, body=body))
            assert call.events[-1] == LegReoffered(call.leg, body.encode())
            call.handle(AnswerOffer(call.leg, OUR_SDP))
            call.receive(request("ACK", sequence=sequence, tag=call.call_tag, branch=f"ack{sequence}"))
        assert call.statuses() == [100, 200, 100, 200]
        assert call.responses()[-1].body == OUR_SDP
        call.run_until(40)
        assert call.statuses() == [100, 200, 100, 200]
        assert call.of(LegEnded) == []

    def test_the_answer_is_sent_again_until_the_ack__and_bye_without(self, call: Rig) -> None:
        call.receive(invite(sequence=2, tag=call.call_tag))
        call.handle(AnswerOffer(call.leg, OUR_SDP))
        call.run_until(32)
        assert call.times(200) == [0, .5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        assert call.of(LegEnded) == [LegEnded(call.leg, "network", 408, "no ACK")]
        assert len(call.requests("BYE")) == 1
        assert call.is_clean()

    def test_only_an_accepted_one_moves_the_peer(self, call: Rig) -> None:
        call.receive(invite(sequence=2, tag=call.call_tag, contact="<sip:alice@192.0.2.9:6000>"))
        call.handle(RejectOffer(call.leg, 488))
        call.handle(HangUpLeg(call.leg))
        assert str(call.requests("BYE")[0].request_uri) == "sip:alice@192.0.2.9:5070"

    def test_refused(self, call: Rig) -> None:
        call.receive(invite(sequence=2, tag=call.call_tag))
        call.handle(RejectOffer(call.leg, 488))
        assert call.statuses() == [100, 488]
        assert call.of(LegEnded) == []

    def test_offerless__their_answer_comes_in_the_ack(self, call: Rig) -> None:
        call.receive(invite(sequence=2, tag=call.call_tag, body=""))
        assert call.events[-1] == LegReoffered(call.leg, None)
        call.handle(AnswerOffer(call.leg, OUR_SDP))
        call.receive(request("ACK", sequence=2, tag=call.call_tag, branch="ack2", body=SDP))
        assert call.events[-1] == LegReanswered(call.leg, 200, SDP.encode())

    def test_a_second_one_before_our_answer_gets_500_with_retry_after(self, call: Rig) -> None:
        call.receive(invite(sequence=2, tag=call.call_tag))
        call.receive(invite(sequence=3, tag=call.call_tag))
        refused = call.responses()[-1]
        assert refused.status == 500
        assert 0 <= int(refused.headers.get("Retry-After") or -1) <= 10
        assert len(call.of(LegReoffered)) == 1

    def test_one_before_the_ack_to_the_last_gets_491(self, call: Rig) -> None:
        call.receive(invite(sequence=2, tag=call.call_tag))
        call.handle(AnswerOffer(call.leg, OUR_SDP))
        call.receive(invite(sequence=3, tag=call.call_tag))
        assert call.statuses()[-1] == 491

    def test_cancelled(self, call: Rig) -> None:
        call.receive(invite(sequence=2, tag=call.call_tag))
        call.receive(request("CANCEL", sequence=2, tag=call.call_tag, branch="c12INVITE"))
        assert call.statuses() == [100, 200, 487]
        call.handle(AnswerOffer(call.leg, OUR_SDP))     # was on its way
        assert call.statuses() == [100, 200, 487]
        assert call.of(LegEnded) == []

    def test_hang_up_while_it_waits(self, call: Rig) -> None:
        call.receive(invite(sequence=2, tag=call.call_tag))
        call.handle(HangUpLeg(call.leg))
        assert call.statuses() == [100, 487]
        assert len(call.requests("BYE")) == 1
        call.receive(response(call.requests("BYE")[0], 200))
        assert call.is_clean()

    def test_before_the_first_answer_gets_500(self, rig: Rig) -> None:
        rig.receive(invite())
        rig.handle(RingLeg(rig.leg))
        rig.receive(invite(sequence=2, tag=rig.tag))
        assert rig.statuses()[-1] == 500
        assert rig.of(LegEnded) == []

    def test_before_the_first_ack_gets_491(self, rig: Rig) -> None:
        rig.receive(invite())
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        rig.receive(invite(sequence=2, tag=rig.tag))
        assert rig.statuses()[-1] == 491

    def test_update_with_an_offer(self, call: Rig) -> None:
        call.receive(request("UPDATE", sequence=2, tag=call.call_tag, body=HOLD))
        assert call.events[-1] == LegReoffered(call.leg, HOLD.encode())
        call.handle(AnswerOffer(call.leg, OUR_SDP))
        call.run_until(40)
        assert call.statuses() == [200]
        assert call.responses()[0].body == OUR_SDP

    def test_update_refused(self, call: Rig) -> None:
        call.receive(request("UPDATE", sequence=2, tag=call.call_tag, body=HOLD))
        call.handle(RejectOffer(call.leg, 488))
        assert call.statuses() == [488]

    def test_update_without_an_offer_is_answered_and_moves_the_peer(self, call: Rig) -> None:
        call.receive(request("UPDATE", sequence=2, tag=call.call_tag, contact="<sip:alice@192.0.2.9:6000>"))
        assert call.statuses() == [200]
        call.handle(HangUpLeg(call.leg))
        assert str(call.requests("BYE")[0].request_uri) == "sip:alice@192.0.2.9:6000"
        assert call.sent[-1].flow.remote == ("192.0.2.9", 6000)

    def test_update_before_our_first_answer_gets_500(self, rig: Rig) -> None:
        rig.receive(invite())
        rig.handle(RingLeg(rig.leg))
        rig.receive(request("UPDATE", sequence=2, tag=rig.tag, body=SDP))
        assert rig.statuses()[-1] == 500
        assert rig.responses()[-1].headers.get("Retry-After") is not None


class TestOurs:
    def test_accepted(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        sent = call.requests("INVITE")[0]
        assert (sent.to.tag, sent.from_.tag, sent.cseq.number, sent.body) == ("ac1", call.call_tag, 1, OUR_SDP)
        call.receive(response(sent, 100))
        for _ in range(2):
            call.receive(response(sent, 200, body=SDP, contact="<sip:alice@192.0.2.9:6000>"))
        assert call.of(LegReanswered) == [LegReanswered(call.leg, 200, SDP.encode())]
        acks = call.requests("ACK")
        assert [(ack.cseq.number, str(ack.request_uri)) for ack in acks] == [(1, "sip:alice@192.0.2.9:6000")] * 2
        call.handle(HangUpLeg(call.leg))
        assert call.requests("BYE")[0].cseq.number == 2
        call.receive(response(call.requests("BYE")[0], 200))
        assert call.is_clean()

    def test_accepted_without_a_contact__the_peer_stays_where_it_was(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        call.receive(response(call.requests("INVITE")[0], 200, body=SDP, contact=""))
        assert str(call.requests("ACK")[0].request_uri) == "sip:alice@192.0.2.9:5070"

    def test_refused__the_call_goes_on(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        call.receive(response(call.requests("INVITE")[0], 488))
        assert call.of(LegReanswered) == [LegReanswered(call.leg, 488, None)]
        assert call.requests("BYE") == []

    @pytest.mark.parametrize("status", [408, 481])
    def test_the_peer_has_lost_the_dialog(self, call: Rig, status: int) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        call.receive(response(call.requests("INVITE")[0], status))
        assert call.of(LegEnded) == [LegEnded(call.leg, "network", 408, "the peer has lost the dialog")]
        assert len(call.requests("BYE")) == 1

    def test_silence_ends_the_call(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        call.run_until(33)
        assert [end.by for end in call.of(LegEnded)] == ["network"]
        assert call.is_clean()

    def test_491_is_tried_again_in_0_to_2_s(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        call.receive(response(call.requests("INVITE")[0], 491))
        call.run_until(2)
        assert {one.cseq.number for one in call.requests("INVITE")} == {1, 2}
        assert {one.body for one in call.requests("INVITE")} == {OUR_SDP}
        assert call.of(LegReanswered) == []

    def test_491_for_the_owner_of_the_call_id_takes_2_to_4_s(self, rig: Rig) -> None:
        rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
        rig.receive(response(rig.requests("INVITE")[0], 200, body=SDP))
        rig.handle(ReofferLeg("L", OUR_SDP))
        rig.receive(response(rig.requests("INVITE")[1], 491))
        rig.run_until(2.09)
        assert len(rig.requests("INVITE")) == 2
        rig.run_until(4)
        assert {one.cseq.number for one in rig.requests("INVITE")} == {1, 2, 3}

    def test_491_for_ever_is_told(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        for _ in range(5):
            call.receive(response(call.requests("INVITE")[-1], 491))
            call.run_until(call.now + 2)
        assert call.of(LegReanswered) == [LegReanswered(call.leg, 491, None)]

    def test_theirs_meets_ours__491(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        call.receive(invite(sequence=2, tag=call.call_tag))
        assert call.statuses() == [491]

    def test_theirs_comes_while_we_wait_to_try_again(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        call.receive(response(call.requests("INVITE")[0], 491))
        call.receive(invite(sequence=2, tag=call.call_tag))
        assert call.of(LegReanswered) == [LegReanswered(call.leg, 491, None)]
        assert len(call.of(LegReoffered)) == 1

    def test_a_second_of_ours_meanwhile(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        assert call.of(LegReanswered) == [LegReanswered(call.leg, 491, None)]

    def test_before_the_ack_to_our_answer(self, rig: Rig) -> None:
        rig.receive(invite())
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        rig.handle(ReofferLeg(rig.leg, OUR_SDP))
        assert rig.of(LegReanswered) == [LegReanswered(rig.leg, 491, None)]

    def test_a_challenge_is_answered_to_a_carrier(self) -> None:
        rig = Rig(with_settings(trunks=(Trunk("carrier", ("192.0.2.0/24",)),),
                                credentials=(Credential("*", "hotline", "secret"),)))
        rig.receive(invite())
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        rig.receive(request("ACK", tag=rig.tag, branch="ack"))
        rig.handle(ReofferLeg(rig.leg, OUR_SDP))
        challenge = 'Proxy-Authenticate: Digest realm="x", nonce="y", qop="auth"\r\n'
        rig.receive(response(rig.requests("INVITE")[0], 407, extra=challenge))
        second = rig.requests("INVITE")[1]
        assert (second.cseq.number, second.body) == (2, OUR_SDP)
        rig.receive(response(second, 100))
        rig.handle(HangUpLeg(rig.leg))
        assert rig.requests("BYE")[0].cseq.number == 3
        rig.receive(response(rig.requests("BYE")[0], 200))
        assert rig.is_clean()           # although no final response to the re-INVITE ever came

    def test_a_stranger_gets_no_credentials(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        challenge = 'WWW-Authenticate: Digest realm="x", nonce="y"\r\n'
        call.receive(response(call.requests("INVITE")[0], 401, extra=challenge))
        assert call.of(LegReanswered) == [LegReanswered(call.leg, 401, None)]

    def test_hang_up_meanwhile__its_2xx_is_still_acknowledged(self, call: Rig) -> None:
        call.handle(ReofferLeg(call.leg, OUR_SDP))
        call.handle(HangUpLeg(call.leg))
        call.receive(response(call.requests("INVITE")[0], 200, body=SDP))
        assert len(call.requests("ACK")) == 1
        assert call.of(LegReanswered) == []
        call.receive(response(call.requests("BYE")[0], 200))
        assert call.is_clean()
