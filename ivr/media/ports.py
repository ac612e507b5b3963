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
        self._free = deque((-inf, stream) for stream in range(len(self._ports)))
        self._leased: set[int] = set()

    @property
    def ports(self) -> tuple[int, ...]:
        """The RTP port of each row."""
        return self._ports

    def __contains__(self, port: object) -> bool:
        """Whether `port` is the RTP port of a row."""
        return port in self._numbers

    @property
    def in_use(self) -> int:
        return len(self._leased)

    def lease(self, now: float) -> tuple[int, int] | None:
        """A (stream, RTP port), or None if all are in use or rest: then the call is refused before its 200."""
        if not self._free or self._free[0][0] > now:
            return None
        _, stream = self._free.popleft()
        self._leased.add(stream)
        return stream, self._ports[stream]

    def release(self, stream: int, now: float) -> None:
        """Give a row back; one that is not leased is no error."""
        if stream in self._leased:
            self._leased.remove(stream)
            self._free.append((now + self._rest, stream))
