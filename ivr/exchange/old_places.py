"""Callers who dropped out of a queue: who rings again within a minute has the old place. Pure.

A number stands in the table as a keyed hash: nobody needs to read here who hung up. A number that is withheld has no
place, nor one behind which several people are: the configuration names switchboards, and a number that has two calls at
one time shows by itself that it is one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import Annotated, ClassVar

from pydantic import Field

from routing.lasting import STRICT, Text, Time

AGAIN_WITHIN = 60.0      # s from dropping to ringing again
KEPT = 600.0             # s: the way through the menu, which the minute does not count
MOST = 1000              # who dropped; beyond it the earliest are forgotten, who have the least time left
MOST_WAITING = 5000      # who wait, of whom the next process is told beside them


@dataclass(frozen=True)
class OldPlace:
    """Waited in the queue since then (s), and left at `left_at`."""

    queue: str
    since: float
    left_at: float


@dataclass(frozen=True, slots=True)
class PlaceLasts:
    """`caller`: the hash; `left_at`: None for who waits still."""

    __pydantic_config__: ClassVar = STRICT

    caller: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    queue: Text
    since: Time
    left_at: Time | None


@dataclass(frozen=True, slots=True)
class PlacesLast:
    """`key` of the hashes, "" while nobody has dropped or waits."""

    __pydantic_config__: ClassVar = STRICT

    key: Annotated[str, Field(pattern="^([0-9a-f]{32})?$")]
    places: Annotated[list[PlaceLasts], Field(max_length=MOST + MOST_WAITING)]


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

    # --- over a restart ---------------------------------------------------------------------------------------------
    def written(self, waiting: Iterable[tuple[str, str, float]], now: float) -> PlacesLast:
        """With those who wait now (caller, queue, since when): should the process die, they have dropped."""
        places = [PlaceLasts(key.hex(), queue, place.since, place.left_at)
                  for (key, queue), place in self.places.items()]
        places += [PlaceLasts(self._hash(caller).hex(), queue, since, None)
                   for caller, queue, since in islice(waiting, MOST_WAITING)]
        return PlacesLast(self._key.hex(), places)

    def resume(self, kept: PlacesLast, shift: float, away: float, now: float) -> None:
        """The minute does not run while nobody could ring, which was so for `away` s. `shift` as of
        `routing.dispatcher.Resumed`."""
        if not kept.key or self._key:
            return
        self._key = bytes.fromhex(kept.key)
        for place in kept.places:
            left_at = now if place.left_at is None else min(place.left_at + shift + away, now)
            if now - left_at <= KEPT:
                since = min(place.since + shift, left_at)
                self.places[bytes.fromhex(place.caller), place.queue] = OldPlace(place.queue, since, left_at)

    def _hash(self, caller: str) -> bytes:
        self._key = self._key or self.draw()
        return blake2b(caller.encode(errors="replace"), digest_size=16, key=self._key).digest()
