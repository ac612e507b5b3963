"""Session refreshes inside calls of the whole house (RFC 4028)."""

from typing import Any

from ivr.exchange.effects import ToPlane
from ivr.exchange.from_sip import leg_reanswered
from ivr.media.commands import SetStream
from ivr.sip.events import LegReanswered
from tests.support.virtual_house import CALLER, HOTLINE, Story, make_story


def in_the_menu() -> tuple[Story, Any]:
    story = make_story()
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    leg, = story.hotline.exchange.house.legs
    return story, leg


def test_refresh__what_the_peer_changes_in_its_answer_reaches_the_plane() -> None:
    story, leg = in_the_menu()
    port = leg.sip.negotiated.remote[1]
    answer = (f"v=0\r\no=- 7 8 IN IP4 {CALLER}\r\ns=-\r\nc=IN IP4 {CALLER}\r\nt=0 0\r\n"
              f"m=audio {port + 2} RTP/AVP 8\r\n").encode()
    effects = leg_reanswered(story.hotline.exchange.house, LegReanswered(leg.leg, 200, answer), story.world.now)
    set_stream, = (one.command for one in effects if isinstance(one, ToPlane))
    assert isinstance(set_stream, SetStream)
    assert set_stream.remote == (CALLER, port + 2)


def test_refresh__a_refused_one_changes_nothing() -> None:
    story, leg = in_the_menu()
    agreed = leg.sip.negotiated
    refused = LegReanswered(leg.leg, 488, None)
    assert leg_reanswered(story.hotline.exchange.house, refused, story.world.now) == []
    assert leg.sip.negotiated == agreed
