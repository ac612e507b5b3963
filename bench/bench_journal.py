"""What a journal of control's turns costs: an entry, its bytes, and a replay against the turns themselves. Prints one
JSON line.

A busy house as in `bench_states` (a fifth in the menu, a fifth talking, the others waiting), from its first call on.
All times are CPU; of each turn the quickest of several rounds counts.
"""

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

from bench.bench_states import best, busy
from ivr.base.turn_clock import TurnClock
from ivr.exchange.exchange import Exchange
from ivr.exchange.journal import entries
from ivr.exchange.journal.frames import FRAME, bodies, framed
from ivr.exchange.journal.journalled import fixed_for, verbs
from ivr.exchange.journal.replaying import replay
from tests.support.dying import Dying

TIMES = 20              # that each part of an entry is made, of which the quickest counts
ROUNDS = 5              # of whole runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    calls = parser.parse_args().calls
    os.environ |= {"DYING": "0", "DYING_EVERY": "1000000000"}
    original = min(turns_alone(calls) for _ in range(ROUNDS))
    dying: Any = busy(calls).hotline.exchange
    assert isinstance(dying, Dying)
    data, told = bytes(dying.journal.data), list[Any]()
    again(dying, data, lambda verb, effects: told.append((verb, effects)))
    empty = bytes(type(dying.journal)(dying.journal.first).data)
    reading = best(lambda: again(dying, empty)) / 1000
    replayed = min(timed(lambda: again(dying, data)) for _ in range(ROUNDS)) - reading
    written = bodies(data, dying.journal.first)
    print(json.dumps({
        "calls": calls, "entries": len(written), "bytes_an_entry": round(len(data) / len(written)),
        "entries_a_call": round(len(written) / calls, 1), "kB_a_call": round(len(data) / calls / 1000, 1),
        "turn_us": round(1e6 * original / len(written), 1), "replayed_turn_us": round(1e6 * replayed / len(written), 1),
        "verbs": of_verbs(dying, written, told)}))


def turns_alone(calls: int) -> float:
    """s of CPU in all verbs of a run, with no journal."""
    spent = [0.0]

    def timing(name: str) -> Callable[..., Any]:
        plain = getattr(Exchange, name)

        def verb(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return plain(*given, **named)
            finally:
                spent[0] += time.process_time() - began
        return verb

    timed_verbs: Any = {name: timing(name) for name in verbs()}
    with patch.dict(os.environ), patch.multiple(Exchange, **timed_verbs):
        del os.environ["DYING"]
        busy(calls)
    return spent[0]


def again(dying: Dying, data: bytes, seen: Callable[[str, Any], None] = lambda verb, effects: None) -> None:
    """From the first state on; what differs is an error."""
    clock = TurnClock()
    dying.world.named["to_utc"] = clock
    done = replay(dying.state, data, dying.world, clock, seen)
    assert done.differed == [], done.differed


def of_verbs(dying: Dying, written: list[bytes], told: list[Any]) -> dict[str, Any]:
    """us of CPU for each part of an entry, by verb: the CRC-32 of the effects, the entry, its frame."""
    numbers = {name: number for number, (name, _) in entries.QUICK.items()}
    parts: dict[str, list[tuple[float, float, float, int]]] = defaultdict(list)
    for body, (verb, effects) in zip(written, told, strict=True):
        entry = entries.read(body, fixed_for(verb, dying.house))
        number, offset, given, named = numbers.get(verb), entry.offset, entry.given, entry.named
        make = partial(other, verb, offset, given, named) if number is None else \
            partial(entries.quick, number, 1, offset, given)
        parts[verb].append((quickest(partial(entries.crc_of, effects)), quickest(make),
                            quickest(partial(framed, body, 1)), len(body) + FRAME.size))
    shown = {}
    for verb, found in parts.items():
        crc, entry_us, frame, size = (sum(each[place] for each in found) / len(found) for place in range(4))
        shown[verb] = {"count": len(found), "crc_us": round(crc, 2), "entry_us": round(entry_us, 2),
                       "frame_us": round(frame, 2), "bytes": round(size)}
    return shown


def other(verb: str, offset: float, given: tuple[Any, ...], named: Any) -> bytes:
    return entries.other(verb, 1, offset, entries.text_of_given(given, named))


def quickest(what: Callable[[], object]) -> float:
    """us."""
    return 1e6 * min(timed(what) for _ in range(TIMES))


def timed(what: Callable[[], object]) -> float:
    began = time.process_time()
    what()
    return time.process_time() - began


if __name__ == "__main__":
    main()
