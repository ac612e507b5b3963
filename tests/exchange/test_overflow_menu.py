"""A queue that can't serve its callers leads them into a menu: a callback, a message, or back into the queue."""

from typing import Any

import pytest

from ivr.call.record import CallRow, Outcome, RequestStatus
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.operators_phones import QUICK, add_phone, entries
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

MENU = """
languages: [en, ru]
start: main
defaults: {attempts: 1, on_failure: {queue: general}}
menus:
  main:
    prompts: which
    options: {"4": {queue: loans}}
  turned_away:
    prompts: sorry
    on_failure: [{say: sorry}, hangup]
    options:
      "1": [{callback: {queue: loans}}, hangup]
      "2": {queue: loans}
      "3": {transfer: branch}
  told:
    do: [{say: sorry}, hangup]
  back_again:
    do: {queue: loans}
prompts:
  which: {en: "Press four.", ru: "Нажмите четыре."}
  sorry: {en: "Nobody is free.", ru: "Никого нет."}
"""


def story_with(operators: dict[str, PhoneBehaviour], menu: str = "turned_away", **queue: Any) -> Story:
    loans = {"operators": ["anna"], "overflow": {"menu": menu}, "max_wait_s": 12, "announce_every_s": 0, **queue}
    return make_story(menu=MENU, config={"queues": base_config()["queues"] | {"loans": loans}}, operators=operators)


def comes(story: Story, name: str = "caller") -> None:
    story.phones[name].call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    story.phones[name].press("4")
    story.world.run(1)


def press(story: Story, key: str) -> None:
    story.caller.press(key)
    story.world.run(2)


def finish(story: Story) -> CallRow:
    story.settle()
    story.assert_clean()
    return next(row for row in story.rows().values() if row.direction == "inbound")


def test_overflow__nobody_is_there_and_the_caller_is_called_back() -> None:
    story = story_with({})
    comes(story)
    assert story.clips_heard()[-1] == "en/sorry.wav"
    press(story, "1")
    row = finish(story)
    assert (row.outcome, row.wait_time) == (Outcome.CALLBACK, pytest.approx(0, abs=0.1)), "in the menu nobody waits"
    request, = story.requests()
    assert (request.kind, request.status) == ("callback", RequestStatus.OPEN)
    assert entries(story, "overflowed") == [{"queue": "loans", "reason": "nobody_logged_in"}]


def test_overflow__who_waited_too_long_may_wait_on_in_the_old_place() -> None:
    """The longest wait begins anew, and nobody who came later is before them."""
    story = story_with({"anna": QUICK})
    for name, host in (("before", "127.0.9.60"), ("after", "127.0.9.61")):
        add_phone(story, name, host)
    comes(story, "before")
    comes(story)
    story.world.run(11.5)
    comes(story, "after")
    assert story.clips_heard()[-1] == "en/sorry.wav"
    press(story, "2")
    queue = next(each for each in story.hotline.exchange.snapshot(story.world.now)["queues"] if each["name"] == "loans")
    assert [each["wait_time"] > 10 for each in queue["calls"]] == [True, False]
    story.phones["anna"].hang_up()
    story.phones["after"].hang_up()
    story.world.run(3)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert sorted(row.outcome for row in story.rows().values() if row.outcome) == [
        Outcome.ABANDONED, Outcome.ANSWERED, Outcome.ANSWERED]


@pytest.mark.parametrize(("menu", "hangs_up"), [("told", False), ("turned_away", True), ("turned_away", False)])
def test_overflow__who_is_told_so_and_chooses_nothing_was_turned_away(menu: str, hangs_up: bool) -> None:
    story = story_with({}, menu)
    comes(story)
    if hangs_up:
        story.caller.hang_up()
    assert finish(story).outcome is Outcome.OVERFLOW


def test_overflow__a_transfer_out_of_the_menu_fails_and_the_menu_goes_on() -> None:
    story = story_with({})
    comes(story)
    add_phone(story, "branch", "127.0.9.30", PhoneBehaviour(status=486, delay=0.1))
    press(story, "3")
    assert story.clips_heard()[-2:] == ["en/queue/transfer_failed.wav", "en/sorry.wav"]
    story.caller.hang_up()
    assert finish(story).outcome is Outcome.ABANDONED


@pytest.mark.parametrize("menu", ["back_again", "of_another_file"])
def test_overflow__what_leads_nowhere_ends_with_words(menu: str) -> None:
    """Round and round without a key: five times, then the call is ended."""
    story = story_with({}, menu)
    comes(story)
    story.world.run(10)
    assert story.clips_heard()[-1] == "en/queue/nobody_available.wav"
    assert finish(story).outcome is Outcome.OVERFLOW
    assert len(entries(story, "overflowed")) == (6 if menu == "back_again" else 1)
