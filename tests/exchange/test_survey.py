"""The survey after a talk: asked when the operator is gone, who is free meanwhile; every ending of it."""

from typing import Any

import pytest

from ivr.call.record import Outcome, RequestStatus
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.operators_phones import entries, finish, state_of
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

MENU = """
languages: [en, ru]
start: first
defaults: {on_failure: {queue: cards}}
menus:
  first:
    do:
      - language: ru
      - queue: cards
  after_call:
    do:
      - survey: {name: service, question: friendly, prompts: how, attempts: 1}
      - survey: {name: service, question: solved, prompts: was_it, answers: yes_no, attempts: 1, into: solved}
      - switch:
          - {when: solved, do: [{say: thanks}, hangup]}
      - say: sorry
      - AFTER
prompts:
  how: {en: "How?", ru: "Как?"}
  was_it: {en: "Solved?", ru: "Решено?"}
  thanks: {en: Thanks., ru: Спасибо.}
  sorry: {en: Sorry., ru: Жаль.}
"""
QUICK = PhoneBehaviour(200, 0.5)


def talking(after: str = "hangup", **queue: Any) -> Story:
    """The caller, who speaks Russian, talks with anna; the queue of cards is hers and has a survey."""
    settings = {"operators": ["anna"], "survey": "after_call", **queue}
    story = make_story(menu=MENU.replace("AFTER", after), operators={"anna": QUICK, "boris": QUICK},
                       config={"queues": base_config()["queues"] | {"cards": settings}})
    story.caller.call(f"sip:100@{HOTLINE}")
    assert story.world.run(10, lambda: story.phones["anna"].talking)
    story.world.run(2)
    return story


def answers(story: Story) -> list[tuple[str, str]]:
    return [(entry["question"], entry["answer"]) for entry in entries(story, "survey_answered")]


def test_survey__the_operator_hangs_up_and_the_caller_is_asked() -> None:
    story = talking(wrap_up_s=5)
    story.phones["anna"].hang_up()
    story.world.run(0.5)
    assert state_of(story, "anna") == "wrap_up", "the survey holds no operator"
    story.caller.press("4")
    story.world.run(0.7)
    story.caller.press("1")
    row = finish(story)
    assert story.clips_heard()[-4:] == ["ru/how.wav", "ru/was_it.wav", "ru/thanks.wav", "ru/queue/goodbye.wav"]
    assert answers(story) == [("friendly", "4"), ("solved", "yes")]
    assert (row.outcome, row.operator, row.ended_by) == (Outcome.ANSWERED, "anna", "hotline")
    assert row.talk_time == pytest.approx(2, abs=0.2), "being asked is no talk"
    assert entries(story, "survey_begun") == [
        {"menu": "after_call", "queue": "cards", "operator": "anna", "left_by": "operator"}]
    assert [entry["question"] for entry in entries(story, "survey_asked")] == ["friendly", "solved"]
    (request,) = story.requests()
    assert request.status is RequestStatus.ANSWERED


def test_survey__not_solved_leaves_the_request_open() -> None:
    story = talking()
    story.phones["anna"].hang_up()
    story.world.run(0.5)
    story.caller.press("1")
    story.world.run(0.7)
    story.caller.press("2")
    assert finish(story).outcome is Outcome.ANSWERED
    (request,) = story.requests()
    assert (request.status, request.operator, request.closed_at) == (RequestStatus.OPEN, "anna", None)
    assert entries(story, "request_reopened") == [{"queue": "cards", "operator": "anna", "solved": "no"}]
    assert story.clips_heard()[-2:] == ["ru/sorry.wav", "ru/queue/goodbye.wav"]


def test_survey__who_presses_nothing_hears_goodbye_all_the_same() -> None:
    story = talking()
    story.phones["anna"].hang_up()
    row = finish(story)
    assert answers(story) == []
    assert len(entries(story, "survey_asked")) == 2
    assert story.clips_heard()[-1] == "ru/queue/goodbye.wav"
    assert (row.outcome, row.ended_by) == (Outcome.ANSWERED, "hotline")


def test_survey__the_caller_hangs_up_first_and_is_asked_nothing() -> None:
    story = talking()
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.ended_by) == (Outcome.ANSWERED, "caller")
    assert entries(story, "survey_begun") == []


@pytest.mark.parametrize("after_s", [0.01, 0.3, 1.4, 8.1, 13.2])
def test_survey__the_caller_hangs_up_in_the_middle(after_s: float) -> None:
    story = talking()
    story.phones["anna"].hang_up()
    story.world.run(after_s)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "anna")


def test_survey__the_caller_was_on_hold() -> None:
    story = talking()
    story.phones["anna"].hold()
    story.world.run(1)
    story.phones["anna"].hang_up()
    story.world.run(0.5)
    assert story.clips_heard()[-1] == "ru/how.wav"
    story.caller.press("5")
    finish(story)
    assert answers(story) == [("friendly", "5")]


def test_survey__that_leads_into_a_queue_leads_there_once() -> None:
    """A complaint goes to a person; after that talk nobody is asked again."""
    story = talking("queue: general")
    anna = story.phones["anna"]
    anna.hang_up()
    assert story.world.run(40, lambda: anna.talking or story.phones["boris"].talking)
    story.world.run(1)
    (anna if anna.talking else story.phones["boris"]).hang_up()
    row = finish(story)
    assert (row.outcome, row.queue) == (Outcome.ANSWERED, "general")
    assert len(entries(story, "survey_begun")) == 1
    assert len(story.requests()) == 1


def test_survey__after_a_transfer_it_is_about_who_talked_last() -> None:
    story = talking()
    story.phones["anna"].transfer(f"sip:boris@{HOTLINE}")
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(1)
    story.phones["boris"].hang_up()
    finish(story)
    assert [entry["operator"] for entry in entries(story, "survey_begun")] == ["boris"]


def test_survey__is_not_recorded() -> None:
    story = talking(record="always")
    story.phones["anna"].hang_up()
    finish(story)
    rows = {row.id: row for batch in story.hotline.stored for row in batch.recordings}
    assert [(row.reason, row.failed) for row in rows.values()] == [("the talk is over", False)]
    assert next(iter(rows.values())).seconds == pytest.approx(2, abs=0.3)


def test_survey__a_queue_without_one_ends_with_the_talk() -> None:
    story = talking(survey=None)
    story.phones["anna"].hang_up()
    row = finish(story)
    assert (row.outcome, row.ended_by) == (Outcome.ANSWERED, "operator")
    assert entries(story, "survey_begun") == []


def test_survey__the_drain_ends_it_as_answered() -> None:
    story = talking()
    story.phones["anna"].hang_up()
    story.world.run(0.5)
    story.hotline.carry_out(story.hotline.exchange.end_calls("the service stopped", story.world.now))
    row = finish(story)
    assert (row.outcome, row.ended_by) == (Outcome.ANSWERED, "hotline")
