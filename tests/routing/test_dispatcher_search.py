"""The dispatcher under random interleavings of everything that can happen to it, held to a law that knows the rules.

A million events. Of each: what it changed is checked at once (who may be rung, in which order, who owns what, that
every offer and stay ends once, that nothing outlasts its time). Every 40th: the whole state, every pair of a waiting
call and an operator with `why`, every count. Every 1,000th: the run goes on with a dispatcher read back from JSON. In a
smaller run both happen at every event. 10^8 events: `make soak`.
"""

from collections import Counter

import pytest

from tests.support.queue_world import World

EVENTS = 100_000        # of each seed
RARE = 3                # so often at least each seed sees what is rare


@pytest.mark.parametrize("seed", range(10))
def test_search(seed: int) -> None:
    world = World(seed)
    world.run(EVENTS)
    world.everybody_leaves()
    assert world.events >= EVENTS
    lacking = {what: world.seen[what] for what in (
        "AssignCall", "joined", "held", "tier 1", "tier 2", "no_answer", "unreachable", "engaged", "taken", "removed",
        "answered_elsewhere", "logged_out", "nobody_logged_in", "nobody_able", "full", "max_wait", "no_queue",
        "missed calls", "LeaseLost", "owned", "wrap_up", "rest", "round", "step", "sticky", "empty", "read back",
        "called back")
        if world.seen[what] < RARE}
    assert not lacking, "the search has become blind for some things"


def test_search__every_state_can_be_written_and_read_back() -> None:
    """At each event: state, JSON, state; the same effects and the same state after it. And the whole law."""
    world = World(1_000, full_check=1, read_back=1)
    world.run(1_000)
    assert world.seen["read back"] > 800      # not those that come too late, which change nothing


def test_search__is_repeatable() -> None:
    def effects() -> Counter[str]:
        world = World(7)
        world.run(3_000)
        return world.seen
    assert effects() == effects()
