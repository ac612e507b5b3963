"""INVITE with Replaces (RFC 3891): pick-up, take-over, a caller whom their own exchange moved to another phone."""

import pytest

from ivr.call.record import Outcome
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.operators_phones import QUICK, add_phone, entries, finish, state_of, take_place, talking_with_anna
from tests.support.virtual_house import CALLER, HOTLINE, base_config, make_story

NEVER = PhoneBehaviour(None)
OTHER_HOST = "127.0.9.40"
TRUNK = {"trunks": [{"name": "exchange", "addresses": [CALLER, OTHER_HOST]}]}


def test_pick_up__a_colleague_takes_the_call_that_rings() -> None:
    story = make_story(operators={"anna": NEVER, "boris": QUICK},
                       config={"queues": base_config()["queues"] | {"cards": {"operators": ["anna"]}}})
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    anna, boris = story.phones["anna"], story.phones["boris"]
    assert story.world.run(5, lambda: bool(anna.leg))
    story.world.run(1)
    take_place(boris, anna)
    story.world.run(2)
    assert boris.talking
    assert anna.log[-1][1] == "ended by peer 487"
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("idle", "on_call")
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")
    assert entries(story, "picked_up") == [{"by": "boris", "rung": "anna"}]
    queues = story.hotline.exchange.snapshot(story.world.now)["queues"]
    assert next(queue["answered"] for queue in queues if queue["name"] == "cards") == 1


def test_take_over__a_colleague_takes_the_talk() -> None:
    story = talking_with_anna()
    anna, boris = story.phones["anna"], story.phones["boris"]
    boris.tone = lambda frame: bytes(range(160))
    take_place(boris, anna)
    story.world.run(2)
    assert (anna.legs_ended, boris.talking) == (1, True)
    assert story.heard()[-1][0] == "other"
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("idle", "on_call")
    story.caller.hang_up()
    row = finish(story)
    assert row.operator == "boris"
    assert entries(story, "taken_over") == [{"by": "boris", "of": "anna"}]


def test_take_over__by_the_same_operator() -> None:
    story = talking_with_anna()
    anna = story.phones["anna"]
    take_place(anna, anna)
    story.world.run(1)
    assert anna.legs_ended == 1
    assert state_of(story, "anna") == "on_call"
    story.caller.hang_up()
    finish(story)


def test_take_over__strangers_and_phones_may_not() -> None:
    story = talking_with_anna()
    stranger = add_phone(story, "stranger", OTHER_HOST)
    take_place(stranger, story.phones["anna"])
    story.world.run(1)
    assert stranger.log[-1][1] == "ended by peer 403"
    take_place(story.phones["boris"], story.caller)
    story.world.run(1)
    assert story.phones["boris"].log[-1][1] == "ended by peer 403"
    story.caller.hang_up()
    assert finish(story).operator == "anna"


@pytest.mark.parametrize("when", ["menu", "queue", "talk"])
def test_moved__the_callers_exchange_moves_them(when: str) -> None:
    """State, place, prompts and record follow to the new leg."""
    story = make_story(config=TRUNK, operators={"anna": NEVER if when == "queue" else QUICK})
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "1" if when == "menu" else "120":
        story.world.run(0.5)
        story.caller.press(key)
    story.world.run(0.7 if when == "menu" else 4)
    second = add_phone(story, "second", OTHER_HOST)
    take_place(second, story.caller)
    story.world.run(2)
    assert story.caller.legs_ended == 1
    assert second.talking
    heard = story.clips_heard("second")
    assert heard[:1] == {"menu": ["en/welcome.wav"], "queue": ["music/hold.wav"], "talk": []}[when]
    if when == "menu":
        for key in "20":
            second.press(key)
            story.world.run(0.7)
        assert story.world.run(10, lambda: story.phones["anna"].talking)
    second.hang_up()
    row = finish(story)
    assert row.ended_by == "caller"
    assert row.outcome is (Outcome.ABANDONED if when == "queue" else Outcome.ANSWERED)
    assert len(entries(story, "caller_moved")) == 1


@pytest.mark.parametrize("other", ["anna", "boris"])
def test_moved__an_operator_who_waits_in_a_queue_waits_on(other: str) -> None:
    """They asked for somebody there: whose telephone they wait at now has not taken the call out of the queue."""
    config = {"queues": base_config()["queues"] | {"loans": {"operators": ["vera"], "announce_every_s": 0}},
              "operators": {"anna": {}, "boris": {}, "vera": {}}}
    story = make_story(config=config, operators={"anna": QUICK, "boris": QUICK, "vera": PhoneBehaviour(200, 3.0)})
    story.phones["anna"].call(f"sip:loans@{HOTLINE}")
    story.world.run(1)
    take_place(story.phones[other], story.phones["anna"])
    story.world.run(1)
    story.assert_accounted()
    assert (state_of(story, other), state_of(story, "vera")) == ("on_call", "ringing")
    assert story.world.run(5, lambda: story.phones["vera"].talking)
    story.world.run(1)
    assert (state_of(story, "anna") == "on_call") == (other == "anna")
    story.phones[other].hang_up()
    story.settle()
    story.assert_clean()
    assert [(row.outcome, row.operator) for row in story.rows().values()] == [(Outcome.ANSWERED, "vera")]
