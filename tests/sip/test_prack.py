"""Reliable 1xx to our INVITE, early dialogs and forks (RFC 3262 §4, RFC 3261 §12.1, §13.2.2)."""

import pytest

from ivr.sip.commands import AnswerOffer, DialLeg, HangUpLeg, ReofferLeg
from ivr.sip.events import LegAnswered, LegEnded, LegReanswered, LegReoffered, LegRinging
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential
from tests.sip.rig import OUR_SDP, SDP, Rig, request, response, with_settings

OTHER_SDP = SDP.replace("4000", "4002")
ALLOW = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, PRACK\r\n"


def dial(rig: Rig) -> Request:
    rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
    return rig.requests("INVITE")[0]


def reliable(sent: Request, rseq: int | str, status: int = 183, tag: str = "b1", body: str = SDP, extra: str = "",
             contact: str = "<sip:bob@192.0.2.9:5070>") -> str:
    fields = f"Require: 100rel\r\nRSeq: {rseq}\r\n{ALLOW}{extra}"
    return response(sent, status, tag=tag, body=body, extra=fields, contact=contact)


def early_request(sent: Request, method: str, sequence: int = 1, tag: str = "b1", body: str = "",
                  extra: str = "") -> str:
    """A request of the phone with this tag in the dialog that its 1xx has made."""
    text = request(method, sequence=sequence, body=body, branch=f"{tag}{sequence}{method}", extra=extra)
    return text.replace("To: <sip:100@198.51.100.1>", f"To: {sent.headers.get('From')}").replace(
        "tag=ac1", f"tag={tag}").replace("c1@192.0.2.9", sent.sip_call_id)


def racks(rig: Rig) -> list[str | None]:
    return [prack.headers.get("RAck") for prack in rig.requests("PRACK")]


class TestPrack:
    def test_the_prack(self, rig: Rig) -> None:
        sent = dial(rig)
        routes = "Record-Route: <sip:192.0.2.7;lr>, <sip:192.0.2.8;lr>\r\n"
        rig.receive(reliable(sent, 776656, extra=routes, contact="<sip:bob@192.0.2.9:6000>"))
        prack = rig.requests("PRACK")[0]
        assert prack.headers.get("RAck") == "776656 1 INVITE"
        assert (prack.cseq.number, prack.to.tag, prack.sip_call_id) == (2, "b1", sent.sip_call_id)
        assert str(prack.request_uri) == "sip:bob@192.0.2.9:6000"
        assert [str(route.uri) for route in prack.routes] == ["sip:192.0.2.8;lr", "sip:192.0.2.7;lr"]
        assert rig.sent[-1].flow.remote == ("192.0.2.8", 5060)
        assert rig.of(LegRinging) == [LegRinging("L", 183, SDP.encode())]

    def test_each_in_order__repeated_and_overtaking_ones_dropped(self, rig: Rig) -> None:
        sent = dial(rig)
        for rseq in (5, 5, 7, 6, 6, 5, 7, 9, 8):
            rig.receive(reliable(sent, rseq, body=SDP if rseq == 5 else ""))
        assert racks(rig) == ["5 1 INVITE", "6 1 INVITE", "7 1 INVITE", "8 1 INVITE"]
        assert [prack.cseq.number for prack in rig.requests("PRACK")] == [2, 3, 4, 5]

    def test_a_lost_prack_is_sent_again(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1))
        rig.run_until(2)
        assert rig.times("PRACK") == [0, .5, 1.5]
        rig.receive(response(rig.requests("PRACK")[0], 200))
        rig.run_until(30)
        assert len(rig.times("PRACK")) == 3

    @pytest.mark.parametrize("rseq", ["", "0", "-1", "x", "4294967296", "1 2"])
    def test_a_faulty_number_makes_it_an_ordinary_1xx(self, rig: Rig, rseq: str) -> None:
        rig.receive(reliable(dial(rig), rseq))
        assert rig.requests("PRACK") == []
        assert len(rig.of(LegRinging)) == 1

    def test_several_phones__each_with_its_own_numbers(self, rig: Rig) -> None:
        sent = dial(rig)
        for tag, rseq in (("b1", 10), ("b2", 500), ("b1", 11), ("b2", 501), ("b2", 502)):
            rig.receive(reliable(sent, rseq, tag=tag, body="", status=180))
        assert [(prack.to.tag, prack.cseq.number) for prack in rig.requests("PRACK")] == [
            ("b1", 2), ("b2", 2), ("b1", 3), ("b2", 3), ("b2", 4)]

    def test_one_phone_too_many_is_passed_over(self, rig: Rig) -> None:
        sent = dial(rig)
        for number in range(20):
            rig.receive(reliable(sent, 1, tag=f"b{number}"))
        assert len(rig.requests("PRACK")) == 8

    @pytest.mark.parametrize("status", [408, 481, 500, 488])
    def test_a_refused_prack_leaves_the_call_alone(self, rig: Rig, status: int) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1))
        rig.receive(response(rig.requests("PRACK")[0], status))
        rig.receive(response(sent, 200, body=""))
        assert rig.of(LegEnded) == []
        assert len(rig.of(LegAnswered)) == 1

    def test_a_challenge_to_the_prack(self) -> None:
        rig = Rig(with_settings(credentials=(Credential("*", "hotline", "secret"),)))
        sent = dial(rig)
        rig.receive(reliable(sent, 1))
        challenge = 'Proxy-Authenticate: Digest realm="x", nonce="y", qop="auth"\r\n'
        rig.receive(response(rig.requests("PRACK")[0], 407, extra=challenge))
        second = rig.requests("PRACK")[1]
        assert (second.cseq.number, second.headers.get("RAck")) == (3, "1 1 INVITE")
        assert "Proxy-Authorization" in second.headers

    def test_after_our_cancel_it_is_still_acknowledged(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 100, tag=""))
        rig.handle(HangUpLeg("L"))
        rig.receive(reliable(sent, 1))
        assert racks(rig) == ["1 1 INVITE"]
        assert len(rig.requests("CANCEL")) == 1
        rig.receive(response(rig.requests("CANCEL")[0], 200))
        rig.receive(response(sent, 487))
        assert rig.is_clean()

    def test_given_up_before_any_response__the_first_one_is_reliable(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.handle(HangUpLeg("L"))
        rig.receive(reliable(sent, 1))
        assert len(rig.requests("PRACK")) == len(rig.requests("CANCEL")) == 1
        rig.receive(response(rig.requests("CANCEL")[0], 200))
        rig.receive(response(sent, 487))
        assert rig.is_clean()


class TestEarlyMedia:
    def test_each_change_is_told_once(self, rig: Rig) -> None:
        sent = dial(rig)
        for status, body in ((180, ""), (180, ""), (183, SDP), (183, SDP), (180, ""), (183, OTHER_SDP)):
            rig.receive(response(sent, status, body=body))
        rig.receive(response(sent, 183, body=SDP, tag="b2"))
        assert [(told.status, told.body, told.fork) for told in rig.of(LegRinging)] == [
            (180, None, "b1"), (183, SDP.encode(), "b1"), (180, None, "b1"), (183, OTHER_SDP.encode(), "b1"),
            (183, SDP.encode(), "b2")]

    def test_the_first_reliable_description_counts(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1))
        rig.receive(reliable(sent, 2, body=OTHER_SDP))      # against RFC 3261 §13.2.1
        rig.receive(response(sent, 200, body=OTHER_SDP))
        assert [told.body for told in rig.of(LegRinging)] == [SDP.encode(), None]
        assert rig.of(LegAnswered) == [LegAnswered("L", SDP.encode())]

    def test_a_200_that_says_nothing_more(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1))
        rig.receive(response(sent, 200))
        assert rig.of(LegAnswered) == [LegAnswered("L", SDP.encode())]

    def test_an_unreliable_description_gives_way_to_that_of_the_200(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 183, body=SDP))
        rig.receive(response(sent, 200, body=OTHER_SDP))
        assert rig.of(LegAnswered) == [LegAnswered("L", OTHER_SDP.encode())]


class TestForks:
    def test_the_dialog_of_the_phone_that_answers(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1, tag="b1", extra="Record-Route: <sip:192.0.2.7;lr>\r\n"))
        rig.receive(reliable(sent, 1, tag="b2", body=OTHER_SDP, contact="<sip:carol@192.0.2.10>"))
        rig.receive(reliable(sent, 2, tag="b2", body=""))
        rig.receive(response(sent, 200, tag="b2", contact=""))
        assert rig.of(LegAnswered) == [LegAnswered("L", OTHER_SDP.encode())]
        ack = rig.requests("ACK")[0]
        assert (ack.to.tag, ack.cseq.number, str(ack.request_uri), ack.routes) == (
            "b2", 1, "sip:carol@192.0.2.10", [])
        rig.handle(HangUpLeg("L"))
        assert rig.requests("BYE")[0].cseq.number == 4          # after two PRACKs
        rig.receive(response(rig.requests("BYE")[0], 200))

    def test_the_route_set_of_the_200_counts(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1, extra="Record-Route: <sip:192.0.2.7;lr>\r\n"))
        rig.receive(response(sent, 200, extra="Record-Route: <sip:192.0.2.8;lr>\r\n"))
        assert [str(route.uri) for route in rig.requests("ACK")[0].routes] == ["sip:192.0.2.8;lr"]

    def test_a_second_answer__ack_and_bye_in_its_own_dialog(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1, tag="b1"))
        rig.receive(reliable(sent, 1, tag="b2", contact="<sip:carol@192.0.2.10>"))
        rig.receive(response(sent, 200, tag="b1"))
        for _ in range(2):
            rig.receive(response(sent, 200, tag="b2", contact="<sip:carol@192.0.2.10>",
                                 extra="Record-Route: <sip:192.0.2.8;lr>\r\n"))
        bye, = rig.requests("BYE")
        assert (bye.to.tag, bye.cseq.number, str(bye.request_uri)) == ("b2", 3, "sip:carol@192.0.2.10")
        assert [str(route.uri) for route in bye.routes] == ["sip:192.0.2.8;lr"]
        assert [ack.to.tag for ack in rig.requests("ACK")] == ["b1", "b2", "b2"]
        rig.receive(response(bye, 200))
        assert rig.of(LegEnded) == []
        rig.handle(HangUpLeg("L"))
        rig.receive(response(rig.requests("BYE")[1], 200))
        assert rig.is_clean()

    def test_two_answers_after_our_cancel(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1, tag="b1"))
        rig.receive(reliable(sent, 1, tag="b2"))
        rig.handle(HangUpLeg("L"))
        rig.receive(response(sent, 200, tag="b2"))
        rig.receive(response(sent, 200, tag="b1"))
        assert [(bye.to.tag, bye.cseq.number) for bye in rig.requests("BYE")] == [("b2", 3), ("b1", 3)]
        for bye in rig.requests("BYE"):
            rig.receive(response(bye, 200))
        for prack in rig.requests("PRACK"):
            rig.receive(response(prack, 200))
        rig.receive(response(rig.requests("CANCEL")[0], 481))
        assert rig.of(LegAnswered) == []
        assert len(rig.of(LegEnded)) == 1
        assert rig.is_clean()


class TestUpdate:
    def test_theirs_before_the_answer(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1))
        rig.receive(early_request(sent, "UPDATE", body=OTHER_SDP))
        assert rig.of(LegReoffered) == [LegReoffered("L", OTHER_SDP.encode())]
        rig.handle(AnswerOffer("L", OUR_SDP))
        assert (rig.statuses("UPDATE"), rig.responses("UPDATE")[0].body) == ([200], OUR_SDP)
        rig.receive(response(sent, 200))
        assert rig.of(LegAnswered) == [LegAnswered("L", OTHER_SDP.encode())]

    def test_theirs_before_ours_is_answered(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 180))
        rig.receive(early_request(sent, "UPDATE", body=OTHER_SDP))
        assert rig.statuses("UPDATE") == [491]

    def test_without_an_offer_it_moves_the_phone(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 180))
        rig.receive(early_request(sent, "UPDATE").replace("alice@192.0.2.9:5070", "bob@192.0.2.9:6000"))
        assert rig.statuses("UPDATE") == [200]
        rig.receive(response(sent, 200, body=SDP, contact=""))
        assert str(rig.requests("ACK")[0].request_uri) == "sip:bob@192.0.2.9:6000"

    def test_two_phones_offer_at_once(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1, tag="b1"))
        rig.receive(reliable(sent, 1, tag="b2"))
        rig.receive(early_request(sent, "UPDATE", body=SDP, tag="b1"))
        rig.receive(early_request(sent, "UPDATE", body=OTHER_SDP, tag="b2"))
        assert rig.statuses("UPDATE") == [500]
        rig.handle(AnswerOffer("L", OUR_SDP))
        rig.receive(early_request(sent, "UPDATE", body=OTHER_SDP, tag="b2", sequence=2))
        rig.handle(AnswerOffer("L", OUR_SDP))
        assert rig.statuses("UPDATE") == [500, 200, 200]

    def test_ours_before_the_answer(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.handle(ReofferLeg("L", OUR_SDP))                # nobody rings yet
        rig.receive(reliable(sent, 1))
        rig.handle(ReofferLeg("L", OUR_SDP))
        update, = rig.requests("UPDATE")
        assert (update.cseq.number, update.to.tag, update.body) == (3, "b1", OUR_SDP)
        rig.receive(response(update, 200, body=OTHER_SDP))
        assert rig.of(LegReanswered) == [LegReanswered("L", 491, None), LegReanswered("L", 200, OTHER_SDP.encode())]
        rig.receive(response(sent, 200))
        assert rig.of(LegAnswered) == [LegAnswered("L", OTHER_SDP.encode())]

    def test_ours_meets_theirs(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1))
        rig.handle(ReofferLeg("L", OUR_SDP))
        rig.receive(early_request(sent, "UPDATE", body=OTHER_SDP))
        assert rig.statuses("UPDATE") == [491]
        rig.receive(response(rig.requests("UPDATE")[0], 491))
        rig.run_until(2)
        assert {one.cseq.number for one in rig.requests("UPDATE")} == {3}
        rig.run_until(4)                                    # the owner of the Call-ID waits 2.1 to 4 s
        assert {one.cseq.number for one in rig.requests("UPDATE")} == {3, 4}

    def test_ours_with_two_phones__which_one_nobody_could_say(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1, tag="b1"))
        rig.receive(reliable(sent, 1, tag="b2"))
        rig.handle(ReofferLeg("L", OUR_SDP))
        assert rig.requests("UPDATE") == []
        assert rig.of(LegReanswered) == [LegReanswered("L", 491, None)]

    def test_the_call_is_refused_while_an_update_waits(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1))
        rig.receive(early_request(sent, "UPDATE", body=OTHER_SDP))
        rig.receive(response(sent, 486))
        assert rig.statuses("UPDATE") == [487]
        for prack in rig.requests("PRACK"):
            rig.receive(response(prack, 200))
        assert rig.is_clean()

    def test_the_early_dialogs_of_an_invite_that_failed_are_over(self) -> None:
        rig = Rig(with_settings(credentials=(Credential("*", "hotline", "secret"),)))
        sent = dial(rig)
        rig.receive(reliable(sent, 1, tag="b1"))
        rig.receive(response(sent, 407, extra='Proxy-Authenticate: Digest realm="x", nonce="y", qop="auth"\r\n'))
        second = rig.requests("INVITE")[1]
        rig.receive(reliable(second, 1, tag="b2"))
        rig.handle(ReofferLeg("L", OUR_SDP))
        assert [update.to.tag for update in rig.requests("UPDATE")] == ["b2"]

    def test_refused_while_our_update_waits_to_go_again(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(reliable(sent, 1))
        rig.handle(ReofferLeg("L", OUR_SDP))
        rig.receive(response(rig.requests("UPDATE")[0], 491))
        rig.receive(response(sent, 486))
        assert rig.is_clean()

    @pytest.mark.parametrize(("method", "status"), [("INVITE", 491), ("BYE", 481), ("PRACK", 481), ("OPTIONS", 200)])
    def test_other_requests_of_a_phone_that_rings(self, rig: Rig, method: str, status: int) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 180))
        rig.receive(early_request(sent, method, sequence=5))
        assert rig.statuses(method) == [status]
        assert rig.of(LegEnded) == []
