"""Replays, in a process of its own, what a storm of `test_exchange_search` left: `python -m … SEED STATE JOURNAL`.

Prints as JSON how many turns it replayed and which of them did something else.
"""

import json
import sys
from pathlib import Path

from ivr.base.turn_clock import TurnClock
from ivr.exchange.journal.replaying import replay, world_of
from tests.exchange.test_exchange_search import Search


def main(seed: int, state: Path, journal: Path) -> None:
    house = Search(seed, 0, notes=False).house          # with the same configuration and menu, and no call yet
    clock = house.to_utc
    assert isinstance(clock, TurnClock)
    turns: list[str] = []
    done = replay(state.read_text(), journal.read_bytes(), world_of(house), clock,
                  lambda verb, effects: turns.append(verb))
    print(json.dumps({"turns": len(turns), "differed": [(each.number, each.verb) for each in done.differed],
                      "calls": len(done.exchange.house.calls)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
