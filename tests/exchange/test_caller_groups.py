"""Groups of callers, those a line is not for, and notices of recordings."""

from typing import Any

import pytest

from ivr.call.record import Outcome
from tests.support.virtual_house import CALLER, HOTLINE, Story, base_config, make_story

VIP = "+74951112233"
CARRIER = {"trunks": [{"name": "carrier", "addresses": [CALLER]}],
           "groups": {"vip": {"numbers": [VIP], "priority": 5}, "city": {"prefixes": ["+7495"], "priority": 1}}}
SORRY = "en/queue/goodbye.wav"


def line(**more: Any) -> dict[str, Any]:
    return {"lines": [{"numbers": ["100"], "menu": "menus/bank.yaml", **more}]}


def dial(story: Story, number: str, seconds: float = 5.0) -> None:
    story.caller.name = number
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(seconds)


@pytest.mark.parametrize(("number", "groups", "priority"), [
    (VIP, ("vip", "city"), 5), ("+74950000000", ("city",), 1), ("+49301234567", (), 0)])
def test_groups__known_to_the_menu_and_to_queues(number: str, groups: tuple[str, ...], priority: int) -> None:
    story = make_story(config=CARRIER, operators={})
    dial(story, number)
    (opened,) = story.hotline.exchange.house.calls.values()
    assert opened.call.interpreter.facts.groups == groups
    assert opened.call.own_priority == priority
    story.caller.press("120")
    story.world.run(2)
    assert [entry.kind for entry in story.entries()].count("request_opened") == 1
    assert opened.call.priority == priority


@pytest.mark.parametrize(("number", "answered"), [(VIP, True), ("+49301234567", False)])
def test_line_for_a_group(number: str, answered: bool) -> None:
    story = make_story(audio=False, config={**CARRIER, **line(callers={"groups": ["vip"]})})
    dial(story, number, 1)
    assert story.caller.talking is answered


def test_refused__hears_why() -> None:
    story = make_story(config={**CARRIER, **line(callers={"groups": ["vip"]}, refused_say="goodbye")})
    dial(story, "+49301234567")
    assert story.clips_heard() == [SORRY]
    assert (story.row().outcome, story.row().reason) == (Outcome.REFUSED, "caller_not_of_line")
    story.settle()
    story.assert_clean()


def test_recording_notice__of_a_line_comes_before_the_menu() -> None:
    story = make_story(config=line(recording_notice="goodbye"))
    dial(story, "x", 2)
    assert story.clips_heard()[0] == SORRY
    assert len(story.clips_heard()) == 2


def test_recording_notice__of_a_queue_is_heard_to_its_end_before_it_once() -> None:
    queues = {name: {**queue, "recording_notice": "goodbye"} for name, queue in base_config()["queues"].items()}
    story = make_story(config={"queues": queues})
    dial(story, "x", 1)
    story.caller.press("120")
    story.world.run(8)
    heard = story.clips_heard()
    assert heard.count(SORRY) == 1
    told = next(at for name, at, frames in story.heard() if name == SORRY and frames == 50)
    rung = next(entry for entry in story.entries() if entry.kind == "operator_offered")
    assert heard.index(SORRY) < len(heard) - 1
    assert (rung.at - story.row().began_at).total_seconds() > 1 + 1
    assert told > 1
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
