"""A plane that has just come: callers are let in when it can play to them."""

from ivr.media.events import ClipFailed, ClipLoaded, PlaneReady
from tests.support.virtual_house import HOTLINE, Story, make_story


def refusals(story: Story) -> list[str]:
    return [str(dict(one.fields)["reason"]) for one in story.hotline.reports if one.event == "call_refused"]


def test_plane_comes__nobody_is_let_in_before_its_last_clip() -> None:
    story = make_story(audio=False)
    exchange, now = story.hotline.exchange, story.world.now
    exchange.plane_lost(0, now)
    loads = exchange.plane_event(PlaneReady((16_384, 16_386), "plain"), now)
    *clips, last = sorted(exchange.house.editions.clips)
    assert len(loads) == len(clips) + 2         # one each, and the line in the log
    for clip in clips:
        exchange.plane_event(ClipLoaded(clip, 1.0), now)
    assert not exchange.house.plane_up
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert refusals(story) == ["no_media_plane"]
    exchange.plane_event(ClipFailed(last, "a file that can't be read holds nobody up"), now)
    assert exchange.house.plane_up


def test_plane_comes__one_that_is_lost_meanwhile_leaves_nothing_behind() -> None:
    story = make_story(audio=False)
    exchange, now = story.hotline.exchange, story.world.now
    exchange.plane_event(PlaneReady((16_384,), "plain"), now)
    exchange.plane_lost(0, now)
    for clip in sorted(exchange.house.editions.clips):
        exchange.plane_event(ClipLoaded(clip, 1.0), now)
    assert not exchange.house.plane_up
