"""An operator: status, state and phone apart."""

import json
from collections.abc import Callable
from itertools import product

import pytest

from ivr.base.machine import IllegalEvent
from routing.dispatcher.why import explain_operator
from routing.operators import NEXT, Operator, OperatorSettings, State, Status
from routing.queue import Offer
from routing.strategy import longest_idle


def operator(status: Status = Status.AVAILABLE, reachable: bool = True, order: int = 0) -> Operator:
    made = Operator(OperatorSettings("anna", status), order, 0.0)
    made.reachable = reachable
    return made


def rung(made: Operator) -> None:
    made.state = State.RINGING
    made.offers["c1"] = Offer("c1", "anna", 0.0, ("ring", "anna", 1))


def talking(made: Operator) -> None:
    made.state, made.calls = State.ON_CALL, ["c1"]


def noting(made: Operator) -> None:
    made.state = State.WRAP_UP


def test_operator__begins_logged_out_and_unreachable() -> None:
    made = Operator(OperatorSettings("anna"), 0, 0.0)
    assert (made.status, made.state, made.reachable) == (Status.LOGGED_OUT, State.IDLE, False)
    assert not made.is_ready
    assert not made.in_service


@pytest.mark.parametrize(("status", "reachable", "ready"), [
    (Status.AVAILABLE, True, True),
    (Status.AVAILABLE, False, False),       # fusionpbx#2831: an unregistered phone shown as available
    (Status.ON_BREAK, True, False),
    (Status.LOGGED_OUT, True, False),
])
def test_operator__ready_needs_the_person_and_the_phone(status: Status, reachable: bool, ready: bool) -> None:
    made = operator(status, reachable)
    assert made.is_ready is ready
    assert made.in_service is ready


@pytest.mark.parametrize(("step", "to"), list(product(State, State)))
def test_operator__states_change_by_the_table_alone(step: State, to: State) -> None:
    made = operator()
    made.state = step
    if to in NEXT[step]:
        made.enter(to, 3.0)
        assert (made.state, made.state_since) == (to, 3.0)
        return
    with pytest.raises(IllegalEvent):
        made.enter(to, 3.0)
    assert (made.state, made.state_since) == (step, 0.0)


@pytest.mark.parametrize("begin", [rung, talking, noting])
def test_operator__busy_is_not_ready(begin: Callable[[Operator], None]) -> None:
    made = operator()
    begin(made)
    assert not made.is_ready
    assert made.in_service


@pytest.mark.parametrize(("state", "in_service"), [
    (State.RINGING, True), (State.ON_CALL, True), (State.WRAP_UP, False), (State.IDLE, False),
])
def test_operator__a_break_chosen_while_busy_counts_after_the_call(state: State, in_service: bool) -> None:
    made = operator(Status.ON_BREAK)
    made.state = state
    assert made.in_service is in_service


def test_operator__rest_and_removal() -> None:
    made = operator()
    made.rest_timer = ("rest", "anna", 1)
    assert not made.is_ready
    assert made.in_service
    made.rest_timer = None
    made.removed = True
    assert not made.is_ready
    assert not made.in_service


def test_operator__idle_time_counts_from_becoming_available() -> None:
    made = operator(Status.ON_BREAK)
    made.set_status(Status.AVAILABLE, "", 50.0)
    assert (made.idle_since, made.status_since) == (50.0, 50.0)
    made.set_status(Status.AVAILABLE, "", 60.0)
    assert (made.idle_since, made.status_since) == (50.0, 50.0)
    made.set_status(Status.ON_BREAK, "lunch", 70.0)
    assert (made.idle_since, made.status_since, made.reason) == (50.0, 70.0, "lunch")


def test_operator__longest_idle_with_ties_by_order() -> None:
    early, late, tie = operator(order=2), operator(order=0), operator(order=1)
    late.idle_since = 9.0
    assert sorted([late, tie, early], key=longest_idle) == [tie, early, late]


def test_operator__snapshot_is_plain_data() -> None:
    made = operator()
    made.serves = ("cards",)
    shown = made.snapshot(12.0)
    assert json.loads(json.dumps(shown)) == shown
    assert shown == {"name": "anna", "status": "available", "reason": "", "set_by": "",
                     "state": "idle", "reachable": True,
                     "condition": "free", "call": None, "queues": ["cards"], "status_time": 12.0, "state_time": 12.0,
                     "idle_time": 12.0, "rest_time": 0.0, "answered": 0, "missed": 0}


def test_operator__with_room_for_several_calls_is_ready_until_it_is_full() -> None:
    made = Operator(OperatorSettings("anna", Status.AVAILABLE, capacity=2), 0, 0.0)
    made.reachable = True
    talking(made)
    assert (made.is_ready, made.condition()) == (True, "free")
    made.offers["c2"] = Offer("c2", "anna", 0.0, ("ring", "anna", 1))
    assert (made.is_ready, made.condition()) == (False, "on a call")


def test_operator__counts_since_the_log_in() -> None:
    made = operator()
    talking(made)
    made.taken = 1
    made.enter(State.IDLE, 30.0)
    assert (made.taken, made.talked) == (1, 30.0)
    made.set_status(Status.ON_BREAK, "", 40.0)
    assert (made.taken, made.talked) == (1, 30.0)
    made.set_status(Status.LOGGED_OUT, "", 50.0)
    made.set_status(Status.AVAILABLE, "", 60.0)
    assert (made.taken, made.talked) == (0, 0.0)


@pytest.mark.parametrize(("begin", "changes", "sentence"), [
    (None, {"status": Status.LOGGED_OUT}, "anna is logged out."),
    (None, {"status": Status.ON_BREAK, "reason": "lunch"}, "anna is on break (lunch)."),
    (None, {"status": Status.ON_BREAK}, "anna is on break."),
    (None, {"reachable": False}, "anna is without a registered phone."),
    (rung, {}, "anna is being rung (call c1)."),
    (talking, {"status": Status.ON_BREAK}, "anna is on a call (call c1)."),
    (noting, {"status": Status.ON_BREAK, "reason": "lunch"}, "anna is in wrap-up."),
    (None, {"rest_timer": ("rest", "anna", 1), "rest_until": 14.0}, "anna missed a call and rests for 4 s more."),
    (None, {}, "anna is free, but no queue names them."),
])
def test_operator__why(begin: Callable[[Operator], None] | None, changes: dict[str, object], sentence: str) -> None:
    made = operator()
    if begin is not None:
        begin(made)
    for name, value in changes.items():
        setattr(made, name, value)
    assert explain_operator(made, [], 10.0) == sentence
