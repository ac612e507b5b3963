"""A blind transfer from the operator's phone: to everything that its Refer-To may name, and all that may go wrong."""

from datetime import date

import pytest

from ivr.call.record import Outcome, RequestStatus
from ivr.call.settings import RETURNED_PRIORITY
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.operators_phones import BRANCH, QUICK, add_phone, entries, finish, state_of, talking_with_anna
from tests.support.virtual_house import HOTLINE, base_config

BUSY, REFUSING, NEVER = PhoneBehaviour(486, 0.1), PhoneBehaviour(603, 0.1), PhoneBehaviour(None)


def test_blind__to_another_operator() -> None:
    story = talking_with_anna()
    anna, boris = story.phones["anna"], story.phones["boris"]
    anna.transfer(f"sip:boris@{HOTLINE}")
    story.world.run(0.5)
    assert "music/hold.wav" in [story.heard()[-1][0], story.heard()[-2][0]]
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("on_call", "on_call")
    assert story.world.run(5, lambda: boris.talking)
    story.world.run(3)
    assert anna.legs_ended == 1
    assert state_of(story, "anna") == "idle"
    assert anna.transfers[-1] == 200
    assert 180 in anna.transfers
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator, row.ended_by) == (Outcome.ANSWERED, "boris", "caller")
    assert entries(story, "transfer_requested") == [{"by": "anna", "to": "boris"}]
    assert entries(story, "transferred") == [{"by": "anna", "to": "boris"}]
    assert [entry["operator"] for entry in entries(story, "bridged")] == ["anna", "boris"]
    (request,) = story.requests()
    assert (request.operator, request.status) == ("boris", RequestStatus.ANSWERED)
    assert row.talk_time == pytest.approx(2 + 3, abs=0.2)      # with both, not the ringing


@pytest.mark.parametrize("named", ["loans", "301"])
def test_blind__to_a_queue(named: str) -> None:
    """Its operators are boris alone; anna is free as soon as the REFER is accepted."""
    queues = base_config()["queues"] | {"loans": {"operators": ["boris"]}}
    story = talking_with_anna({"queues": queues, "extensions": {"301": "loans"}})
    story.phones["anna"].transfer(f"sip:{named}@{HOTLINE}")
    story.world.run(0.5)
    assert state_of(story, "anna") == "idle"
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(2)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator, row.queue) == (Outcome.ANSWERED, "boris", "loans")
    (request,) = story.requests()
    assert (request.queue, request.operator) == ("loans", "boris")
    assert entries(story, "transferred") == [{"by": "anna", "to": "loans"}]


def test_blind__to_a_queue_and_the_caller_gives_up_there() -> None:
    """An operator has talked with the caller, so the call was answered; the queue counts one who left."""
    queues = base_config()["queues"] | {"loans": {"operators": ["boris"]}}
    story = talking_with_anna({"queues": queues}, boris=NEVER)
    story.phones["anna"].transfer(f"sip:loans@{HOTLINE}")
    story.world.run(3)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "anna")
    assert story.requests()[0].status is RequestStatus.CLOSED
    queues_now = story.hotline.exchange.snapshot(story.world.now)["queues"]
    assert next(queue["abandoned"] for queue in queues_now if queue["name"] == "loans") == 1


def test_blind__back_into_the_menu_of_a_line() -> None:
    story = talking_with_anna()
    story.phones["anna"].transfer(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert story.clips_heard()[-1] == "en/choose_language.wav"
    assert entries(story, "transferred") == [{"by": "anna", "to": "100"}]
    (opened,) = story.hotline.exchange.house.calls.values()
    known = opened.call.interpreter.values(story.world.now)
    assert (known["line.number"], known["today"]) == ("100", date(2026, 3, 2)), "the menu knows what it knew at first"
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    assert story.world.run(10, lambda: story.phones["anna"].talking or story.phones["boris"].talking)
    story.world.run(1)
    story.caller.hang_up()
    assert finish(story).outcome is Outcome.ANSWERED


def test_blind__to_an_address_of_the_configuration() -> None:
    story = talking_with_anna()
    branch = add_phone(story, "branch", BRANCH)
    story.phones["anna"].transfer(f"sip:branch@{HOTLINE}")
    assert story.world.run(5, lambda: branch.talking)
    story.world.run(1)
    branch.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator, row.ended_by) == (Outcome.ANSWERED, "anna", "target")
    assert entries(story, "bridged")[-1] == {"target": "branch"}


@pytest.mark.parametrize(("behaviour", "status"), [(BUSY, 486), (REFUSING, 603), (NEVER, 480)])
def test_blind__the_target_does_not_take_the_call(behaviour: PhoneBehaviour, status: int) -> None:
    """The caller is back with the operator, who hears why."""
    story = talking_with_anna(boris=behaviour)
    anna = story.phones["anna"]
    anna.transfer(f"sip:boris@{HOTLINE}")
    assert story.world.run(40, lambda: anna.transfers[-1:] == [status])
    assert anna.legs_ended == 0
    assert state_of(story, "boris") == "idle"
    story.world.run(2)
    assert story.heard()[-1][0] == "silence"
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "anna")
    assert entries(story, "transfer_failed") == [{"by": "anna", "to": "boris", "status": status}]


def test_blind__fails_while_the_operator_holds_the_caller() -> None:
    """The music goes on until the operator takes the caller back."""
    story = talking_with_anna(boris=BUSY)
    anna = story.phones["anna"]
    anna.hold()
    story.world.run(1)
    anna.transfer(f"sip:boris@{HOTLINE}")
    story.world.run(3)
    assert story.heard()[-1][0] == "music/hold.wav"
    anna.hold(False)
    story.world.run(1)
    assert story.heard()[-1][0] == "silence"
    story.caller.hang_up()
    finish(story)


@pytest.mark.parametrize("answers", [True, False])
def test_blind__the_operator_hangs_up_right_after(answers: bool) -> None:
    """Free at once. Should the target fail, they are rung for the caller."""
    story = talking_with_anna(boris=PhoneBehaviour(200, 2.0) if answers else BUSY)
    anna = story.phones["anna"]
    anna.hangs_up_after_refer = True
    anna.transfer(f"sip:boris@{HOTLINE}")
    story.world.run(0.1 if not answers else 1)
    assert anna.legs_ended == 1
    assert state_of(story, "anna") == ("idle" if answers else state_of(story, "anna"))
    if answers:
        assert story.world.run(5, lambda: story.phones["boris"].talking)
    else:
        assert story.world.run(10, lambda: anna.talking)
    story.world.run(1)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris" if answers else "anna")
    assert len(entries(story, "transfer_failed")) == (not answers)
    assert entries(story, "transfer_returned") == ([] if answers else [{"to": "anna"}])
    assert len(entries(story, "queued")) == 1
    assert len(story.requests()) == 1


@pytest.mark.parametrize("why", ["busy", "rings in vain"])
def test_blind__nobody_is_there_to_take_the_caller_back(why: str) -> None:
    """The caller goes back to their queue, before all others in it."""
    story = talking_with_anna(boris=BUSY)
    anna = story.phones["anna"]
    anna.hangs_up_after_refer = True
    anna.transfer(f"sip:boris@{HOTLINE}")
    anna.behaviour = NEVER if why == "rings in vain" else BUSY
    assert story.world.run(40, lambda: len(entries(story, "queued")) == 2)
    anna.behaviour = QUICK
    assert entries(story, "transfer_returned") == []
    (opened,) = story.hotline.exchange.house.calls.values()
    assert opened.call.priority == RETURNED_PRIORITY
    story.caller.hang_up()
    assert finish(story).outcome is Outcome.ANSWERED


@pytest.mark.parametrize("who", ["caller", "plane", "drain"])
def test_blind__ends_while_the_target_rings(who: str) -> None:
    story = talking_with_anna(boris=NEVER)
    story.phones["anna"].transfer(f"sip:boris@{HOTLINE}")
    story.world.run(1)
    if who == "caller":
        story.caller.hang_up()
    elif who == "plane":
        story.hotline.carry_out(story.hotline.exchange.plane_lost(0, story.world.now))
    else:
        story.hotline.carry_out(story.hotline.exchange.end_calls("the service stopped", story.world.now))
    story.world.run(2)
    assert story.phones["boris"].log[-1][1] == "ended by peer 487"
    assert story.phones["anna"].legs_ended == 1
    row = finish(story)
    assert row.outcome is (Outcome.FAILED if who == "plane" else Outcome.ANSWERED)


@pytest.mark.parametrize(("uri", "status"), [
    (f"sip:nobody@{HOTLINE}", 404), (f"sip:anna@{HOTLINE}", 486), (f"sip:+74951234567@{HOTLINE}", 403),
    ("sip:boris2@somewhere.example", 404), ("tel:+78001234567", 403)])
def test_blind__refused(uri: str, status: int) -> None:
    """The call goes on as it was."""
    story = talking_with_anna()
    anna = story.phones["anna"]
    anna.transfer(uri)
    story.world.run(1)
    assert anna.transfers == [status]
    (refused,) = entries(story, "transfer_refused")
    assert (refused["by"], refused["status"]) == ("anna", status)
    assert "1234567" not in repr(story.hotline.stored)
    story.caller.hang_up()
    assert finish(story).operator == "anna"


def test_blind__a_caller_may_not() -> None:
    """Whoever it is: nobody but an operator makes us call."""
    story = talking_with_anna()
    story.caller.transfer(f"sip:boris@{HOTLINE}")
    story.world.run(1)
    assert story.caller.transfers == [403]
    assert story.phones["boris"].log == []
    story.caller.hang_up()
    finish(story)


def test_blind__from_colleague_to_colleague_and_back() -> None:
    story = talking_with_anna()
    anna, boris = story.phones["anna"], story.phones["boris"]
    anna.transfer(f"sip:boris@{HOTLINE}")
    assert story.world.run(5, lambda: boris.talking)
    story.world.run(1)
    boris.transfer(f"sip:anna@{HOTLINE}")
    assert story.world.run(5, lambda: anna.talking)
    story.world.run(1)
    anna.hang_up()
    row = finish(story)
    assert (row.operator, row.ended_by) == ("anna", "operator")


