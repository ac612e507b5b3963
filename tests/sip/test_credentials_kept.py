"""Our password's proof goes to the provider alone. A carrier that stays out of the way of what follows an INVITE lets
us talk with the caller's or the callee's own device: a stranger, who could name the provider's realm in a challenge and
try passwords on our answer at leisure (RFC 3261 §26.3.2.4)."""

import pytest

from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg, ReofferLeg
from ivr.sip.events import LegReanswered
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential, Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_settings import Registration
from tests.sip.rig import OUR_SDP, OURS, SDP, Rig, invite, request, response, with_settings

PROVIDER, SECOND, STRANGER = "192.0.2.1", "192.0.2.2", "203.0.113.66"
CHALLENGE = 'WWW-Authenticate: Digest realm="carrier", nonce="n", qop="auth"\r\n'


def flow(host: str) -> Flow:
    return Flow("udp", (OURS, 5060), (host, 5060))


def registered(*addresses: str) -> Rig:
    registration = Registration("me", parse_uri(f"sip:{PROVIDER}"), "secret")
    rig = Rig(with_settings(trunks=(Trunk("carrier", addresses, registration=registration),)))
    rig.take(rig.endpoint.start(0.0))
    for status in (401, 200):
        sent = rig.requests("REGISTER")[-1]
        rig.receive(response(sent, status, extra=CHALLENGE, contact=sent.headers.get("Contact") or ""), flow(PROVIDER))
    return rig


def shown(sent: Request) -> bool:
    return "Authorization" in sent.headers


def challenge(rig: Rig, method: str, host: str) -> list[bool]:
    """The last request of a method is challenged by `host`; whether each since then shows credentials."""
    before = len(rig.requests(method))
    assert rig.sent[-1].flow.remote[0] == host
    rig.receive(response(rig.requests(method)[-1], 401, extra=CHALLENGE), flow(host))
    return [shown(sent) for sent in rig.requests(method)[before:]]


@pytest.mark.parametrize(("host", "addresses", "again"), [
    (PROVIDER, (), [True]), (STRANGER, (), []), (SECOND, (), []), (SECOND, (PROVIDER, SECOND), [True])])
def test_a_call_from_the_provider(host: str, addresses: tuple[str, ...], again: list[bool]) -> None:
    rig = registered(*addresses)
    fields = {"uri": f"sip:me@{OURS}", "contact": f"<sip:alice@{host}>"}
    rig.receive(invite(**fields).replace("UDP 192.0.2.9:5070", f"UDP {PROVIDER}:5060"), flow(PROVIDER))
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.receive(request("ACK", tag=rig.tag), flow(PROVIDER))
    rig.handle(HangUpLeg(rig.leg))
    assert challenge(rig, "BYE", host) == again


@pytest.mark.parametrize(("host", "again"), [(PROVIDER, [True]), (STRANGER, [])])
def test_a_call_through_the_provider(host: str, again: list[bool]) -> None:
    rig = registered()
    rig.handle(DialLeg("L", parse_uri("tel:+49301"), OUR_SDP, "1"))
    assert challenge(rig, "INVITE", PROVIDER) == [True]
    rig.receive(response(rig.requests("INVITE")[-1], 200, body=SDP, contact=f"<sip:bob@{host}>"), flow(PROVIDER))
    rig.handle(ReofferLeg("L", OUR_SDP))
    assert challenge(rig, "INVITE", host) == again
    assert [told.status for told in rig.of(LegReanswered)] == ([] if again else [401])


@pytest.mark.parametrize(("host", "again"), [("192.0.2.9", [True]), (STRANGER, [])])
def test_a_call_to_an_address(host: str, again: list[bool]) -> None:
    rig = Rig(with_settings(credentials=(Credential("carrier", "me", "secret"),)))
    rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9"), OUR_SDP, "1"))
    assert challenge(rig, "INVITE", "192.0.2.9") == [True]
    rig.receive(response(rig.requests("INVITE")[-1], 200, body=SDP, contact=f"<sip:bob@{host}>"), flow("192.0.2.9"))
    rig.handle(HangUpLeg("L"))
    assert challenge(rig, "BYE", host) == again


def test_through_a_proxy_that_stays_in_the_way() -> None:
    """What follows goes through it as well, so it is where the INVITE went."""
    rig = registered()
    rig.handle(DialLeg("L", parse_uri("tel:+49301"), OUR_SDP, "1"))
    route = f"Record-Route: <sip:{PROVIDER};lr>\r\n"
    rig.receive(response(rig.requests("INVITE")[-1], 200, body=SDP, contact=f"<sip:bob@{STRANGER}>", extra=route),
                flow(PROVIDER))
    rig.handle(HangUpLeg("L"))
    assert challenge(rig, "BYE", PROVIDER) == [True]
