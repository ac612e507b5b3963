"""The call flows of RFC 3665 that end at a user agent or a registrar, with the RFC's own messages; we are Bob.

What the files say we get is fed to the endpoint, with our To tag in the place of the file's; what they say we send is
compared with what we send: status or method, Request-URI, Via, Route, Record-Route, CSeq.
"""

import re
from typing import Any

import pytest

from ivr.sip.commands import AnswerLeg, HangUpLeg, RejectLeg, ReofferLeg, RingLeg
from ivr.sip.events import LegConfirmed, LegEnded, LegReanswered
from ivr.sip.message.digest import ha1_md5, ha1_sha256
from ivr.sip.message.message import Request, Response
from ivr.sip.message.parser import parse
from ivr.sip.settings import Account
from ivr.sip.transport.flow import Flow
from tests.flows.originals import flow
from tests.sip.rig import OUR_SDP, OURS, Rig, authorization, with_settings

PROXY = ("192.0.2.222", 5060)


class Bob:
    """Our endpoint in a flow of the RFC."""

    def __init__(self, name: str, transport: str) -> None:
        self.messages = flow(name)
        self.rig = Rig(flow=Flow(transport, (OURS, 5060), PROXY, 1 if transport == "tcp" else 0))
        self._seen = 0

    def gets(self, number: int) -> None:
        """Message F`number`, counted from 1; a response goes to our last request."""
        text = self.messages[number - 1]
        if text.startswith("SIP/2.0"):
            ours = self.rig.requests()[-1]
            text = re.sub(r"branch=[^;\r\s]+", f"branch={ours.top_via.branch}", text, count=1)
            text = re.sub(r"Call-ID: [^\r]+", f"Call-ID: {ours.sip_call_id}", text)
            text = re.sub(r"CSeq: \d+", f"CSeq: {ours.cseq.number}", text)
        elif self.rig.responses("INVITE"):
            text = re.sub(r"(\r\nTo: [^\r]+;tag=)[^\r;]+", rf"\g<1>{self.rig.tag}", text)
        self.rig.receive(text)

    def sends(self, number: int) -> Any:
        """Our next message, which must be like F`number`; a 100 of ours before it is passed over."""
        expected: Any = parse(self.messages[number - 1].encode())
        if getattr(self.rig.sent[self._seen].message, "status", 0) == 100:
            self._seen += 1
        sent = self.rig.sent[self._seen].message
        self._seen += 1
        if isinstance(expected, Response):
            assert isinstance(sent, Response)
            assert (sent.status, sent.cseq) == (expected.status, expected.cseq)
            assert [(via.host, via.branch) for via in sent.vias] == [(via.host, via.branch) for via in expected.vias]
            assert [str(one.uri) for one in sent.record_routes] == [str(one.uri) for one in expected.record_routes]
        else:
            assert isinstance(sent, Request)
            # the RFC forgets the `transport=tcp` of the Contact in its Request-URIs
            target = sent.request_uri._replace(parameters=())
            assert (sent.method, str(target)) == (expected.method, str(expected.request_uri))
            assert [str(one.uri) for one in sent.routes] == [str(one.uri) for one in expected.routes]
            assert (sent.to.uri, sent.to.tag, sent.from_.uri) == (expected.to.uri, expected.to.tag, expected.from_.uri)
        return sent

    def does(self, command: Any, *fields: Any) -> None:
        self.rig.handle(command(self.rig.leg, *fields))

    def ends(self, by: str, status: int) -> None:
        assert [(end.by, end.status) for end in self.rig.of(LegEnded)] == [(by, status)]
        assert self.rig.is_clean()


def test_3_1_successful_session_establishment() -> None:
    bob = Bob("3.01", "tcp")
    bob.gets(1)
    bob.does(RingLeg)
    bob.sends(2)
    bob.does(AnswerLeg, OUR_SDP)
    bob.sends(3)
    bob.gets(4)
    assert len(bob.rig.of(LegConfirmed)) == 1
    bob.does(HangUpLeg)
    bob.sends(5)
    bob.gets(6)
    bob.ends("us", 200)


def test_3_2_session_establishment_through_two_proxies() -> None:
    bob = Bob("3.02", "tcp")
    bob.gets(7)
    bob.does(RingLeg)
    bob.sends(9)
    bob.does(AnswerLeg, OUR_SDP)
    bob.sends(12)
    bob.gets(17)
    bob.does(HangUpLeg)
    bye = bob.sends(18)
    assert [route.uri.host for route in bye.routes] == ["ss2.biloxi.example.com", "ss1.atlanta.example.com"]
    bob.gets(23)
    bob.ends("us", 200)


def test_3_3_multiple_proxy_authentication() -> None:
    bob = Bob("3.03", "udp")
    bob.gets(15)
    bob.does(AnswerLeg, OUR_SDP)
    bob.sends(16)
    bob.gets(21)
    assert len(bob.rig.of(LegConfirmed)) == 1


def test_3_4_after_a_proxy_failed() -> None:
    bob = Bob("3.04", "udp")
    bob.gets(12)
    bob.does(RingLeg)
    bob.sends(14)
    bob.does(AnswerLeg, OUR_SDP)
    bob.sends(16)
    bob.gets(19)
    bob.does(HangUpLeg)
    bob.sends(20)
    bob.gets(23)
    bob.ends("us", 200)


def test_3_5_through_an_alg() -> None:
    """The ALG alone stays on the route."""
    bob = Bob("3.05", "udp")
    bob.gets(4)
    bob.does(RingLeg)
    bob.sends(6)
    bob.does(AnswerLeg, OUR_SDP)
    bob.sends(9)
    bob.gets(13)
    assert len(bob.rig.of(LegConfirmed)) == 1
    bob.gets(15)
    bob.sends(16)
    bob.ends("peer", 200)


def test_3_6_sdp_in_the_ack() -> None:
    bob = Bob("3.06", "tcp")
    bob.gets(5)
    bob.does(RingLeg)
    bob.sends(7)
    bob.does(AnswerLeg, OUR_SDP)
    assert bob.sends(9).body == OUR_SDP
    bob.gets(12)
    [confirmed] = bob.rig.of(LegConfirmed)
    assert b"m=audio 49172" in (confirmed.body or b"")
    bob.does(HangUpLeg)
    bob.sends(13)
    bob.gets(16)
    bob.ends("us", 200)


def test_3_7_re_invite_and_bye_to_a_new_contact() -> None:
    bob = Bob("3.07", "udp")
    bob.gets(2)
    bob.does(RingLeg)
    bob.sends(4)
    bob.does(AnswerLeg, OUR_SDP)
    bob.sends(6)
    bob.gets(8)
    bob.does(ReofferLeg, OUR_SDP)
    bob.sends(9)
    bob.gets(10)
    bob.sends(11)
    assert [event.status for event in bob.rig.of(LegReanswered)] == [200]
    bob.gets(12)
    bob.sends(13)
    bob.ends("peer", 200)


def test_3_8_no_answer() -> None:
    bob = Bob("3.08", "udp")
    bob.gets(4)
    bob.does(RingLeg)
    bob.sends(6)
    bob.gets(13)
    bob.sends(14)
    bob.sends(15)
    bob.gets(16)
    bob.ends("peer", 487)


def test_3_9_busy() -> None:
    bob = Bob("3.09", "tcp")
    bob.gets(4)
    bob.does(RejectLeg, 486)
    bob.sends(6)
    bob.gets(7)
    bob.ends("us", 486)


def test_3_11_temporarily_unavailable() -> None:
    bob = Bob("3.11", "udp")
    bob.gets(4)
    bob.does(RingLeg)
    bob.sends(6)
    bob.does(RejectLeg, 480)
    bob.sends(9)
    bob.gets(10)
    bob.ends("us", 480)


class TestRegistrations:
    """§2; our realm, nonce and password instead of the RFC's."""

    @pytest.fixture
    def rig(self) -> Rig:
        bob = Account("bob", ha1_md5("bob", "hotline", "zanzibar"), ha1_sha256("bob", "hotline", "zanzibar"))
        return Rig(with_settings(accounts={"bob": bob}), Flow("tcp", (OURS, 5061), ("192.0.2.201", 33000), 1))

    @staticmethod
    def register(rig: Rig, text: str, password: str = "zanzibar", sequence: int = 1) -> Response:
        """Send the REGISTER without the file's credentials and then with ours."""
        bare = re.sub(r"Authorization: (?:[^\r]|\r\n[ \t])+\r\n", "", text)
        bare = re.sub(r"CSeq: \d+", f"CSeq: {sequence}", re.sub(r"branch=\S+", f"branch=z9hG4bK{sequence}", bare))
        rig.receive(bare)
        answer = authorization(rig.responses()[-1], "bob", password)
        again = bare.replace(f"branch=z9hG4bK{sequence}", f"branch=z9hG4bK{sequence}a")
        again = again.replace(f"CSeq: {sequence}", f"CSeq: {sequence + 1}")
        rig.receive(again.replace("Content-Length", f"{answer}Content-Length"))
        return rig.responses()[-1]

    def test_2_1_to_2_4(self, rig: Rig) -> None:
        answer = self.register(rig, flow("2.01")[2])
        assert rig.statuses() == [401, 200]
        assert answer.headers.all("Contact") == ["<sips:bob@client.biloxi.example.com>;expires=3600"]
        answer = self.register(rig, flow("2.02")[0], sequence=3)
        assert [str(one.uri) for one in answer.contacts] == [
            "sips:bob@client.biloxi.example.com", "mailto:bob@biloxi.example.com"]
        answer = self.register(rig, flow("2.03")[0], sequence=5)
        assert len(answer.contacts) == 2
        answer = self.register(rig, flow("2.04")[0], sequence=7)
        assert (answer.status, answer.contacts) == (200, [])

    def test_2_5_wrong_password(self, rig: Rig) -> None:
        assert self.register(rig, flow("2.05")[0], password="wrong").status == 401
