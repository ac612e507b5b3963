"""We hang up on whom we have just told how its transfer ended: the BYE waits for the answer to that NOTIFY."""

import pytest

from ivr.sip.commands import AcceptTransfer, HangUpLeg, ProbeLeg, ReportTransfer
from ivr.sip.events import LegEnded, TransferRequested
from tests.sip.calls import made, received
from tests.sip.rig import TCP, UDP, Rig, request, response

TARGET = "Refer-To: <sip:300@192.0.2.50>\r\n"


def told(rig: Rig, status: int = 200) -> str:
    """A call received whose peer's transfer has ended; its leg. The last NOTIFY is not answered."""
    leg = received(rig)
    transferred(rig, leg, status)
    return leg


def transferred(rig: Rig, leg: str, status: int = 200, sequence: int = 2) -> None:
    rig.receive(request("REFER", sequence=sequence, tag=rig.call_tag, extra=TARGET))
    rig.handle(AcceptTransfer(leg))
    rig.receive(response(rig.requests("NOTIFY")[-1], 200))
    rig.handle(ReportTransfer(leg, status))


def hang_up(rig: Rig, leg: str, reason: str = "") -> None:
    rig.handle(HangUpLeg(leg, reason))
    assert rig.of(LegEnded) == [LegEnded(leg, "us", 200, reason or "hung up")]
    assert rig.requests("BYE") == []


def answer(rig: Rig, status: int = 200) -> None:
    rig.receive(response(rig.requests("NOTIFY")[-1], status))


def is_over(rig: Rig) -> bool:
    """Whether the answer to the one BYE ends all, and the end was told once."""
    byes = rig.requests("BYE")
    rig.receive(response(byes[0], 200))
    assert {bye.cseq.number for bye in byes} == {byes[0].cseq.number}
    assert len(rig.of(LegEnded)) == 1
    return rig.is_clean()


@pytest.mark.parametrize("status", [200, 404, 481, 486, 603])
def test_the_answer_comes(rig: Rig, status: int) -> None:
    leg = told(rig)
    hang_up(rig, leg)
    rig.now = .3
    answer(rig, status)
    assert rig.times("BYE") == [.3]
    assert is_over(rig)


def test_nothing_comes__bye_after_two_seconds(rig: Rig) -> None:
    leg = told(rig)
    hang_up(rig, leg)
    rig.run_until(2.1)
    assert rig.times("NOTIFY")[-3:] == [0, .5, 1.5]
    assert rig.times("BYE") == [2]
    answer(rig)
    assert is_over(rig)


def test_nobody_answers_anything(rig: Rig) -> None:
    hang_up(rig, told(rig))
    rig.run_until(2)
    assert rig.times("BYE") == [2]
    assert rig.is_clean()


def test_the_connection_is_lost_and_takes_no_new_one() -> None:
    rig = Rig(flow=TCP)
    received(rig, transport="TCP")
    transferred(rig, rig.leg)
    hang_up(rig, rig.leg)
    rig.take(rig.endpoint.stream_closed(TCP, rig.now))
    rig.run_until(2)
    assert len(rig.of(LegEnded)) == 1
    assert rig.requests("BYE")
    assert rig.is_clean()


def test_the_reason_is_not_lost(rig: Rig) -> None:
    hang_up(rig, told(rig), "taken over")
    answer(rig)
    assert rig.requests("BYE")[0].headers.get("Reason") == 'SIP;cause=200;text="taken over"'
    assert is_over(rig)


def test_a_leg_that_we_dialled(rig: Rig) -> None:
    call = made(rig)
    text = request("REFER", sequence=2, extra=TARGET).replace("c1@192.0.2.9", call)
    rig.handle(ProbeLeg("ours"))
    ours = rig.requests("OPTIONS")[0]
    rig.receive(response(ours, 200))
    rig.receive(text.replace("tag=ac1", "tag=b1").replace(
        "To: <sip:100@198.51.100.1>", f"To: <sip:100@198.51.100.1>;tag={ours.from_.tag}"))
    rig.handle(AcceptTransfer("ours"))
    rig.receive(response(rig.requests("NOTIFY")[-1], 200))
    rig.handle(ReportTransfer("ours", 200))
    hang_up(rig, "ours")
    answer(rig)
    assert is_over(rig)


class TestThePeerMeanwhile:
    def test_says_bye(self, rig: Rig) -> None:
        hang_up(rig, told(rig))
        rig.receive(request("BYE", sequence=3, tag=rig.call_tag))
        assert rig.statuses("BYE") == [200]
        answer(rig)
        rig.run_until(10)
        assert rig.requests("BYE") == []
        assert len(rig.of(LegEnded)) == 1
        assert rig.is_clean()

    def test_wants_another_transfer(self, rig: Rig) -> None:
        hang_up(rig, told(rig))
        rig.receive(request("REFER", sequence=3, tag=rig.call_tag, extra=TARGET))
        assert rig.statuses("REFER") == [202, 481]
        assert len(rig.of(TransferRequested)) == 1
        answer(rig)
        assert is_over(rig)

    def test_had_asked_for_another_transfer__refused_at_once_with_the_end(self, rig: Rig) -> None:
        leg = told(rig)
        rig.receive(request("REFER", sequence=3, tag=rig.call_tag, extra=TARGET))
        hang_up(rig, leg)
        assert rig.statuses("REFER") == [202, 487]
        answer(rig)
        assert is_over(rig)

    @pytest.mark.parametrize("method", ["INVITE", "UPDATE", "OPTIONS", "INFO", "SUBSCRIBE"])
    def test_asks_for_what_is_over(self, rig: Rig, method: str) -> None:
        hang_up(rig, told(rig))
        rig.receive(request(method, sequence=3, tag=rig.call_tag, extra="Event: refer\r\n"))
        assert rig.statuses(method)[-1] == 481
        rig.receive(request("ACK", sequence=3, tag=rig.call_tag, branch="c13INVITE"))
        answer(rig)
        assert is_over(rig)

    def test_sends_the_ack_of_its_invite_again(self, rig: Rig) -> None:
        hang_up(rig, told(rig))
        rig.receive(request("ACK", tag=rig.call_tag, branch="again"))
        answer(rig)
        assert is_over(rig)


class TestWhichNotify:
    def test_only_the_last_one_counts(self, rig: Rig) -> None:
        leg = received(rig)
        rig.receive(request("REFER", sequence=2, tag=rig.call_tag, extra=TARGET))
        rig.handle(AcceptTransfer(leg))
        rig.handle(ReportTransfer(leg, 200))
        hang_up(rig, leg)
        trying, last = rig.requests("NOTIFY")
        rig.receive(response(trying, 200))
        assert rig.requests("BYE") == []
        rig.receive(response(last, 200))
        assert len(rig.requests("BYE")) == 1
        assert is_over(rig)

    def test_a_provisional_answer_says_nothing(self, rig: Rig) -> None:
        hang_up(rig, told(rig))
        answer(rig, 100)
        assert rig.requests("BYE") == []
        answer(rig)
        assert is_over(rig)

    def test_overtaken_by_another_request__told_once_more(self, rig: Rig) -> None:
        hang_up(rig, told(rig))
        answer(rig, 500)
        first, again = rig.requests("NOTIFY")[-2:]
        assert (again.body, rig.requests("BYE")) == (first.body, [])
        assert again.cseq.number > first.cseq.number
        answer(rig)
        assert is_over(rig)

    def test_refused_with_500_for_ever(self, rig: Rig) -> None:
        hang_up(rig, told(rig))
        for _ in range(10):
            answer(rig, 500)
        assert len(rig.requests("BYE")) == 1
        assert is_over(rig)

    def test_the_second_of_two_transfers(self, rig: Rig) -> None:
        leg = told(rig, 486)
        first = rig.requests("NOTIFY")[-1]
        transferred(rig, leg, sequence=3)
        hang_up(rig, leg)
        rig.receive(response(first, 200))
        assert rig.requests("BYE") == []
        answer(rig)
        assert is_over(rig)


class TestAsBefore:
    def test_without_a_transfer(self, rig: Rig) -> None:
        leg = received(rig)
        rig.handle(HangUpLeg(leg))
        assert rig.times("BYE") == [0]
        assert is_over(rig)

    def test_the_last_notify_was_answered(self, rig: Rig) -> None:
        leg = told(rig)
        answer(rig)
        rig.handle(HangUpLeg(leg))
        assert rig.times("BYE") == [0]
        assert is_over(rig)

    def test_the_transfer_still_runs(self, rig: Rig) -> None:
        leg = received(rig)
        rig.receive(request("REFER", sequence=2, tag=rig.call_tag, extra=TARGET))
        rig.handle(AcceptTransfer(leg))
        rig.handle(HangUpLeg(leg))
        assert rig.times("BYE") == [0]
        assert is_over(rig)

    def test_the_peer_wants_no_notify(self, rig: Rig) -> None:
        leg = received(rig)
        rig.receive(request("REFER", sequence=2, tag=rig.call_tag, extra=TARGET + "Refer-Sub: false\r\n"))
        rig.handle(AcceptTransfer(leg))
        rig.handle(ReportTransfer(leg, 200))
        rig.handle(HangUpLeg(leg))
        assert rig.times("BYE") == [0]
        assert is_over(rig)


def test_whoever_shuts_down_waits_for_it(rig: Rig) -> None:
    leg = told(rig)
    hang_up(rig, leg)
    assert (rig.endpoint.is_parting(leg), rig.endpoint.parting, rig.endpoint.counts()["calls"]) == (True, 1, 0)
    answer(rig)
    assert rig.endpoint.parting == 1
    rig.receive(response(rig.requests("BYE")[0], 200), UDP)
    assert rig.endpoint.parting == 0
