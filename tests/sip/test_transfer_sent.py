"""Our REFER, and the NOTIFYs that tell what became of it (RFC 3515)."""

import pytest

from ivr.sip.commands import DialLeg, HangUpLeg, TransferLeg
from ivr.sip.events import LegEnded, TransferProgressed
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential, Trunk
from tests.sip.calls import made, received
from tests.sip.rig import OUR_SDP, PEER, SDP, Rig, request, response, with_settings

TARGET = parse_uri("sip:300@192.0.2.50")


@pytest.fixture
def call(rig: Rig) -> Rig:
    received(rig)
    return rig


@pytest.fixture
def asked(call: Rig) -> Rig:
    call.handle(TransferLeg(call.leg, TARGET))
    return call


def notify(rig: Rig, fragment: str, state: str = "active;expires=60", event: str = "refer", sequence: int = 0,
           kind: str = "message/sipfrag;version=2.0") -> None:
    number = sequence or 2 + sum(one.cseq.method == "NOTIFY" for one in rig.responses())
    body = f"{fragment}\r\n" if fragment else ""
    rig.receive(request("NOTIFY", sequence=number, tag=rig.call_tag, body=body, kind=kind,
                        extra=f"Event: {event}\r\nSubscription-State: {state}\r\n"))


def told(rig: Rig) -> list[tuple[int, bool]]:
    assert {event.leg for event in rig.of(TransferProgressed)} <= {rig.leg}
    return [(event.status, event.final) for event in rig.of(TransferProgressed)]


def refer_of(rig: Rig) -> Request:
    return rig.requests("REFER")[-1]


class TestBlind:
    def test_it_goes_well(self, call: Rig) -> None:
        target = parse_uri("sip:300@192.0.2.50;transport=udp?X=y")
        call.handle(TransferLeg(call.leg, target, None, "sip:op@198.51.100.1"))
        refer = refer_of(call)
        assert refer.headers.get("Refer-To") == "<sip:300@192.0.2.50;transport=udp>"
        assert refer.headers.get("Referred-By") == "<sip:op@198.51.100.1>"
        assert refer.headers.get("Contact") == "<sip:198.51.100.1:5060>"
        assert (refer.from_.tag, refer.to.tag, refer.cseq.number) == (call.call_tag, "ac1", 1)
        call.receive(response(refer, 202))
        for fragment, state in (("SIP/2.0 100 Trying", "active;expires=60"), ("SIP/2.0 180 Ringing", "active"),
                                ("SIP/2.0 200 OK", "terminated;reason=noresource")):
            notify(call, fragment, state)
        assert call.statuses("NOTIFY") == [200, 200, 200]
        assert told(call) == [(100, False), (180, False), (200, True)]
        notify(call, "SIP/2.0 200 OK", "terminated")
        assert call.statuses("NOTIFY")[-1] == 481
        call.run_until(400)
        assert told(call)[3:] == []
        assert call.of(LegEnded) == []

    def test_the_notify_is_faster_than_the_202(self, asked: Rig) -> None:
        notify(asked, "SIP/2.0 100 Trying")
        asked.receive(response(refer_of(asked), 202))
        notify(asked, "SIP/2.0 486 Busy Here", "terminated;reason=noresource")
        assert told(asked) == [(100, False), (486, True)]

    def test_even_the_last_notify_is_faster(self, asked: Rig) -> None:
        notify(asked, "SIP/2.0 200 OK", "terminated;reason=noresource")
        asked.receive(response(refer_of(asked), 202))
        asked.run_until(400)
        assert told(asked) == [(200, True)]

    def test_the_202_is_lost__the_notifys_count(self, asked: Rig) -> None:
        notify(asked, "SIP/2.0 100 Trying", "active;expires=200")
        asked.run_until(60)
        assert told(asked) == [(100, False)]
        notify(asked, "SIP/2.0 200 OK", "terminated")
        assert told(asked) == [(100, False), (200, True)]

    @pytest.mark.parametrize("status", [400, 403, 404, 405, 408, 481, 491, 501, 603])
    def test_refused(self, asked: Rig, status: int) -> None:
        asked.receive(response(refer_of(asked), status))
        assert told(asked) == [(status, True)]
        assert asked.of(LegEnded) == []
        asked.handle(TransferLeg(asked.leg, TARGET))
        assert len(asked.requests("REFER")) == 2

    def test_silence(self, asked: Rig) -> None:
        asked.run_until(33)
        assert told(asked) == [(408, True)]
        assert asked.of(LegEnded) == []

    def test_can_not_be_sent(self, asked: Rig) -> None:
        asked.take(asked.endpoint.send_failed(asked.sent[-1].flow, asked.now))
        assert told(asked) == [(503, True)]

    def test_no_notify_at_all(self, asked: Rig) -> None:
        asked.receive(response(refer_of(asked), 202))
        asked.run_until(31.9)
        assert told(asked) == []
        asked.run_until(32.1)
        assert told(asked) == [(408, True)]
        notify(asked, "SIP/2.0 200 OK", "terminated")
        assert asked.statuses("NOTIFY") == [481]

    def test_no_last_notify(self, asked: Rig) -> None:
        asked.receive(response(refer_of(asked), 202))
        notify(asked, "SIP/2.0 180 Ringing", "active;expires=60")
        asked.run_until(59)
        assert told(asked) == [(180, False)]
        asked.run_until(61)
        assert told(asked) == [(180, False), (408, True)]

    def test_a_peer_that_would_go_on_for_ever(self, asked: Rig) -> None:
        asked.receive(response(refer_of(asked), 202))
        notify(asked, "SIP/2.0 180 Ringing", "active;expires=999999")
        asked.run_until(301)
        assert told(asked) == [(180, False), (408, True)]

    def test_an_outcome_without_the_end_of_the_subscription(self, asked: Rig) -> None:
        asked.receive(response(refer_of(asked), 202))
        notify(asked, "SIP/2.0 200 OK", "active;expires=60")
        notify(asked, "SIP/2.0 200 OK", "active;expires=60")
        notify(asked, "", "terminated;reason=timeout")
        assert asked.statuses("NOTIFY") == [200, 200, 200]
        assert told(asked) == [(200, True)]

    def test_an_end_without_a_body_tells_the_last_status(self, asked: Rig) -> None:
        asked.receive(response(refer_of(asked), 202))
        notify(asked, "SIP/2.0 183 Session Progress")
        notify(asked, "", "terminated;reason=giveup")
        assert told(asked) == [(183, False), (183, True)]

    def test_the_peer_tells_nothing_and_says_so(self, asked: Rig) -> None:
        asked.receive(response(refer_of(asked), 202, extra="Refer-Sub: false\r\n"))
        assert told(asked) == [(202, True)]

    def test_a_second_order_meanwhile(self, asked: Rig) -> None:
        asked.handle(TransferLeg(asked.leg, TARGET))
        assert told(asked) == [(491, True)]
        assert len(asked.requests("REFER")) == 1

    def test_one_after_another__by_the_id(self, asked: Rig) -> None:
        asked.receive(response(refer_of(asked), 202))
        notify(asked, "SIP/2.0 486 Busy Here", "terminated;reason=noresource", event="refer;id=1")
        asked.handle(TransferLeg(asked.leg, TARGET))
        asked.receive(response(refer_of(asked), 200))
        notify(asked, "SIP/2.0 200 OK", "terminated", event="refer;id=1")
        assert asked.statuses("NOTIFY") == [200, 481]
        notify(asked, "SIP/2.0 200 OK", "terminated", event="refer;id=2")
        assert told(asked) == [(486, True), (200, True)]

    def test_before_the_call_is_answered(self, rig: Rig) -> None:
        rig.handle(DialLeg("L", TARGET, OUR_SDP, "1"))
        rig.handle(TransferLeg("L", TARGET))
        assert rig.events == [TransferProgressed("L", 491, True)]
        assert rig.requests("REFER") == []

    def test_no_such_leg(self, rig: Rig) -> None:
        rig.handle(TransferLeg("nobody", TARGET))
        assert rig.events == []

    def test_challenged(self) -> None:
        rig = Rig(with_settings(trunks=(Trunk("t", (PEER,)),), credentials=(Credential("*", "u", "p"),)))
        received(rig)
        rig.handle(TransferLeg(rig.leg, TARGET))
        rig.receive(response(refer_of(rig), 401, extra='WWW-Authenticate: Digest realm="t", nonce="n"\r\n'))
        assert refer_of(rig).cseq.number == 2
        assert refer_of(rig).headers.get("Refer-To") == "<sip:300@192.0.2.50>"
        rig.receive(response(refer_of(rig), 202))
        notify(rig, "SIP/2.0 200 OK", "terminated", event="refer;id=2")
        assert told(rig) == [(200, True)]


class TestNotifys:
    @pytest.mark.parametrize(("fragment", "state", "event", "kind", "status"), [
        ("SIP/2.0 200 OK", "terminated", "message-summary", "message/sipfrag", 489),
        ("SIP/2.0 200 OK", "terminated", "", "message/sipfrag", 489),
        ("SIP/2.0 200 OK", "terminated", "refer;id=99", "message/sipfrag", 481),
        ("SIP/2.0 200 OK", "terminated", "refer", "text/plain", 415),
        ("SIP/2.0 200 OK", "", "refer", "message/sipfrag", 400),
        ("INVITE sip:x SIP/2.0", "terminated", "refer", "message/sipfrag", 400),
        ("SIP/2.0 20", "terminated", "refer", "message/sipfrag", 400),
        ("SIP/2.0 999 OK", "terminated", "refer", "message/sipfrag", 400),
    ])
    def test_one_that_can_not_be_read_changes_nothing(self, asked: Rig, fragment: str, state: str, event: str,
                                                      kind: str, status: int) -> None:
        asked.receive(response(refer_of(asked), 202))
        notify(asked, fragment, state, event, kind=kind)
        assert asked.statuses("NOTIFY") == [status]
        assert told(asked) == []
        notify(asked, "SIP/2.0 603 Decline", "terminated")
        assert told(asked) == [(603, True)]

    def test_unasked_for(self, call: Rig) -> None:
        notify(call, "SIP/2.0 200 OK", "terminated")
        assert call.statuses() == [481]
        assert told(call) == []

    def test_outside_a_dialog(self, rig: Rig) -> None:
        rig.receive(request("NOTIFY", extra="Event: refer\r\nSubscription-State: active\r\n"))
        assert rig.statuses() == [481]

    def test_a_fragment_with_more_than_a_status_line(self, asked: Rig) -> None:
        notify(asked, "\r\nSIP/2.0 404\r\nVia: SIP/2.0/UDP x\r\n\r\nbody", "Terminated ; reason=noresource", "Refer")
        assert told(asked) == [(404, True)]


class TestAttended:
    def test_the_replaces_is_as_the_target_sees_it(self, call: Rig) -> None:
        leg = call.leg
        call_id = made(call, "ours", tag="b~1")
        local = call.endpoint._legs.get("ours").dialog.local.tag        # type: ignore[union-attr]
        call.handle(TransferLeg(leg, parse_uri("sip:bob@192.0.2.9:5070"), "ours"))
        assert refer_of(call).headers.get("Refer-To") == (
            f"<sip:bob@192.0.2.9:5070?Replaces={call_id}%3Bto-tag%3Db~1%3Bfrom-tag%3D{local}>")

    def test_a_number_as_target__the_contact_of_the_replaced_leg(self, call: Rig) -> None:
        leg = call.leg
        made(call, "ours")
        call.handle(TransferLeg(leg, parse_uri("tel:+49301234"), "ours"))
        assert (refer_of(call).headers.get("Refer-To") or "").startswith("<sip:bob@192.0.2.9:5070?Replaces=")

    def test_the_other_leg_is_gone_or_not_answered(self, call: Rig) -> None:
        call.handle(TransferLeg(call.leg, TARGET, "nobody"))
        call.handle(TransferLeg(call.leg, TARGET, call.leg))
        call.handle(DialLeg("ringing", TARGET, OUR_SDP, "1"))
        call.handle(TransferLeg(call.leg, TARGET, "ringing"))
        assert told(call) == [(481, True)] * 3
        assert call.requests("REFER") == []


class TestTheEndOfTheLeg:
    @pytest.mark.parametrize("steps", [[], ["202"], ["202", "100"], ["100"]])
    def test_the_outcome_is_told_before_the_end(self, asked: Rig, steps: list[str]) -> None:
        for step in steps:
            if step == "202":
                asked.receive(response(refer_of(asked), 202))
            else:
                notify(asked, "SIP/2.0 100 Trying")
        asked.receive(request("BYE", sequence=9, tag=asked.call_tag))
        assert asked.events[-2:] == [TransferProgressed(asked.leg, 487, True),
                                     LegEnded(asked.leg, "peer", 200, "hung up")]
        notify(asked, "SIP/2.0 200 OK", "terminated", sequence=10)
        assert asked.statuses("NOTIFY")[-1] == 481
        assert asked.is_clean()

    def test_after_the_outcome_nothing_is_told_twice(self, asked: Rig) -> None:
        asked.receive(response(refer_of(asked), 202))
        notify(asked, "SIP/2.0 200 OK", "active")
        asked.handle(HangUpLeg(asked.leg))
        assert told(asked) == [(200, True)]
        assert asked.is_clean()

    def test_the_answer_comes_after_the_end(self, asked: Rig) -> None:
        asked.handle(HangUpLeg(asked.leg))
        asked.receive(response(refer_of(asked), 202))
        asked.handle(TransferLeg(asked.leg, TARGET))
        assert told(asked) == [(487, True)]
        assert asked.is_clean()


def test_sdp_is_no_sipfrag(asked: Rig) -> None:
    notify(asked, SDP, kind="application/sdp")
    assert asked.statuses("NOTIFY") == [415]
    assert asked.responses("NOTIFY")[0].headers.get("Accept") == "message/sipfrag"
