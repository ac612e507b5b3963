"""RFC 3665 §2, the flows of registrations. Our endpoint is the registrar throughout, and Bob wherever a client of
ours does what Bob does: it registers one Contact (as we do at a provider), renews it and takes it away. It has no
second Contact and asks for no list; there Bob is played by hand. All is UDP, where the RFC has TLS: the messages are
the same, and test_rfc3665 feeds the RFC's own over a stream.
"""

import random
from typing import Any

from ivr.base.ids import Ids
from ivr.sip.effects import SendBytes
from ivr.sip.message.digest import answer_challenge, ha1_md5, ha1_sha256
from ivr.sip.message.message import Response
from ivr.sip.message.parser import parse
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Account, Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_events import TrunkChanged
from ivr.sip.trunk.trunk_settings import Registration
from tests.flows.golden import assert_golden
from tests.flows.originals import assert_as_drawn
from tests.flows.stage import BOB, PROXY_2, Stage

PASSWORD = "zanzibar"
ACCOUNT = Account("bob", ha1_md5("bob", "biloxi", PASSWORD), ha1_sha256("bob", "biloxi", PASSWORD))


def a_registrar(*others: str) -> Stage:
    """The registrar is in its column; the clients stand left of it."""
    stage = Stage(*others, PROXY_2)
    stage.lines.names[PROXY_2] = "Registrar"
    stage.person(PROXY_2, realm="biloxi", accounts={"bob": ACCOUNT})
    return stage


def our_client(stage: Stage, password: str = PASSWORD) -> Any:
    registration = Registration("bob", parse_uri(f"sip:{PROXY_2}"), password, expires=3600)
    bob = stage.person(BOB, trunks=(Trunk("biloxi", registration=registration),))
    stage.at(0, lambda: stage.take(bob, bob.endpoint.start(0.0)))
    return bob


class Bob:
    """Bob by hand: REGISTERs that reuse the challenge of the first one, as his credentials in the RFC do."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.host = BOB
        self.answers: list[Response] = []
        self._challenges: list[str] = []
        self._sequence = 0
        self._answered = 0
        self._ids = Ids(random.Random(1).randbytes)
        stage.proxy(self)
        self._node = stage.nodes[BOB]

    def next_timer(self) -> None:
        return None

    def receive(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        message = parse(data)
        assert isinstance(message, Response)
        self.answers.append(message)
        return []

    def registers(self, *fields: str) -> Response:
        """Send a REGISTER with these lines, and credentials if the registrar has asked before; its answer."""
        self._sequence += 1
        lines = [f"REGISTER sip:{PROXY_2} SIP/2.0", f"Via: SIP/2.0/UDP {BOB}:5060;branch=z9hG4bK{self._sequence}",
                 "Max-Forwards: 70", f"From: <sip:bob@{PROXY_2}>;tag=b", f"To: <sip:bob@{PROXY_2}>",
                 "Call-ID: registration", f"CSeq: {self._sequence} REGISTER", *fields, *self._credentials(),
                 "Content-Length: 0", "", ""]
        flow = Flow("udp", (BOB, 5060), (PROXY_2, 5060))
        self.stage.take(self._node, [SendBytes(flow, "\r\n".join(lines).encode())])
        self.stage.run(self.stage.now + 1)
        answer = self.answers[-1]
        if answer.status == 401:
            self._challenges = answer.headers.all("WWW-Authenticate")
        return answer

    def _credentials(self) -> list[str]:
        if not self._challenges:
            return []
        self._answered += 1
        value = answer_challenge(self._challenges, "REGISTER", f"sip:{PROXY_2}", "bob", PASSWORD, self._ids,
                                 self._answered)
        return [f"Authorization: {value}"]


def registered() -> tuple[Stage, Bob]:
    """Bob has one Contact; the ladder begins behind that."""
    stage = a_registrar(BOB)
    bob = Bob(stage)
    contact = f"Contact: <sip:bob@{BOB}>"
    assert [bob.registers(contact).status for _ in range(2)] == [401, 200]
    stage.lines.forget()
    return stage, bob


def test_2_1_new_registration() -> None:
    """§2.1: as drawn; both sides are ours."""
    stage = a_registrar(BOB)
    bob = our_client(stage)
    stage.run(10)
    assert [event.state for event in stage.of(bob, TrunkChanged)] == ["registered"]
    assert_golden("rfc3665_2_1_new", str(stage.lines))
    assert_as_drawn("2.01", stage.lines)


def test_2_1_renewed() -> None:
    """§2.1 goes on: our client renews before the hour ends. It sends credentials when it is asked; a registrar that
    gives a `nextnonce` need not ask."""
    stage = a_registrar(BOB)
    our_client(stage)
    stage.run(10)
    stage.lines.forget()
    stage.run(3600)
    assert 1500 < stage.lines.since(0, 0) < 3600        # when is a matter of chance, lest all come at once
    assert_golden("rfc3665_2_1_renewed", str(stage.lines))


def test_2_2_update_of_the_contact_list() -> None:
    """§2.2: a second Contact, a `mailto:`, beside the first. As drawn."""
    stage, bob = registered()
    answer = bob.registers("Contact: <mailto:bob@biloxi.example.com>")
    assert [str(contact.uri) for contact in answer.contacts] == [f"sip:bob@{BOB}", "mailto:bob@biloxi.example.com"]
    assert_golden("rfc3665_2_2_update", str(stage.lines))
    assert_as_drawn("2.02", stage.lines)


def test_2_3_request_for_the_contact_list() -> None:
    """§2.3: a REGISTER without a Contact asks what is bound. As drawn."""
    stage, bob = registered()
    bob.registers("Contact: <mailto:bob@biloxi.example.com>")
    stage.lines.forget()
    assert len(bob.registers().contacts) == 2
    assert_golden("rfc3665_2_3_list", str(stage.lines))
    assert_as_drawn("2.03", stage.lines)


def test_2_4_cancellation() -> None:
    """§2.4: `Contact: *` takes all away. As drawn."""
    stage, bob = registered()
    answer = bob.registers("Contact: *", "Expires: 0")
    assert (answer.status, answer.contacts) == (200, [])
    assert_golden("rfc3665_2_4_cancellation", str(stage.lines))
    assert_as_drawn("2.04", stage.lines)


def test_2_4_our_client_leaves() -> None:
    """§2.4 by our client: it takes away the one Contact that is its own, as others may be registered too. It
    sends credentials when it is asked, unlike the RFC's Bob, who has a nonce in hand."""
    stage = a_registrar(BOB)
    bob = our_client(stage)
    stage.run(10)
    stage.lines.forget()
    stage.take(bob, bob.endpoint.unregister(10))
    stage.run(20)
    assert_golden("rfc3665_2_4_we_leave", str(stage.lines))


def test_2_5_unsuccessful() -> None:
    """§2.5: a wrong password is refused with a second 401, and ours does not try it again at once. As drawn."""
    stage = a_registrar(BOB)
    bob = our_client(stage, "wrong")
    stage.run(60)
    assert [event.state for event in stage.of(bob, TrunkChanged)] == ["refused"]
    assert_golden("rfc3665_2_5_unsuccessful", str(stage.lines))
    assert_as_drawn("2.05", stage.lines)
