"""What control says by itself, for the parts of the web process that want to hear it."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from desk.snapshots import Control
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log

RETRY = 0.2              # s until control is asked again after it went away
_log = Log("pushes")


class Part(Protocol):
    """Who hears some of it."""

    def pushed(self, message: dict[str, Any]) -> None:
        """One message; one that is for another part does nothing."""

    async def listening(self) -> None:
        """Control is there, for the first time or another one: it knows nothing of us. Raises what the link does."""


class Pushes:
    """The one listener at the link; `parts` hear everything, in their order. `lost` is called before control is asked
    to tell: what it told before that nobody heard."""

    def __init__(self, link: Control, parts: list[Part], lost: Callable[[], None] = lambda: None) -> None:
        self._link, self._parts, self._lost = link, parts, lost
        link.on_push = self._pushed

    def _pushed(self, message: dict[str, Any]) -> None:
        for part in self._parts:
            part.pushed(message)

    async def keep_listening(self) -> None:
        """Until cancelled. After control was away each part begins anew."""
        while True:
            try:
                self._lost()
                await self._link.listen()
                for part in self._parts:
                    await part.listening()
                await self._link.until_lost()
            except (ControlAway, ControlRefused):
                pass
            except Exception as error:       # a bug of ours: it must not end this for good
                _log.error("not_told", error=error)
            await asyncio.sleep(RETRY)
