"""RFC 3665 §3, the flows of calls: our endpoint is Alice and Bob at once, with proxies between them as the RFC draws
them.

Each ladder is ours, kept beside this file; where the corpora are there, the messages of each hop are also compared
with the RFC's own, in their order. All is UDP here; test_rfc3665 feeds the RFC's messages, over TCP where it does so.
What is ours throughout: the 100 of an endpoint that is called, which the RFC does not draw.
"""

from typing import Any

from ivr.sip.commands import AcknowledgeLeg, AnswerLeg, AnswerOffer, DialLeg, HangUpLeg, RejectLeg, ReofferLeg, RingLeg
from ivr.sip.events import LegAnswered, LegConfirmed, LegEnded, LegOffered, LegReoffered, LegRinging
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential
from ivr.sip.transport.locating import Question
from tests.flows.golden import assert_golden
from tests.flows.originals import assert_as_drawn
from tests.flows.proxy import Proxy
from tests.flows.stage import (
    ALICE,
    ALICES_SDP,
    BOB,
    BOBS_SDP,
    PROXY_1,
    PROXY_2,
    PROXY_3,
    Stage,
    Steps,
)

RINGS_AND_ANSWERS: Steps = [(.1, RingLeg), (2, lambda leg: AnswerLeg(leg, BOBS_SDP))]
HANGS_UP: Steps = [(5, HangUpLeg)]
ATLANTA, BILOXI = Credential("atlanta", "alice", "secret"), Credential("biloxi", "alice", "secret")


def dial(host: str, body: bytes | None = ALICES_SDP) -> DialLeg:
    return DialLeg("call", parse_uri(f"sip:bob@{host}"), body, "alice")


def through_two_proxies(bob: Any, alice: Any = None, **fields: Any) -> tuple[Stage, Any, Any]:
    """Alice, proxies 1 and 2, and Bob; Alice has dialled."""
    stage = Stage(ALICE, PROXY_1, PROXY_2, BOB)
    caller = stage.person(ALICE, alice, credentials=(ATLANTA, BILOXI))
    stage.proxy(Proxy(PROXY_1, PROXY_2, **fields))
    stage.proxy(Proxy(PROXY_2, BOB))
    callee = stage.person(BOB, bob)
    stage.tell(caller, dial(PROXY_1))
    return stage, caller, callee


def end_of(stage: Stage, *nodes: Any) -> list[tuple[str, int]]:
    """How the calls ended for each, once all timers have fired; no bit of them may be left."""
    stage.ends(*nodes)
    return [(end.by, end.status) for node in nodes for end in stage.of(node, LegEnded)]


def test_3_1_successful_session_establishment() -> None:
    """§3.1: as drawn, Bob hangs up."""
    stage = Stage(ALICE, BOB)
    alice = stage.person(ALICE)
    bob = stage.person(BOB, {LegOffered: RINGS_AND_ANSWERS, LegConfirmed: HANGS_UP})
    stage.tell(alice, dial(BOB))
    stage.run(10)
    assert end_of(stage, alice, bob) == [("peer", 200), ("us", 200)]
    assert_golden("rfc3665_3_1_call", str(stage.lines))
    assert_as_drawn("3.01", stage.lines)


def test_3_2_through_two_proxies() -> None:
    """§3.2: the first proxy asks for credentials; both record their routes. As drawn."""
    stage, alice, bob = through_two_proxies({LegOffered: RINGS_AND_ANSWERS, LegConfirmed: HANGS_UP}, realm="atlanta")
    stage.run(10)
    assert end_of(stage, alice, bob) == [("peer", 200), ("us", 200)]
    assert_golden("rfc3665_3_2_two_proxies", str(stage.lines))
    assert_as_drawn("3.02", stage.lines)


def test_3_3_multiple_proxy_authentication() -> None:
    """§3.3: each proxy asks for credentials of its own, and the last INVITE carries both. As drawn, and Bob hangs
    up."""
    stage = Stage(ALICE, PROXY_1, PROXY_2, BOB)
    alice = stage.person(ALICE, credentials=(ATLANTA, BILOXI))
    stage.proxy(Proxy(PROXY_1, PROXY_2, realm="atlanta"))
    stage.proxy(Proxy(PROXY_2, BOB, realm="biloxi"))
    bob = stage.person(BOB, {LegOffered: [(0, lambda leg: AnswerLeg(leg, BOBS_SDP))]})
    stage.tell(alice, dial(PROXY_1))
    stage.run(10)
    assert_as_drawn("3.03", stage.lines, misprinted=(8, "Proxy 1"))       # it ends with the ACK
    stage.command(bob, HangUpLeg(stage.leg(bob)))
    assert end_of_drawn(stage, alice, bob) == [("peer", 200), ("us", 200)]
    assert_golden("rfc3665_3_3_proxy_authentication", str(stage.lines))


def end_of_drawn(stage: Stage, *nodes: Any) -> list[tuple[str, int]]:
    """As `end_of`, after what was just done has gone through."""
    stage.run(stage.now + 1)
    return end_of(stage, *nodes)


def test_3_4_proxy_failure() -> None:
    """§3.4: the first proxy is dead. The RFC's Alice waits out all seven INVITEs (32 s) and then makes a new call,
    with a Call-ID of its own. Ours has both addresses from the name service; it leaves the first one after 4 s and
    goes on with the same call (RFC 3263 §4.3)."""
    stage = Stage(ALICE, PROXY_1, PROXY_2, BOB, dns={Question("A", "biloxi.example.com"): (PROXY_1, PROXY_2)})
    alice = stage.person(ALICE, credentials=(BILOXI,))
    stage.deaf.add(PROXY_1)
    stage.proxy(Proxy(PROXY_2, BOB, realm="biloxi"))
    bob = stage.person(BOB, {LegOffered: RINGS_AND_ANSWERS, LegConfirmed: HANGS_UP})
    stage.tell(alice, DialLeg("call", parse_uri("sip:bob@biloxi.example.com:5060"), ALICES_SDP, "alice"))
    stage.run(20)
    assert end_of(stage, alice, bob) == [("peer", 200), ("us", 200)]
    assert_golden("rfc3665_3_4_proxy_failure", str(stage.lines))
    assert_as_drawn("3.04", stage.lines, repeated_invites=(7, 4))


def test_3_5_through_an_alg() -> None:
    """§3.5: a gateway puts its own address into both descriptions and stays on the route, proxy 2 does not. Alice is
    known to it. As drawn, Alice hangs up."""
    stage = Stage(ALICE, PROXY_1, PROXY_2, BOB)
    stage.lines.names[PROXY_1] = "ALG"
    alice = stage.person(ALICE, {LegAnswered: HANGS_UP})
    stage.proxy(Proxy(PROXY_1, PROXY_2, rewrites=(ALICE, BOB)))
    stage.proxy(Proxy(PROXY_2, BOB, record_route=False))
    bob = stage.person(BOB, {LegOffered: RINGS_AND_ANSWERS})
    stage.tell(alice, dial(PROXY_1))
    stage.run(10)
    assert end_of(stage, alice, bob) == [("us", 200), ("peer", 200)]
    [offered], [answered] = stage.of(bob, LegOffered), stage.of(alice, LegAnswered)
    assert f"c=IN IP4 {PROXY_1}".encode() in offered.body
    assert f"c=IN IP4 {PROXY_1}".encode() in answered.body
    assert_golden("rfc3665_3_5_alg", str(stage.lines))
    assert_as_drawn("3.05", stage.lines)


def test_3_6_redirected_and_sdp_in_the_ack() -> None:
    """§3.6: a 302, then a call to where it points, with the offer in the 200 and the answer in the ACK. A 302 ends
    the leg: where it points, a stranger has chosen. Who dials may dial there, as here; that is a new call with a
    Call-ID of its own (the RFC keeps it and counts on)."""
    stage = Stage(ALICE, PROXY_1, PROXY_3, BOB)
    stage.lines.names[PROXY_1] = "Redirect"
    alice = stage.person(ALICE, {LegAnswered: [(0, lambda leg: AcknowledgeLeg(leg, ALICES_SDP))]})
    # a redirect server is to Alice what a user agent is that answers 302
    redirect = stage.person(PROXY_1, {LegOffered: [(0, lambda leg: RejectLeg(leg, 302))]})
    stage.proxy(Proxy(PROXY_3, BOB))
    bob = stage.person(BOB, {LegOffered: RINGS_AND_ANSWERS, LegConfirmed: HANGS_UP})
    stage.tell(alice, dial(PROXY_1, None))
    stage.run(1)
    assert [(end.by, end.status) for end in stage.of(alice, LegEnded)] == [("peer", 302)]
    stage.command(alice, DialLeg("again", parse_uri(f"sip:bob@{PROXY_3}"), None, "alice"))
    stage.run(15)
    stage.ends(alice, redirect, bob)
    assert [event.body for event in stage.of(bob, LegConfirmed)] == [ALICES_SDP]
    assert_golden("rfc3665_3_6_redirect", str(stage.lines))
    assert_as_drawn("3.06", stage.lines, server_trying="Redirect")


def test_3_7_re_invite() -> None:
    """§3.7: the proxy does not stay on the route; Bob offers anew, as after a change of his address, and Alice hangs
    up. The RFC's own messages, with the new address in Bob's Contact, are fed by test_rfc3665. Ours says 100 to a
    re-INVITE."""
    stage = Stage(ALICE, PROXY_2, BOB)
    alice = stage.person(ALICE, {LegReoffered: [(0, lambda leg: AnswerOffer(leg, ALICES_SDP))]})
    stage.proxy(Proxy(PROXY_2, BOB, record_route=False))
    bob = stage.person(BOB, {LegOffered: RINGS_AND_ANSWERS})
    stage.tell(alice, dial(PROXY_2))
    stage.run(5)
    moved = BOBS_SDP.replace(BOB.encode(), b"192.0.2.100").replace(b"o=- 1 1", b"o=- 1 2")
    stage.command(bob, ReofferLeg(stage.leg(bob), moved))
    stage.run(10)
    assert [event.body for event in stage.of(alice, LegReoffered)] == [moved]
    stage.command(alice, HangUpLeg("call"))
    assert end_of_drawn(stage, alice, bob) == [("us", 200), ("peer", 200)]
    assert_golden("rfc3665_3_7_re_invite", str(stage.lines))
    assert_as_drawn("3.07", stage.lines)


def test_3_8_no_answer() -> None:
    """§3.8: Alice gives up while it rings: CANCEL and 487, hop by hop. As drawn."""
    stage, alice, bob = through_two_proxies({LegOffered: [(.1, RingLeg)]}, {LegRinging: [(10, HangUpLeg)]})
    stage.run(20)
    assert end_of(stage, alice, bob) == [("us", 487), ("peer", 487)]
    assert_golden("rfc3665_3_8_no_answer", str(stage.lines))
    assert_as_drawn("3.08", stage.lines, misprinted=(18, "Proxy 1"))


def test_3_9_busy() -> None:
    """§3.9: as drawn."""
    stage, alice, bob = through_two_proxies({LegOffered: [(0, lambda leg: RejectLeg(leg, 486))]})
    stage.run(1)
    assert end_of(stage, alice, bob) == [("peer", 486), ("us", 486)]
    assert_golden("rfc3665_3_9_busy", str(stage.lines))
    assert_as_drawn("3.09", stage.lines)


def test_3_10_no_response_from_the_user_agent() -> None:
    """§3.10: Bob says nothing. Alice stands in the place of proxy 2, whose INVITEs nobody answers: at 0, 0.5, 1.5,
    3.5, 7.5, 15.5 and 31.5 s, and at 32 s it is over (timer B); the RFC's proxy then says 480."""
    stage = Stage(ALICE, BOB)
    stage.deaf.add(BOB)
    alice = stage.person(ALICE)
    stage.tell(alice, dial(BOB))
    stage.run(40)
    assert end_of(stage, alice) == [("network", 408)]
    assert_golden("rfc3665_3_10_no_response", str(stage.lines))
    assert_as_drawn("3.10", stage.lines, only="Proxy 2", as_="Alice")


def test_3_10_the_480_of_a_proxy() -> None:
    """§3.10, what Alice sees: 100 at once, and half a minute later 480. Proxy 1 says what proxy 2 has told it."""
    stage = Stage(ALICE, PROXY_1)
    alice = stage.person(ALICE)
    proxy = stage.person(PROXY_1, {LegOffered: [(32, lambda leg: RejectLeg(leg, 480))]})
    stage.tell(alice, dial(PROXY_1))
    stage.run(40)
    assert end_of(stage, alice, proxy) == [("peer", 480), ("us", 480)]
    assert_golden("rfc3665_3_10_proxy_says_480", str(stage.lines))
    assert_as_drawn("3.10", stage.lines, only="Alice", server_trying="")


def test_3_11_temporarily_unavailable() -> None:
    """§3.11: it rings, then Bob declines with 480. As drawn."""
    stage, alice, bob = through_two_proxies({LegOffered: [(.1, RingLeg), (5, lambda leg: RejectLeg(leg, 480))]})
    stage.run(10)
    assert end_of(stage, alice, bob) == [("peer", 480), ("us", 480)]
    assert_golden("rfc3665_3_11_unavailable", str(stage.lines))
    assert_as_drawn("3.11", stage.lines)
