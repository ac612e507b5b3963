"""The call flows of RFC 3665 with the RFC's own messages; we are Alice, who calls.

What the files say that she gets is fed to the endpoint, with our Call-ID, From tag, Via and CSeq number in the place of
the file's. What they say she sends is compared with what we send: method or status, To tag, credentials, and within the
dialog Request-URI and Route. Her failover (§3.4) and the silence of §3.10 are in test_basic_calls.
"""

from typing import Any

from ivr.sip.commands import AcknowledgeLeg, AnswerOffer, DialLeg, HangUpLeg
from ivr.sip.events import LegAnswered, LegEnded, LegReoffered, LegRinging
from ivr.sip.message.message import Request, Response
from ivr.sip.message.parser import parse
from ivr.sip.message.printer import to_bytes
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential
from ivr.sip.transport.flow import Flow
from tests.flows.originals import flow
from tests.sip.rig import OUR_SDP, OURS, Rig, with_settings

PROXY = ("192.0.2.111", 5060)


class Alice:
    """Our endpoint in a flow of the RFC."""

    def __init__(self, name: str) -> None:
        self.messages: list[Any] = [parse(text.encode()) for text in flow(name)]
        credentials = tuple(Credential(f"{place}.example.com", "alice", "secret") for place in ("atlanta", "biloxi"))
        self.rig = Rig(with_settings(credentials=credentials), Flow("udp", (OURS, 5060), PROXY))
        self._seen = 0

    def dials(self, body: bytes | None = OUR_SDP, leg: str = "L") -> None:
        self.rig.handle(DialLeg(leg, parse_uri(f"sip:bob@{PROXY[0]}"), body, "alice"))

    def gets(self, *numbers: int) -> None:
        """Messages F`number`, counted from 1; a response goes to our last request of its method."""
        for number in numbers:
            message = self.messages[number - 1]
            call = self.rig.requests("INVITE")[-1]
            headers = message.headers
            headers.set("Call-ID", call.sip_call_id)
            if isinstance(message, Response):
                asked = self.rig.requests(message.cseq.method)[-1]
                for name in ("Via", "From", "CSeq"):
                    headers.set(name, asked.headers.get(name) or "")
            else:
                headers.set("To", str(message.to.with_tag(call.from_.tag or "")))
            self.rig.receive(to_bytes(message))

    def sends(self, *numbers: int) -> None:
        """Our next messages, which must be like F`number`; a 100 of ours is passed over."""
        for number in numbers:
            expected = self.messages[number - 1]
            if getattr(self.rig.sent[self._seen].message, "status", 0) == 100:
                self._seen += 1
            sent = self.rig.sent[self._seen].message
            self._seen += 1
            if isinstance(expected, Response):
                assert isinstance(sent, Response)
                assert (sent.status, sent.cseq) == (expected.status, expected.cseq)
                continue
            assert isinstance(sent, Request)
            assert (sent.method, sent.to.tag) == (expected.method, expected.to.tag)
            if sent.method == "INVITE":
                assert len(sent.headers.all("Proxy-Authorization")) == self._realms_before(number)
            if self.rig.of(LegAnswered):
                # the RFC forgets the `transport=tcp` of the Contact in its Request-URIs
                assert str(sent.request_uri._replace(parameters=())) == str(expected.request_uri)
                assert [str(one.uri) for one in sent.routes] == [str(one.uri) for one in expected.routes]

    def _realms_before(self, number: int) -> int:
        """How many realms have asked for credentials; the RFC's Alice also sends some that nobody has asked for."""
        return len({one.headers.get("Proxy-Authenticate") for one in self.messages[:number - 1]
                    if isinstance(one, Response) and one.status == 407})

    def does(self, command: Any, *fields: Any, leg: str = "L") -> None:
        self.rig.handle(command(leg, *fields))

    def ends(self, by: str, status: int) -> None:
        assert [(end.by, end.status) for end in self.rig.of(LegEnded)][-1] == (by, status)
        assert self.rig.is_clean()


def test_3_1_successful_session_establishment() -> None:
    alice = Alice("3.01")
    alice.dials()
    alice.sends(1)
    alice.gets(2, 3)
    alice.sends(4)
    alice.gets(5)
    alice.sends(6)
    alice.ends("peer", 200)


def test_3_2_through_two_proxies() -> None:
    alice = Alice("3.02")
    alice.dials()
    alice.sends(1)
    alice.gets(2)
    alice.sends(3, 4)
    alice.gets(6, 11, 14)
    alice.sends(15)
    alice.gets(20)
    alice.sends(21)
    alice.ends("peer", 200)


def test_3_3_multiple_proxy_authentication() -> None:
    alice = Alice("3.03")
    alice.dials()
    alice.sends(1)
    alice.gets(2)
    alice.sends(3, 4)
    alice.gets(5, 9)
    alice.sends(10, 11)
    alice.gets(12, 18)
    alice.sends(19)
    assert len(alice.rig.of(LegAnswered)) == 1


def test_3_5_through_an_alg() -> None:
    alice = Alice("3.05")
    alice.dials()
    alice.sends(1)
    alice.gets(3, 8, 11)
    alice.sends(12)
    alice.does(HangUpLeg)
    alice.sends(14)
    alice.gets(17)
    alice.ends("us", 200)


def test_3_6_redirected_and_sdp_in_the_ack() -> None:
    """The 302 ends the leg; where it points is dialled anew, by who may."""
    alice = Alice("3.06")
    alice.dials(None)
    alice.sends(1)
    alice.gets(2)
    alice.sends(3)
    assert [(end.by, end.status) for end in alice.rig.of(LegEnded)] == [("peer", 302)]
    alice.dials(None, "again")
    alice.sends(4)
    alice.gets(6, 8, 10)
    alice.does(AcknowledgeLeg, OUR_SDP, leg="again")
    alice.sends(11)
    assert alice.rig.requests("ACK")[-1].body == OUR_SDP
    alice.gets(14)
    alice.sends(15)
    alice.ends("peer", 200)


def test_3_7_re_invite_from_a_new_contact() -> None:
    """Our BYE goes to the Contact of the re-INVITE."""
    alice = Alice("3.07")
    alice.dials()
    alice.sends(1)
    alice.gets(3, 5, 7)
    alice.sends(8)
    alice.gets(9)
    assert len(alice.rig.of(LegReoffered)) == 1
    alice.does(AnswerOffer, OUR_SDP)
    alice.sends(10)
    alice.gets(11)
    alice.does(HangUpLeg)
    alice.sends(12)
    alice.gets(13)
    alice.ends("us", 200)


def test_3_8_no_answer() -> None:
    alice = Alice("3.08")
    alice.dials()
    alice.sends(1)
    alice.gets(3, 8)
    assert [event.status for event in alice.rig.of(LegRinging)] == [180]
    alice.does(HangUpLeg)
    alice.sends(9)
    alice.gets(10, 19)
    alice.sends(20)
    alice.ends("us", 487)


def test_3_9_busy() -> None:
    alice = Alice("3.09")
    alice.dials()
    alice.sends(1)
    alice.gets(3, 10)
    alice.sends(11)
    alice.ends("peer", 486)


def test_3_10_no_response() -> None:
    alice = Alice("3.10")
    alice.dials()
    alice.sends(1)
    alice.gets(3, 14)
    alice.sends(15)
    alice.ends("peer", 480)


def test_3_11_temporarily_unavailable() -> None:
    alice = Alice("3.11")
    alice.dials()
    alice.sends(1)
    alice.gets(3, 8, 13)
    alice.sends(14)
    alice.ends("peer", 480)
