"""The database killed under calls, control killed with entries in the spool, the spool full: no row lost or doubled.

Each scenario runs on SQLite and on PostgreSQL at the same time, against two services of their own.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pytest

from routing.requests.store import ORPHAN_REASON
from tests.postgresql import Cluster, cluster, programs
from tests.support.busy_house import PATIENCE, BusyHouse, busy_house, habit_of_all
from tests.support.callers import Habit, PhoneCall
from tests.support.peers import missing
from tests.support.service import wait_for
from tests.support.truth import compare

SHORT_AWAY, LOCKED = 5.0, 10.0      # s: PostgreSQL is started again after the first, SQLite's lock lasts the second
RING_BOUND = 1.5                    # s from the key to the ringing phone: 0.2 for the spool, and a busy machine
NETWORKS = {"sqlite": "127.0.18", "postgresql": "127.0.19"}


class Database(Protocol):
    """How a database of a test goes away and comes back."""

    url: str
    away_for: float

    def kill(self) -> None: ...

    def start(self) -> None: ...


class LockedSqlite:
    """SQLite can't die; another process that keeps its lock is the same to us."""

    def __init__(self, file: Path) -> None:
        self.url, self.away_for, self._file = f"sqlite:///{file}", LOCKED, file
        self._holder: subprocess.Popen[str] | None = None

    def kill(self) -> None:
        code = ("import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None);"
                "c.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); sys.stdin.read()")
        self._holder = subprocess.Popen([sys.executable, "-c", code, str(self._file)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "locked\n"

    def start(self) -> None:
        assert self._holder is not None
        self._holder.communicate(timeout=PATIENCE)


class KilledPostgresql:
    """A server of the test's own."""

    def __init__(self, server: Cluster) -> None:
        self.url, self.away_for, self._server = server.new_database(), SHORT_AWAY, server

    def kill(self) -> None:
        self._server.stop(signal.SIGQUIT)

    def start(self) -> None:
        self._server.start()


class Houses:
    """A service for each database. A scenario runs on all of them at once, and each test waits for its own."""

    def __init__(self, houses: dict[str, tuple[BusyHouse, Database]]) -> None:
        self._houses = houses
        self._pool = ThreadPoolExecutor(len(houses))
        self._runs: dict[str, dict[str, Future[None]]] = {}

    def run(self, scenario: Callable[[BusyHouse, Database], None], on: str) -> None:
        if on not in self._houses:
            missing("PostgreSQL")
        if scenario.__name__ not in self._runs:
            self._runs[scenario.__name__] = {name: self._pool.submit(scenario, *house)
                                             for name, house in self._houses.items()}
        self._runs[scenario.__name__][on].result()


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    folder = tmp_path_factory.mktemp("away")
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        databases: dict[str, Database] = {"sqlite": LockedSqlite(folder / "locked.db")}
        if programs() is not None:
            databases["postgresql"] = KilledPostgresql(stack.enter_context(contextlib.contextmanager(cluster)()))
        opened = {name: busy_house(folder / name, NETWORKS[name], operators=20, database=database.url,
                                   spool_max_mb=1) for name, database in databases.items()}
        started = {name: pool.submit(house.__enter__) for name, house in opened.items()}
        for house in opened.values():
            stack.push(house.__exit__)
        yield Houses({name: (started[name].result(), database) for name, database in databases.items()})


on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


# --- the database dies under 50 calls -------------------------------------------------------------------------------
@on_both
def test_database_killed_under_50_calls(houses: Houses, database: str) -> None:
    houses.run(database_killed_under_50_calls, database)


def database_killed_under_50_calls(house: BusyHouse, database: Database) -> None:
    habit_of_all(house, Habit(talk=2.0))
    before = house.answered(15)
    house.ask_for_operator(before[:10])
    with away(house, database):
        after = house.answered(35)
        pressed_at = time.time()
        house.ask_for_operator([*before[10:], *after[:25]])
        calls = [*before, *after]
        wait_for(lambda: sum(bool(house.offers(call.number)) for call in calls) >= 20, PATIENCE, "nobody rang")
        first = [rung.began_at for call in after[:25] for _, rung in house.offers(call.number)]
        assert not first or min(first) - pressed_at < RING_BOUND
        house.hang_up(after[25:])                       # in the menu
        asked = [*before, *after[:25]]
        wait_for(lambda: all(house.offers(call.number) for call in asked), PATIENCE, "not every caller was served")
        house.wait_for_log("outcome=answered")
        in_health(house, 200, "degraded")
        assert list((house.service.state / "spool").glob("*.spool"))
    house.wait_until_over(calls)
    settled(house)
    compare(house, calls)


# --- control dies too -----------------------------------------------------------------------------------------------
@on_both
def test_control_killed_with_entries_in_the_spool(houses: Houses, database: str) -> None:
    houses.run(control_killed_with_entries_in_the_spool, database)


def control_killed_with_entries_in_the_spool(house: BusyHouse, database: Database) -> None:
    habit_of_all(house, Habit())
    with away(house, database):
        ended, in_menu, talking = house.bridged(4), house.in_main_menu(3), house.bridged(3)
        house.hang_up(ended)
        spooled(house, [*ended, *in_menu, *talking])
        begin = len(house.service.log)
        os.kill(house.service.child("control"), signal.SIGKILL)
        house.wait_for_log("control_taken_over", begin)
        house.operators_hang_up()
        house.hang_up([*in_menu, *talking])
        later = house.bridged(4)
        house.hang_up(later[:2])
    house.hang_up(later[2:])
    settled(house)
    compare(house, [*ended, *in_menu, *talking, *later],
            {call.number: ORPHAN_REASON for call in [*in_menu, *talking]})


def spooled(house: BusyHouse, calls: list[PhoneCall]) -> None:
    """Until what happened so far is on the disk, by the last thing that happened to each of `calls`."""
    def text() -> str:
        return "".join(path.read_text() for path in (house.service.state / "spool").glob("*.spool"))

    wait_for(lambda: all(call.number in text() for call in calls), PATIENCE, "calls are not in the spool")
    ends = sum(call.over for call in calls)
    bridges = sum(bool(house.offers(call.number)) for call in calls)
    wait_for(lambda: (text().count('"kind":"ended"'), text().count('"kind":"bridged"')) == (ends, bridges), PATIENCE,
             "what happened is not in the spool")
    wait_for(lambda: text().count('"rows":') == ends, PATIENCE, "the ladders are not in the spool")


# --- the spool is full ----------------------------------------------------------------------------------------------
@on_both
def test_spool_full(houses: Houses, database: str) -> None:
    houses.run(spool_full, database)


def spool_full(house: BusyHouse, database: Database) -> None:
    habit_of_all(house, Habit())
    begin = len(house.service.log)
    with away(house, database):
        in_menu, talking = house.in_main_menu(3), house.bridged(3)
        filling = fill(house, begin)
        spool = in_health(house, 503, "failing")["spool"]
        assert spool == {"ok": False, "detail": "the spool is full: new calls are refused"}
        refused = house.dial(5)
        house.wait_until_over(refused)
        assert {call.status for call in refused} == {486}
        house.hang_up([in_menu[0], talking[0]])         # calls in progress have the reserve
        assert all(house.is_bridged(call) for call in talking[1:])
    house.wait_for_log("spool_has_room", begin)
    house.hang_up([*in_menu[1:], *talking[1:]])
    later = house.bridged(2)
    house.hang_up(later)
    settled(house)
    compare(house, [*in_menu, *talking, *filling, *later])
    numbers = {call["caller_number"] for call in house.service.calls()}
    assert not numbers & {call.number for call in refused}, "where nothing can be kept, nothing is written"


def fill(house: BusyHouse, begin: int) -> list[PhoneCall]:
    """Calls that press many keys, until no new one is taken; those that were."""
    calls: list[PhoneCall] = []
    until = time.monotonic() + 2 * PATIENCE
    while "spool_full" not in house.service.log[begin:]:
        assert time.monotonic() < until, "the spool never filled"
        some = house.dial(10)
        wait_for(lambda: all(call.talking or call.over for call in some), PATIENCE, "no answer")    # noqa: B023
        for call in some:
            if call.talking:
                house.callers.press(call, "1" + "*" * 60)
        house.hang_up(some)
        calls += some
        time.sleep(0.3)
    return [call for call in calls if call.answered_at is not None]


# --- parts ----------------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def away(house: BusyHouse, database: Database) -> Iterator[None]:
    """The database is gone for what happens inside, and for its time at least; then it is started again."""
    begin, began_at = len(house.service.log), time.monotonic()
    database.kill()
    try:
        yield
        house.wait_for_log("database_away", begin)
        wait_for(lambda: not ok(house, "database"), PATIENCE, "/health did not tell")
        time.sleep(max(0.0, began_at + database.away_for - time.monotonic()))
    finally:
        database.start()


def settled(house: BusyHouse) -> None:
    """The database is back, the spool empty, nobody on the line, and nothing was refused for its content."""
    state = house.service.state / "spool"
    wait_for(lambda: not list(state.glob("*.spool")), PATIENCE, "the spool was not written out")
    assert all(check["ok"] for check in in_health(house, 200, "ok").values())
    house.wait_until_idle()
    assert not (state / "quarantine.jsonl").exists()
    assert "Traceback" not in house.service.log


def in_health(house: BusyHouse, status: int, state: str) -> dict[str, dict[str, object]]:
    """The checks of /health, once it answers `status` and says `state`."""
    def as_wanted() -> bool:
        answered, body = health(house)
        return (answered, body.get("state")) == (status, state)

    wait_for(as_wanted, PATIENCE, f"/health does not say {status} {state}")
    return health(house)[1]["checks"]       # type: ignore[return-value]


def ok(house: BusyHouse, part: str) -> object:
    """What /health says of one part; True where it says nothing yet."""
    checks: Any = health(house)[1].get("checks", {})
    return checks.get(part, {}).get("ok", True)


def health(house: BusyHouse) -> tuple[int, dict[str, object]]:
    """/health: its status and what it says."""
    url = f"http://{house.service.config['web']['listen']}/health"
    with contextlib.suppress(OSError):
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
    return 0, {}
