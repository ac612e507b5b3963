"""Control's snapshot is shared by all who look, and so is its absence."""

import asyncio
from typing import Any

import pytest

from desk.snapshots import FRESH, Snapshots
from ivr.drivers.control_link import ControlAway


class SlowControl:
    """Answers when told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self.gate = asyncio.Event()

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        self.asked += 1
        number = self.asked
        await self.gate.wait()
        if self.away:
            raise ControlAway("no answer")
        return {"number": number}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_snapshots__many_at_once_ask_once() -> None:
    async def run() -> None:
        control, clock = SlowControl(), Clock()
        snapshots = Snapshots(control, clock)
        waiting = [asyncio.create_task(snapshots.get()) for _ in range(50)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        control.gate.set()
        results = await asyncio.gather(*waiting[1:])
        assert results == [{"number": 1}] * 49
        clock.now += FRESH
        assert await snapshots.get() == {"number": 2}
        assert await snapshots.get(fresh=0.0) == {"number": 3}

    asyncio.run(run())


def test_snapshots__a_control_that_hangs_holds_everybody_once() -> None:
    async def run() -> None:
        control = SlowControl()
        control.away = True
        snapshots = Snapshots(control, Clock())
        waiting = [asyncio.create_task(snapshots.get()) for _ in range(50)]
        await asyncio.sleep(0)
        control.gate.set()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(result, ControlAway) for result in results)
        assert control.asked == 1
        control.away = False
        assert await snapshots.get() == {"number": 2}

    asyncio.run(run())


def test_snapshots__an_error_is_the_askers() -> None:
    async def run() -> None:
        control = SlowControl()
        control.away = True
        control.gate.set()
        with pytest.raises(ControlAway):
            await Snapshots(control, Clock()).get()

    asyncio.run(run())
