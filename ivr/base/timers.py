"""What is due when: the only clock the pure floors know.

Most timers of SIP are set for half a minute and cancelled, or forgotten, long before. So only those of the next moment
stand in a heap; the others lie by whole seconds, unordered, where one is cancelled without leaving anything behind, and
a second is put in order when it comes. No call ever waits for a sweep of all that others have cancelled.
"""

import heapq
from collections.abc import Hashable
from typing import Any

CANCELLED = None        # the key of an entry whose timer is not to fall due
FAR = 1e12              # s: all that is due later lies in one place
FEW = 64                # cancelled ones that may stay


class Timers:
    """Keyed timers in virtual or real time; equal times fall due in the order in which they were started.

    Starting a key again replaces what it held. Cancelled entries of the next moment stay in the heap, emptied, until
    they surface or are more than half of it, so all is bounded by twice the live timers plus a constant.
    """

    def __init__(self) -> None:
        self._entries: dict[Hashable, list[Any]] = {}       # [at, ticket, key, event]; no two tickets are the same
        self._tickets = 0
        self._heap: list[list[Any]] = []                    # those of all seconds up to `_reached`
        self._cancelled = 0                                 # of them
        self._reached = -FAR
        self._later: dict[float, dict[int, list[Any]]] = {}     # second -> ticket -> entry
        self._seconds: list[float] = []                     # a heap of them, and of some that were emptied

    def __len__(self) -> int:
        return len(self._entries)

    def start(self, key: Hashable, at: float, event: Any) -> None:
        """Let `event` fall due at `at` under `key`."""
        if key in self._entries:
            self.cancel(key)
        self._tickets += 1
        entry = self._entries[key] = [at, self._tickets, key, event]
        second = at // 1.0 if at < FAR else FAR
        if second <= self._reached:
            heapq.heappush(self._heap, entry)
            return
        later = self._later.get(second)
        if later is None:
            later = self._later[second] = {}
            heapq.heappush(self._seconds, second)
        later[self._tickets] = entry

    def at(self, key: Hashable) -> float | None:
        """When `key` falls due; None if it is not started."""
        entry = self._entries.get(key)
        return None if entry is None else float(entry[0])

    def cancel(self, key: Hashable) -> None:
        """Forget `key`; an unknown key is no error."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        second = entry[0] // 1.0 if entry[0] < FAR else FAR
        if second > self._reached:
            self._cancel_later(second, entry[1])
            return
        entry[2] = entry[3] = CANCELLED
        self._cancelled += 1
        if self._cancelled > FEW and 2 * self._cancelled > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2] is not CANCELLED]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def _cancel_later(self, second: float, ticket: int) -> None:
        later = self._later[second]
        del later[ticket]
        if later:
            return
        del self._later[second]
        if len(self._seconds) > FEW + 2 * len(self._later):
            self._seconds = sorted(self._later)

    def next_at(self) -> float | None:
        """When the earliest timer falls due, or None."""
        while True:
            heap = self._heap
            while heap and heap[0][2] is CANCELLED:
                heapq.heappop(heap)
                self._cancelled -= 1
            if not self._seconds or (heap and heap[0][0] < self._seconds[0]):
                return heap[0][0] if heap else None
            self._reach()

    def _reach(self) -> None:
        """Put the earliest of the seconds that lie unordered in order."""
        self._reached = heapq.heappop(self._seconds)
        self._heap += self._later.pop(self._reached, {}).values()
        heapq.heapify(self._heap)

    def pop_due(self, now: float) -> tuple[Hashable, Any] | None:
        """Take the earliest (key, event) due at `now`, or None. Call again until None."""
        at = self.next_at()
        if at is None or at > now:
            return None
        _, _, key, event = heapq.heappop(self._heap)
        del self._entries[key]
        return key, event
