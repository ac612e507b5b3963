"""A heap of things that are due: the only clock the pure floors know."""

import heapq
from collections.abc import Hashable
from typing import Any

CANCELLED = None        # the key of an entry whose timer is not to fall due


class Timers:
    """Keyed timers in virtual or real time.

    Starting a key again replaces what it held. Cancelled entries stay in the heap, emptied, until they surface; the
    heap is rebuilt when more than half of it is cancelled, so its size is bounded by twice the live timers plus a
    constant.
    """

    def __init__(self) -> None:
        self._heap: list[list[Any]] = []                    # [at, ticket, key, event]; no two tickets are the same
        self._entries: dict[Hashable, list[Any]] = {}
        self._tickets = 0

    def __len__(self) -> int:
        return len(self._entries)

    def start(self, key: Hashable, at: float, event: Any) -> None:
        """Let `event` fall due at `at` under `key`."""
        if key in self._entries:
            self.cancel(key)
        self._tickets += 1
        entry = self._entries[key] = [at, self._tickets, key, event]
        heapq.heappush(self._heap, entry)

    def cancel(self, key: Hashable) -> None:
        """Forget `key`; an unknown key is no error."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        entry[2] = entry[3] = CANCELLED
        if len(self._heap) > 64 and len(self._heap) > 2 * len(self._entries):
            self._heap = [entry for entry in self._heap if entry[2] is not CANCELLED]
            heapq.heapify(self._heap)

    def next_at(self) -> float | None:
        """When the earliest timer falls due, or None."""
        heap = self._heap
        while heap and heap[0][2] is CANCELLED:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def pop_due(self, now: float) -> tuple[Hashable, Any] | None:
        """Take the earliest (key, event) due at `now`, or None. Call again until None."""
        at = self.next_at()
        if at is None or at > now:
            return None
        _, _, key, event = heapq.heappop(self._heap)
        del self._entries[key]
        return key, event
