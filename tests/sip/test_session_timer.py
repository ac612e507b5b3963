"""Session timers with a scripted peer (RFC 4028)."""

from typing import Any

import pytest

from ivr.sip.commands import AnswerLeg, AnswerOffer, DialLeg, HangUpLeg, ReofferLeg
from ivr.sip.events import LegAnswered, LegEnded, LegReanswered, LegReoffered
from ivr.sip.message.message import Request
from ivr.sip.message.parser import parse
from ivr.sip.message.session_interval import Terms, terms_as_server
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import EndpointSettings
from tests.sip.rig import OUR_SDP, SDP, Rig, invite, request, response, with_settings

KNOWS = "Supported: timer\r\n"
UPDATES = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n"


def answered(rig: Rig, extra: str = "") -> Rig:
    """A call that the peer began and we answered at 0 s."""
    rig.receive(invite(extra=extra))
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    rig.call_tag = rig.tag
    return rig


def dialled(rig: Rig, extra: str = "", body: str = SDP) -> Request:
    """A call of ours that the peer answered with these fields; returns the INVITE."""
    rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
    sent = rig.requests("INVITE")[0]
    rig.receive(response(sent, 200, body=body, extra=extra))
    return sent


def in_our_call(invite_sent: Request, method: str, **fields: Any) -> str:
    """A request of the peer in the dialog that our INVITE began."""
    text = request(method, **fields)
    return text.replace("To: <sip:100@198.51.100.1>", f"To: {invite_sent.headers.get('From')}").replace(
        "tag=ac1", "tag=b1").replace("c1@192.0.2.9", invite_sent.sip_call_id)


def expires(message: Any) -> str | None:
    value: str | None = message.headers.get("Session-Expires")
    return value


@pytest.mark.parametrize(("fields", "current", "terms"), [
    # what the peer sends                                       so far                      what we answer
    ("Session-Expires: 1200\r\n" + KNOWS, None, Terms(1200, we_refresh=False)),
    ("Session-Expires: 1200;refresher=uac\r\n" + KNOWS, None, Terms(1200, we_refresh=False)),
    ("Session-Expires: 1200;refresher=uas\r\n" + KNOWS, None, Terms(1200, we_refresh=True)),
    ("x: 1200 ; Refresher = UAS\r\n" + KNOWS, None, Terms(1200, we_refresh=True)),
    ("Session-Expires: 90\r\nRequire: timer\r\n", None, Terms(90, we_refresh=False)),
    ("Session-Expires: 7200\r\n" + KNOWS, None, Terms(1800, we_refresh=False)),         # we may shorten it,
    ("Session-Expires: 7200\r\nMin-SE: 3600\r\n" + KNOWS, None, Terms(3600, we_refresh=False)),     # so far
    ("Session-Expires: soon\r\n" + KNOWS, None, Terms(1800, we_refresh=True)),
    (KNOWS, None, Terms(1800, we_refresh=True)),
    ("Min-SE: 4000\r\n" + KNOWS, None, Terms(4000, we_refresh=True)),
    ("", None, Terms(1800, we_refresh=True, alone=True)),
    ("Session-Expires: 600\r\n", None, Terms(600, we_refresh=True)),                    # a proxy wants it
    ("Session-Expires: 30\r\n", None, Terms(90, we_refresh=True)),
    ("Session-Expires: 1200\r\n" + KNOWS, Terms(1800, we_refresh=True), Terms(1200, we_refresh=True)),
    ("Session-Expires: 1200\r\n" + KNOWS, Terms(1800, we_refresh=False), Terms(1200, we_refresh=False)),
    ("Session-Expires: 1200;refresher=uac\r\n" + KNOWS, Terms(1800, we_refresh=True), Terms(1200, we_refresh=False)),
])
def test_what_we_agree_to(fields: str, current: Terms | None, terms: Terms) -> None:
    asked = parse(invite(extra=fields).encode())
    assert isinstance(asked, Request)
    assert terms_as_server(asked, EndpointSettings(), current) == terms


class TestAnswered:
    @pytest.mark.parametrize(("extra", "granted", "requires"), [
        ("Session-Expires: 600\r\n" + KNOWS, "600;refresher=uac", True),
        ("Session-Expires: 600;refresher=uas\r\n" + KNOWS, "600;refresher=uas", True),
        (KNOWS, "1800;refresher=uas", True),
        ("Session-Expires: 600\r\n", "600;refresher=uas", False),
        ("", None, False),
    ])
    def test_our_200(self, rig: Rig, extra: str, granted: str | None, requires: bool) -> None:
        answered(rig, extra)
        assert expires(rig.responses("INVITE")[-1]) == granted
        assert ("timer" in rig.responses("INVITE")[-1].require) is requires

    def test_require_timer_is_accepted(self, rig: Rig) -> None:
        answered(rig, "Require: timer\r\nSession-Expires: 90\r\n")
        assert rig.statuses("INVITE") == [100, 200]

    @pytest.mark.parametrize("seconds", [0, 1, 89])
    def test_too_small(self, rig: Rig, seconds: int) -> None:
        rig.receive(invite(extra=f"Session-Expires: {seconds}\r\n" + KNOWS))
        assert rig.statuses("INVITE") == [422]
        assert rig.responses()[0].headers.get("Min-SE") == "90"

    def test_too_small_in_the_dialog__the_call_goes_on(self, rig: Rig) -> None:
        answered(rig, KNOWS)
        for sequence, method in ((2, "INVITE"), (3, "UPDATE")):
            extra = "Session-Expires: 60\r\n" + KNOWS
            rig.receive(request(method, sequence=sequence, tag=rig.call_tag, extra=extra))
            assert rig.statuses(method)[-1] == 422
        assert rig.of(LegEnded) == []

    def test_the_peer_vanishes__ended_a_third_before_the_end(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90\r\n" + KNOWS)
        rig.run_until(59.9)
        assert rig.of(LegEnded) == []
        rig.run_until(60)
        assert rig.of(LegEnded) == [LegEnded(rig.leg, "network", 408, "the session was not refreshed")]
        assert rig.times("BYE")[0] == 60
        assert rig.is_clean()

    def test_the_peer_vanishes__ended_32_s_before_the_end(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 600\r\n" + KNOWS)
        rig.run_until(1000)
        assert rig.times("BYE")[0] == 568

    @pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
    def test_the_peer_refreshes(self, rig: Rig, method: str) -> None:
        answered(rig, "Session-Expires: 90\r\n" + KNOWS)
        for sequence in range(2, 12):
            rig.run_until(rig.now + 45)
            body = SDP if method == "INVITE" else ""
            extra = "Session-Expires: 90;refresher=uac\r\n" + KNOWS
            rig.receive(request(method, sequence=sequence, tag=rig.call_tag, body=body, extra=extra))
            granted = rig.responses(method)[-1]
            assert (granted.status, expires(granted)) == (200, "90;refresher=uac")
            assert granted.body == (OUR_SDP if method == "INVITE" else b"")
            if method == "INVITE":
                rig.receive(request("ACK", sequence=sequence, tag=rig.call_tag, branch=f"ack{sequence}"))
        assert rig.of(LegReoffered) == []
        assert rig.of(LegEnded) == []
        rig.run_until(rig.now + 60)
        assert len(rig.of(LegEnded)) == 1

    def test_an_offer_of_the_peer_refreshes_too(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90\r\n" + KNOWS)
        rig.run_until(50)
        rig.receive(invite(sequence=2, tag=rig.call_tag, body=SDP + "a=sendonly\r\n",
                           extra="Session-Expires: 90\r\n" + KNOWS))
        assert len(rig.of(LegReoffered)) == 1
        rig.handle(AnswerOffer(rig.leg, OUR_SDP))
        assert expires(rig.responses()[-1]) == "90;refresher=uac"
        rig.receive(request("ACK", sequence=2, tag=rig.call_tag, branch="ack2"))
        rig.run_until(109)
        assert rig.of(LegEnded) == []
        rig.run_until(110)
        assert len(rig.of(LegEnded)) == 1

    def test_we_refresh_by_update(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS + UPDATES)
        rig.run_until(45)
        update = rig.requests("UPDATE")[0]
        assert (expires(update), update.body, update.cseq.number) == ("1800;refresher=uac", b"", 1)
        assert "timer" in update.supported
        rig.receive(response(update, 200, extra="Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n"))
        rig.run_until(90)
        assert len(rig.requests("UPDATE")) == 2
        assert rig.of(LegEnded) == []

    def test_we_refresh_by_invite_with_the_same_description(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS)
        rig.run_until(45)
        sent = rig.requests("INVITE")[0]
        assert (sent.body, expires(sent)) == (OUR_SDP, "1800;refresher=uac")
        rig.receive(response(sent, 200, body=SDP, extra="Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n"))
        assert len(rig.requests("ACK")) == 1
        assert rig.of(LegReanswered) == []      # nothing has changed
        rig.run_until(90)
        assert rig.requests("INVITE")[-1].body == OUR_SDP

    def test_what_a_refresh_changes_is_told(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS)
        rig.run_until(45)
        other = SDP.replace("4000", "4002")
        rig.receive(response(rig.requests("INVITE")[0], 200, body=other))
        assert rig.of(LegReanswered) == [LegReanswered(rig.leg, 200, other.encode())]

    @pytest.mark.parametrize("status", [405, 501])
    def test_the_peer_does_not_know_update_after_all(self, rig: Rig, status: int) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS + UPDATES)
        rig.run_until(45)
        rig.receive(response(rig.requests("UPDATE")[0], status))
        assert rig.requests("INVITE")[0].body == OUR_SDP

    @pytest.mark.parametrize("status", [408, 481])
    def test_the_peer_has_lost_the_dialog(self, rig: Rig, status: int) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS + UPDATES)
        rig.run_until(45)
        rig.receive(response(rig.requests("UPDATE")[0], status))
        assert rig.of(LegEnded) == [LegEnded(rig.leg, "network", 408, "the peer has lost the dialog")]
        assert len(rig.requests("BYE")) == 1

    def test_silence_to_our_refresh_ends_the_leg(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS + UPDATES)
        rig.run_until(45 + 32)
        assert len(rig.of(LegEnded)) == 1
        assert rig.is_clean()

    def test_refusals_are_tried_again__at_the_end_comes_the_bye(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS + UPDATES)
        while not rig.of(LegEnded):
            due = rig.endpoint.next_timer()
            assert due is not None
            rig.run_until(due)
            for update in rig.requests("UPDATE"):
                rig.receive(response(update, 500))
        assert rig.times("UPDATE") == [45, 67.5, 78.75, 84.375]
        assert rig.times("BYE")[0] == 90

    def test_422_to_our_refresh(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS + UPDATES)
        rig.run_until(45)
        rig.receive(response(rig.requests("UPDATE")[0], 422, extra="Min-SE: 3000\r\n"))
        second = rig.requests("UPDATE")[1]
        assert (expires(second), second.headers.get("Min-SE")) == ("3000;refresher=uac", "3000")
        assert second.cseq.number == 2

    def test_the_users_own_offer_refreshes(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS + UPDATES)
        rig.run_until(40)
        rig.handle(ReofferLeg(rig.leg, OUR_SDP))
        sent = rig.requests("INVITE")[0]
        assert expires(sent) == "1800;refresher=uac"
        rig.receive(response(sent, 200, body=SDP, extra="Session-Expires: 90;refresher=uac\r\n"))
        rig.run_until(84)
        assert rig.requests("UPDATE") == []
        rig.run_until(85)
        assert len(rig.requests("UPDATE")) == 1

    def test_a_peer_without_timers_is_asked_by_us_alone(self, rig: Rig) -> None:
        answered(rig)
        for _ in range(12):
            rig.run_until(rig.now + 900)
            sent = rig.requests("INVITE")[-1]
            rig.receive(response(sent, 200, body=SDP))
        assert len(rig.requests("INVITE")) == 12
        rig.run_until(rig.now + 900 + 32)
        assert len(rig.of(LegEnded)) == 1

    def test_a_peer_without_timers_may_refuse_for_ever(self, rig: Rig) -> None:
        answered(rig)
        for _ in range(6):
            rig.run_until(rig.now + 900)
            rig.receive(response(rig.requests("INVITE")[-1], 488))
        assert rig.of(LegEnded) == []
        assert len(rig.requests("INVITE")) == 6

    def test_hang_up_stops_the_timer(self, rig: Rig) -> None:
        answered(rig, "Session-Expires: 90;refresher=uas\r\n" + KNOWS + UPDATES)
        rig.run_until(44)
        rig.handle(HangUpLeg(rig.leg))
        rig.receive(response(rig.requests("BYE")[0], 200))
        assert rig.is_clean()
        assert rig.requests("UPDATE") == []


class TestDialled:
    def test_our_invite(self, rig: Rig) -> None:
        sent = dialled(rig)
        assert expires(sent) == "1800"
        assert {"timer", "100rel"} <= sent.supported
        assert sent.headers.get("Min-SE") is None

    def test_shorter_by_configuration(self) -> None:
        assert expires(dialled(Rig(with_settings(session_expires=300)))) == "300"

    def test_422__asked_again_with_the_peers_interval(self, rig: Rig) -> None:
        rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
        first = rig.requests("INVITE")[0]
        rig.receive(response(first, 422, extra="Min-SE: 3600\r\n"))
        second = rig.requests("INVITE")[1]
        assert (expires(second), second.headers.get("Min-SE")) == ("3600", "3600")
        assert (second.cseq.number, second.sip_call_id, second.from_) == (2, first.sip_call_id, first.from_)
        rig.receive(response(second, 200, body=SDP, extra="Session-Expires: 3600;refresher=uac\r\n" + UPDATES))
        assert len(rig.of(LegAnswered)) == 1
        rig.run_until(1801)
        assert rig.times("UPDATE")[0] == 1800

    @pytest.mark.parametrize("extra", ["", "Min-SE: 60\r\n", "Min-SE: 1800\r\n", "Min-SE: x\r\n"])
    def test_422_that_asks_for_nothing_more_is_the_end(self, rig: Rig, extra: str) -> None:
        rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
        rig.receive(response(rig.requests("INVITE")[0], 422, extra=extra))
        assert [end.status for end in rig.of(LegEnded)] == [422]

    def test_422_for_ever_is_the_end(self, rig: Rig) -> None:
        rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
        for number in range(1, 10):
            rig.receive(response(rig.requests("INVITE")[-1], 422, extra=f"Min-SE: {2000 * number}\r\n"))
        assert [end.status for end in rig.of(LegEnded)] == [422]
        assert rig.is_clean()

    def test_the_peer_refreshes(self, rig: Rig) -> None:
        sent = dialled(rig, "Session-Expires: 90;refresher=uas\r\nRequire: timer\r\n")
        rig.run_until(45)
        rig.receive(in_our_call(sent, "UPDATE", sequence=7, extra="Session-Expires: 90;refresher=uac\r\n" + KNOWS))
        assert expires(rig.responses("UPDATE")[0]) == "90;refresher=uac"
        rig.run_until(104)
        assert rig.of(LegEnded) == []
        rig.run_until(105)
        assert len(rig.of(LegEnded)) == 1

    def test_we_refresh(self, rig: Rig) -> None:
        dialled(rig, "Session-Expires: 200;refresher=uac\r\nRequire: timer\r\n" + UPDATES)
        rig.run_until(100)
        assert rig.requests("UPDATE")[0].cseq.number == 2

    def test_an_interval_below_the_least_is_taken_as_the_least(self, rig: Rig) -> None:
        dialled(rig, "Session-Expires: 1;refresher=uac\r\nRequire: timer\r\n" + UPDATES)
        rig.run_until(44.9)
        assert rig.requests("UPDATE") == []
        rig.run_until(45)
        assert len(rig.requests("UPDATE")) == 1

    def test_without_a_timer_in_the_200_we_ask_alone(self, rig: Rig) -> None:
        dialled(rig, UPDATES)
        rig.run_until(900)
        assert len(rig.requests("UPDATE")) == 1

    def test_the_refresh_moves_the_peer(self, rig: Rig) -> None:
        dialled(rig, "Session-Expires: 90;refresher=uac\r\n" + UPDATES)
        rig.run_until(45)
        rig.receive(response(rig.requests("UPDATE")[0], 200, contact="<sip:bob@192.0.2.9:6000>",
                             extra="Session-Expires: 90;refresher=uac\r\n"))
        rig.handle(HangUpLeg("L"))
        assert str(rig.requests("BYE")[0].request_uri) == "sip:bob@192.0.2.9:6000"

    def test_glare__their_offer_meets_our_refresh_by_invite(self, rig: Rig) -> None:
        sent = dialled(rig, "Session-Expires: 90;refresher=uac\r\n")
        rig.run_until(45)
        rig.receive(in_our_call(sent, "INVITE", sequence=7, body=SDP, branch="theirs"))
        assert rig.statuses("INVITE") == [491]
        rig.receive(response(rig.requests("INVITE")[1], 491))
        rig.run_until(50)
        assert {one.cseq.number for one in rig.requests("INVITE")} == {1, 2, 3}     # again after 2.1 to 4 s
        assert rig.of(LegReanswered) == []
        rig.receive(response(rig.requests("INVITE")[-1], 200, body=SDP))
        assert rig.of(LegEnded) == []
