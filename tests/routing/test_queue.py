"""The line of one queue: order, places, counts."""

import json
import random

import pytest

from routing.ordered import Ordered
from routing.queue import SHOWN, Offer, Queue, Stay
from routing.queue_settings import QueueSettings
from routing.skills import Profile
from routing.strategy import rank


def stay(call: str, since: float, serial: int, priority: int = 0) -> Stay:
    return Stay(call, "cards", "ru", priority, since, rank(since, priority, 600.0, serial))


def queue_of(*stays: Stay) -> Queue:
    queue = Queue(QueueSettings("cards", max_waiting=3))
    for each in stays:
        queue.offered += 1
        queue.enter(each)
        queue.wait(each)
    return queue


def ring(queue: Queue, call: str, operator: str) -> None:
    queue.unwait(queue.stays[call])
    queue.stays[call].offers[operator] = Offer(call, operator, 0.0, ("ring", operator, 1))


def test_ordered__agrees_with_sorting() -> None:
    chance = random.Random(5)
    ordered = Ordered()
    model: dict[str, tuple[float, ...]] = {}
    for number in range(2_000):
        name = f"n{chance.randrange(60)}"
        if name in model:
            del model[name]
            ordered.discard(name)
        else:
            model[name] = (float(chance.randrange(10)), number)
            ordered.add(name, model[name])
        expected = sorted(model, key=model.__getitem__)
        assert list(ordered) == expected
        assert len(ordered) == len(model)
        assert ordered.first() == (expected[0] if expected else None)
        assert all(ordered.ahead_of(each) == place for place, each in enumerate(expected))
        assert name not in ordered or name in model


def test_ordered__equal_keys_and_unknown_names() -> None:
    ordered = Ordered()
    ordered.add("b", (1.0,))
    ordered.add("a", (1.0,))
    ordered.discard("never in")
    assert list(ordered) == ["a", "b"]
    ordered.clear()
    assert (len(ordered), ordered.first(), "a" in ordered) == (0, None, False)


def test_queue__callers_keep_the_order_in_which_they_came() -> None:
    queue = queue_of(stay("first", 0, 1), stay("second", 0, 2), stay("third", 5, 3))
    assert [queue.place(call) for call in ("first", "second", "third")] == [1, 2, 3]
    queue.leave(queue.stays["first"], "abandoned")
    assert queue.place("second") == 1


def test_queue__a_step_of_priority_counts_as_waiting() -> None:
    """Priority goes first, but not before somebody who has waited longer than the step."""
    queue = queue_of(stay("usual", 0, 1), stay("preferred", 599, 2, priority=1), stay("late", 601, 3, priority=1))
    assert list(queue.order) == ["preferred", "usual", "late"]


def test_queue__a_call_that_rings_keeps_its_place() -> None:
    queue = queue_of(stay("first", 0, 1), stay("second", 1, 2))
    ring(queue, "first", "anna")
    assert (queue.place("first"), queue.place("second")) == (1, 2)
    assert [stay.call for stay in queue.unoffered()] == ["second"]


def test_queue__nobody_is_rung_twice_before_all_in_service_were_tried() -> None:
    queue, call = Queue(QueueSettings("cards", ("anna", "boris"))), stay("a", 0, 1)
    profile = Profile({}, frozenset())
    for name in ("anna", "boris"):
        queue.crew.enter_service(name, profile)
    queue.enter(call)
    assert queue.may_ring("anna", call)
    call.tried.add("anna")
    assert not queue.may_ring("anna", call)
    assert queue.may_ring("boris", call)
    call.tried.add("boris")
    assert queue.may_ring("anna", call)
    call.tried = {"anna"}
    tier, _ = queue.crew.leave_service("boris")
    queue.group_of(call).count(tier, profile, -1)
    assert queue.may_ring("anna", call)


@pytest.mark.parametrize("ending", ["answered", "abandoned", "overflow", "callback", "voicemail", "failed"])
def test_queue__every_stay_is_accounted_for(ending: str) -> None:
    queue = queue_of(stay("a", 0, 1), stay("b", 1, 2))
    queue.leave(queue.stays["a"], ending)
    assert queue.unaccounted() == 0
    assert queue.snapshot(1.0)[ending] == 1
    queue.offered += 1
    assert queue.unaccounted() == 1


def test_queue__snapshot_is_plain_data() -> None:
    queue = queue_of(stay("a", 2, 1), stay("b", 4, 2, priority=1))
    shown = queue.snapshot(10.0)
    assert json.loads(json.dumps(shown)) == shown
    assert [each["call"] for each in shown["calls"]] == ["b", "a"]
    assert shown["calls"][1] == {"call": "a", "place": 2, "language": "ru", "priority": 0, "wait_time": 8.0,
                                 "operator": None, "virtual": False}
    assert (shown["waiting"], shown["ringing"], shown["longest_wait"]) == (2, 0, 8.0)


def test_queue__snapshot_lists_a_bounded_number_of_calls() -> None:
    shown = queue_of(*(stay(f"c{number}", number, number) for number in range(SHOWN + 7))).snapshot(99.0)
    assert (len(shown["calls"]), shown["waiting"]) == (SHOWN, SHOWN + 7)
