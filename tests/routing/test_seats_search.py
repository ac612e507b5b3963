"""Calls and chats at once under random events: each medium keeps the law of the queues, and a person has one status."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from routing.dispatcher import CHAT, Dispatcher, OperatorReleased, SeatBarred
from routing.seats import seats
from routing.seats.seats import Seats
from tests.support.seats_world import SeatsWorld

EVENTS = 15_000         # of each seed
RARE = 3                # so often at least each seed sees what is rare
SEEN = ("call beside the other", "chat beside the other", "chat answered", "chat no_answer", "chat unreachable",
        "chat engaged", "chat taken", "chat removed", "chat answered_elsewhere", "chat logged_out", "chat max_wait",
        "chat nobody_logged_in", "chat nobody_able", "chat full", "chat no_queue", "chat missed", "call missed",
        "barred", "both", "chat SeatBarred", "chat wrap_up", "chat rest", "chat round", "chat step", "chat sticky",
        "chat empty", "read back")
Patch = Callable[[Any, str, Any], None]


@pytest.mark.parametrize("seed", range(20, 23))
def test_search(seed: int) -> None:
    world = SeatsWorld(seed)
    world.run(EVENTS)
    world.everybody_leaves()
    lacking = {what: world.seen[what] for what in SEEN if world.seen[what] < RARE}
    assert not lacking, "the search has become blind for some things"


def test_search__every_state_can_be_written_and_read_back() -> None:
    world = SeatsWorld(2_000, full_check=1, read_back=1)
    world.run(1_000)
    assert world.seen["read back"] > 800


# --- it finds bugs: each of these is put in, and must be found --------------------------------------------------------
def a_status_is_one_of_calls_alone(patch: Patch) -> None:
    patch(Seats, "_chats_follow", lambda self, name, now: [])


def who_misses_chats_goes_on_with_calls(patch: Patch) -> None:
    patch(Seats, "_calls_follow", lambda self, effect, now: [])


def timers_have_one_name(patch: Patch) -> None:
    patch(seats, "_marked", lambda key: key)


def a_chat_that_ends_is_a_call(patch: Patch) -> None:
    original = Seats._is_chat
    patch(Seats, "_is_chat", lambda self, event: type(event) is not OperatorReleased and original(self, event))


def chats_wait_for_phones(patch: Patch) -> None:
    original = Seats._is_chat
    patch(Seats, "_is_chat", lambda self, event: getattr(event, "medium", "") != CHAT and original(self, event))


def a_call_bars_nobody(patch: Patch) -> None:
    original = Dispatcher.handle
    patch(Dispatcher, "handle", lambda self, event, now: (
        [] if isinstance(event, SeatBarred) else original(self, event, now)))


def chats_are_idleness(patch: Patch) -> None:
    patch(Seats, "_seat_changed", lambda self, effect: replace(effect, state=(
        person.state if (person := self.calls.operator(effect.operator)) else effect.state)))


@pytest.mark.parametrize("bug", [
    a_status_is_one_of_calls_alone, who_misses_chats_goes_on_with_calls, timers_have_one_name,
    a_chat_that_ends_is_a_call, chats_wait_for_phones, a_call_bars_nobody, chats_are_idleness],
    ids=lambda bug: bug.__name__)
def test_search__finds(bug: Callable[[Patch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch.setattr)
    with pytest.raises(Exception):      # noqa: B017, PT011 - what breaks first depends on the bug
        search()


def search() -> None:
    for seed in range(30, 34):
        SeatsWorld(seed).run(3_000)
