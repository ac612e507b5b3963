"""A REFER in a call, and the subscription it makes (RFC 3515, RFC 4488, RFC 6665)."""

from typing import Any

import pytest

from ivr.sip.commands import AcceptTransfer, AnswerLeg, HangUpLeg, RejectTransfer, ReportTransfer, RingLeg
from ivr.sip.composer import ALLOW
from ivr.sip.events import LegEnded, TransferRequested
from ivr.sip.message.message import Request
from ivr.sip.message.replaces import Replaces
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential, Trunk
from tests.sip.calls import made, received
from tests.sip.rig import OUR_SDP, PEER, Rig, invite, request, response, with_settings

TARGET = "Refer-To: <sip:300@192.0.2.50>\r\n"


@pytest.fixture
def call(rig: Rig) -> Rig:
    received(rig)
    return rig


def refer(rig: Rig, extra: str = TARGET, sequence: int = 2, **fields: Any) -> None:
    rig.receive(request("REFER", sequence=sequence, tag=rig.call_tag, extra=extra, **fields))


def subscribe(rig: Rig, expires: str, sequence: int = 3, event: str = "refer") -> None:
    rig.receive(request("SUBSCRIBE", sequence=sequence, tag=rig.call_tag, extra=f"Event: {event}\r\n{expires}"))


def answer_all(rig: Rig, status: int = 200) -> None:
    """Answer every NOTIFY that is not answered yet."""
    for notify in rig.requests("NOTIFY"):
        rig.receive(response(notify, status))


def notified(rig: Rig) -> list[tuple[str, str, bytes]]:
    return [(one.headers.get("Event") or "", one.headers.get("Subscription-State") or "", one.body)
            for one in rig.requests("NOTIFY")]


class TestPlain:
    def test_accepted_and_reported_until_the_end(self, call: Rig) -> None:
        refer(call, TARGET + "Referred-By: \"Op\" <sip:op1@192.0.2.9>;cid=\"1@x\"\r\n")
        assert call.events[-1] == TransferRequested(
            call.leg, parse_uri("sip:300@192.0.2.50"), referred_by="sip:op1@192.0.2.9")
        assert call.sent == []
        call.handle(AcceptTransfer(call.leg))
        accepted, trying = call.responses("REFER")[0], call.requests("NOTIFY")[0]
        assert (accepted.status, accepted.to.tag, accepted.headers.get("Contact")) == (
            202, call.call_tag, "<sip:198.51.100.1:5060>")
        assert (trying.headers.get("Event"), trying.body) == ("refer", b"SIP/2.0 100 Trying\r\n")
        assert trying.headers.get("Subscription-State") == "active;expires=300"
        assert trying.headers.get("Content-Type") == "message/sipfrag;version=2.0"
        assert (trying.headers.get("Contact"), trying.headers.get("Allow")) == ("<sip:198.51.100.1:5060>", ALLOW)
        assert (trying.from_.tag, trying.to.tag, str(trying.request_uri)) == (
            call.call_tag, "ac1", "sip:alice@192.0.2.9:5070")
        call.now = 10
        call.handle(ReportTransfer(call.leg, 180))
        call.handle(ReportTransfer(call.leg, 200))
        assert notified(call)[1:] == [
            ("refer", "active;expires=290", b"SIP/2.0 180 Ringing\r\n"),
            ("refer", "terminated;reason=noresource", b"SIP/2.0 200 OK\r\n")]
        assert [one.cseq.number for one in call.requests("NOTIFY")] == [1, 2, 3]
        answer_all(call)
        call.receive(request("BYE", sequence=3, tag=call.call_tag))
        assert call.is_clean()

    def test_the_status_and_reason_of_a_failure(self, call: Rig) -> None:
        refer(call)
        call.handle(AcceptTransfer(call.leg))
        call.handle(ReportTransfer(call.leg, 486, "In a talk\r\nX: y"))
        assert notified(call)[1] == ("refer", "terminated;reason=noresource",
                                     "SIP/2.0 486 In a talk\ufffd\ufffdX: y\r\n".encode())
        assert call.of(LegEnded) == []

    @pytest.mark.parametrize("status", [403, 404, 603])
    def test_rejected(self, call: Rig, status: int) -> None:
        refer(call)
        call.handle(RejectTransfer(call.leg, status))
        assert call.statuses() == [status]
        call.handle(ReportTransfer(call.leg, 200))
        assert call.requests() == []
        refer(call, sequence=3)
        assert len(call.of(TransferRequested)) == 2

    def test_our_user_says_nothing(self, call: Rig) -> None:
        refer(call)
        call.run_until(11)
        assert call.times(500) == [10]
        call.handle(AcceptTransfer(call.leg))       # too late
        assert call.statuses() == [500]
        assert call.requests() == []

    def test_sent_again__asked_once(self, call: Rig) -> None:
        refer(call)
        refer(call)
        call.handle(AcceptTransfer(call.leg))
        refer(call)
        assert len(call.of(TransferRequested)) == 1
        assert call.statuses() == [202, 202]
        assert len(call.requests("NOTIFY")) == 1

    def test_a_second_one_meanwhile_gets_491(self, call: Rig) -> None:
        refer(call)
        refer(call, sequence=3)
        assert call.statuses() == [491]
        call.handle(AcceptTransfer(call.leg))
        refer(call, sequence=4)
        assert call.statuses() == [491, 202, 491]
        assert len(call.of(TransferRequested)) == 1

    def test_one_after_another__the_second_has_its_number_in_the_event(self, call: Rig) -> None:
        for sequence in (2, 7):
            refer(call, sequence=sequence)
            call.handle(AcceptTransfer(call.leg))
            call.handle(ReportTransfer(call.leg, 503))
        assert [event for event, _, _ in notified(call)] == ["refer", "refer", "refer;id=7", "refer;id=7"]
        assert call.statuses() == [202, 202]

    def test_in_a_call_of_ours(self, rig: Rig) -> None:
        call_id = made(rig)
        sent = (f"REFER sip:198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKr\r\n"
                f"From: <sip:bob@192.0.2.9:5070>;tag=b1\r\nTo: <sip:1@198.51.100.1>;tag={{}}\r\n"
                f"Call-ID: {call_id}\r\nCSeq: 1 REFER\r\nr: <tel:+49301234>\r\nb: sip:bob@192.0.2.9\r\n"
                "Content-Length: 0\r\n\r\n")
        tag = rig.endpoint._legs.get("ours").dialog.local.tag       # type: ignore[union-attr]
        rig.receive(sent.format(tag))
        assert rig.events == [TransferRequested("ours", parse_uri("tel:+49301234"), referred_by="sip:bob@192.0.2.9")]

    def test_over_a_trunk_that_challenges(self) -> None:
        rig = Rig(with_settings(trunks=(Trunk("t", (PEER,)),), credentials=(Credential("*", "u", "p"),)))
        received(rig)
        refer(rig)
        rig.handle(AcceptTransfer(rig.leg))
        challenge = 'WWW-Authenticate: Digest realm="t", nonce="n"\r\n'
        rig.receive(response(rig.requests("NOTIFY")[0], 401, extra=challenge))
        again = rig.requests("NOTIFY")[1]
        assert (again.cseq.number, again.body) == (2, b"SIP/2.0 100 Trying\r\n")
        assert "Authorization" in again.headers


class TestRefused:
    @pytest.mark.parametrize(("extra", "status"), [
        ("", 400),
        (TARGET + TARGET, 400),
        ("Refer-To: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>\r\n", 400),
        ("Refer-To: sip:a@192.0.2.1?Replaces=x\r\n", 400),
        ("Refer-To: <http://example.com>\r\n", 416),
        ("Refer-To: <sip:a@192.0.2.1;method=BYE>\r\n", 403),
        ("Refer-To: <sip:a@192.0.2.1;m%65thod=BYE>\r\n", 403),
        ("Refer-To: <tel:12?Replaces=x>\r\n", 400),
        ("Refer-To: <sip:a@192.0.2.1?Replaces=nonsense>\r\n", 400),
        ("Refer-To: <sip:a@192.0.2.1?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2&Replaces=y>\r\n", 400),
        ("Refer-To: <sip:a@192.0.2.1?Replaces=x%0d%0aVia:%20y%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n", 400),
        (f"Refer-To: <sip:{'a' * 1100}@192.0.2.1>\r\n", 400),
        (TARGET + "Refer-Sub: maybe\r\n", 400),
        (TARGET + "Require: explicitsub\r\n", 420),
        (TARGET + "Replaces: x;to-tag=1;from-tag=2\r\n", 400),
    ])
    def test_what_can_not_be_done(self, call: Rig, extra: str, status: int) -> None:
        refer(call, extra)
        assert call.statuses() == [status]
        assert call.of(TransferRequested) == []
        assert call.of(LegEnded) == []

    def test_outside_a_dialog(self, rig: Rig) -> None:
        rig.receive(request("REFER", extra=TARGET))
        assert rig.statuses() == [403]
        rig.receive(request("REFER", call="c2", tag="nobody", extra=TARGET))
        assert rig.statuses() == [403, 481]
        assert rig.events == []

    def test_before_the_call_is_confirmed(self, rig: Rig) -> None:
        rig.receive(invite())
        rig.handle(RingLeg(rig.leg))
        rig.call_tag = rig.tag
        refer(rig)
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        refer(rig, sequence=3)
        assert rig.statuses("REFER") == [491, 491]
        assert rig.of(TransferRequested) == []

    def test_only_the_uri_and_the_replaces_are_taken_from_the_refer_to(self, call: Rig) -> None:
        refer(call, "Refer-To: Bob <sip:b%0d%0aX@192.0.2.1:5080;method=invite;transport=udp?Require=x&Route=%3Csip:x"
                    "%3E&rEPLACES=a%40b%3Bfrom-tag%3Df1%3Bto-tag%3Dt1%3Bearly-only&Via=%0d%0aX:%20y>;x=1\r\n")
        told = call.of(TransferRequested)[0]
        assert told.replaces == Replaces("a@b", "t1", "f1", early_only=True)
        assert str(told.refer_to) == "sip:b%0d%0aX@192.0.2.1:5080;transport=udp"
        assert told.replaced_leg is None


class TestAttended:
    def consultation(self, rig: Rig, **fields: Any) -> tuple[str, str]:
        """A second call of the same phone: its leg and what the phone puts into its Refer-To."""
        first_tag = rig.call_tag
        leg = received(rig, call="c2", **fields)
        named = f"c2%40192.0.2.9%3Bto-tag%3D{rig.call_tag}%3Bfrom-tag%3Dac2"
        rig.call_tag = first_tag
        return leg, f"Refer-To: <sip:300@198.51.100.1?Replaces={named}&Require=replaces>\r\n"

    def test_the_other_call_is_ours_too(self, call: Rig) -> None:
        leg, target = self.consultation(call)
        refer(call, target)
        told = call.of(TransferRequested)[0]
        assert told.replaced_leg == leg
        assert told.replaces is not None
        assert (told.replaces.sip_call_id, told.replaces.from_tag) == ("c2@192.0.2.9", "ac2")

    def test_the_other_call_has_ended(self, call: Rig) -> None:
        leg, target = self.consultation(call)
        call.handle(HangUpLeg(leg))
        refer(call, target)
        assert [told.replaced_leg for told in call.of(TransferRequested)] == [None]

    def test_a_call_can_not_replace_itself(self, call: Rig) -> None:
        refer(call, f"Refer-To: <sip:a@b?Replaces=c1%40192.0.2.9%3Bto-tag%3D{call.call_tag}%3Bfrom-tag%3Dac1>\r\n")
        assert call.statuses() == [400]

    def test_a_stranger_can_not_name_somebody_elses_call(self, call: Rig) -> None:
        elsewhere = call.flow.towards(("192.0.2.77", 5070))
        call.flow, here = elsewhere, call.flow
        _, target = self.consultation(call)
        call.flow = here
        refer(call, target)
        assert call.statuses() == [403]
        assert call.of(TransferRequested) == []


class TestSubscription:
    @pytest.fixture
    def running(self, call: Rig) -> Rig:
        refer(call)
        call.handle(AcceptTransfer(call.leg))
        answer_all(call)
        return call

    def test_refer_sub_false__no_notify(self, call: Rig) -> None:
        refer(call, TARGET + "Refer-Sub: false\r\nSupported: norefersub\r\nRequire: norefersub\r\n")
        call.handle(AcceptTransfer(call.leg))
        assert [(one.status, one.headers.get("Refer-Sub")) for one in call.responses()] == [(202, "false")]
        call.handle(ReportTransfer(call.leg, 180))
        refer(call, sequence=3)
        assert call.statuses() == [202, 491]
        call.handle(ReportTransfer(call.leg, 200))
        assert call.requests() == []
        refer(call, sequence=4)
        assert len(call.of(TransferRequested)) == 2

    @pytest.mark.parametrize("status", [405, 408, 480, 481, 489, 501])
    def test_the_peer_wants_no_more__the_call_goes_on(self, call: Rig, status: int) -> None:
        refer(call)
        call.handle(AcceptTransfer(call.leg))
        answer_all(call, status)
        call.handle(ReportTransfer(call.leg, 180))
        call.handle(ReportTransfer(call.leg, 200))
        assert len(call.requests("NOTIFY")) == 1
        assert call.of(LegEnded) == []
        refer(call, sequence=5)
        assert len(call.of(TransferRequested)) == 2

    @pytest.mark.parametrize("status", [404, 410, 482, 604])
    def test_the_peer_has_no_such_dialog(self, call: Rig, status: int) -> None:
        refer(call)
        call.handle(AcceptTransfer(call.leg))
        answer_all(call, status)
        assert call.of(LegEnded) == [LegEnded(call.leg, "network", 408, "the peer has lost the dialog")]
        call.receive(response(call.requests("BYE")[0], 481))
        assert call.is_clean()

    def test_a_notify_is_never_answered(self, call: Rig) -> None:
        refer(call)
        call.handle(AcceptTransfer(call.leg))
        call.run_until(33)
        sent = len(call.requests("NOTIFY"))
        call.handle(ReportTransfer(call.leg, 200))
        assert len(call.requests("NOTIFY")) == sent > 5
        assert call.of(LegEnded) == []

    def test_the_loss_of_an_old_notify_does_not_end_a_new_subscription(self, call: Rig) -> None:
        refer(call)
        call.handle(AcceptTransfer(call.leg))
        call.handle(ReportTransfer(call.leg, 486))
        old = call.requests("NOTIFY")
        refer(call, sequence=3)
        call.handle(AcceptTransfer(call.leg))
        for notify in old:
            call.receive(response(notify, 481))
        call.handle(ReportTransfer(call.leg, 200))
        assert notified(call)[-1] == ("refer;id=3", "terminated;reason=noresource", b"SIP/2.0 200 OK\r\n")

    def test_500_for_the_newest_notify__sent_again_under_a_new_number(self, running: Rig) -> None:
        running.handle(ReportTransfer(running.leg, 180))
        running.handle(ReportTransfer(running.leg, 200))
        older, newest = running.requests("NOTIFY")[1:]
        running.receive(response(older, 500))
        assert len(running.requests("NOTIFY")) == 3
        for _ in range(5):
            running.receive(response(running.requests("NOTIFY")[-1], 500))
        again = running.requests("NOTIFY")[3:]
        assert [one.cseq.number for one in again] == [4, 5, 6]
        assert {(one.body, one.headers.get("Event")) for one in again} == {(newest.body, "refer")}

    def test_refreshed(self, running: Rig) -> None:
        running.now = 100
        subscribe(running, "Expires: 600\r\n")
        assert [(one.status, one.headers.get("Expires")) for one in running.responses("SUBSCRIBE")] == [(200, "600")]
        assert notified(running)[1] == ("refer", "active;expires=600", b"SIP/2.0 100 Trying\r\n")
        answer_all(running)
        running.run_until(699)
        assert len(running.requests("NOTIFY")) == 2
        running.run_until(701)
        assert notified(running)[2] == ("refer", "terminated;reason=timeout", b"SIP/2.0 100 Trying\r\n")

    def test_refreshed_for_a_day__at_most_an_hour(self, running: Rig) -> None:
        subscribe(running, "Expires: 86400\r\n")
        subscribe(running, "", sequence=4, event="refer;id=2")
        assert [one.headers.get("Expires") for one in running.responses("SUBSCRIBE")] == ["3600", "3600"]

    def test_unsubscribed(self, running: Rig) -> None:
        subscribe(running, "Expires: 0\r\n")
        assert [(one.status, one.headers.get("Expires")) for one in running.responses("SUBSCRIBE")] == [(200, "0")]
        assert notified(running)[1] == ("refer", "terminated;reason=timeout", b"SIP/2.0 100 Trying\r\n")
        running.handle(ReportTransfer(running.leg, 200))
        assert len(running.requests("NOTIFY")) == 2
        subscribe(running, "Expires: 60\r\n", sequence=4)
        assert running.statuses("SUBSCRIBE")[-1] == 481

    @pytest.mark.parametrize(("event", "status"), [
        ("refer;id=77", 481), ("message-summary", 489), ("dialog", 489), ("", 489), ("refer;=", 400)])
    def test_a_subscribe_for_something_else(self, running: Rig, event: str, status: int) -> None:
        subscribe(running, "Expires: 60\r\n", event=event)
        answer = running.responses("SUBSCRIBE")[0]
        assert answer.status == status
        assert answer.headers.get("Allow-Events") == ("refer" if status == 489 else None)
        assert len(running.requests("NOTIFY")) == 1

    def test_a_subscribe_without_a_refer(self, call: Rig) -> None:
        subscribe(call, "Expires: 60\r\n")
        assert call.statuses() == [481]

    def test_it_expires(self, running: Rig) -> None:
        running.run_until(301)
        assert notified(running)[1][1] == "terminated;reason=timeout"
        refer(running, sequence=3)
        assert running.statuses("REFER") == [202, 491]      # the transfer itself still goes on
        running.handle(ReportTransfer(running.leg, 408))
        refer(running, sequence=4)
        assert len(running.of(TransferRequested)) == 2


class TestTheEndOfTheLeg:
    def test_a_bye_right_after_the_202(self, call: Rig) -> None:
        refer(call)
        call.handle(AcceptTransfer(call.leg))
        call.receive(request("BYE", sequence=3, tag=call.call_tag))
        assert call.of(LegEnded) == [LegEnded(call.leg, "peer", 200, "hung up")]
        call.receive(response(call.requests("NOTIFY")[0], 200))
        call.handle(ReportTransfer(call.leg, 180))
        call.handle(ReportTransfer(call.leg, 200))
        assert len(call.requests("NOTIFY")) == 1
        assert call.is_clean()

    def test_a_bye_before_our_user_has_decided(self, call: Rig) -> None:
        refer(call)
        call.receive(request("BYE", sequence=3, tag=call.call_tag))
        assert [call.statuses("REFER"), call.statuses("BYE")] == [[487], [200]]
        call.handle(AcceptTransfer(call.leg))
        assert call.requests() == []
        assert call.is_clean()

    @pytest.mark.parametrize("commands", [[], ["accept"], ["accept", 180], ["accept", 200], ["accept", 486, "again"]])
    def test_we_hang_up(self, call: Rig, commands: list[Any]) -> None:
        refer(call)
        for command in commands:
            if command == "again":
                refer(call, sequence=3)
            else:
                call.handle(AcceptTransfer(call.leg) if command == "accept" else ReportTransfer(call.leg, command))
        call.handle(HangUpLeg(call.leg))
        assert [end.by for end in call.of(LegEnded)] == ["us"]
        refer(call, sequence=9)
        assert call.statuses("REFER")[-1] == 481
        assert call.is_clean()

    def test_hung_up_by_the_peer_while_a_notify_is_unanswered(self, call: Rig) -> None:
        refer(call)
        call.handle(AcceptTransfer(call.leg))
        call.receive(request("BYE", sequence=3, tag=call.call_tag))
        first: Request = call.requests("NOTIFY")[0]
        assert first.cseq.number == 1
        assert call.is_clean()
