"""Calls that a supervisor has taken out of a queue or from an operator, or ends: every ending, and what is written."""

from typing import Any

import pytest

from ivr.call.record import Outcome
from ivr.exchange.supervising import NotSupervised
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.exchange.test_supervising import CAROLS_HOST, call_of, heard_by_all, supervise, supervised
from tests.support.operators_phones import QUICK, add_phone, entries, finish, state_of, take_place, talking_with_anna
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story, register

BUSY, NEVER, SLOW = PhoneBehaviour(486, 0.5), PhoneBehaviour(None), PhoneBehaviour(200, 2.0)


def waiting(anna: PhoneBehaviour = NEVER, boris: PhoneBehaviour = QUICK, **config: Any) -> Story:
    """The caller is in the queue of cards, which is anna's: her phone rings."""
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"]}}
    given = {"accounts": {"carol": {}}, "queues": queues, **config}
    story = make_story(config=given, operators={"anna": anna, "boris": boris}, audio=False)
    add_phone(story, "carol", CAROLS_HOST)
    register(story, "carol")
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    story.world.run(3)
    return story


def take(story: Story, who: str, *, seconds: float = 2.0) -> Any:
    exchange, now = story.hotline.exchange, story.world.now
    return _done(story, exchange.take_call(call_of(story), who, "vera", now), seconds)


def hang_up(story: Story, *, seconds: float = 2.0) -> Any:
    exchange, now = story.hotline.exchange, story.world.now
    return _done(story, exchange.end_call(call_of(story), "vera", "a prank", now), seconds)


def _done(story: Story, carried: Any, seconds: float) -> Any:
    if not isinstance(carried, NotSupervised):
        story.hotline.carry_out(carried)
        story.world.run(seconds)
    return carried


def counted(story: Story, queue: str = "cards") -> dict[str, int]:
    queues = story.hotline.exchange.snapshot(story.world.now)["queues"]
    found = next(each for each in queues if each["name"] == queue)
    return {name: found[name] for name in ("offered", "answered", "waiting", "unaccounted")}


def test_take__out_of_the_queue_by_an_operator() -> None:
    story = waiting()
    anna, boris = story.phones["anna"], story.phones["boris"]
    take(story, "boris")
    assert (boris.talking, anna.talking) == (True, False)
    assert anna.log[-1][1] == "ended by peer 487"
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("idle", "on_call")
    assert counted(story) == {"offered": 1, "answered": 1, "waiting": 0, "unaccounted": 0}
    boris.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")
    assert entries(story, "take_asked") == [{"by": "vera", "to": "boris", "of": ""}]
    assert entries(story, "taken_out") == [{"by": "vera", "to": "boris"}]
    (ended,) = entries(story, "stay_ended")
    assert (ended["ending"], ended["operator"]) == ("answered", "boris")


def test_take__out_of_the_queue_by_an_account_that_is_no_operator() -> None:
    story = waiting()
    take(story, "carol")
    assert story.phones["carol"].talking
    assert counted(story) == {"offered": 1, "answered": 0, "waiting": 0, "unaccounted": 0}
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.TRANSFERRED, "")
    assert [entry["ending"] for entry in entries(story, "stay_ended")] == ["transferred"]
    assert entries(story, "bridged") == [{"target": "carol"}]


@pytest.mark.parametrize(("who", "operator", "outcome"), [("boris", "boris", Outcome.ANSWERED),
                                                          ("carol", "anna", Outcome.ANSWERED)])
def test_take__from_an_operator(who: str, operator: str, outcome: Outcome) -> None:
    """The caller hears anna until the other answers; anna is free then."""
    story = supervised()
    take(story, who, seconds=0.3)
    assert story.phones["anna"].talking
    story.world.run(2)
    assert (story.phones["anna"].talking, story.phones[who].talking) == (False, True)
    assert heard_by_all(story, "caller", who) == [{who}, {"caller"}]
    assert state_of(story, "anna") == "idle"
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (outcome, operator)
    assert entries(story, "taken_out") == [{"by": "vera", "to": who, "of": "anna"}]


@pytest.mark.parametrize("mode", ["listen", "barge"])
def test_take__who_listens_has_it_at_once(mode: Any) -> None:
    story = supervised()
    supervise(story, "carol", mode)
    take(story, "carol", seconds=0.2)
    assert story.phones["anna"].legs_ended == 1
    assert heard_by_all(story, "caller", "carol") == [{"carol"}, {"caller"}]
    story.phones["carol"].hang_up()
    finish(story)
    (over,) = entries(story, "supervision_ended")
    assert (over["by"], over["reason"]) == ("carol", "takes the call")


@pytest.mark.parametrize(("boris", "reason"), [(BUSY, "Busy Here"), (NEVER, "no answer")])
def test_take__nobody_answers_and_nothing_has_changed(boris: PhoneBehaviour, reason: str) -> None:
    story = talking_with_anna(boris=boris)
    take(story, "boris", seconds=35)
    assert (story.phones["anna"].talking, state_of(story, "boris")) == (True, "idle")
    story.caller.hang_up()
    row = finish(story)
    assert row.operator == "anna"
    (failed,) = entries(story, "take_failed")
    assert (failed["by"], failed["to"]) == ("vera", "boris")
    assert reason.lower() in failed["reason"].lower()


def test_take__the_queue_is_quicker() -> None:
    """anna answers while boris is rung: hers it is, and boris's phone stops."""
    story = waiting(anna=PhoneBehaviour(200, 4.0), boris=SLOW)
    take(story, "boris", seconds=4)
    assert (story.phones["anna"].talking, story.phones["boris"].talking) == (True, False)
    assert state_of(story, "boris") == "idle"
    story.caller.hang_up()
    assert finish(story).operator == "anna"
    (failed,) = entries(story, "take_failed")
    assert failed["reason"] == "the caller is elsewhere"


def test_take__who_is_rung_takes_the_call_with_their_own_keys() -> None:
    """Found by the search: boris was freed by the taking that was over, and rung for the next caller."""
    story = talking_with_anna(boris=NEVER)
    take(story, "boris", seconds=1)
    take_place(story.phones["boris"], story.phones["anna"])
    story.world.run(2)
    assert (state_of(story, "boris"), state_of(story, "anna")) == ("on_call", "idle")
    story.caller.hang_up()
    assert finish(story).operator == "boris"
    (failed,) = entries(story, "take_failed")
    assert failed["reason"] == "took the call"


@pytest.mark.parametrize("after", [0.0, 0.01, 0.3, 0.5, 0.505, 0.51, 1.0])
@pytest.mark.parametrize("talks", [True, False])
@pytest.mark.parametrize("who", ["caller", "boris", "house"])
def test_take__all_over_in_any_moment(after: float, talks: bool, who: str) -> None:
    story = talking_with_anna(audio=False) if talks else waiting()
    take(story, "boris", seconds=after)
    if who == "house":
        hang_up(story)
    elif who == "caller":
        story.caller.hang_up()
    else:
        story.phones["boris"].hang_up()
        story.world.run(2)
        story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert {state_of(story, name) for name in ("anna", "boris")} <= {"idle", "wrap_up"}
    assert counted(story)["unaccounted"] == 0


@pytest.mark.parametrize(("who", "code"), [("nobody", "unknown_account"), ("dora", "no_phone"),
                                           ("anna", "on_this_call")])
def test_take__what_is_refused(who: str, code: str) -> None:
    story = waiting(accounts={"carol": {}, "dora": {}})
    assert take(story, who).code == code
    story.caller.hang_up()
    finish(story)


def test_take__not_in_a_menu_and_not_twice() -> None:
    story = make_story()
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert take(story, "anna").code == "not_takeable"
    story.caller.hang_up()
    story.settle()
    assert take(story, "anna").code == "unknown_call"
    story = waiting(boris=NEVER)
    take(story, "boris", seconds=1)
    assert take(story, "boris").code == "on_this_call"
    story.caller.hang_up()
    finish(story)


@pytest.mark.parametrize(("talks", "outcome"), [(True, Outcome.ANSWERED), (False, Outcome.FAILED)])
def test_hang_up__by_a_supervisor(talks: bool, outcome: Outcome) -> None:
    story = talking_with_anna() if talks else waiting()
    hang_up(story)
    row = finish(story)
    assert (row.outcome, row.ended_by, row.reason) == (outcome, "hotline", "vera ended it")
    assert entries(story, "end_ordered") == [{"by": "vera", "reason": "a prank"}]
    assert [phone.talking for phone in story.phones.values()] == [False] * len(story.phones)
    assert hang_up(story).code == "unknown_call"
