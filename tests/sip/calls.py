"""Calls in progress for tests of what happens inside them."""

from typing import Any

from ivr.sip.commands import AnswerLeg, DialLeg
from ivr.sip.events import LegOffered
from ivr.sip.message.uri import parse_uri
from tests.sip.rig import OUR_SDP, SDP, Rig, invite, request, response


def received(rig: Rig, **fields: Any) -> str:
    """A call whose INVITE the peer sent, in progress; its leg. `call_tag` is our tag."""
    rig.receive(invite(**fields))
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.call_tag = rig.tag
    rig.receive(request("ACK", **{**fields, "tag": rig.tag, "branch": f"ack{fields.get('call', 'c1')}", "body": ""}))
    rig.events = rig.of(LegOffered)
    rig.sent.clear()
    return rig.leg


def made(rig: Rig, leg: str = "ours", tag: str = "b1") -> str:
    """A call whose INVITE was ours, in progress; its Call-ID."""
    rig.handle(DialLeg(leg, parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
    sent = rig.requests("INVITE")[-1]
    rig.receive(response(sent, 200, tag=tag, body=SDP))
    rig.events.clear()
    rig.sent.clear()
    return sent.sip_call_id
