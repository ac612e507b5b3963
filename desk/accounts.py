"""Every minute: whether what control wrote is in the database. In the web process: no query may hold up a call."""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.snapshots import Snapshots
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log
from routing.reports.arrived import Counts, arrived, differences, hours_of

EVERY = 60.0        # s
BEHIND = 2          # looks that rows may be behind: two minutes, where the spool is empty it is a second
TOLD = 10           # differences of one look that are told

log = Log("accounts")


class Accounts:
    """What the last look found; `/health` and `/metrics` show it. `compared`: looks that could be made."""

    def __init__(self, engine: Engine, snapshots: Snapshots) -> None:
        self._engine, self._snapshots = engine, snapshots
        self._earlier: deque[tuple[str, dict[str, Counts]]] = deque(maxlen=BEHIND)
        self.differences: tuple[str, ...] = ()
        self.compared = 0

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except (ControlAway, ControlRefused, SQLAlchemyError, OSError):
                self._earlier.clear()       # whatever was underway may come later: wait anew
            except Exception as error:      # a bug of ours: it must not end this for good
                log.error("accounts_not_compared", error=error)

    async def look(self) -> None:
        """Compare the hours that control knew BEHIND looks ago. Raises what control's link and the database raise."""
        before = await self._snapshots.get(0.0)
        database = before.get("database", {})
        if database.get("away") or database.get("behind"):
            self._earlier.clear()
            return
        boot, hours = str(before.get("boot_id", "")), hours_of(before.get("accounts", {}))
        if self._earlier and self._earlier[0][0] != boot:
            self._earlier.clear()
        if len(self._earlier) == BEHIND:
            await self._compare(before, boot, self._earlier[0][1])
        self._earlier.append((boot, hours))

    async def _compare(self, snapshot: Mapping[str, Any], boot: str, earlier: dict[str, Counts]) -> None:
        found = {hour: await run_in_threadpool(arrived, self._engine, str(snapshot["node"]), boot, hour)
                 for hour in earlier}
        after = await self._snapshots.get(0.0)
        if after.get("boot_id") != boot:
            return
        latest = hours_of(after.get("accounts", {}))
        self._tell(tuple(difference for hour, counts in earlier.items() if hour in latest
                         for difference in differences(hour, counts, found[hour], latest[hour]))[:TOLD])

    def _tell(self, differences: tuple[str, ...]) -> None:
        """Into the log when it changes."""
        self.compared += 1
        if differences != self.differences:
            for difference in differences:
                log.error("record_unbalanced", difference=difference)
            if not differences:
                log.info("record_balanced")
        self.differences = differences
