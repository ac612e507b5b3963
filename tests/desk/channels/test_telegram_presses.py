"""Buttons that are pressed while Telegram does not answer: nobody's updates wait for it."""

import asyncio
from pathlib import Path
from typing import Any

from desk.channels.gateway import Gateway
from desk.channels.telegram import Telegram
from desk.channels.telegram_updates import AT_ONCE, PRESSES_AT_ONCE, TelegramUpdates
from ivr.base.config import Config
from ivr.base.config_messengers import TelegramConfig
from routing.requests.database import open_database


class Hangs(Telegram):
    """Of Telegram comes no answer."""

    def __init__(self) -> None:
        super().__init__(TelegramConfig(), "1:token", "secret")
        self.begun: list[str] = []

    async def quietly(self, method: str, **parameters: Any) -> None:
        self.begun.append(method)
        await asyncio.Event().wait()


class NoChats:
    """Control, where nobody has a chat."""

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        return {"call": None}

    async def listen(self) -> None:
        pass

    async def until_lost(self) -> None:
        pass


def press(number: int, visitor: int) -> dict[str, Any]:
    return {"update_id": number, "callback_query": {"id": str(number), "from": {"id": visitor}, "data": "0f3a0f3a:1:1"}}


def test_presses__stall_nobody_and_are_bounded(tmp_path: Path) -> None:
    async def work() -> None:
        channel = Hangs()
        config = Config.model_validate({"lines": [{"numbers": ["100"], "menu": "m"}]})
        gateway = Gateway(channel, config, NoChats(), open_database(f"sqlite:///{tmp_path / 'r.db'}"), lambda: 100.0)
        updates = TelegramUpdates(channel, gateway)
        async with asyncio.timeout(20):         # one answer alone would never come
            assert await updates._all([press(number, 11) for number in range(60)]) is None
            await asyncio.sleep(0)
            assert channel.begun == ["answerCallbackQuery"] * PRESSES_AT_ONCE
            assert await updates._all([press(1000 + number, number) for number in range(80)]) is None
            await asyncio.sleep(0)
        assert len(channel.begun) == AT_ONCE
        await channel.close()

    asyncio.run(work())
