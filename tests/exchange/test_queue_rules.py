"""The queue's rules with phones that ring: several at once, tiers, leases."""

from typing import Any

import pytest

from ivr.call.record import Outcome
from ivr.exchange import last_operators, leases
from ivr.exchange.leases import LEASE, legs_alive
from ivr.exchange.virtual_phone import PhoneBehaviour
from routing.dispatcher import OperatorEngaged
from tests.exchange.test_endings import finish, offered_to, to_queue
from tests.support.virtual_house import Story, base_config, make_story

SHORT_LEASE = 10.0       # s: a talk of several is no long one, then
QUICK, SLOW, NEVER = PhoneBehaviour(delay=1.0), PhoneBehaviour(delay=2.0), PhoneBehaviour(status=None)
REFUSING = PhoneBehaviour(status=603, delay=0.1)


def story_with(phones: dict[str, PhoneBehaviour], **keys: Any) -> Story:
    config = base_config()
    cards = {"operators": ["anna", "boris"], "ring_time_s": 5, "max_wait_s": 60, **keys}
    return make_story(config={
        "queues": {**config["queues"], "cards": cards}, "operators": {name: {} for name in phones}}, operators=phones)


def states(story: Story) -> dict[str, str]:
    shown = story.hotline.exchange.snapshot(story.world.now)["operators"]
    return {operator["name"]: operator["state"] for operator in shown}


def missed(story: Story) -> dict[str, int]:
    shown = story.hotline.exchange.snapshot(story.world.now)["operators"]
    return {operator["name"]: operator["missed"] for operator in shown}


def test_ring_all__the_first_to_answer_has_the_call() -> None:
    story = story_with({"anna": SLOW, "boris": QUICK}, strategy="ring_all")
    to_queue(story)
    assert states(story) == {"anna": "ringing", "boris": "ringing"}
    assert story.world.run(5, until=lambda: states(story) == {"anna": "idle", "boris": "on_call"})
    story.world.run(5)
    assert story.phones["anna"].legs_ended == 1     # her phone was told to stop
    story.caller.hang_up()
    row = finish(story)
    assert (row.operator, row.outcome) == ("boris", Outcome.ANSWERED)
    assert missed(story) == {"anna": 0, "boris": 0}


def test_ring_all__who_refuses_is_out_and_the_other_rings_on() -> None:
    story = story_with({"anna": REFUSING, "boris": SLOW}, strategy="ring_all")
    to_queue(story)
    assert story.world.run(1, until=lambda: states(story) == {"anna": "idle", "boris": "ringing"})
    story.world.run(4)
    story.caller.hang_up()
    assert finish(story).operator == "boris"
    assert missed(story) == {"anna": 1, "boris": 0}


def test_ring_all__the_caller_hangs_up_and_every_phone_stops() -> None:
    """freeswitch#2529: an operator rung after the caller had hung up."""
    story = story_with({"anna": NEVER, "boris": NEVER}, strategy="ring_all")
    to_queue(story)
    story.world.run(1)
    story.caller.hang_up()
    story.world.run(1)
    assert states(story) == {"anna": "idle", "boris": "idle"}
    assert finish(story).outcome is Outcome.ABANDONED
    assert [story.phones[name].legs_ended for name in ("anna", "boris")] == [1, 1]


def test_ring_all__nobody_answers_and_the_round_begins_again() -> None:
    story = story_with({"anna": NEVER, "boris": NEVER}, strategy="ring_all", retry_after_s=1)
    to_queue(story)
    story.world.run(8)
    assert offered_to(story) == ["anna", "boris", "anna", "boris"]
    story.caller.hang_up()
    finish(story)


def test_tiers__the_second_is_rung_for_who_has_waited() -> None:
    story = story_with({"anna": NEVER, "boris": QUICK}, operators=["anna"],
                       tiers=[{"operators": ["boris"], "after_s": 3}])
    to_queue(story)
    story.world.run(20)
    assert offered_to(story) == ["anna", "boris"]   # not before anna's phone has rung its time
    story.caller.hang_up()
    assert finish(story).operator == "boris"


def test_tiers__the_second_is_rung_at_once_where_nobody_of_the_first_is_there() -> None:
    story = story_with({"boris": QUICK}, operators=["anna"], tiers=[{"operators": ["boris"], "after_s": 50}])
    to_queue(story)
    assert offered_to(story) == ["boris"]
    story.world.run(3)
    story.caller.hang_up()
    finish(story)


def talk(story: Story) -> str:
    """One call from the caller's number, answered; who answered."""
    before = set(story.rows())
    to_queue(story)
    story.world.run(15)
    story.caller.hang_up()
    story.settle()
    (row,) = (row for name, row in story.rows().items() if name not in before)
    return row.operator or ""


@pytest.mark.parametrize(("sticky", "second"), [(20, "anna"), (0, "boris")])
def test_sticky__who_rings_again_gets_the_same_operator(sticky: float, second: str) -> None:
    story = story_with({"anna": QUICK, "boris": QUICK}, sticky_s=sticky)
    assert [talk(story), talk(story)] == ["anna", second]
    story.assert_clean()


def test_sticky__only_so_many_callers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_operators, "MOST", 0)
    story = story_with({"anna": QUICK, "boris": QUICK}, sticky_s=20)
    assert [talk(story), talk(story)] == ["anna", "boris"]
    assert story.hotline.exchange.house.last_operators == {}


def test_skills__a_call_that_nobody_could_take_overflows() -> None:
    story = story_with({"anna": QUICK, "boris": QUICK}, skills={"gold": 1})
    to_queue(story)
    assert finish(story).outcome is Outcome.OVERFLOW
    assert [entry.details["reason"] for entry in story.entries() if entry.kind == "overflowed"] == ["nobody_able"]


def test_auto_break__after_missed_calls() -> None:
    story = make_story(config={"auto_break_after_missed": 1}, operators={"anna": REFUSING, "boris": NEVER})
    to_queue(story)
    story.world.run(1)
    anna = story.hotline.exchange.snapshot(story.world.now)["operators"][0]
    assert (anna["status"], anna["reason"], anna["set_by"]) == ("on_break", "missed calls", "hotline")
    story.caller.hang_up()
    finish(story)


def test_wrap_up__ends_when_the_request_is_saved() -> None:
    story = story_with({"anna": QUICK, "boris": NEVER}, operators=["anna"], wrap_up={"max_s": 300})
    to_queue(story)
    story.world.run(5)
    call = story.row().id
    story.caller.hang_up()
    story.world.run(30)
    assert states(story)["anna"] == "wrap_up"
    story.hotline.carry_out(story.hotline.exchange.wrap_up_done("anna", call, story.world.now))
    finish(story)


def test_lease__lasts_as_long_as_the_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    """freeswitch#2540, #1062: operators stuck in a call for ever. Nobody is freed too soon, either."""
    monkeypatch.setattr(leases, "LEASE", SHORT_LEASE)
    story = story_with({"anna": QUICK, "boris": NEVER})
    to_queue(story)
    story.world.run(4 * SHORT_LEASE)
    assert states(story)["anna"] == "on_call"
    assert legs_alive(story.hotline.exchange.house)["anna"]
    story.caller.hang_up()
    finish(story)
    assert story.hotline.exchange.house.counters.get("operators_freed_late", 0) == 0


@pytest.mark.parametrize("operator", ["anna", "boris"])
def test_lease__whose_call_is_gone_is_freed_with_an_alarm(operator: str) -> None:
    story = make_story()
    house = story.hotline.exchange.house
    story.hotline.carry_out(story.hotline.exchange._run(
        house.dispatcher.handle(OperatorEngaged(operator, "a call that never was"), story.world.now), story.world.now))
    assert states(story)[operator] == "on_call"
    story.world.run(LEASE + 1)
    assert states(story)[operator] == "idle"
    assert house.counters["operators_freed_late"] == 1
    assert [told.event for told in story.hotline.reports if told.level == "error"] == ["operator_freed_late"]
    story.settle()
    story.assert_clean()
