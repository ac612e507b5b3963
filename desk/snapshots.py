"""What control shows of itself: asked at most a few times a second, however many pages look."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

FRESH = 0.25    # seconds; people see no difference, and hundreds of open pages cost control no more than one


class Control(Protocol):
    """What the desk needs of `ControlLink`."""

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]: ...


class Snapshots:
    """The newest snapshot, shared by all who ask while it is fresh or on its way. `clock` is monotonic."""

    def __init__(self, control: Control, clock: Callable[[], float]) -> None:
        self._control = control
        self._clock = clock
        self._asking = asyncio.Lock()
        self._newest: dict[str, Any] | None = None
        self._at = 0.0

    async def get(self, fresh: float = FRESH) -> dict[str, Any]:
        """A snapshot that was asked for at most `fresh` seconds ago. Raises ControlAway."""
        wanted = self._clock() - fresh
        async with self._asking:
            if self._newest is None or self._at < wanted:
                at = self._clock()
                self._newest, self._at = await self._control.call("snapshot"), at
            return self._newest
