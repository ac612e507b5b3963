"""Strangers' calls that nobody has acknowledged yet: few enough that invented callers can't take every place.

An INVITE from a forged address is answered, and held for 32 s for an ACK that never comes. As with TCP's half-open
connections, their number is what is bounded, and not the rate of honest callers, who acknowledge within a round trip.
After such an attack strangers get 503 for up to those 32 s; trunks and phones never notice.
"""

from collections.abc import Callable

LOOK_EVERY = 0.05       # s; at the bound the list is gone through no more often than this


class HalfOpen:
    """At most `most` legs of which `is_waiting` holds."""

    def __init__(self, most: int, is_waiting: Callable[[str], bool]) -> None:
        self._most = most
        self._is_waiting = is_waiting
        self._legs: list[str] = []
        self._looked_at = float("-inf")

    def __len__(self) -> int:
        return len(self._legs)

    def add(self, leg: str, now: float) -> None:
        self._legs.append(leg)
        if len(self._legs) > 2 * self._most:        # who comes by another way than `may_call` does not make it grow
            self._look(now)

    def may_call(self, now: float) -> bool:
        """Whether one more stranger may be let in."""
        if len(self._legs) >= self._most and now - self._looked_at >= LOOK_EVERY:
            self._look(now)
        return len(self._legs) < self._most

    def _look(self, now: float) -> None:
        self._looked_at = now
        self._legs = [leg for leg in self._legs if self._is_waiting(leg)]
