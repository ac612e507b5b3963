"""Our 1xx sent reliably, and early media (RFC 3262 §3, RFC 3261 §13.2.1)."""

import pytest

from ivr.sip.commands import AnswerLeg, AnswerOffer, HangUpLeg, ProgressLeg, RejectLeg, ReofferLeg, RingLeg
from ivr.sip.events import LegConfirmed, LegEnded, LegReanswered, LegReoffered
from ivr.sip.message.message import Response
from tests.sip.rig import OUR_SDP, SDP, Rig, invite, request, response

TAKES = "Supported: 100rel\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE, PRACK\r\n"
REQUIRES = "Require: 100rel\r\n"
OTHER_SDP = SDP.replace("4000", "4002")


def prack(rig: Rig, sequence: int = 2, body: str = "", rack: str = "", method: str = "PRACK") -> str:
    """The PRACK for our last 1xx."""
    last = [one for one in rig.responses("INVITE") if 100 < one.status < 200][-1]
    rack = rack or f"{last.headers.get('RSeq')} 1 INVITE"
    return request(method, sequence=sequence, tag=last.to.tag or "", extra=f"RAck: {rack}\r\n", body=body)


def offered(rig: Rig, extra: str = TAKES, body: str = SDP) -> Rig:
    rig.receive(invite(extra=extra, body=body))
    return rig


def is_reliable(sent: Response) -> bool:
    return "100rel" in sent.require and sent.headers.get("RSeq") is not None


class TestWhich:
    @pytest.mark.parametrize(("extra", "ring_reliable", "progress_reliable"), [
        ("", False, False),
        ("Supported: 100rel\r\n", False, True),
        ("Require: 100rel\r\n", True, True),
        ("k: timer, 100rel\r\n", False, True),
    ])
    def test_reliable(self, extra: str, ring_reliable: bool, progress_reliable: bool) -> None:
        for command, expected in ((RingLeg, ring_reliable), (ProgressLeg, progress_reliable)):
            rig = offered(Rig(), extra)
            rig.handle(RingLeg(rig.leg) if command is RingLeg else ProgressLeg(rig.leg, OUR_SDP))
            assert rig.statuses("INVITE") == [100, 180 if command is RingLeg else 183]
            assert is_reliable(rig.responses()[-1]) is expected
            assert rig.responses()[-1].body == (b"" if command is RingLeg else OUR_SDP)

    def test_an_offer_of_ours_goes_reliably_or_not_at_all(self) -> None:
        rig = offered(Rig(), "", body="")
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        assert rig.responses()[-1].body == b""
        rig = offered(Rig(), "Supported: 100rel\r\n", body="")
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        assert rig.responses()[-1].body == OUR_SDP

    def test_the_first_reliable_one_must_carry_the_offer__so_a_180_without_waits(self, rig: Rig) -> None:
        offered(rig, REQUIRES, body="")
        rig.handle(RingLeg(rig.leg))
        assert rig.statuses() == [100]


class TestPrack:
    def test_early_media_and_the_answer(self, rig: Rig) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.receive(prack(rig))
        assert rig.statuses("PRACK") == [200]
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        assert rig.responses("INVITE")[-1].status == 200
        assert rig.responses("INVITE")[-1].body == b""       # the peer has it (RFC 3261 §13.2.1)
        rig.receive(request("ACK", tag=rig.tag, branch="ack"))
        assert rig.of(LegConfirmed) == [LegConfirmed(rig.leg, None)]
        rig.run_until(60)
        assert rig.statuses("INVITE") == [100, 183, 200]

    def test_sent_again_with_doubling__then_refused(self, rig: Rig) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.run_until(40)
        assert rig.times(183) == [0, .5, 1.5, 3.5, 7.5, 15.5, 31.5]
        assert len({sent.headers.get("RSeq") for sent in rig.responses() if sent.status == 183}) == 1
        assert rig.statuses("INVITE")[-1] == 504
        assert rig.of(LegEnded) == [LegEnded(rig.leg, "network", 504, "no PRACK")]
        rig.receive(request("ACK", tag=rig.tag))
        assert rig.is_clean()

    def test_a_lost_prack(self, rig: Rig) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.run_until(2)
        again = prack(rig)
        rig.receive(again)
        rig.receive(again)          # its 200 was lost: the transaction answers
        assert rig.statuses("PRACK") == [200, 200]
        rig.run_until(50)
        assert rig.times(183) == [0, .5, 1.5]

    @pytest.mark.parametrize("rack", ["1 1 INVITE", "{rseq} 2 INVITE", "{rseq} 1 BYE", "{rseq} 1", "x y INVITE", "",
                                      "{rseq} 1 INVITE x"])
    def test_one_for_nothing_gets_481(self, rig: Rig, rack: str) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rseq = rig.responses("INVITE")[-1].headers.get("RSeq")
        rig.receive(prack(rig, rack=rack.format(rseq=rseq) or "0 0 INVITE"))
        assert rig.statuses("PRACK") == [481]
        rig.run_until(1)
        assert len(rig.times(183)) == 2

    def test_before_any_1xx_and_after_it_was_acknowledged(self, rig: Rig) -> None:
        offered(rig)
        rig.handle(RingLeg(rig.leg))
        rig.receive(prack(rig, rack="1 1 INVITE"))
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.receive(prack(rig, sequence=3))
        rig.receive(prack(rig, sequence=4))
        assert rig.statuses("PRACK") == [481, 200, 481]

    def test_the_200_waits_for_the_prack(self, rig: Rig) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        assert rig.statuses("INVITE") == [100, 183]
        rig.run_until(1)
        rig.receive(prack(rig))
        assert rig.statuses("INVITE") == [100, 183, 183, 200]
        rig.receive(request("ACK", tag=rig.tag, branch="ack"))
        assert len(rig.of(LegConfirmed)) == 1

    def test_the_200_waits__and_no_prack_comes(self, rig: Rig) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        rig.run_until(32)
        assert rig.statuses("INVITE")[-1] == 504
        assert rig.is_clean()

    def test_the_200_need_not_wait_for_a_180_without_a_description(self, rig: Rig) -> None:
        offered(rig, REQUIRES)
        rig.handle(RingLeg(rig.leg))
        late = prack(rig)
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        assert rig.statuses("INVITE") == [100, 180, 200]
        assert rig.responses("INVITE")[-1].body == OUR_SDP
        rig.receive(late)
        assert rig.statuses("PRACK") == [200]
        rig.receive(request("ACK", tag=rig.tag, branch="ack"))
        rig.run_until(60)
        assert rig.statuses("INVITE") == [100, 180, 200]

    def test_the_next_one_waits_for_the_prack_of_the_last(self, rig: Rig) -> None:
        offered(rig, REQUIRES)
        rig.handle(RingLeg(rig.leg))
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        assert rig.statuses("INVITE") == [100, 180]
        rig.receive(prack(rig))
        assert rig.statuses("INVITE") == [100, 180, 183]
        first, second = (int(sent.headers.get("RSeq") or 0) for sent in rig.responses("INVITE")[1:])
        assert second == first + 1
        rig.receive(prack(rig, sequence=3))
        assert rig.statuses("PRACK") == [200, 200]

    def test_a_reliable_180_is_told_again_with_a_new_number(self, rig: Rig) -> None:
        offered(rig, REQUIRES)
        rig.handle(RingLeg(rig.leg))
        rig.receive(prack(rig))
        rig.run_until(61)
        assert rig.times(180)[:2] == [0, 60]
        rig.receive(prack(rig, sequence=3))
        assert rig.statuses("PRACK") == [200, 200]

    @pytest.mark.parametrize("held", [False, True])
    @pytest.mark.parametrize(("how", "status"), [("cancel", 487), ("reject", 486), ("hang up", 480), ("bye", 487)])
    def test_the_end_while_it_waits(self, rig: Rig, held: bool, how: str, status: int) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        if held:
            rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        if how == "cancel":
            rig.receive(request("CANCEL", branch="c11INVITE"))
        elif how == "bye":
            rig.receive(request("BYE", sequence=2, tag=rig.tag))
        else:
            rig.handle(RejectLeg(rig.leg, 486) if how == "reject" else HangUpLeg(rig.leg))
        assert rig.statuses("INVITE") == [100, 183, status]
        assert len(rig.of(LegEnded)) == 1
        rig.receive(request("ACK", tag=rig.tag))
        assert rig.is_clean()


class TestDescriptions:
    def test_our_offer_in_a_1xx__their_answer_in_the_prack(self, rig: Rig) -> None:
        offered(rig, body="")
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.receive(prack(rig, body=SDP))
        assert rig.of(LegReanswered) == [LegReanswered(rig.leg, 200, SDP.encode())]
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        assert rig.responses("INVITE")[-1].body == b""
        rig.receive(request("ACK", tag=rig.tag, branch="ack"))
        assert rig.of(LegConfirmed) == [LegConfirmed(rig.leg, None)]

    def test_an_offer_in_the_prack(self, rig: Rig) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.receive(prack(rig, body=OTHER_SDP))
        assert rig.statuses("PRACK") == []
        assert rig.of(LegReoffered) == [LegReoffered(rig.leg, OTHER_SDP.encode())]
        rig.handle(AnswerOffer(rig.leg, OUR_SDP))
        answer = rig.responses("PRACK")[0]
        assert (answer.status, answer.body) == (200, OUR_SDP)
        rig.run_until(50)
        assert rig.statuses("INVITE") == [100, 183]

    def test_update_before_the_answer(self, rig: Rig) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.receive(request("UPDATE", sequence=2, tag=rig.tag, body=OTHER_SDP))
        assert rig.statuses("UPDATE") == [500]              # the first offer is not settled (RFC 3311 §5.2)
        rig.receive(prack(rig, sequence=3))
        rig.receive(request("UPDATE", sequence=4, tag=rig.tag, body=OTHER_SDP))
        rig.handle(AnswerOffer(rig.leg, OUR_SDP))
        assert rig.statuses("UPDATE") == [500, 200]
        assert rig.responses("UPDATE")[-1].body == OUR_SDP

    def test_update_while_our_offer_waits_for_its_answer(self, rig: Rig) -> None:
        offered(rig, body="")
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.receive(request("UPDATE", sequence=2, tag=rig.tag, body=SDP))
        assert rig.statuses("UPDATE") == [491]

    def test_our_update_before_the_answer(self, rig: Rig) -> None:
        offered(rig)
        rig.handle(ReofferLeg(rig.leg, OUR_SDP))
        assert rig.of(LegReanswered) == [LegReanswered(rig.leg, 491, None)]
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.receive(prack(rig))
        rig.handle(ReofferLeg(rig.leg, OUR_SDP))
        update = rig.requests("UPDATE")[0]
        assert (update.body, update.to.tag) == (OUR_SDP, "ac1")
        rig.receive(request("UPDATE", sequence=5, tag=rig.tag, body=OTHER_SDP))
        assert rig.statuses("UPDATE") == [491]              # both at once
        rig.receive(response(update, 200, body=SDP))
        assert rig.of(LegReanswered)[-1] == LegReanswered(rig.leg, 200, SDP.encode())
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        rig.receive(request("ACK", tag=rig.tag, branch="ack"))
        rig.receive(request("BYE", sequence=9, tag=rig.call_tag or rig.tag))
        assert rig.is_clean()

    def test_our_update_to_a_peer_that_does_not_know_it(self, rig: Rig) -> None:
        offered(rig, "Supported: 100rel\r\n")
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.receive(prack(rig))
        rig.handle(ReofferLeg(rig.leg, OUR_SDP))
        assert rig.requests("UPDATE") == []
        assert rig.of(LegReanswered) == [LegReanswered(rig.leg, 491, None)]

    @pytest.mark.parametrize("status", [491, 488, 481])
    def test_our_update_refused(self, rig: Rig, status: int) -> None:
        offered(rig)
        rig.handle(ProgressLeg(rig.leg, OUR_SDP))
        rig.receive(prack(rig))
        rig.handle(ReofferLeg(rig.leg, OUR_SDP))
        rig.receive(response(rig.requests("UPDATE")[0], status))
        rig.run_until(2.5)
        if status == 491:
            assert {one.cseq.number for one in rig.requests("UPDATE")} == {1, 2}
        else:
            assert rig.of(LegReanswered) == [LegReanswered(rig.leg, status, None)]
        rig.handle(HangUpLeg(rig.leg))
        rig.receive(request("ACK", tag=rig.tag))
        assert rig.is_clean()
