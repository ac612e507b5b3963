"""Wrong PINs are counted over all calls: for the customer that is named, and for the number that calls.

    try ──▶ counted as wrong ──▶ right: the customer's are forgotten, and this one of the caller's number
                             └─▶ wrong, the `most`-th within the time: locked

A try counts from the moment it is begun, so that many calls at once try no more PINs than one after the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, NamedTuple

from ivr.base.values import frozen

MOST = 50_000           # customers and numbers that are counted for: 20 MB; beyond them the oldest is forgotten
LOOKED_AT = 1_000       # the oldest among which one that is not locked is looked for


class Key(NamedTuple):
    """Whom a wrong try counts against: the number that is called from, or the customer that is named."""

    register: str
    kind: Literal["caller", "customer"]
    who: str


@frozen
class Limits:
    """So many tries within so many seconds lock for so many seconds."""

    most: int
    within: float
    locked: float


@frozen
class PinTry:
    """A try whose verdict is awaited: the `number`-th question of its call, begun `at`."""

    number: int
    keys: tuple[Key, ...]
    limits: Limits
    at: float


@dataclass
class _Counted:
    times: list[float] = field(default_factory=list)
    locked_until: float = 0.0


class PinTries:
    """All that are counted, the one that was touched last behind the others."""

    def __init__(self) -> None:
        self._counted: dict[Key, _Counted] = {}

    def __len__(self) -> int:
        return len(self._counted)

    def begin(self, number: int, keys: Iterable[Key], limits: Limits, now: float) -> PinTry | None:
        """Count one more; None while one of the keys is locked, or has no try left until others have their verdict."""
        tried = PinTry(number, tuple(keys), limits, now)
        found = [self._of(key, limits, now) for key in tried.keys]
        if any(counted.locked_until > now or len(counted.times) >= limits.most for counted in found):
            return None
        for counted in found:
            counted.times.append(now)
        return tried

    def wrong(self, tried: PinTry, now: float) -> list[Key]:
        """The keys that are locked by this one."""
        locked = [key for key in tried.keys if len(self._of(key, tried.limits, now).times) >= tried.limits.most]
        for key in locked:
            self._counted[key] = _Counted(locked_until=now + tried.limits.locked)
        return locked

    def right(self, tried: PinTry) -> None:
        """Of the number that calls only this try is taken back: it may try out others' PINs beside its own."""
        for key in tried.keys:
            if key.kind == "customer":
                self._counted.pop(key, None)
            else:
                self._take_back(key, tried.at)

    def unanswered(self, tried: PinTry) -> None:
        """Nobody looked at it."""
        for key in tried.keys:
            self._take_back(key, tried.at)

    def _of(self, key: Key, limits: Limits, now: float) -> _Counted:
        counted = self._counted.pop(key, None) or _Counted()
        counted.times = [at for at in counted.times if at > now - limits.within]
        if len(self._counted) >= MOST:
            del self._counted[self._least(now)]
        self._counted[key] = counted
        return counted

    def _least(self, now: float) -> Key:
        """The oldest that is not locked: who names thousands of customers does not unlock one by it."""
        oldest = islice(self._counted.items(), LOOKED_AT)
        return next((key for key, counted in oldest if counted.locked_until <= now), next(iter(self._counted)))

    def _take_back(self, key: Key, at: float) -> None:
        counted = self._counted.get(key)
        if counted is None or at not in counted.times:
            return
        counted.times.remove(at)
        if not counted.times and not counted.locked_until:
            del self._counted[key]
