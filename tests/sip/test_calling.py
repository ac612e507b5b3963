"""A leg that we dial (RFC 3261 §13.2, §9.1), and the races of its end."""

from typing import Any

import pytest

from ivr.sip.commands import DialLeg, HangUpLeg
from ivr.sip.effects import LookUp
from ivr.sip.events import LegAnswered, LegEnded, LegRinging
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.settings import Credential
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locating import Question
from tests.sip.rig import OUR_SDP, OURS, PEER, SDP, UDP, Rig, request, response, with_settings

CONTACT = "<sip:bob@192.0.2.9:5070>"
HOST = Question("A", "example.com")


def dial(rig: Rig, target: Any = "sip:bob@192.0.2.9:5070", leg: str = "L", **fields: Any) -> Request:
    """Dial and return the INVITE."""
    target = parse_uri(target) if isinstance(target, str) else target
    command = DialLeg(leg, target, fields.pop("body", OUR_SDP), fields.pop("caller_number", "+49301234"),
                      fields.pop("caller_name", "Anna"), **fields)
    rig.handle(command)
    return rig.requests("INVITE")[-1] if rig.requests("INVITE") else None  # type: ignore[return-value]


def test_the_invite(rig: Rig) -> None:
    sent = dial(rig, headers=(("Alert-Info", "<urn:alert:service:call-waiting>"),))
    assert rig.sent[0].flow == Flow("udp", (OURS, 5060), (PEER, 5070))
    assert str(sent.request_uri) == "sip:bob@192.0.2.9:5070"
    assert sent.headers.get("From", ).startswith('"Anna" <sip:+49301234@198.51.100.1:5060>;tag=')  # type: ignore[union-attr]
    assert sent.to.tag is None
    assert sent.top_via.asks_rport
    assert sent.top_via.branch.startswith("z9hG4bK")  # type: ignore[union-attr]
    assert (sent.max_forwards, sent.body, sent.content_type) == (70, OUR_SDP, "application/sdp")
    assert sent.headers.get("Alert-Info") == "<urn:alert:service:call-waiting>"


def test_names_and_numbers_of_any_origin_are_made_safe(rig: Rig) -> None:
    evil = "\r\nEvil: 1"
    sent = dial(rig, caller_number=f"1>;tag=x{evil}", caller_name=f'a"{evil}', headers=(("X-A", f"1{evil}"),))
    assert "Evil" not in sent.headers
    assert sent.from_.uri.plain_user.startswith("1>;tag=x")
    assert dial(rig, leg="L2", caller_number="", caller_name="").from_.uri.user == "anonymous"


def test_story_of_a_call(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 100, tag=""))
    rig.receive(response(sent, 180))
    rig.receive(response(sent, 183, body=SDP))
    rig.run_until(5)
    rig.receive(response(sent, 200, body=SDP))
    ack = rig.requests("ACK")[0]
    assert (ack.cseq.number, ack.to.tag, ack.from_.tag) == (1, "b1", sent.from_.tag)
    assert ack.top_via.branch != sent.top_via.branch
    assert str(ack.request_uri) == "sip:bob@192.0.2.9:5070"
    rig.handle(HangUpLeg("L"))
    bye = rig.requests("BYE")[0]
    assert bye.cseq.number == 2
    rig.receive(response(bye, 200))
    assert rig.events == [LegRinging("L", 180, None), LegRinging("L", 183, SDP.encode()),
                          LegAnswered("L", SDP.encode()), LegEnded("L", "us", 200, "hung up")]
    assert rig.is_clean()


def test_the_peer_hangs_up(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 200, body=SDP))
    bye = request("BYE", sequence=7).replace("To: <sip:100@198.51.100.1>", f"To: {sent.headers.get('From')}").replace(
        "tag=ac1", "tag=b1").replace("c1@192.0.2.9", sent.sip_call_id)
    rig.receive(bye)
    assert rig.statuses("BYE") == [200]
    assert rig.of(LegEnded) == [LegEnded("L", "peer", 200, "hung up")]
    assert rig.is_clean()


def test_repeated_2xx_is_acknowledged_again_and_told_once(rig: Rig) -> None:
    sent = dial(rig)
    for _ in range(3):
        rig.receive(response(sent, 200, body=SDP))
    assert len(rig.requests("ACK")) == 3
    assert len({ack.top_via.branch for ack in rig.requests("ACK")}) == 1
    assert len(rig.of(LegAnswered)) == 1


@pytest.mark.parametrize("status", [302, 404, 480, 486, 503, 600, 603])
def test_final_refusal(rig: Rig, status: int) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 180))
    rig.receive(response(sent, status, reason="No thanks"))
    ack = rig.requests("ACK")[0]
    assert ack.top_via == sent.top_via
    assert ack.to.tag == "b1"
    assert rig.of(LegEnded) == [LegEnded("L", "peer", status, "No thanks")]
    rig.handle(HangUpLeg("L"))
    assert rig.is_clean()


def test_nobody_there(rig: Rig) -> None:
    dial(rig)
    rig.run_until(40)
    assert rig.times("INVITE") == [0, .5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert rig.of(LegEnded) == [LegEnded("L", "network", 408, "no answer")]
    assert rig.is_clean()


def test_it_rings_too_long(rig: Rig) -> None:
    sent = dial(rig)
    rig.receive(response(sent, 180))
    rig.run_until(181)
    assert rig.times("CANCEL")[0] == 180
    assert rig.of(LegEnded) == [LegEnded("L", "us", 408, "nobody answered in time")]
    rig.receive(response(sent, 487))
    rig.receive(response(rig.requests("CANCEL")[0], 200))
    assert rig.is_clean()


class TestHangUp:
    def test_while_it_rings(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 180))
        rig.handle(HangUpLeg("L", "answered elsewhere"))
        cancel = rig.requests("CANCEL")[0]
        assert cancel.top_via == sent.top_via
        assert (cancel.cseq.number, cancel.to.tag, cancel.from_) == (1, None, sent.from_)
        assert cancel.headers.get("Reason") == 'SIP;cause=200;text="answered elsewhere"'
        assert rig.of(LegEnded) == [LegEnded("L", "us", 487, "answered elsewhere")]
        rig.receive(response(cancel, 200))
        rig.receive(response(sent, 487))
        assert len(rig.requests("ACK")) == 1
        assert rig.is_clean()

    def test_before_any_response__the_cancel_waits_for_one(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.handle(HangUpLeg("L"))
        assert rig.requests("CANCEL") == []
        assert len(rig.of(LegEnded)) == 1
        rig.receive(response(sent, 100, tag=""))
        assert len(rig.requests("CANCEL")) == 1
        rig.receive(response(sent, 180))
        rig.receive(response(sent, 487))
        rig.receive(response(rig.requests("CANCEL")[0], 200))
        assert rig.is_clean()
        assert len(rig.events) == 1

    def test_before_any_response__and_none_comes(self, rig: Rig) -> None:
        dial(rig)
        rig.handle(HangUpLeg("L"))
        assert rig.is_clean()
        assert rig.requests("CANCEL") == []
        assert len(rig.of(LegEnded)) == 1

    def test_2xx_crosses_the_cancel__ack_and_bye(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 180))
        rig.handle(HangUpLeg("L"))
        rig.receive(response(sent, 200, body=SDP))
        assert [one.message.method for one in rig.sent][-2:] == ["ACK", "BYE"]
        rig.receive(response(rig.requests("CANCEL")[0], 481))
        rig.receive(response(sent, 200, body=SDP))      # its ACK was lost
        assert len(rig.requests("ACK")) == 2
        rig.receive(response(rig.requests("BYE")[0], 200))
        assert rig.events == [LegRinging("L", 180, None), LegEnded("L", "us", 487, "cancelled")]
        assert rig.is_clean()

    def test_2xx_is_the_first_response_after_it(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.handle(HangUpLeg("L"))
        rig.receive(response(sent, 200, body=SDP))
        assert [one.message.method for one in rig.sent] == ["INVITE", "ACK", "BYE"]
        rig.receive(response(rig.requests("BYE")[0], 200))
        assert rig.of(LegAnswered) == []
        assert rig.is_clean()

    def test_cancel_that_brings_no_final_response(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 180))
        rig.handle(HangUpLeg("L"))
        rig.receive(response(rig.requests("CANCEL")[0], 200))
        assert rig.endpoint.counts()["legs"] == 1
        assert rig.is_clean()


class TestForks:
    def test_second_phone_gets_ack_and_bye(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 200, body=SDP))
        rig.receive(response(sent, 200, tag="b2", body=SDP, contact="<sip:bob2@192.0.2.9:5080>"))
        rig.receive(response(sent, 200, tag="b2", body=SDP, contact="<sip:bob2@192.0.2.9:5080>"))
        assert [one.message.method for one in rig.sent] == ["INVITE", "ACK", "ACK", "BYE", "ACK"]
        bye = rig.requests("BYE")[0]
        assert (bye.to.tag, str(bye.request_uri)) == ("b2", "sip:bob2@192.0.2.9:5080")
        rig.receive(response(bye, 200))
        assert rig.of(LegEnded) == []
        rig.handle(HangUpLeg("L"))
        rig.receive(response(rig.requests("BYE")[1], 200))
        assert rig.is_clean()

    def test_the_first_has_hung_up_already(self, rig: Rig) -> None:
        sent = dial(rig)
        rig.receive(response(sent, 200, body=SDP))
        rig.handle(HangUpLeg("L"))
        rig.receive(response(rig.requests("BYE")[0], 200))
        rig.receive(response(sent, 200, tag="b2", body=SDP))
        assert [bye.to.tag for bye in rig.requests("BYE")] == ["b1", "b2"]
        assert rig.is_clean()


class TestWhere:
    def test_a_registered_phone__over_its_flow_whatever_its_contact(self, rig: Rig) -> None:
        flow = Flow("tcp", (OURS, 5060), (PEER, 40000), 3)
        binding = Binding("op1", parse_uri("sip:op1@10.0.0.7:5060;transport=tcp"), flow, 1.0, 100.0)
        rig.take(rig.endpoint.receive_stream(b"\r\n\r\n", flow, 0))
        sent = dial(rig, binding)
        assert rig.sent[-1].flow == flow
        assert str(sent.request_uri) == "sip:op1@10.0.0.7:5060;transport=tcp"
        assert sent.headers.get("Contact") == "<sip:198.51.100.1:5060;transport=tcp>"
        rig.receive(response(sent, 200, body=SDP, contact="<sip:op1@10.0.0.7:5060;transport=tcp>"), flow)
        rig.handle(HangUpLeg("L"))
        assert {one.flow for one in rig.sent} == {flow}

    def test_a_name_is_resolved_by_the_driver(self, rig: Rig) -> None:
        dial(rig, "sip:bob@example.com:5070")
        assert rig.others == [LookUp(HOST)]
        rig.take(rig.endpoint.looked_up(HOST, ("192.0.2.1", "192.0.2.2"), 0))
        assert rig.sent[0].flow.remote == ("192.0.2.1", 5070)
        rig.run_until(4)        # silence: the next address
        assert rig.sent[-1].flow.remote == ("192.0.2.2", 5070)
        assert rig.of(LegEnded) == []
        rig.take(rig.endpoint.send_failed(rig.sent[-1].flow, rig.now))
        assert rig.of(LegEnded) == [LegEnded("L", "network", 503, "could not be sent")]
        assert rig.is_clean()
        assert rig.now == 32            # the first one's transaction, which may still have brought something

    def test_a_name_without_address(self, rig: Rig) -> None:
        dial(rig, "sip:bob@example.com:5070;transport=tcp")
        assert rig.others == [LookUp(HOST)]
        rig.take(rig.endpoint.looked_up(HOST, (), 0))
        assert [(end.by, end.status) for end in rig.of(LegEnded)] == [("network", 503)]
        assert rig.is_clean()

    def test_hang_up_while_the_name_is_looked_up(self, rig: Rig) -> None:
        dial(rig, "sip:bob@example.com:5070")
        rig.handle(HangUpLeg("L"))
        rig.take(rig.endpoint.looked_up(HOST, ("192.0.2.1",), 0))
        assert rig.sent == []
        assert rig.is_clean()

    @pytest.mark.parametrize("target", ["tel:+4930", "sips:bob@192.0.2.9", "sip:bob@192.0.2.9;transport=tls"])
    def test_no_way(self, rig: Rig, target: str) -> None:
        dial(rig, target)
        assert [(end.by, end.status) for end in rig.of(LegEnded)] == [("network", 503)]
        assert rig.is_clean()

    def test_a_large_invite_goes_over_tcp(self, rig: Rig) -> None:
        sent = dial(rig, body=OUR_SDP + b"a=x\r\n" * 300)
        assert rig.sent[0].flow == Flow("tcp", (OURS, 5060), (PEER, 5070))
        assert sent.top_via.transport == "TCP"

    def test_a_large_invite_goes_over_udp_after_all_if_tcp_is_refused(self, rig: Rig) -> None:
        dial(rig, body=OUR_SDP + b"a=x\r\n" * 300)
        rig.take(rig.endpoint.send_failed(rig.sent[0].flow, 0))
        assert rig.sent[1].flow == UDP
        assert rig.of(LegEnded) == []

    def test_a_large_invite_stays_where_the_uri_says(self, rig: Rig) -> None:
        dial(rig, "sip:bob@192.0.2.9:5070;transport=udp", body=OUR_SDP + b"a=x\r\n" * 300)
        assert rig.sent[0].flow == UDP

    def test_the_connection_closes_while_it_rings(self, rig: Rig) -> None:
        sent = dial(rig, "sip:bob@192.0.2.9:5070;transport=tcp")
        opened = Flow("tcp", (OURS, 33000), (PEER, 5070), 9)
        rig.receive(response(sent, 180), opened)
        rig.take(rig.endpoint.stream_closed(opened, 0))
        assert [(end.by, end.status) for end in rig.of(LegEnded)] == [("network", 503)]
        assert rig.is_clean()


class TestCredentials:
    settings = with_settings(credentials=(Credential("carrier", "hotline", "secret"),))
    challenge = 'WWW-Authenticate: Digest realm="carrier", nonce="n1", qop="auth", algorithm={}\r\n'

    @pytest.mark.parametrize(("status", "field"), [(401, "Authorization"), (407, "Proxy-Authorization")])
    def test_a_challenge_is_answered(self, status: int, field: str) -> None:
        rig = Rig(self.settings)
        first = dial(rig)
        name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
        rig.receive(response(first, status, extra=self.challenge.format("MD5").replace("WWW-Authenticate", name)))
        second = rig.requests("INVITE")[1]
        assert (second.cseq.number, second.from_.tag, second.sip_call_id) == (2, first.from_.tag, first.sip_call_id)
        assert second.top_via.branch != first.top_via.branch
        assert 'username="hotline"' in (second.headers.get(field) or "")
        assert rig.requests("ACK")[0].cseq.number == 1
        rig.receive(response(second, 200, body=SDP))
        assert rig.requests("ACK")[1].headers.get(field) == second.headers.get(field)
        rig.handle(HangUpLeg("L"))
        assert rig.requests("BYE")[0].cseq.number == 3
        assert rig.of(LegEnded)[0].by == "us"

    def test_a_bye_is_challenged_too(self) -> None:
        rig = Rig(self.settings)
        rig.receive(response(dial(rig), 200, body=SDP))
        rig.handle(HangUpLeg("L"))
        rig.receive(response(rig.requests("BYE")[0], 401, extra=self.challenge.format("SHA-256")))
        second = rig.requests("BYE")[1]
        assert second.cseq.number == 3
        assert "algorithm=SHA-256" in (second.headers.get("Authorization") or "")
        rig.receive(response(second, 200))
        assert rig.is_clean()

    def test_a_refused_answer_is_not_given_again(self) -> None:
        rig = Rig(self.settings)
        extra = self.challenge.format("MD5")
        rig.receive(response(dial(rig), 401, extra=extra))
        rig.receive(response(rig.requests("INVITE")[1], 401, extra=extra))
        assert len(rig.requests("INVITE")) == 2
        assert [(end.by, end.status) for end in rig.of(LegEnded)] == [("peer", 401)]

    def test_a_stale_nonce_is_answered_anew_but_not_for_ever(self) -> None:
        rig = Rig(self.settings)
        dial(rig)
        for _ in range(6):
            rig.receive(response(rig.requests("INVITE")[-1], 401, extra=self.challenge.format("MD5, stale=true")))
        assert len(rig.requests("INVITE")) == 4
        assert all(len(invite.headers.all("Authorization")) <= 1 for invite in rig.requests("INVITE"))
        assert len(rig.of(LegEnded)) == 1

    def test_another_realm_gets_nothing(self) -> None:
        rig = Rig(self.settings)
        rig.receive(response(dial(rig), 401, extra=self.challenge.format("MD5").replace("carrier", "thief")))
        assert [(end.by, end.status) for end in rig.of(LegEnded)] == [("peer", 401)]

    def test_hang_up_while_the_challenge_is_under_way(self) -> None:
        rig = Rig(self.settings)
        sent = dial(rig)
        rig.handle(HangUpLeg("L"))
        rig.receive(response(sent, 401, extra=self.challenge.format("MD5")))
        assert len(rig.requests("INVITE")) == 1
        assert rig.is_clean()


@pytest.mark.parametrize("spoil", [
    lambda text: text.replace("Contact: <sip:bob", "Record-Route: <<<\r\nContact: <sip:bob"),
    lambda text: text.replace("Contact: <sip:bob", "Contact: <<<sip:bob"),
    lambda text: text.replace("\r\nFrom:", "\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom:"),
    lambda text: text.replace("branch=z9hG4bK", "branch=z9hG4bKother"),
])
def test_a_2xx_that_is_wrong_or_not_ours_is_dropped(rig: Rig, spoil: Any) -> None:
    sent = dial(rig)
    rig.receive(spoil(response(sent, 200, body=SDP)))
    assert rig.events == []
    rig.receive(response(sent, 200, body=SDP))
    assert len(rig.of(LegAnswered)) == 1
