"""The pool of stream rows with their RTP ports, as control sees it."""

from collections import deque
from collections.abc import Sequence
from math import inf

REST = 2.0      # seconds: packets of the call before must have died out when a port is leased again


class PortPool:
    """Leases rows in the order in which they came back, so that each rests as long as it can."""

    def __init__(self, ports: Sequence[int], rest: float = REST) -> None:
        self._ports = tuple(ports)
        self._numbers = frozenset(ports)
        self._rest = rest
        self._free = deque((-inf, row) for row in range(len(self._ports)))
        self._tenants: dict[int, str] = {}      # of the leased rows: their legs

    @property
    def ports(self) -> tuple[int, ...]:
        """The RTP port of each row."""
        return self._ports

    def __contains__(self, port: object) -> bool:
        """Whether `port` is the RTP port of a row."""
        return port in self._numbers

    @property
    def in_use(self) -> int:
        return len(self._tenants)

    def lease(self, leg: str, now: float) -> tuple[int, int] | None:
        """A (row, RTP port), or None if all are in use or rest: then the call is refused before its 200."""
        if not self._free or self._free[0][0] > now:
            return None
        _, row = self._free.popleft()
        self._tenants[row] = leg
        return row, self._ports[row]

    def holds(self, row: int, leg: str) -> bool:
        """Whether this leg has the row."""
        return self._tenants.get(row) == leg

    def release(self, row: int, leg: str, now: float) -> None:
        """Give a row back; one that this leg does not hold is no error: it had it in a plane that is gone."""
        if self.holds(row, leg):
            del self._tenants[row]
            self._free.append((now + self._rest, row))
