"""A caller who waits hears the place and, where the queue says so, how long it may take; the record has what came."""

from typing import Any

import pytest

from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from routing.estimate import words
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story


def waiting(announce_wait: bool, every: float = 10.0) -> tuple[Story, VirtualPhone]:
    """The first caller talks with anna, who is alone, and a second one waits for her."""
    queue: dict[str, Any] = {"operators": ["anna"], "announce_wait": announce_wait, "announce_every_s": every,
                             "max_wait_s": 600}
    story = make_story(config={"queues": dict.fromkeys(base_config()["queues"], queue)},
                       operators={"anna": PhoneBehaviour(delay=1.0)})
    second = story.phones["second"] = VirtualPhone(story.world, "127.0.9.11", "second", story.ids)
    for phone in (story.caller, second):
        phone.call(f"sip:100@{HOTLINE}")
        story.world.run(1.5)
        phone.press("1")
        story.world.run(3.0)
        phone.press("0")
        story.world.run(5.0)
    assert story.phones["anna"].talking
    return story, second


def details(story: Story, kind: str) -> list[dict[str, Any]]:
    return [dict(entry.details) for entry in story.entries() if entry.kind == kind]


def test_wait__is_said_after_the_place_and_what_came_is_written_down() -> None:
    story, _ = waiting(announce_wait=True)
    story.world.run(20)
    story.caller.hang_up()
    story.world.run(5)
    story.phones["second"].hang_up()
    story.settle()
    story.assert_clean()
    heard = story.clips_heard("second")
    said = heard[heard.index("en/queue/place_1.wav") + 1]
    estimates = details(story, "wait_estimated")
    assert len(estimates) >= 3
    assert said == f"en/queue/wait_{estimates[0]['said']}.wav"
    assert all(0 < each["low"] < each["high"] for each in estimates)
    figures = [each["said"] for each in estimates]
    assert figures == sorted(figures, reverse=True)
    (came,) = details(story, "wait_came")
    assert (came["queue"], came["came_to"]) == ("general", "answered")
    assert came["waited"] == pytest.approx(26, abs=2)
    assert words(figures[0]).startswith("about")


def test_wait__is_not_said_where_the_queue_does_not_want_it() -> None:
    story, second = waiting(announce_wait=False)
    second.hang_up()
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert not any("wait_" in clip for clip in story.clips_heard("second"))
    assert [each["said"] for each in details(story, "wait_estimated")] == [None]
    (came,) = details(story, "wait_came")
    assert came["came_to"] == "abandoned"


def test_wait__nothing_is_estimated_for_who_is_rung_for_at_once() -> None:
    story, second = waiting(announce_wait=True)
    second.hang_up()
    story.caller.hang_up()
    story.settle()
    first = next(batch.calls[0].id for batch in story.hotline.stored if batch.calls)
    assert all(entry.call_id != first for entry in story.entries() if entry.kind.startswith("wait_"))
    assert not any("wait_" in clip for clip in story.clips_heard("caller"))
