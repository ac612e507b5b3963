"""The storm of `test_exchange_search` with a control that dies between turns: nobody notices."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ivr.base.ids import Ids
from ivr.base.turn_clock import TurnClock
from ivr.sip.transport.flow import Flow
from tests.exchange.test_exchange_search import PAUSE, SHORT, Search
from tests.support.dying import Dying
from tests.support.virtual_house import HOTLINE

SEEDS = range(2)
EVENTS = 400
SHARE = "0.02"          # of all turns: before so many it dies


def run(monkeypatch: pytest.MonkeyPatch, share: str, seed: int, events: int, like: Search | None = None) -> Search:
    monkeypatch.setenv("DYING", share)
    search = Search(seed, events, same_as=like.exchange.did if like is not None else None)
    search.run()
    return search


def died(search: Search) -> Dying:
    """What stands behind the notes."""
    made = search.exchange.exchange
    assert isinstance(made, Dying)
    return made


@pytest.mark.parametrize("seed", [1_000, 1_001])
def test_journal__it_dies_before_every_turn_of_a_short_run(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever any turn gives out is what the one gives out that lives."""
    alive = run(monkeypatch, "0", seed, SHORT)
    again = run(monkeypatch, "1", seed, SHORT, alive)
    assert died(again).differed == []
    assert died(again).deaths > 70
    assert died(again).replayed > 5 * died(again).deaths
    assert again.exchange.did == alive.exchange.did
    assert again.hotline.stored == alive.hotline.stored
    assert died(alive).deaths == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_journal__it_dies_now_and_then_in_a_long_run(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    alive = run(monkeypatch, "0", seed, EVENTS)
    again = run(monkeypatch, SHARE, seed, EVENTS, alive)
    assert died(again).differed == []
    assert died(again).deaths > 20
    assert again.exchange.did == alive.exchange.did
    assert again.hotline.stored == alive.hotline.stored


class Door:
    """Datagrams for the hotline wait in the queues of the gate, as in the service."""

    def __init__(self, search: Search) -> None:
        self.search = search
        search.world.hosts[HOTLINE] = self

    def receive_sip(self, payload: bytes, flow: Flow, now: float) -> None:
        exchange, hotline = self.search.exchange, self.search.hotline
        exchange.arrived(payload, flow, now)
        while (effects := exchange.serve_next(now)) is not None:
            hotline.carry_out(effects)
        hotline.carry_out(exchange.door_news())

    def receive_rtp(self, source: tuple[str, int], port: int, payload: bytes, now: float) -> None:
        self.search.hotline.receive_rtp(source, port, payload, now)


def test_journal__datagrams_that_wait_at_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that the gate counts against whom."""
    runs: list[Search] = []
    for share in ("0", "0.3"):
        monkeypatch.setenv("DYING", share)
        search = Search(1_002, 120, same_as=runs[0].exchange.did if runs else None)
        Door(search)
        search.run()
        runs.append(search)
    alive, again = runs
    assert died(again).differed == []
    assert died(again).deaths > 100
    assert [name for name, _ in again.exchange.did].count("serve_next") > 200
    assert again.hotline.stored == alive.hotline.stored
    assert again.house.endpoint.door.counters == alive.house.endpoint.door.counters


def kernels_token(ids: Ids, size: int = 8) -> str:
    return os.urandom(size).hex()


def kernels_time(clock: TurnClock, at: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=at)


@pytest.mark.parametrize(("kind", "name", "fault"), [
    (Ids, "token", kernels_token), (TurnClock, "__call__", kernels_time)],
    ids=["chance of the kernel", "clock of the kernel"])
def test_journal__what_is_no_input_is_found(kind: type, name: str, fault: Callable[..., Any],
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """By the CRC-32 of a replayed turn alone: nothing is compared with another run here."""
    monkeypatch.setenv("DYING", "0")
    search = Search(1_000, SHORT, notes=False)
    monkeypatch.setattr(kind, name, fault)
    died(search).every, died(search).strict = 1_000_000, False
    search.run()
    died(search).die()
    assert died(search).differed
    assert any(differed.calls for differed in died(search).differed)


def test_journal__without_a_fault_nothing_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """All turns of a run at once, from the state that it began with."""
    monkeypatch.setenv("DYING", "0")
    search = Search(1_000, 100, notes=False)
    died(search).every = 1_000_000
    search.run()
    counters = search.house.counters
    died(search).die()
    assert (died(search).differed, died(search).house.counters) == ([], counters)
    assert died(search).replayed > 500


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_journal__another_process_does_the_same(hash_seed: str, tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing of the first one but the state from the middle of a storm and the journal; whatever order the hashes
    of texts give to sets."""
    monkeypatch.setenv("DYING", "0")
    monkeypatch.setenv("PYTHONHASHSEED", hash_seed)
    search, calls = Search(3, EVENTS, notes=False), list[int]()
    dying = died(search)

    def take_state() -> None:
        dying.take_state()
        calls.append(len(search.house.calls))

    dying.every = 1_000_000
    search.world.at(0.3 * EVENTS * PAUSE, take_state)
    search.run()
    state, journal = tmp_path / "state", tmp_path / "journal"
    state.write_text(dying.state)
    journal.write_bytes(dying.journal.data)
    told = subprocess.run([sys.executable, "-m", "tests.support.replayed_elsewhere", "3", str(state), str(journal)],
                          check=True, capture_output=True, text=True)
    turns = dying.journal.number - dying.journal.first
    assert json.loads(told.stdout) == {"turns": turns, "differed": [], "calls": 0}
    assert turns > 300
    assert calls[0] > 1


def test_journal__a_wall_clock_that_is_set_right_is_an_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a run by an hour: times of rows are those that the dead one would have given."""
    runs: list[Search] = []
    for share in ("0", "0.3"):
        monkeypatch.setenv("DYING", share)
        search = Search(1_000, SHORT, same_as=runs[0].exchange.did if runs else None)
        search.world.at(3.0, partial(set_right, died(search)))
        search.run()
        runs.append(search)
    alive, again = runs
    assert died(again).deaths > 10
    assert again.hotline.stored == alive.hotline.stored
    moments = [row.began_at for row in again.story.rows().values()]
    assert (max(moments) - min(moments)).total_seconds() > 3600


def set_right(dying: Dying) -> None:
    dying.wall += 3600.0
