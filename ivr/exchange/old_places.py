"""Callers who dropped out of a queue: who rings again within a minute has the old place. Pure.

A number stands in the table as a keyed hash: nobody needs to read here who hung up. A number that is withheld has no
place, nor one behind which several people are: the configuration names switchboards, and a number that has two calls at
one time shows by itself that it is one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

AGAIN_WITHIN = 60.0      # s from dropping to ringing again
KEPT = 600.0             # s: the way through the menu, which the minute does not count
MOST = 1000              # who dropped; beyond it the earliest are forgotten, who have the least time left


@dataclass(frozen=True)
class OldPlace:
    """Waited in the queue since then (s), and left at `left_at`."""

    queue: str
    since: float
    left_at: float


@dataclass
class OldPlaces:
    """By caller and queue. `draw` makes the key of the hashes, once and at the first need."""

    draw: Callable[[], bytes]
    places: dict[tuple[bytes, str], OldPlace] = field(default_factory=dict)
    _key: bytes = b""

    def left(self, caller: str, queue: str, since: float, now: float) -> None:
        """The caller, who waited since then, is gone from the queue."""
        for key in [key for key, place in self.places.items() if now - place.left_at > KEPT]:
            del self.places[key]
        key = self._hash(caller), queue
        self.places.pop(key, None)
        if len(self.places) >= MOST:
            del self.places[next(iter(self.places))]
        self.places[key] = OldPlace(queue, since, now)

    def taken_up(self, caller: str, queue: str, rang_at: float) -> float | None:
        """Since when a caller who rang at `rang_at` has waited already, if they dropped shortly before; only once."""
        if not self.places:
            return None
        place = self.places.pop((self._hash(caller), queue), None)
        return place.since if place is not None and 0 <= rang_at - place.left_at <= AGAIN_WITHIN else None

    def _hash(self, caller: str) -> bytes:
        self._key = self._key or self.draw()
        return blake2b(caller.encode(errors="replace"), digest_size=16, key=self._key).digest()
