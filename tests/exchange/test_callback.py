"""A caller leaves a callback: durable before it is promised, refused, late, and whatever ends the call meanwhile."""

from typing import Any

import pytest

from ivr.call.record import Outcome, PersonRow, RequestStatus
from ivr.call.settings import STORE_TIMEOUT
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.operators_phones import entries
from tests.support.virtual_house import Story, make_story

MENU = """
languages: [en, ru]
start: main
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: which
    options:
      "1":
        - callback: {queue: cards, subject: a card, done: we_will_call, on_failure: [{say: not_now}, hangup]}
        - hangup
      "2": [{callback: {queue: cards}}, {queue: loans}]
      "3":
        - collect: {into: other, prompts: which_number, as: phone}
        - {callback: {queue: loans, number: other, done: we_will_call}}
      "4": {queue: cards}
prompts:
  which: {en: "Press one.", ru: "Нажмите один."}
  which_number: {en: "Which number?", ru: "Какой номер?"}
  we_will_call: {en: "We will call you.", ru: "Мы перезвоним."}
  not_now: {en: "Not now.", ru: "Не сейчас."}
"""
NUMBER = "caller"        # what the simulated phone calls itself


def calling(key: str, **settings: Any) -> Story:
    story = make_story(menu=MENU, **settings)
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    press(story, key)
    return story


def press(story: Story, keys: str) -> None:
    for key in keys:
        story.caller.press(key)
        story.world.run(0.3)


def person(story: Story) -> PersonRow:
    return [row for batch in story.hotline.stored for row in batch.people][-1]


def test_callback__is_taken_and_stays_open() -> None:
    story = calling("1")
    story.world.run(3)
    story.settle()
    story.assert_clean()
    assert story.clips_heard()[-1] == "en/we_will_call.wav"
    request, = story.requests()
    call = story.row()
    assert (call.outcome, call.queue, call.request_id) == (Outcome.CALLBACK, "cards", request.id)
    assert (request.kind, request.status, request.closed_at) == ("callback", RequestStatus.OPEN, None)
    assert (request.queue, request.subject, request.language, request.call_id) == ("cards", "a card", "en", call.id)
    assert [(step.menu, step.keys) for step in request.path] == [("main", "1")]
    assert person(story).callback_number == NUMBER
    assert entries(story, "request_kept") == [{}]


def test_callback__the_number_is_in_no_other_row() -> None:
    story = calling("3")
    press(story, "84951234567#")
    story.world.run(2)
    story.caller.hang_up()
    story.settle()
    assert person(story).callback_number == "84951234567"
    others = [repr((batch.calls, batch.requests, batch.entries, batch.traces)) for batch in story.hotline.stored]
    assert not [text for text in others if "84951234567" in text]
    assert story.row().outcome is Outcome.CALLBACK


@pytest.mark.parametrize("moment", [0.0, 1.2])
def test_callback__who_hangs_up_before_it_is_safe_is_called_all_the_same(moment: float) -> None:
    story = make_story(menu=MENU)
    story.hotline.database_answers = False
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    press(story, "1")
    story.world.run(moment)
    assert "en/we_will_call.wav" not in story.clips_heard()
    story.caller.hang_up()
    story.world.run(1)
    story.hotline.database_back()
    story.settle()
    story.assert_clean()
    request, = story.requests()
    assert (story.row().outcome, request.status) == (Outcome.CALLBACK, RequestStatus.OPEN)


def test_callback__music_while_the_database_thinks() -> None:
    story = make_story(menu=MENU)
    story.hotline.database_answers = False
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    press(story, "1")
    story.world.run(5)
    assert story.clips_heard()[-1] == "music/hold.wav"
    story.hotline.database_back()
    story.world.run(3)
    assert story.clips_heard()[-1] == "en/we_will_call.wav"
    story.settle()
    story.assert_clean()


def test_callback__refused_for_want_of_room() -> None:
    story = make_story(menu=MENU)
    story.hotline.database_answers = False
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    press(story, "1")
    token, = story.hotline.unanswered
    story.hotline.carry_out(story.hotline.exchange.not_durable(token, story.world.now))
    story.world.run(5)
    story.settle()
    story.assert_clean()
    assert story.clips_heard()[-1] == "en/not_now.wav"
    request, = story.requests()
    assert (story.row().outcome, request.status) == (Outcome.ABANDONED, RequestStatus.CLOSED)
    assert person(story).callback_number is None


def test_callback__a_store_that_never_answers() -> None:
    """A minute without audio, which would cost most of the test's time."""
    story = make_story(menu=MENU, audio=False)
    story.hotline.database_answers = False
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    press(story, "1")
    story.world.run(STORE_TIMEOUT)
    story.hotline.database_back()       # too late: the caller was told that there is none
    story.world.run(1)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    request, = story.requests()
    assert (story.row().outcome, request.status) == (Outcome.ABANDONED, RequestStatus.CLOSED)
    assert entries(story, "request_not_kept") == [{}]


def test_callback__an_answer_for_it_is_none_for_the_queue_after_it() -> None:
    story = make_story(menu=MENU.replace("[{say: not_now}, hangup]", "{queue: loans}"),
                       operators={"anna": PhoneBehaviour(delay=100)}, audio=False)
    story.hotline.database_answers = False
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    press(story, "1")
    story.world.run(STORE_TIMEOUT)
    first, second = story.hotline.unanswered
    story.hotline.carry_out(story.hotline.exchange.durable(first, story.world.now))
    story.world.run(1)
    (opened,) = story.hotline.exchange.house.calls.values()
    assert not opened.call.in_queue
    story.hotline.carry_out(story.hotline.exchange.durable(second, story.world.now))
    assert opened.call.in_queue
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert story.row().outcome is Outcome.ABANDONED


def test_callback__the_plane_dies_meanwhile() -> None:
    story = calling("1")
    story.hotline.plane_dies(0)
    story.settle()
    request, = story.requests()
    assert (story.row().outcome, request.status) == (Outcome.FAILED, RequestStatus.OPEN)


def test_callback__then_a_queue_that_nobody_answers() -> None:
    story = calling("2", operators={"anna": PhoneBehaviour(status=None)})
    story.world.run(3)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert story.row().outcome is Outcome.CALLBACK
    assert {(row.kind, row.status) for row in story.requests()} == {
        ("callback", RequestStatus.OPEN), ("queue", RequestStatus.CLOSED)}


def test_callback__then_an_operator_after_all() -> None:
    story = calling("2")
    story.world.run(8)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert story.row().outcome is Outcome.ANSWERED
    assert {row.kind: row.status for row in story.requests()} == {
        "callback": RequestStatus.OPEN, "queue": RequestStatus.ANSWERED}
