"""A child that dies is started again, but not while the service is being stopped."""

import asyncio
import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ivr.base.config import Config
from ivr.service import children
from ivr.service.children import FIRST_PAUSE, Child
from ivr.service.parent import _Service
from tests.support.short_lived import CODE

TIMEOUT = 20.0


def test_child__is_started_again() -> None:
    async def story() -> None:
        child = Child("x", "tests.support.short_lived", lambda start: ())
        await child.start()
        keeper = asyncio.create_task(child.keep())
        async with asyncio.timeout(TIMEOUT):
            while child.starts < 3:
                await asyncio.sleep(0.02)
        await child.stop(TIMEOUT)
        await asyncio.wait_for(keeper, TIMEOUT)
        assert child.process is not None
        assert child.process.returncode is not None

    asyncio.run(story())


def test_child__is_not_started_again_while_the_service_stops() -> None:
    """It died just before; the pause before its next start ends while others are being stopped."""
    async def story() -> None:
        child = Child("x", "tests.support.short_lived", lambda start: ())
        await child.start()
        keeper = asyncio.create_task(child.keep())
        assert child.process is not None
        assert await asyncio.wait_for(child.process.wait(), TIMEOUT) == CODE
        await asyncio.sleep(FIRST_PAUSE / 4)
        await child.stop(TIMEOUT)
        await asyncio.wait_for(keeper, TIMEOUT)
        assert child.starts == 1

    asyncio.run(story())


def test_child__is_started_again_when_no_process_could_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is out of memory for a moment must not leave the service without its control for ever."""
    async def story() -> None:
        child = Child("x", "tests.support.short_lived", lambda start: ())
        await child.start()
        create, failures = asyncio.create_subprocess_exec, iter((OSError(12, "Cannot allocate memory"),))

        async def fails_once(*arguments: Any, **options: Any) -> Any:
            for failure in failures:
                raise failure
            return await create(*arguments, **options)

        monkeypatch.setattr(asyncio, "create_subprocess_exec", fails_once)
        keeper = asyncio.create_task(child.keep())
        async with asyncio.timeout(TIMEOUT):
            while child.starts < 3:
                await asyncio.sleep(0.02)
        await child.stop(TIMEOUT)
        await asyncio.wait_for(keeper, TIMEOUT)

    asyncio.run(story())


def test_service__sigterm_while_a_child_starts(tmp_path: Path) -> None:
    """It does not wait until that child is ready, and leaves no process behind."""
    async def story() -> tuple[int, list[int | None]]:
        config = Config.model_validate({"lines": [{"numbers": ["100"], "menu": "bank.yaml"}],
                                        "state_dir": str(tmp_path), "drain_s": 0})
        service = _Service(tmp_path, SimpleNamespace(config=config), None, print, ())     # type: ignore[arg-type]
        plane, service.web = [Child(name, "tests.support.never_ready", lambda start: ()) for name in ("plane", "web")]
        service.planes = [plane]                # the web is the first to start
        asyncio.get_running_loop().call_later(0.3, os.kill, os.getpid(), signal.SIGTERM)
        code = await asyncio.wait_for(service.run(), TIMEOUT)
        assert service.control.control is None
        return code, [child.process and child.process.returncode for child in (plane, service.web)]

    assert asyncio.run(story()) == (0, [None, -signal.SIGTERM])


def test_child__that_hangs_is_killed_and_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LOOK_EVERY", 0.1)

    async def story() -> None:
        child = Child("x", "tests.support.hanging",
                      lambda start: ("--beats", "3" if start == 1 else "1000"), pulse=True)
        began = time.monotonic()
        await child.start()
        keeper = asyncio.create_task(child.keep())
        first = child.process
        async with asyncio.timeout(TIMEOUT):
            while child.starts < 2:
                await asyncio.sleep(0.02)
        assert first is not None
        assert first.returncode == -signal.SIGKILL
        assert time.monotonic() - began >= 3 * 0.2 + children.LOOKS * children.LOOK_EVERY - 0.2
        await asyncio.sleep(1.5)            # three times as long as one may be silent
        assert child.starts == 2            # whoever tells goes on, be it slowly: a beat is 0.2 s and a look 0.1 s
        assert child.process is not None
        assert child.process.returncode is None
        await child.stop(TIMEOUT)
        await asyncio.wait_for(keeper, TIMEOUT)

    asyncio.run(story())


def test_child__is_not_killed_because_we_were_stopped_ourselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LOOK_EVERY", 0.1)

    async def story() -> None:
        child = Child("x", "tests.support.hanging", lambda start: ("--beats", "1000"), pulse=True)
        await child.start()
        keeper = asyncio.create_task(child.keep())
        time.sleep(1.0)                     # the whole loop, as if the parent had no time
        await asyncio.sleep(0.3)
        assert child.starts == 1
        assert child.process is not None
        assert child.process.returncode is None
        await child.stop(TIMEOUT)
        await asyncio.wait_for(keeper, TIMEOUT)

    asyncio.run(story())
