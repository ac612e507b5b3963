"""A connection closes under a request of a dialog: it goes again over a new one, where one can be opened."""

import pytest

from ivr.sip.commands import DialLeg, HangUpLeg
from ivr.sip.events import LegEnded
from ivr.sip.message.uri import parse_uri
from ivr.sip.transport.flow import Flow
from tests.sip.rig import OUR_SDP, OURS, PEER, SDP, Rig, response

STANDS = Flow("tcp", (OURS, 41000), (PEER, 5060), 7)
NEW = Flow("tcp", (OURS, 41000), (PEER, 5060))


def in_call(rig: Rig, contact: str) -> None:
    rig.handle(DialLeg("L", parse_uri(f"sip:bob@{PEER};transport=tcp"), OUR_SDP, "100"))
    rig.receive(response(rig.requests("INVITE")[0], 200, body=SDP, contact=contact), STANDS)
    assert rig.sent[-1].flow == STANDS
    rig.sent.clear()


@pytest.mark.parametrize("contact", [f"<sip:bob@{PEER};transport=tcp>", "<sip:bob@pbx.example.com;transport=tcp>"])
def test_the_bye_goes_again_over_a_new_one(rig: Rig, contact: str) -> None:
    in_call(rig, contact)
    rig.handle(HangUpLeg("L"))
    assert rig.sent[0].flow == STANDS
    rig.take(rig.endpoint.stream_closed(STANDS, rig.now))
    first, second = rig.requests("BYE")
    assert rig.sent[1].flow == NEW
    assert (first.top_via.branch, first.cseq) == (second.top_via.branch, second.cseq)
    rig.receive(response(second, 200), Flow("tcp", (OURS, 41001), (PEER, 5060), 8))
    assert len(rig.of(LegEnded)) == 1
    assert rig.is_clean()


def test_once(rig: Rig) -> None:
    in_call(rig, f"<sip:bob@{PEER};transport=tcp>")
    rig.handle(HangUpLeg("L"))
    rig.take(rig.endpoint.stream_closed(STANDS, rig.now))
    rig.take(rig.endpoint.send_failed(NEW, rig.now))
    assert len(rig.requests("BYE")) == 2
    assert rig.is_clean()


def test_a_name_behind_another_port_is_not_guessed(rig: Rig) -> None:
    in_call(rig, "<sip:bob@pbx.example.com:5099;transport=tcp>")
    rig.handle(HangUpLeg("L"))
    rig.take(rig.endpoint.stream_closed(STANDS, rig.now))
    assert len(rig.requests("BYE")) == 1
    assert rig.is_clean()
