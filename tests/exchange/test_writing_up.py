"""Who writes a caller up: who had them at the end, and who sent them on, each from when they left."""

from collections.abc import Callable
from typing import Any

import pytest

from ivr.exchange import card
from ivr.exchange.supervising import NotSupervised
from ivr.exchange.transferring import NotTransferred
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.operators_phones import QUICK, finish, state_of, take_place, talk_with_anna
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

COLLEAGUE, BUSY, NEVER = f"sip:boris@{HOTLINE}", PhoneBehaviour(486, 0.1), PhoneBehaviour(status=None)
CARDS, LOANS = 20, 40           # s of wrap-up


def talking(boris: PhoneBehaviour = QUICK, **cards: Any) -> Story:
    """The caller talks with anna. The queue of cards is hers alone, that of loans is boris's."""
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], **(cards or {"wrap_up_s": CARDS})},
                                        "loans": {"operators": ["boris"], "wrap_up_s": LOANS}}
    given = {"queues": queues, "operators": {"anna": {"feature_keys": True}, "boris": {}}}
    return talk_with_anna(make_story(config=given, operators={"anna": QUICK, "boris": boris}, audio=False))


def written_up(story: Story, who: str) -> str:
    """The call that somebody writes up; "" if none."""
    found = card.at_desk(story.hotline.exchange.house, who, story.world.now)["wrap_up"]
    return str(found["call"]) if found is not None else ""


def call_of(story: Story) -> str:
    return next(row.id for row in story.rows().values() if row.direction == "inbound")


def blind(story: Story) -> None:
    story.phones["anna"].transfer(COLLEAGUE)
    story.world.run(2)


def asked_first(story: Story) -> None:
    """On a second call, which is then joined with the first."""
    story.phones["anna"].consult(COLLEAGUE)
    story.world.run(3)
    story.phones["anna"].join_calls(COLLEAGUE)


def by_command(story: Story) -> None:
    exchange, now = story.hotline.exchange, story.world.now
    done = exchange.transfer(call_of(story), "boris", now, attended=True)
    assert not isinstance(done, NotTransferred)
    story.hotline.carry_out(done)
    story.world.run(3)


def handed_over(story: Story) -> None:
    by_command(story)
    story.phones["anna"].press("*3")


def left_while_asking(story: Story) -> None:
    by_command(story)
    story.phones["anna"].hang_up()


def conference_left(story: Story) -> None:
    by_command(story)
    story.phones["anna"].press("*2")
    story.world.run(2)
    story.phones["anna"].hang_up()


def to_his_queue(story: Story) -> None:
    story.phones["anna"].transfer(f"sip:loans@{HOTLINE}")


def asked_in_his_queue(story: Story) -> None:
    story.phones["anna"].consult(f"sip:loans@{HOTLINE}")
    story.world.run(3)
    story.phones["anna"].join_calls(f"sip:loans@{HOTLINE}")


def taken_over(story: Story) -> None:
    take_place(story.phones["boris"], story.phones["anna"])


def taken_by_order(story: Story) -> None:
    exchange, now = story.hotline.exchange, story.world.now
    taken = exchange.take_call(call_of(story), "boris", "vera", now)
    assert not isinstance(taken, NotSupervised)
    story.hotline.carry_out(taken)


WAYS: tuple[tuple[Callable[[Story], Any], int], ...] = (
    (blind, CARDS), (asked_first, CARDS), (handed_over, CARDS), (left_while_asking, CARDS), (conference_left, CARDS),
    (taken_over, CARDS), (taken_by_order, CARDS), (to_his_queue, LOANS), (asked_in_his_queue, CARDS))


@pytest.mark.parametrize(("way", "length"), WAYS, ids=lambda each: getattr(each, "__name__", ""))
def test_passed_on__both_write_up(way: Callable[[Story], Any], length: int) -> None:
    """anna from when she leaves on, boris from the end on, as long as the queue has it that the caller came by."""
    story = talking()
    call = call_of(story)
    assert not written_up(story, "anna")
    way(story)
    assert story.world.run(10, lambda: state_of(story, "anna") == "wrap_up")
    assert written_up(story, "anna") == call
    story.world.run(CARDS + 1)
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("idle", "on_call")
    story.caller.hang_up()
    story.world.run(length - 1)
    assert (state_of(story, "boris"), written_up(story, "boris"), state_of(story, "anna")) == ("wrap_up", call, "idle")
    story.world.run(2)
    assert state_of(story, "boris") == "idle"
    assert finish(story).operator == "boris"


def test_passed_on__in_vain() -> None:
    """Who did not take the caller has nothing to write up; who has them back has, once."""
    story = talking(BUSY)
    blind(story)
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("on_call", "idle")
    story.caller.hang_up()
    story.world.run(1)
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("wrap_up", "idle")
    finish(story)


def test_passed_on__the_caller_comes_back_to_who_had_hung_up() -> None:
    story = talking(BUSY)
    story.phones["anna"].hangs_up_after_refer = True
    blind(story)
    assert story.world.run(10, lambda: story.phones["anna"].talking)
    story.world.run(1)
    story.caller.hang_up()
    story.world.run(1)
    assert (written_up(story, "anna"), written_up(story, "boris")) == (call_of(story), "")
    finish(story)


def test_passed_on__the_caller_comes_back_in_vain() -> None:
    """Who had hung up is rung while they write up, and does not answer: they go on with it, and then save it."""
    story = talking(BUSY, wrap_up={"until_saved": True, "max_s": 120})
    anna, call = story.phones["anna"], call_of(story)
    anna.hangs_up_after_refer = True
    anna.behaviour = NEVER
    blind(story)
    assert story.world.run(10, lambda: state_of(story, "anna") == "on_call")
    assert story.world.run(60, lambda: state_of(story, "anna") != "on_call")
    assert (state_of(story, "anna"), written_up(story, "anna")) == ("wrap_up", call)
    anna.behaviour = QUICK
    assert saved(story, "anna", call) != "wrap_up"
    story.caller.hang_up()
    finish(story)


def test_colleague__who_asked_a_queue_leaves_nothing_to_save() -> None:
    """anna asks in a queue, and is sent on to vera: there is no request, neither for her nor for whom the queue had."""
    queues = base_config()["queues"] | {"loans": {"operators": ["boris"],
                                                  "wrap_up": {"until_saved": True, "max_s": 120}}}
    story = make_story(config={"queues": queues, "operators": {name: {} for name in ("anna", "boris", "vera")}},
                       operators={"anna": QUICK, "boris": QUICK, "vera": QUICK}, audio=False)
    story.phones["anna"].call(f"sip:loans@{HOTLINE}")
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(1)
    story.phones["boris"].transfer(f"sip:vera@{HOTLINE}")
    assert story.world.run(10, lambda: story.phones["vera"].talking)
    story.world.run(1)
    story.phones["anna"].hang_up()
    story.world.run(1)
    assert (story.requests(), {state_of(story, name) for name in story.phones if name != "caller"}) == ([], {"idle"})
    story.settle()
    story.assert_clean()


def test_conference__the_caller_leaves_who_was_asked_has_nothing_to_write_up() -> None:
    story = talking()
    by_command(story)
    story.phones["anna"].press("*2")
    story.world.run(2)
    story.caller.hang_up()
    story.world.run(1)
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("wrap_up", "idle")
    finish(story)


def test_own_call__to_a_colleague_leaves_nothing() -> None:
    story = make_story(operators={"anna": QUICK, "boris": QUICK}, audio=False)
    story.phones["anna"].call(COLLEAGUE)
    story.world.run(3)
    story.phones["boris"].hang_up()
    story.world.run(1)
    assert {state_of(story, name) for name in ("anna", "boris")} == {"idle"}
    story.settle()
    story.assert_clean()


def test_passed_on__until_each_has_saved() -> None:
    """What anna saved before is not what boris has to save."""
    story = talking(wrap_up={"until_saved": True, "max_s": 60})
    call = call_of(story)
    assert saved(story, "anna", call) == "on_call"
    blind(story)
    assert (state_of(story, "anna"), written_up(story, "boris")) == ("idle", "")
    story.caller.hang_up()
    story.world.run(30)
    assert saved(story, "anna", call) == "idle"
    assert (state_of(story, "boris"), written_up(story, "boris")) == ("wrap_up", call)
    assert saved(story, "boris", call) == "idle"
    finish(story)


def saved(story: Story, who: str, call: str) -> str:
    """The state of an operator who has just saved the request of the call."""
    story.hotline.carry_out(story.hotline.exchange.wrap_up_done(who, call, story.world.now))
    return state_of(story, who)
