"""Supervisors among everything else that can happen to the exchange: they listen, take calls and end them."""

from collections import Counter
from typing import Any

import pytest

from ivr.call.state import CallState
from ivr.call.supervising import Mode
from ivr.call.taken import WAITING
from ivr.exchange.supervising import NotSupervised
from tests.exchange.test_exchange_search import OPERATORS, Search

EVENTS = 600
SEEN: Counter[str] = Counter()
MODES: tuple[Mode, ...] = ("listen", "whisper", "barge")


class Supervised(Search):
    """An episode with supervisors, who are operators too."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, EVENTS)
        self.refused: Counter[str] = Counter()
        self.actions += [*(12 * [self.call_or_press]), *(4 * [self.listen]), *(12 * [self.take_out]), self.leave,
                         self.end_one]

    def some_call(self) -> str:
        """Rather one that somebody waits or talks in."""
        calls = self.house.calls
        found = [name for name, opened in calls.items() if opened.call.state in (*WAITING, CallState.BRIDGED)]
        return self.chance.choice([*(found or calls), *found, *calls, "none"])

    def somebody(self) -> str:
        """Rather one who is free."""
        free = [name for name in OPERATORS if self.house.dispatcher.can_be_rung(name)]
        return self.chance.choice([*OPERATORS, *free, *free, *free])

    def listen(self) -> None:
        self.done(self.exchange.supervise(self.some_call(), self.somebody(), self.chance.choice(MODES),
                                          self.world.now))

    def leave(self) -> None:
        self.done(self.exchange.end_supervision(self.some_call(), self.chance.choice(OPERATORS), self.world.now))

    def take_out(self) -> None:
        now = self.world.now
        self.done(self.exchange.take_call(self.some_call(), self.somebody(), "olga", now))

    def end_one(self) -> None:
        now = self.world.now
        self.done(self.exchange.end_call(self.some_call(), "olga", "a prank", now))

    def done(self, asked: list[Any] | NotSupervised) -> None:
        if isinstance(asked, NotSupervised):
            self.refused[asked.code] += 1
        else:
            self.hotline.carry_out(asked)

    def check(self) -> None:
        """Whoever supervises is busy with the call as well, which the call itself does not know."""
        added = []
        for opened in self.house.calls.values():
            busy = {one.who for one in opened.supervisions.values() if one.engages and one.lasts} - opened.call.engaged
            opened.call.engaged |= busy
            added.append((opened.call, busy))
        super().check()
        for call, busy in added:
            call.engaged -= busy


@pytest.mark.parametrize("seed", range(6))
def test_search__supervisors_take_and_end_calls(seed: int) -> None:
    search = Supervised(seed)
    search.run()
    kinds = Counter(entry.kind for entry in search.story.entries())
    assert kinds["take_asked"] + at_once(search) == kinds["taken_out"] + kinds["take_failed"] + late(search)
    SEEN.update(kinds)


def test_search__has_seen_it_all() -> None:
    """The seeds above, together."""
    wanted = ("take_asked", "taken_out", "take_failed", "end_ordered", "supervision_began")
    assert min(SEEN[kind] for kind in wanted) > 2, SEEN


def at_once(search: Supervised) -> int:
    """Taken by who listened already."""
    return sum(entry.details.get("reason") == "takes the call" for entry in search.story.entries())


def late(search: Supervised) -> int:
    """Taken up in the very moment in which the caller went elsewhere: the ladder has it."""
    traces = [trace for batch in search.hotline.stored for trace in batch.traces]
    return sum("comes too late" in row[3] for trace in traces for row in trace.rows)
