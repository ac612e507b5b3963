"""What control wrote against what is in the database: rows that are lost, or come twice, are seen and told."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from desk.accounts import Accounts
from desk.snapshots import Snapshots
from ivr.drivers.control_link import ControlAway
from ivr.exchange.accounts import Sums
from routing.requests.transaction import write
from tests.desk.desk_rig import Rig, visit
from tests.reports.day import a_day

DAY, _ = a_day(60)


class Desk:
    """A rig whose control knows the sums of what it wrote."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.sums = rig, Sums()
        self.accounts: Accounts = rig.app.state.desk.accounts
        self.accounts._snapshots = Snapshots(rig.control, rig.clock)
        rig.control.snapshot |= {"node": "a", "boot_id": "boot"}

    def write(self, *batches: Any, arrives: bool = True) -> None:
        for batch in batches:
            self.sums.note(batch)
        if arrives:
            with self.rig.engine.connect() as connection, connection.begin():
                write(connection, batches)
        self.rig.control.snapshot["accounts"] = self.sums.shown()

    def change(self, sql: str) -> None:
        with self.rig.engine.connect() as connection, connection.begin():
            connection.execute(text(sql))

    def look(self, times: int = 3) -> tuple[str, ...]:
        async def looks() -> None:
            for _ in range(times):
                await self.accounts.look()
        asyncio.run(looks())
        return self.accounts.differences

    def health(self) -> tuple[str, dict[str, Any]]:
        answer = self.rig.stranger.get("/health").json()
        return answer["state"], answer["checks"]["accounts"]

    def metric(self) -> set[str]:
        page = self.rig.program.get("/metrics").text
        return {line for line in page.splitlines() if line.startswith("hotline_accounts_faults")}


@pytest.fixture
def desk(rig: Rig) -> Desk:
    return Desk(rig)


def test_accounts__all_has_arrived(desk: Desk) -> None:
    desk.write(*DAY)
    assert desk.look() == ()
    assert desk.accounts.compared == 1
    assert desk.health() == ("ok", {"ok": True, "detail": ""})
    assert desk.metric() == {f'hotline_accounts_faults{{where="{where}"}} 0.0' for where in ("calls", "record")}


def test_accounts__what_is_on_its_way_is_waited_for(desk: Desk) -> None:
    desk.write(*DAY[:40])
    desk.look(2)
    desk.write(*DAY[40:], arrives=False)
    assert desk.look(1) == ()
    assert "did not arrive" in " ".join(desk.look(2))


@pytest.mark.parametrize(("sql", "said"), [
    ("DELETE FROM entries WHERE kind = 'ended'", "entries of ends did not arrive"),
    ("DELETE FROM entries WHERE kind = 'queued'", "entries of stays did not arrive"),
    ("DELETE FROM calls WHERE outcome = 'answered'", "visits did not arrive"),
    ("UPDATE calls SET outcome = NULL", "outcomes of visits did not arrive"),
    ("INSERT INTO entries SELECT id || 'x', call_id, position + 1000, at, kind, details FROM entries",
     "entries of ends more than there were"),
])
def test_accounts__rows_are_lost_or_come_twice(desk: Desk, sql: str, said: str) -> None:
    desk.write(*DAY)
    desk.change(sql)
    assert said in " ".join(desk.look())
    state, check = desk.health()
    assert (state, check["ok"]) == ("degraded", False)
    assert f"in the record: {len(desk.accounts.differences)}" in check["detail"]
    assert 'hotline_accounts_faults{where="record"} 0.0' not in desk.metric()


def test_accounts__control_finds_a_caller_lost(desk: Desk) -> None:
    desk.write(*DAY)
    desk.sums.faults = ("1 calls have no end and are in the house no more: x",)
    desk.write()
    state, check = desk.health()
    assert (state, check["ok"]) == ("degraded", False)
    assert "in the calls in progress: 1" in check["detail"]
    assert 'hotline_accounts_faults{where="calls"} 1.0' in desk.metric()


def test_accounts__not_compared_while_the_database_is_away_or_behind_or_control_is_new(desk: Desk) -> None:
    desk.write(*DAY, arrives=False)
    for reason in ("away", "behind"):
        desk.rig.control.snapshot["database"][reason] = True
        assert desk.look(5) == ()
        desk.rig.control.snapshot["database"][reason] = False
        assert desk.look(2) == ()
    desk.rig.control.snapshot["boot_id"] = "another"
    assert desk.look(2) == ()
    assert desk.accounts.compared == 0
    desk.rig.control.down = ControlAway("away")
    with pytest.raises(ControlAway):
        desk.look(1)


def test_accounts__calls_of_another_run_or_node_are_no_matter(desk: Desk) -> None:
    desk.write(*DAY)
    others = [replace(batch, calls=tuple(replace(row, id=f"{row.id}-", boot_id="earlier") for row in batch.calls),
                      people=(), requests=(), entries=()) for batch in DAY]
    with desk.rig.engine.connect() as connection, connection.begin():
        write(connection, [*others, visit(9)])
    assert desk.look() == ()


def test_sums__of_a_day_are_those_of_its_calls(desk: Desk) -> None:
    desk.write(*DAY)
    outcomes = Counter(str(row.outcome) for batch in DAY for row in batch.calls if row.outcome is not None)
    lines = desk.sums.lines().values()
    assert sum(line["offered"] for line in lines) == len(DAY)
    assert sum(line["in_progress"] for line in lines) == len(DAY) - outcomes.total()
    assert {how: sum(line.get(how, 0) for line in lines) for how in outcomes} == dict(outcomes)
