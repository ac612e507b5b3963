"""Announcements and closures of lines: who hears what, in virtual time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from ivr.call.record import Outcome
from ivr.exchange import ordering
from ivr.exchange.ordering import NotOrdered, Wish
from ivr.exchange.orders import LineOrder
from tests.support.virtual_house import CALLER, HOTLINE, START, Story, make_story

CARRIER = {"trunks": [{"name": "carrier", "addresses": [CALLER]}]}
CLOSED, STORM, MENU = "en/queue/nobody_available.wav", "en/queue/technical_error.wav", "en/welcome.wav"


def order(story: Story, kind: Any, prompt: str = "", **more: Any) -> Any:
    return ordering.order(story.hotline.exchange.house, [Wish("100", kind, "vera", prompt, **more)], story.world.now)


def dial(story: Story, seconds: float = 1.0) -> None:
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(seconds)


def first_of_menu() -> str:
    story = make_story()
    dial(story)
    return story.clips_heard()[0]


def test_announcement__to_its_end_before_the_menu_whatever_is_pressed() -> None:
    story = make_story()
    assert not isinstance(order(story, "announcement", "technical_error"), NotOrdered)
    dial(story, 0.5)
    story.caller.press("1")
    story.world.run(2.0)
    (storm, _, frames), (menu, _, _) = [heard for heard in story.heard() if heard[0] not in ("silence", "other")][:2]
    assert (storm, menu) == (STORM, first_of_menu())
    assert frames == 50                 # the whole second of it
    assert not [entry for entry in story.entries() if entry.kind == "option_chosen"]
    story.caller.hang_up()
    story.settle()
    story.assert_clean()


def test_announcement__who_hangs_up_meanwhile_has_abandoned() -> None:
    story = make_story()
    order(story, "announcement", "technical_error")
    dial(story, 0.5)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert story.row().outcome is Outcome.ABANDONED


def test_closure__says_so_and_ends_the_call() -> None:
    story = make_story()
    order(story, "announcement", "technical_error")
    order(story, "closure")
    dial(story, 5)
    assert story.clips_heard() == [CLOSED]
    row = story.row()
    assert (row.outcome, row.reason, row.ended_by) == (Outcome.CLOSED, "closed by vera", "hotline")
    story.settle()
    story.assert_clean()


def test_closure__taken_back_and_over_by_itself() -> None:
    story = make_story()
    order(story, "closure", lasts=60.0)
    order(story, "announcement", "technical_error")
    house = story.hotline.exchange.house
    assert [one.kind for one in house.orders.all(START)] == ["announcement", "closure"]
    story.world.run(61)
    assert [one["kind"] for one in story.hotline.exchange.snapshot(story.world.now)["orders"]] == ["announcement"]
    assert ordering.take_back(house, [Wish("100", "announcement", "vera")], story.world.now)
    assert ordering.take_back(house, [Wish("100", "announcement", "vera")], story.world.now) == []
    dial(story)
    assert story.clips_heard()[0] == first_of_menu()


def test_closure__a_call_in_progress_goes_on() -> None:
    story = make_story()
    dial(story)
    order(story, "closure")
    story.world.run(3)
    assert story.caller.talking
    assert CLOSED not in story.clips_heard()


def test_closure__who_may_not_call_hears_it_too() -> None:
    story = make_story(config={**CARRIER, "lines": [{"numbers": ["100"], "menu": "menus/bank.yaml",
                                                     "callers": {"numbers": ["+74951112233"]}}]})
    order(story, "closure")
    dial(story, 5)
    assert story.row().outcome is Outcome.CLOSED


@pytest.mark.parametrize(("wish", "code", "words"), [
    (Wish("101", "closure", "vera"), "unknown_line", "allowed: 100"),
    (Wish("100", "closure", "vera", "technical_eror"), "unknown_prompt", "did you mean `technical_error`?"),
    (Wish("100", "announcement", "vera"), "unknown_prompt", "has no prompt ''"),
    (Wish("all", "closure", "vera", until=START - timedelta(seconds=1)), "over_already", "is over already"),
])
def test_order__refused(wish: Wish, code: str, words: str) -> None:
    story = make_story(audio=False)
    refused = ordering.order(story.hotline.exchange.house, [wish], story.world.now)
    assert isinstance(refused, NotOrdered)
    assert refused.code == code
    assert words in refused.reason
    assert story.hotline.exchange.house.orders.all(START) == ()


def test_order__written_and_read_back() -> None:
    given = LineOrder("100", "closure", "goodbye", "vera", START, START + timedelta(hours=1))
    assert LineOrder.read_back(given.written()) == given
    for wrong in ({**given.written(), "kind": "party"}, {**given.written(), "since": "2026-01-01T00:00:00"}):
        with pytest.raises(ValueError, match="not an order"):
            LineOrder.read_back(wrong)


def test_until__without_a_zone_is_the_time_of_the_machine_where_the_line_has_none() -> None:
    story = make_story(audio=False)
    wanted = datetime(2030, 1, 1, 12, 0)
    order(story, "closure", until=wanted)
    (given,) = story.hotline.exchange.house.orders.all(START)
    assert given.until == wanted.astimezone()
