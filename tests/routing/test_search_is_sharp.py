"""The search finds bugs: each of these is put into the dispatcher, and must be found."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ivr.base.state import writing
from routing import strategy
from routing.crew import Crew
from routing.dispatcher import CallerOwned, machine, matching, offering
from routing.dispatcher.matching import Matching
from routing.lines import Line
from routing.operators import Operator, Status
from routing.queue import Queue, Stay
from tests.support.forgetting import forgetting
from tests.support.queue_world import World

EVENTS = 6_000          # of each seed; most bugs take a few hundred
SEEDS = range(16, 24)   # until one finds it: with any change of the dispatcher each tells another story
Patch = Callable[[Any, str, Any], None]


def others_ring_on(patch: Patch) -> None:
    patch(Matching, "withdraw_all", lambda self, stay, reason, now, but="": [])


def rung_twice(patch: Patch) -> None:
    patch(Queue, "everybody_tried", lambda self, stay: True)


def new_rounds_never_begin(patch: Patch) -> None:
    patch(Queue, "everybody_tried", lambda self, stay: False)


def nobody_looks_when_somebody_is_free(patch: Patch) -> None:
    patch(matching, "choose_call", lambda queues, operator, now: None)


def kept_for_somebody_who_left(patch: Patch) -> None:
    def leave(self: Matching, queue: Queue, operator: Operator, now: float) -> list[Line]:
        held, queue.held = queue.held, {}
        lines = original(self, queue, operator, now)
        queue.held = held
        return lines
    original = Matching._count_in
    patch(Matching, "_count_in", leave)


def tiers_open_too_soon(patch: Patch) -> None:
    def count(self: Line, tier: int, number: int) -> bool:
        changed = original(self, tier, number)
        self.open = len(self.serving) - 1
        self.in_reach = sum(self.serving)
        return changed
    original = Line.count
    patch(Line, "count", count)


def tiers_open_too_late(patch: Patch) -> None:
    def count(self: Line, tier: int, number: int) -> bool:
        original(self, tier, number)
        self.open = self.by_time
        self.in_reach = sum(self.serving[:self.open + 1])
        return False
    original = Line.count
    patch(Line, "count", count)


def weights_are_forgotten(patch: Patch) -> None:
    def claim(queue: Queue, stay: Any, now: float) -> Any:
        return (stay.rank[0] - now, *stay.rank)
    patch(strategy, "claim", claim)
    patch(matching, "claim", claim)


def nobody_watches_whether_anybody_serves(patch: Patch) -> None:
    patch(Matching, "watch_service", lambda self, queue, group, now: None)


def a_choice_is_overwritten(patch: Patch) -> None:
    def set_status(self: Operator, status: Status, reason: str, now: float, by: str = "") -> None:
        original(self, Status.AVAILABLE if self.offers else status, reason, now, by)
    original = Operator.set_status
    patch(Operator, "set_status", set_status)


def the_unreachable_are_ready(patch: Patch) -> None:
    patch(Operator, "is_ready", property(lambda self: (
        self.status is Status.AVAILABLE and self.rest_timer is None and not self.removed and self.has_room)))


def the_longest_idle_comes_last(patch: Patch) -> None:
    longest = strategy.Strategy(lambda operator, position: (-operator.idle_since, operator.order),
                                strategy.STRATEGIES["longest_idle"].pick)
    patch(matching, "STRATEGIES", {**strategy.STRATEGIES, "longest_idle": longest})


def a_timer_outlives_its_call(patch: Patch) -> None:
    original = Matching.cancel
    patch(Matching, "cancel", lambda self, key: None if key and key[0] == "step" else original(self, key))


def a_stay_is_counted_twice(patch: Patch) -> None:
    def leave(self: Queue, stay: Any, ending: Any) -> None:
        original(self, stay, ending)
        if ending == "callback":
            self.count("abandoned")
    original = Queue.leave
    patch(Queue, "leave", leave)


def a_released_operator_stays_engaged(patch: Patch) -> None:
    original = Matching.review
    patch(Matching, "review", lambda self, operator, now: (
        None if operator.answered % 5 == 4 and not operator.load else original(self, operator, now)))


def the_memory_of_a_turn_is_not_written(patch: Patch) -> None:
    patch(writing, "_TAKES", forgetting(Crew, "last_rung", {}))


def an_offer_is_lost_in_writing(patch: Patch) -> None:
    patch(writing, "_TAKES", forgetting(Stay, "tried", set()))


def a_free_operator_is_listed_twice_in_service(patch: Patch) -> None:
    original = Crew.leave_service

    def leave(self: Crew, name: str) -> Any:
        where = original(self, name)
        self.serving[name] = where
        return where
    patch(Crew, "leave_service", leave)


def accepting_does_not_end_the_offer(patch: Patch) -> None:
    original = offering.answered
    patch(offering, "answered", lambda operator, call, queue: (original(operator, call, queue),
                                                              setattr(operator, "status", Status.AVAILABLE)))


def who_got_a_caller_from_a_colleague_writes_nothing_up(patch: Patch) -> None:
    patch(machine, "ROWS", {**machine.ROWS, CallerOwned: lambda matching, event, now: None})


BUGS = [others_ring_on, rung_twice, new_rounds_never_begin, nobody_looks_when_somebody_is_free,
        kept_for_somebody_who_left, tiers_open_too_soon, tiers_open_too_late, weights_are_forgotten,
        nobody_watches_whether_anybody_serves, a_choice_is_overwritten, the_unreachable_are_ready,
        the_longest_idle_comes_last, a_timer_outlives_its_call, a_stay_is_counted_twice,
        a_released_operator_stays_engaged, the_memory_of_a_turn_is_not_written, an_offer_is_lost_in_writing,
        a_free_operator_is_listed_twice_in_service, accepting_does_not_end_the_offer,
        who_got_a_caller_from_a_colleague_writes_nothing_up]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_search__finds(bug: Callable[[Patch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch.setattr)
    with pytest.raises(Exception):      # noqa: B017, PT011 - what breaks first depends on the bug
        search()


def test_search__finds_nothing_where_nothing_is() -> None:
    search(SEEDS[:1], 2_000)


def search(seeds: Sequence[int] = SEEDS, events: int = EVENTS) -> None:
    for seed in seeds:
        World(seed, read_back=25).run(events)
