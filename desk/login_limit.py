"""How often a password may be tried: a bucket of attempts for each address, and one for all of them together."""

from collections import OrderedDict
from dataclasses import dataclass

from desk.subscriber import subscriber_of

BURST, REFILL = 5, 12.0             # wrong attempts at once from one address, and seconds until there is one more
BURST_ALL, REFILL_ALL = 60, 1.0     # from everywhere: each costs 20 ms of CPU and 19 MiB
BURST_TOLD, REFILL_TOLD = 100, 30.0 # refusals in the audit log, so that an attack does not fill it; the log has all
ADDRESSES = 10_000                  # remembered; at the bound the one that was longest quiet is forgotten


@dataclass
class _Bucket:
    left: float
    at: float

    def fill(self, burst: int, refill: float, now: float) -> None:
        self.left = min(burst, self.left + max(0.0, now - self.at) / refill)
        self.at = now


class LoginLimit:
    """Counts attempts before the password is looked at, so that many at once gain nothing. `now` is monotonic."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._all = _Bucket(BURST_ALL, 0.0)
        self._told = _Bucket(BURST_TOLD, 0.0)

    def attempt(self, host: str, now: float) -> float:
        """Take one attempt: 0 if it may go on, else the seconds to wait."""
        bucket = self._bucket(subscriber_of(host), now)
        bucket.fill(BURST, REFILL, now)
        self._all.fill(BURST_ALL, REFILL_ALL, now)
        if bucket.left < 1:
            return (1 - bucket.left) * REFILL
        if self._all.left < 1:
            return (1 - self._all.left) * REFILL_ALL
        bucket.left -= 1
        self._all.left -= 1
        return 0.0

    def succeeded(self, host: str) -> None:
        """The password was right: that was no wrong one. Those before it count on, or whoever has a password could try
        others' as often as they like, with their own in between."""
        bucket = self._buckets.get(subscriber_of(host))
        if bucket is not None:
            bucket.left = min(BURST, bucket.left + 1)

    def is_told(self, now: float) -> bool:
        """Whether this refusal is one for the audit log."""
        self._told.fill(BURST_TOLD, REFILL_TOLD, now)
        told = self._told.left >= 1
        self._told.left -= told
        return told

    def _bucket(self, key: str, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(BURST, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return bucket
