"""An exchange that dies, now and then, between two turns: another goes on, from its last state and the journal since.

DYING in the environment: the share of turns before which it does ("0": it has a journal and lives); DYING_EVERY: the
entries between two states.
"""

import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from ivr.base.chance import KEY, Chance
from ivr.base.ids import Ids
from ivr.base.turn_clock import TurnClock
from ivr.exchange.exchange import Exchange
from ivr.exchange.house import House
from ivr.exchange.journal.frames import Journal
from ivr.exchange.journal.journalled import READS, Journalled
from ivr.exchange.journal.replaying import Differed, replay, state_of, world_of

EVERY = 20              # entries between two states, unless DYING_EVERY says so


class Dying:
    """Stands for an exchange. Before a turn of which `when` says so all that it has in memory is gone but the text of a
    state, that of each `every` turns, and the journal behind it. What a replay does otherwise is in `differed`, and an
    error if this is `strict`."""

    def __init__(self, exchange: Exchange, when: Callable[[], bool] = lambda: False, every: int = 0) -> None:
        clock = exchange.house.to_utc
        assert isinstance(clock, TurnClock)
        self.when, self.every = when, every or int(os.environ.get("DYING_EVERY", EVERY))
        self.wall = clock.offset
        self.deaths = self.replayed = 0
        self.strict = True
        self.differed: list[Differed] = []
        self._go_on(exchange, clock, Journal())
        self.take_state()

    @property
    def house(self) -> House:
        return self.exchange.house

    def _go_on(self, exchange: Exchange, clock: TurnClock, journal: Journal) -> None:
        self.exchange = Journalled(exchange, clock, lambda: self.wall, lambda body: self.journal.put(body))
        self.clock, self.journal = clock, journal

    def take_state(self) -> None:
        """From here on the journal begins anew."""
        self.journal = Journal(self.journal.number)
        self.world = world_of(self.house)
        self.state = state_of(self.house, self.journal.number, self.world)

    def die(self) -> None:
        """And be there again, with another clock and the same menus."""
        old, clock = self.house, TurnClock()
        self.world.named["to_utc"] = clock
        done = replay(self.state, bytes(self.journal.data), self.world, clock)
        assert done.exchange.house is not old
        assert done.exchange.house.ids is not old.ids
        assert done.number == self.journal.number
        self.replayed += self.journal.number - self.journal.first
        self.deaths += 1
        self.differed += done.differed
        assert not (self.strict and done.differed), done.differed
        self._go_on(done.exchange, clock, self.journal)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.exchange, name)
        if not callable(found) or name in READS:
            return found

        def verb(*given: Any, **named: Any) -> Any:
            if not name.startswith("_") and self.when():        # else a verb is under way
                self.die()
            effects = getattr(self.exchange, name)(*given, **named)
            if self.exchange.wants_state or self.journal.number - self.journal.first >= self.every:
                self.exchange.wants_state = False
                self.take_state()
            return effects

        return verb


def of_its_own(ids: Ids, seed: int, start: datetime) -> tuple[Ids, Callable[[float], datetime]]:
    """What a hotline takes ids and time from: with a journal, from what no phone has too."""
    if "DYING" not in os.environ:
        return ids, lambda at: start + timedelta(seconds=at)
    return Ids(Chance(random.Random(seed).randbytes(KEY)).draw), TurnClock(start.timestamp())


def dying(exchange: Exchange, seed: int) -> Exchange:
    if "DYING" not in os.environ:
        return exchange
    share, chance = float(os.environ["DYING"]), random.Random(seed)
    return cast(Exchange, Dying(exchange, lambda: chance.random() < share))
