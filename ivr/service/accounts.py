"""Every minute: whether everybody who called is accounted for. It counts what is in memory, in a turn of its own."""

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.service.control_loop import Control

EVERY = 60.0        # s; with 400 calls a look takes under a millisecond


async def watch_accounts(control: "Control") -> None:
    while True:
        await asyncio.sleep(EVERY)
        now = time.monotonic()
        control.carry_out(control.exchange.check_accounts(now), now)
