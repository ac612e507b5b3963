"""A leg that was offered to us (RFC 3261 §13.3, §9.2, §15)."""

import pytest

from ivr.sip.commands import AnswerLeg, HangUpLeg, RejectLeg, RingLeg
from ivr.sip.events import LegConfirmed, LegEnded, LegOffered
from ivr.sip.settings import Trunk
from ivr.sip.transport.flow import Flow
from tests.sip.rig import OUR_SDP, SDP, UDP, Rig, invite, request, response, with_settings


def answered(rig: Rig) -> Rig:
    rig.receive(invite())
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    return rig


def confirmed(rig: Rig) -> Rig:
    answered(rig).receive(request("ACK", tag=rig.tag, branch="ack"))
    return rig


def test_offer(rig: Rig) -> None:
    rig.receive(invite(uri="sip:100;phone-context=x@198.51.100.1"))
    offered = rig.of(LegOffered)[0]
    assert rig.statuses() == [100]
    assert rig.responses()[0].to.tag is None
    assert (offered.caller_number, offered.caller_name, offered.dialled) == ("alice", "Alice", "100")
    assert offered.body == SDP.encode()
    assert offered.sip_call_id == "c1@192.0.2.9"
    assert offered.flow == UDP
    assert (offered.account, offered.trunk) == (None, None)


def test_story_of_a_call(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(RingLeg(rig.leg))
    rig.run_until(3)
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    assert rig.of(LegConfirmed) == [LegConfirmed(rig.leg, None)]
    rig.run_until(10)
    rig.receive(request("BYE", sequence=2, tag=rig.tag))
    assert rig.statuses() == [100, 180, 200, 200]
    assert rig.of(LegEnded) == [LegEnded(rig.leg, "peer", 200, "hung up")]
    ok = rig.responses("INVITE")[-1]
    assert ok.body == OUR_SDP
    assert ok.headers.get("Contact") == "<sip:198.51.100.1:5060>"
    assert "INVITE" in (ok.headers.get("Allow") or "")
    assert {one.to.tag for one in rig.responses("INVITE")[1:]} == {rig.tag}
    assert rig.is_clean()


def test_offerless_invite__the_ack_brings_their_answer(rig: Rig) -> None:
    rig.receive(invite(body=""))
    assert rig.of(LegOffered)[0].body is None
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.receive(request("ACK", tag=rig.tag, branch="ack", body=SDP))
    assert rig.of(LegConfirmed) == [LegConfirmed(rig.leg, SDP.encode())]


@pytest.mark.parametrize("flow", ["udp", "tcp"])
def test_2xx_is_sent_again_until_the_ack__and_bye_after_32_s(flow: str) -> None:
    rig = answered(Rig(flow=UDP if flow == "udp" else Flow("tcp", UDP.local, UDP.remote, 1)))
    rig.run_until(31.9)
    assert rig.times(200) == [0, .5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert rig.events == rig.of(LegOffered)
    rig.run_until(32)
    assert rig.of(LegEnded) == [LegEnded(rig.leg, "network", 408, "no ACK")]
    assert rig.times("BYE") == [32]
    rig.receive(response(rig.requests("BYE")[0], 200))
    assert rig.is_clean()


def test_ack_stops_the_2xx(rig: Rig) -> None:
    answered(rig).run_until(1)
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    rig.run_until(40)
    assert rig.times(200) == [0, .5]
    assert len(rig.of(LegConfirmed)) == 1


def test_ack_with_the_branch_of_the_invite_counts(rig: Rig) -> None:
    answered(rig).receive(request("ACK", tag=rig.tag, branch="c11INVITE"))
    assert len(rig.of(LegConfirmed)) == 1


def test_retransmitted_invite_gets_the_180_again_and_makes_no_second_leg(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(RingLeg(rig.leg))
    rig.receive(invite())
    assert rig.statuses() == [100, 180, 180]
    assert len(rig.of(LegOffered)) == 1


def test_180_is_repeated_every_minute(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(RingLeg(rig.leg))
    rig.run_until(130)
    assert rig.times(180) == [0, 60, 120]


def test_reject(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(RejectLeg(rig.leg, 404, "No such line"))
    assert rig.responses()[-1].reason == "No such line"
    rig.run_until(2)
    assert rig.times(404) == [0, .5, 1.5]
    rig.receive(request("ACK", tag=rig.tag, branch="c11INVITE"))
    rig.run_until(20)
    assert rig.times(404) == [0, .5, 1.5]
    assert rig.of(LegEnded) == [LegEnded(rig.leg, "us", 404, "No such line")]
    assert rig.is_clean()


def test_reject_with_retry_after(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(RejectLeg(rig.leg, 503, retry_after=30))
    assert rig.responses()[-1].headers.get("Retry-After") == "30"


def test_hang_up_before_the_answer_says_480(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(HangUpLeg(rig.leg))
    rig.handle(HangUpLeg(rig.leg))
    assert rig.statuses() == [100, 480]
    assert [end.status for end in rig.of(LegEnded)] == [480]


def test_hang_up(rig: Rig) -> None:
    confirmed(rig).handle(HangUpLeg(rig.leg, "the line \"closes\""))
    rig.handle(HangUpLeg(rig.leg))
    bye = rig.requests("BYE")[0]
    assert str(bye.request_uri) == "sip:alice@192.0.2.9:5070"
    assert (bye.to.tag, bye.from_.tag, bye.sip_call_id) == ("ac1", rig.tag, "c1@192.0.2.9")
    assert bye.headers.get("Reason") == 'SIP;cause=200;text="the line \\"closes\\""'
    assert rig.of(LegEnded) == [LegEnded(rig.leg, "us", 200, "the line \"closes\"")]
    rig.receive(response(bye, 200))
    assert rig.is_clean()


def test_hang_up_while_the_ack_is_missing__bye_waits_for_it(rig: Rig) -> None:
    answered(rig).handle(HangUpLeg(rig.leg))
    assert rig.requests("BYE") == []
    assert len(rig.of(LegEnded)) == 1
    rig.run_until(1)
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    assert rig.times("BYE") == [1]
    assert rig.of(LegConfirmed) == []
    rig.receive(response(rig.requests("BYE")[0], 200))
    assert rig.is_clean()


def test_hang_up_and_the_ack_never_comes(rig: Rig) -> None:
    answered(rig).handle(HangUpLeg(rig.leg))
    rig.run_until(33)
    assert rig.times("BYE")[0] == 32
    assert rig.is_clean()
    assert len(rig.of(LegEnded)) == 1


def test_bye_that_nobody_answers_ends_all_the_same(rig: Rig) -> None:
    confirmed(rig).handle(HangUpLeg(rig.leg))
    rig.run_until(40)
    assert rig.times("BYE")[-1] == 31.5
    assert rig.is_clean()


def test_both_hang_up_at_once(rig: Rig) -> None:
    confirmed(rig).handle(HangUpLeg(rig.leg))
    rig.receive(request("BYE", sequence=2, tag=rig.tag))
    assert rig.statuses("BYE") == [200]
    rig.receive(response(rig.requests("BYE")[0], 481))
    assert len(rig.of(LegEnded)) == 1
    assert rig.is_clean()


def test_retransmitted_bye_gets_the_stored_200(rig: Rig) -> None:
    confirmed(rig).receive(request("BYE", sequence=2, tag=rig.tag))
    rig.run_until(20)
    rig.receive(request("BYE", sequence=2, tag=rig.tag))
    assert rig.statuses("BYE") == [200, 200]


def test_cancel_while_it_rings(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(RingLeg(rig.leg))
    rig.receive(request("CANCEL", branch="c11INVITE"))
    assert rig.statuses() == [100, 180, 200, 487]
    assert rig.responses("CANCEL")[0].to.tag == rig.tag
    assert rig.of(LegEnded) == [LegEnded(rig.leg, "peer", 487, "cancelled")]
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))         # on its way when the CANCEL came
    assert rig.statuses()[-1] == 487
    rig.receive(request("ACK", tag=rig.tag, branch="c11INVITE"))
    assert rig.is_clean()


def test_cancel_after_our_2xx_changes_nothing(rig: Rig) -> None:
    answered(rig).receive(request("CANCEL", branch="c11INVITE"))
    assert rig.statuses() == [100, 200, 200]
    assert rig.of(LegEnded) == []
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    rig.receive(request("BYE", sequence=2, tag=rig.tag))
    assert rig.of(LegEnded) == [LegEnded(rig.leg, "peer", 200, "hung up")]
    assert rig.is_clean()


def test_cancel_of_an_unknown_call(rig: Rig) -> None:
    rig.receive(request("CANCEL", branch="nothing"))
    assert rig.statuses() == [481]
    assert rig.is_clean()


def test_bye_before_the_answer(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(RingLeg(rig.leg))
    rig.receive(request("BYE", sequence=2, tag=rig.tag))
    assert rig.statuses("BYE") == [200]
    assert rig.statuses("INVITE") == [100, 180, 487]
    assert rig.of(LegEnded)[0].status == 487


def test_bye_that_overtakes_its_ack(rig: Rig) -> None:
    answered(rig).receive(request("BYE", sequence=2, tag=rig.tag))
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    rig.run_until(40)
    assert rig.times(200) == [0, 0]
    assert rig.of(LegEnded) == [LegEnded(rig.leg, "peer", 200, "hung up")]
    assert rig.is_clean()


def test_invite_that_expires(rig: Rig) -> None:
    rig.receive(invite(extra="Expires: 20\r\n"))
    rig.run_until(25)
    assert rig.times(487)[0] == 20
    assert rig.of(LegEnded) == [LegEnded(rig.leg, "network", 487, "the INVITE expired")]


def test_expires_means_nothing_after_the_answer(rig: Rig) -> None:
    rig.receive(invite(extra="Expires: 20\r\n"))
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    rig.run_until(25)
    assert rig.of(LegEnded) == []


def test_a_wrong_order_of_commands_is_our_bug_and_ends_that_call_alone(rig: Rig) -> None:
    confirmed(rig)
    rig.receive(invite(call="c2"))
    second = rig.leg
    rig.handle(AnswerLeg(rig.of(LegOffered)[0].leg, OUR_SDP))
    assert [(end.by, end.status) for end in rig.of(LegEnded)] == [("us", 500)]
    rig.handle(AnswerLeg(second, OUR_SDP))
    assert rig.statuses("INVITE")[-1] == 200


class TestWrongToTag:
    """The bound of the design: only registered phones and trunks, same source and From tag, exactly one waiting."""

    trunk = with_settings(trunks=(Trunk("carrier", ("192.0.2.0/24",)),))

    def test_of_a_trunk_is_taken(self) -> None:
        rig = answered(Rig(self.trunk))
        rig.receive(request("ACK", tag="random", branch="ack"))
        assert len(rig.of(LegConfirmed)) == 1

    def test_of_a_stranger_is_not(self, rig: Rig) -> None:
        answered(rig).receive(request("ACK", tag="random", branch="ack"))
        assert rig.of(LegConfirmed) == []

    @pytest.mark.parametrize("change", [{"sequence": 2}, {"call": "c2"}])
    def test_of_another_call_is_not(self, change: dict[str, object]) -> None:
        rig = answered(Rig(self.trunk))
        rig.receive(request("ACK", **{"tag": "random", "branch": "ack", **change}))  # type: ignore[arg-type]
        assert rig.of(LegConfirmed) == []

    def test_from_another_source_is_not(self) -> None:
        rig = answered(Rig(self.trunk))
        rig.receive(request("ACK", tag="random", branch="ack"), Flow("udp", UDP.local, ("192.0.2.77", 5070)))
        assert rig.of(LegConfirmed) == []

    def test_without_a_to_tag_is_taken_too(self) -> None:
        rig = answered(Rig(self.trunk))
        rig.receive(request("ACK", branch="ack"))
        assert len(rig.of(LegConfirmed)) == 1


class TestOldPeers:
    """RFC 2543: no cookie in the branch, no From tag."""

    invite = ("INVITE sip:100@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070\r\nFrom: <sip:old@192.0.2.9>\r\n"
              "To: <sip:100@198.51.100.1>\r\nCall-ID: old\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")

    def test_retransmission_is_known(self, rig: Rig) -> None:
        rig.receive(self.invite)
        rig.receive(self.invite)
        assert rig.statuses() == [100, 100]
        assert len(rig.of(LegOffered)) == 1

    def test_whole_call(self, rig: Rig) -> None:
        rig.receive(self.invite)
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        tagged = self.invite.replace("198.51.100.1>\r\nCall", f"198.51.100.1>;tag={rig.tag}\r\nCall")
        rig.receive(tagged.replace("INVITE", "ACK"))
        assert len(rig.of(LegConfirmed)) == 1
        rig.receive(tagged.replace("1 INVITE", "2 BYE").replace("INVITE", "BYE"))
        assert rig.of(LegEnded)[0].by == "peer"
        assert rig.is_clean()

    def test_cancel_finds_its_invite(self, rig: Rig) -> None:
        rig.receive(self.invite)
        rig.receive(self.invite.replace("INVITE", "CANCEL"))
        assert rig.statuses() == [100, 200, 487]

    def test_ack_for_a_refusal_finds_its_invite(self, rig: Rig) -> None:
        rig.receive(self.invite)
        rig.handle(RejectLeg(rig.leg, 486))
        rig.receive(self.invite.replace("INVITE", "ACK").replace("198.51.100.1>\r\nCall",
                                                               f"198.51.100.1>;tag={rig.tag}\r\nCall"))
        rig.run_until(40)
        assert rig.times(486) == [0]
