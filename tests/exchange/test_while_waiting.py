"""A key takes a caller out of the queue; announcements delay nobody."""

from typing import Any

import pytest

from ivr.call.record import Outcome, RequestStatus
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.operators_phones import QUICK, add_phone, entries, state_of
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

MENU = """
languages: [en, ru]
start: main
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: which
    options:
      "4": {queue: loans}
  instead:
    prompts: which
    options:
      "1": [{callback: {queue: loans, subject: a loan}}, hangup]
      "2": {queue: loans}
prompts:
  which: {en: "Press one.", ru: "Нажмите один."}
"""
SLOW = PhoneBehaviour(200, 3.0)


def waiting(*, anna: PhoneBehaviour = QUICK, busy: bool = True, **queue: Any) -> Story:
    """The caller waits for anna, who talks with another if she is `busy`."""
    loans = {"operators": ["anna"], "while_waiting": {"1": "instead", "9": "nowhere"}, "announce_every_s": 0, **queue}
    story = make_story(menu=MENU, config={"queues": base_config()["queues"] | {"loans": loans}},
                       operators={"anna": anna})
    if busy:
        add_phone(story, "before", "127.0.9.60")
        comes(story, "before")
        assert story.world.run(9, lambda: story.phones["anna"].talking)
    comes(story, "caller")
    return story


def comes(story: Story, name: str) -> None:
    story.phones[name].call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    story.phones[name].press("4")
    story.world.run(1)


def loans(story: Story) -> dict[str, Any]:
    snapshot = story.hotline.exchange.snapshot(story.world.now)
    return next(queue for queue in snapshot["queues"] if queue["name"] == "loans")


def press(story: Story, keys: str) -> None:
    for key in keys:
        story.caller.press(key)
        story.world.run(0.4)


def finish(story: Story) -> None:
    for name in ("anna", "caller"):
        if story.phones[name].talking:
            story.phones[name].hang_up()
    story.settle()
    story.assert_clean()


def test_key__out_of_the_queue_into_a_callback() -> None:
    """The request keeps the time at which the caller came into the queue."""
    story = waiting()
    story.world.run(20)
    came, = (row.opened_at for row in story.requests() if row.status is RequestStatus.OPEN)
    press(story, "1")
    assert (loans(story)["waiting"], loans(story)["transferred"]) == (0, 1)
    assert story.clips_heard()[-1] == "en/which.wav"
    press(story, "1")
    story.world.run(2)
    left, = (row for row in story.requests() if row.kind == "callback")
    assert (left.status, left.opened_at) == (RequestStatus.OPEN, came)
    assert entries(story, "queue_left") == [{"queue": "loans", "keys": "1", "menu": "instead"}]
    assert Outcome.CALLBACK in [row.outcome for row in story.rows().values()]
    finish(story)


def test_key__back_into_the_old_place() -> None:
    story = waiting()
    add_phone(story, "after", "127.0.9.61")
    comes(story, "after")
    press(story, "1")
    story.world.run(5)
    story.assert_accounted()
    press(story, "2")
    calls = loans(story)["calls"]
    assert [each["wait_time"] > 6 for each in calls] == [True, True]
    assert calls[0]["wait_time"] > calls[1]["wait_time"]
    story.phones["anna"].hang_up()
    assert story.world.run(5, lambda: story.phones["anna"].talking)
    story.phones["after"].hang_up()
    story.world.run(1)
    assert story.phones["anna"].talking, "the caller who came first has her"
    finish(story)


@pytest.mark.parametrize("key", ["5", "9", "#"])
def test_key__that_leads_nowhere_changes_nothing(key: str) -> None:
    story = waiting()
    press(story, key)
    assert loans(story)["waiting"] == 1
    finish(story)


def test_key__while_the_phone_rings_stops_it() -> None:
    story = waiting(anna=SLOW, busy=False)
    assert story.phones["anna"].ringing
    press(story, "1")
    assert not story.phones["anna"].ringing
    assert state_of(story, "anna") == "idle"
    finish(story)


def test_key__as_the_operator_answers_takes_nobody_out() -> None:
    """Whichever of the two comes first counts; nobody is with an operator and in a menu at once."""
    for offset in range(-10, 11):
        story = waiting(anna=PhoneBehaviour(200, 2.0), busy=False)
        rang = next(at for at, what in story.phones["anna"].log if what == "rings")
        story.world.run(rang + 2.0 + offset * 0.005 - story.world.now)
        story.caller.press("1")
        story.world.run(1)
        state, = (opened.call.state.name for opened in story.hotline.exchange.house.calls.values())
        assert state in ("BRIDGED", "IN_MENU")
        assert (state_of(story, "anna") == "on_call") == (state == "BRIDGED")
        finish(story)


def test_comfort__is_said_again_and_again_and_delays_nobody() -> None:
    story = waiting(comfort={"say": ["which"], "every_s": 10})
    story.world.run(25)
    said = [at for name, at, _ in story.heard() if name == "en/which.wav"][1:]
    assert len(said) == 2
    assert said[1] - said[0] == pytest.approx(10, abs=0.2)
    story.world.run(4.3)
    before = story.phones["anna"].log[-1]
    story.phones["anna"].hang_up()
    assert story.world.run(2, lambda: story.phones["anna"].talking and story.phones["anna"].log[-1] != before)
    story.world.run(1)
    assert story.clips_heard()[-1] in ("music/hold.wav", "en/which.wav")
    finish(story)
