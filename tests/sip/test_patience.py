"""How long one address of several may be silent, where it has asked for a password in between (RFC 3263 §4.3)."""

import pytest

from ivr.sip.commands import DialLeg, HangUpLeg
from ivr.sip.events import LegAnswered
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential
from ivr.sip.transport.locating import Question
from tests.sip.rig import OUR_SDP, SDP, Rig, response, with_settings

A, B = "192.0.2.1", "192.0.2.2"
CHALLENGE = 'Proxy-Authenticate: Digest realm="them", nonce="n", qop="auth"\r\n'


def challenged_late(trying: bool) -> Rig:
    rig = Rig(with_settings(credentials=(Credential("them", "us", "secret"),)))
    rig.handle(DialLeg("L", parse_uri("sip:bob@example.com:5070"), OUR_SDP, "+49301234"))
    rig.take(rig.endpoint.looked_up(Question("A", "example.com"), (A, B), rig.now))
    first = rig.requests("INVITE")[0]
    if trying:
        rig.receive(response(first, 100, tag=""))
    rig.run_until(3.9)
    rig.receive(response(first, 407, extra=CHALLENGE))
    assert rig.requests("INVITE")[-1].headers.get("Proxy-Authorization") is not None
    return rig


@pytest.mark.parametrize("trying", [True, False])
def test_the_second_invite_has_all_its_time(trying: bool) -> None:
    rig = challenged_late(trying)
    rig.run_until(7.8)
    assert {one.flow.remote[0] for one in rig.sent} == {A}
    rig.receive(response(rig.requests("INVITE")[-1], 200, body=SDP))
    assert len(rig.of(LegAnswered)) == 1
    rig.handle(HangUpLeg("L"))
    rig.receive(response(rig.requests("BYE")[-1], 200))
    assert rig.is_clean()


def test_then_it_is_silent__the_next_one() -> None:
    rig = challenged_late(trying=True)
    rig.run_until(8)
    assert {one.flow.remote[0] for one in rig.sent} == {A, B}
    rig.receive(response(rig.requests("INVITE")[-1], 486))
    assert rig.is_clean()
