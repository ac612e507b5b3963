"""A queue that can't serve its callers sends them into a menu: to be called back, to leave a message, to wait on."""

from typing import Any

import pytest

from ivr.call.record import CallRow, Outcome, RequestStatus
from tests.exchange.test_while_waiting import MENU, comes, loans, press
from tests.support.operators_phones import QUICK, add_phone, entries
from tests.support.virtual_house import Story, base_config, make_story

SENT = [{"queue": "loans", "reason": "max_wait"}]


def sent_away(**changed: Any) -> Story:
    """Anna talks with another; the caller has waited too long, and is in the menu."""
    queue = {"operators": ["anna"], "announce_every_s": 0, "max_wait_s": 10, "overflow": {"menu": "instead"}, **changed}
    story = make_story(menu=MENU, config={"queues": base_config()["queues"] | {"loans": queue}},
                       operators={"anna": QUICK})
    add_phone(story, "before", "127.0.9.60")
    comes(story, "before")
    assert story.world.run(9, lambda: story.phones["anna"].talking)
    comes(story, "caller")
    story.world.run(11)
    return story


def end(story: Story) -> CallRow:
    for name in ("before", "caller"):
        if story.phones[name].talking:
            story.phones[name].hang_up()
    story.settle()
    story.assert_clean()
    return max(story.rows().values(), key=lambda row: row.began_at)


def test_overflow__to_be_called_back() -> None:
    """With the request that was opened for the queue."""
    story = sent_away()
    assert entries(story, "overflowed") == SENT
    assert (loans(story)["waiting"], loans(story)["overflow"]) == (0, 1)
    press(story, "1")
    story.world.run(3)
    row = end(story)
    (kept,) = [request for request in story.requests() if request.call_id == row.id]
    assert (row.outcome, kept.kind, kept.status) == (Outcome.CALLBACK, "callback", RequestStatus.OPEN)


def test_overflow__waits_on_in_the_old_place() -> None:
    story = sent_away()
    add_phone(story, "after", "127.0.9.61")
    comes(story, "after")
    press(story, "2")
    first, second = loans(story)["calls"]
    assert first["wait_time"] > second["wait_time"]
    story.phones["anna"].hang_up()
    assert story.world.run(5, lambda: story.phones["anna"].talking)
    story.world.run(1)
    story.caller.hang_up()
    story.world.run(1)
    story.phones["after"].hang_up()
    story.settle()
    story.assert_clean()
    assert sorted(row.outcome for row in story.rows().values()) == [Outcome.ANSWERED] * 3


def test_overflow__who_leaves_nothing_was_sent_away() -> None:
    story = sent_away()
    story.caller.hang_up()
    row = end(story)
    assert (row.outcome, row.ended_by) == (Outcome.OVERFLOW, "caller")
    assert [kept.status for kept in story.requests() if kept.call_id == row.id] == [RequestStatus.CLOSED]


def test_overflow__who_waits_on_and_gives_up_is_abandoned() -> None:
    story = sent_away()
    press(story, "2")
    story.world.run(3)
    story.caller.hang_up()
    assert end(story).outcome is Outcome.ABANDONED


def test_overflow__nobody_circles_for_ever() -> None:
    story = sent_away()
    for _ in range(8):
        press(story, "2")
        story.world.run(12)
    assert not story.caller.talking
    assert len(entries(story, "overflowed")) == 6
    assert end(story).outcome is Outcome.OVERFLOW


@pytest.mark.parametrize("menu", ["nowhere", "main"])
def test_overflow__a_menu_that_is_gone_or_the_first(menu: str) -> None:
    """A file that changed meanwhile has it no more: the usual last words."""
    story = sent_away(overflow={"menu": menu})
    heard = story.clips_heard()[-1]
    assert heard == ("en/which.wav" if menu == "main" else "en/queue/nobody_available.wav")
    assert end(story).outcome is Outcome.OVERFLOW
