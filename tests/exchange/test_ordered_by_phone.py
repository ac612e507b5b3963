"""Orders for lines by key and PIN, on calls in virtual time: done for who is known, and for nobody else."""

import re
from typing import Any

import pytest

from ivr.call.record import Outcome
from ivr.exchange.orders import LineOrder
from ivr.menu.actions.verify import REFUSED
from tests.support.virtual_house import HOTLINE, ROOT, Story, make_story

STAFF = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/callers.md").read_text(), re.DOTALL)[0]
MENU = STAFF.replace("languages: [en]", "languages: [en, ru]").replace('."}', '.", ru: "Да."}')
OPEN_DOOR = MENU.replace("start: door", "start: orders")
PIN = "246810"


def make(menu: str = MENU, **line: Any) -> Story:
    config = {"pins": {"staff": {"file": "staff.pins"}, "customers": {"file": "customers.pins"}},
              "lines": [{"numbers": ["100"], "menu": "menus/bank.yaml", "orders_by": "staff", **line}]}
    story = make_story(menu=menu, config=config)
    story.hotline.pins = lambda asked: ("vera", "") if (asked.customer, asked.pin) == ("7", PIN) else ("", REFUSED)
    return story


def call(story: Story, keys: str, then: float = 3.0) -> None:
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    for digit in keys:
        story.caller.press(digit)
        story.world.run(0.4)
    story.world.run(then)


def given(story: Story) -> list[LineOrder]:
    return list(story.hotline.exchange.house.orders.all(story.hotline.exchange.house.to_utc(story.world.now)))


def ordered(story: Story) -> list[tuple[str, str, str]]:
    return [(entry.details["order"], entry.details["by"], entry.details["reason"]) for entry in story.entries()
            if entry.kind == "lines_ordered"]


def test_order__closes_the_line_for_the_next_caller_and_tells_who_did() -> None:
    story = make()
    call(story, f"7#{PIN}#1")
    (order,) = given(story)
    assert (order.line, order.kind, order.by) == ("100", "closure", "vera")
    assert order.until is not None
    assert (order.until - order.since).total_seconds() == pytest.approx(4 * 3600)
    assert ordered(story) == [("order close 100", "vera", "")]
    assert story.caller.talking                         # who is on the line stays
    story.caller.hang_up()
    story.settle()
    call(story, "")
    assert {row.reason for row in story.rows().values() if row.outcome is Outcome.CLOSED} == {"closed by vera"}
    story.settle()
    story.assert_clean()


def test_order__opens_and_announces() -> None:
    story = make()
    call(story, f"7#{PIN}#3")
    call_orders = [(order.kind, order.prompt) for order in given(story)]
    assert call_orders == [("announcement", "goodbye")]
    story.caller.press("2")
    story.world.run(2)
    assert given(story) == []
    assert [order for order, _, _ in ordered(story)] == [
        "order announce goodbye 100", "order open 100", "order end_announcement 100"]


@pytest.mark.parametrize(("menu", "line", "reason"), [
    (OPEN_DOOR, {}, "the caller is not known by a PIN"),
    (OPEN_DOOR, {"orders_by": None}, "this line takes no orders"),
    (MENU.replace("register: staff", "register: customers"), {}, "the caller is not known by a PIN"),
    (MENU, {"orders_by": "customers"}, "the caller is not known by a PIN"),
])
def test_order__refused_whatever_the_menu_says(menu: str, line: dict[str, Any], reason: str) -> None:
    story = make(menu, **line)
    call(story, "1" if menu == OPEN_DOOR else f"7#{PIN}#1")
    assert given(story) == []
    assert ordered(story) == [("order close 100", "", reason)]
    assert [dict(one.fields)["reason"] for one in story.hotline.reports if one.event == "order_refused"] == [reason]
    assert "en/not_done.wav" in story.clips_heard()


def test_order__known_in_another_call_is_not_known_in_this_one() -> None:
    story = make()
    call(story, f"7#{PIN}#")
    story.caller.hang_up()
    story.settle()
    call(story, "7#135791#7#135791#7#135791#1")
    assert given(story) == []


@pytest.mark.parametrize(("old", "new", "words"), [
    ('announce: goodbye, lines: ["100"]', 'announce: goodby, lines: ["100"]', "did you mean `goodbye`"),
    ('announce: goodbye, lines: ["100"]', 'announce: goodbye, lines: ["100", "999"]', "no line has the number"),
])
def test_order__what_can_not_be_done_is_not_done_in_part(old: str, new: str, words: str) -> None:
    story = make(MENU.replace(old, new))
    call(story, f"7#{PIN}#3")
    assert given(story) == []
    assert words in ordered(story)[0][2]
