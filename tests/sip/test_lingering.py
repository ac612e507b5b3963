"""What is left of a call for the 32 s in which its messages may come again: no request, no header, no session."""

import gc

from ivr.sip.commands import AnswerLeg
from ivr.sip.leg.invite_session import InviteSession
from ivr.sip.message.message import Request
from tests.sip.rig import OUR_SDP, Rig, invite, request, with_settings


def kept() -> int:
    gc.collect()
    return sum(isinstance(one, (Request, InviteSession)) for one in gc.get_objects())


def test_lingering__no_request_is_kept() -> None:
    rig = Rig(with_settings(trying_after=0.2))
    before = kept()
    rig.receive(invite())
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    assert kept() > before
    tag = rig.tag
    rig.receive(request("ACK", tag=tag, branch="ack"))
    bye = request("BYE", sequence=2, tag=tag)
    rig.receive(bye)
    assert rig.endpoint.counts()["server_transactions"] == 2
    assert kept() == before
    rig.receive(bye)
    assert rig.statuses("BYE") == [200, 200]
    assert rig.is_clean()
