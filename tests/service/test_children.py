"""A child that dies is started again, but not while the service is being stopped."""

import asyncio

from ivr.service.children import FIRST_PAUSE, Child
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
