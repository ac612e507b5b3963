"""What control shows of itself: asked at most a few times a second, however many pages look."""

import asyncio
import math
from collections.abc import Callable
from typing import Any, Protocol

FRESH = 0.25    # seconds; people see no difference, and hundreds of open pages cost control no more than one


class Control(Protocol):
    """What the desk needs of `ControlLink`."""

    on_push: Callable[[dict[str, Any]], None]

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]: ...

    async def listen(self) -> None: ...

    async def until_lost(self) -> None: ...


class Snapshots:
    """The newest snapshot, shared by all who ask while it is fresh or on its way. `clock` is monotonic."""

    def __init__(self, control: Control, clock: Callable[[], float]) -> None:
        self._control = control
        self._clock = clock
        self._asking: asyncio.Task[dict[str, Any]] | None = None
        self._asked_at = -math.inf

    async def get(self, fresh: float = FRESH) -> dict[str, Any]:
        """A snapshot that was asked for less than `fresh` seconds ago; 0 asks anew. Raises ControlAway."""
        now = self._clock()
        if self._asking is None or self._asked_at <= now - fresh or _failed(self._asking):
            self._asked_at = now
            self._asking = asyncio.create_task(self._control.call("snapshot"))
        # Shielded: a page that is closed while it waits does not take the answer from the others.
        return await asyncio.shield(self._asking)


def _failed(task: asyncio.Task[dict[str, Any]]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
