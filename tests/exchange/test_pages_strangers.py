"""Strangers in pages take no place from people who are logged in, and hear of nobody else's call. In virtual time."""

import random
from typing import Any

import pytest

from ivr.base.ids import Ids
from ivr.exchange import browser_phones
from ivr.exchange.browser_phones import MOST, MOST_STRANGERS, BrowserPhones, NotOpened
from tests.support.virtual_house import make_story
from tests.support.virtual_page import Pages, VirtualPage

REMOTE = ("127.0.0.1", 50_000)


def opened(phones: BrowserPhones, phone: str) -> str:
    """Open it; the code of what is in its way, or ""."""
    obstacle = phones.obstacle(phone, "tab")
    phones.open(phone, None if phone.startswith("~") else phone, "tab", REMOTE, phone, 0.0)
    return obstacle.code if isinstance(obstacle, NotOpened) else ""


def test_strangers__leave_room_for_people() -> None:
    phones = BrowserPhones(Ids(random.Random(1).randbytes))
    assert {opened(phones, f"~{number}") for number in range(MOST_STRANGERS)} == {""}
    assert opened(phones, "~late") == "full"
    assert {opened(phones, f"anna{number}") for number in range(MOST - MOST_STRANGERS)} == {""}
    assert opened(phones, "boris") == "full"
    phones.close("~0", 1.0)
    assert opened(phones, "~late") == ""
    assert len(phones) == MOST


def test_strangers__without_a_call_are_not_waited_for() -> None:
    phones = BrowserPhones(Ids(random.Random(1).randbytes))
    for number in range(3 * MOST):              # who loads the page again and again
        assert opened(phones, f"~{number}") == ""
        phones.lost(f"~{number}", "tab", 0.0)
    assert len(phones) == 0
    assert opened(phones, "anna") == ""
    phones.lost("anna", "tab", 0.0)
    assert "anna" in phones
    assert phones.timers.next_at() == browser_phones.GRACE


@pytest.mark.parametrize("back", [False, True])
def test_caller__whose_page_has_left_the_call_is_told_no_more_of_it(back: bool) -> None:
    story = make_story()
    pages = Pages(story)
    caller = VirtualPage(story, pages, "~caller", "127.0.9.60")
    caller.open()
    caller.dial("100")
    story.world.run(2)
    house = story.hotline.exchange.house
    (call,) = house.calls.values()
    told = len(caller.kinds("menu"))
    assert told > 0
    if not back:        # another leg has the caller's place, as after a transfer by their phone
        call.call.caller_leg, own = "elsewhere", call.call.caller_leg
    caller.press("1")
    story.world.run(4)
    assert (len(caller.kinds("menu")) > told) is back
    if not back:
        call.call.caller_leg = own
    finish(story, caller)


def finish(story: Any, caller: VirtualPage) -> None:
    caller.hang_up()
    story.settle()
    story.assert_clean()
