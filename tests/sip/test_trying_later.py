"""A 100 that is put off (RFC 3261 §17.2.1): sent only where nothing else has been said by then."""

import pytest

from ivr.sip.commands import AnswerLeg, RejectLeg, RingLeg
from tests.sip.rig import OUR_SDP, Rig, invite, request, with_settings


@pytest.fixture
def rig() -> Rig:
    return Rig(with_settings(trying_after=0.2))


def test_trying__answered_at_once(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    rig.run_until(1)
    assert rig.statuses() == [200]


def test_trying__nothing_said_for_a_while(rig: Rig) -> None:
    rig.receive(invite())
    rig.run_until(0.1)
    assert rig.statuses() == []
    rig.run_until(0.3)
    assert rig.times(100) == [0.2]
    rig.handle(RingLeg(rig.leg))
    rig.run_until(5)
    assert rig.statuses() == [100, 180]


def test_trying__an_invite_that_comes_again_meanwhile_gets_no_second_leg(rig: Rig) -> None:
    rig.receive(invite())
    rig.receive(invite())
    rig.run_until(0.3)
    rig.receive(invite())
    assert rig.statuses() == [100, 100]


def test_trying__rejected_before(rig: Rig) -> None:
    rig.receive(invite())
    rig.handle(RejectLeg(rig.leg, 486))
    rig.receive(request("ACK", tag=rig.tag, branch="c11INVITE"))
    rig.run_until(40)
    assert rig.statuses() == [486]
    assert rig.is_clean()
