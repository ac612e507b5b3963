"""A heap of things that are due: the only clock the pure floors know."""

import heapq
import itertools
from collections.abc import Hashable
from typing import Any


class Timers:
    """Keyed timers in virtual or real time.

    Starting a key again replaces what it held. Cancelled entries stay in the heap until they surface; the heap is
    rebuilt when more than half of it is stale, so its size is bounded by twice the live timers plus a constant.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []
        self._due: dict[int, tuple[Hashable, Any]] = {}
        self._ticket_of: dict[Hashable, int] = {}
        self._tickets = itertools.count()

    def __len__(self) -> int:
        return len(self._ticket_of)

    def start(self, key: Hashable, at: float, event: Any) -> None:
        """Let `event` fall due at `at` under `key`."""
        if key in self._ticket_of:
            self.cancel(key)
        ticket = next(self._tickets)
        self._ticket_of[key] = ticket
        self._due[ticket] = (key, event)
        heapq.heappush(self._heap, (at, ticket))

    def cancel(self, key: Hashable) -> None:
        """Forget `key`; an unknown key is no error."""
        ticket = self._ticket_of.pop(key, None)
        if ticket is None:
            return
        del self._due[ticket]
        if len(self._heap) > 64 and len(self._heap) > 2 * len(self._due):
            self._heap = [entry for entry in self._heap if entry[1] in self._due]
            heapq.heapify(self._heap)

    def next_at(self) -> float | None:
        """When the earliest timer falls due, or None."""
        while self._heap and self._heap[0][1] not in self._due:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> tuple[Hashable, Any] | None:
        """Take the earliest (key, event) due at `now`, or None. Call again until None."""
        at = self.next_at()
        if at is None or at > now:
            return None
        _, ticket = heapq.heappop(self._heap)
        key, event = self._due.pop(ticket)
        del self._ticket_of[key]
        return key, event
