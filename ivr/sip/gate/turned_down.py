"""INVITEs that were refused without a transaction: each may come again, sent before the refusal arrived.

Its sender has an answer by then. A 200 to the second would be for nobody: a call without ACK for 32 s, and that at
overload.
"""

from collections.abc import Hashable

LASTS = 32.0            # s: 64 × T1, in which a request is sent again over UDP (RFC 3261 §17.1.1.2, timer B)
MOST = 20_000           # beyond it the oldest are forgotten: more than are refused before their second comes


class TurnedDown:
    """Requests as they came, octet for octet, with the time of the refusal; what is kept of them is a hash."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._at)

    def add(self, request: Hashable, now: float) -> None:
        key = hash(request)
        self._at.pop(key, None)
        self._at[key] = now
        self._forget(now)

    def has(self, request: Hashable, now: float) -> bool:
        """Nothing is hashed where nothing was refused."""
        if not self._at:
            return False
        self._forget(now)
        return hash(request) in self._at

    def _forget(self, now: float) -> None:
        while self._at and (len(self._at) > MOST or now - next(iter(self._at.values())) > LASTS):
            del self._at[next(iter(self._at))]
