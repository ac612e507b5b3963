"""How often something may be done: a bucket of tokens, and many of them by a key. `now` is monotonic, in seconds."""

from collections import OrderedDict

WHOLE = 1 - 1e-9        # what many small sums make of 1


class Bucket:
    """So many a second, and a burst of `most`. A new one is full."""

    def __init__(self, per_s: float, most: float) -> None:
        self._per_s, self._most = per_s, most
        self._left, self._at = most, 0.0

    def wait(self, now: float) -> float:
        """Seconds until there is one: 0 if it can be taken."""
        self._left = min(self._most, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = max(self._at, now)
        return (1 - self._left) / self._per_s if self._left < WHOLE else 0.0

    def take(self, now: float) -> bool:
        """One more; False, and nothing is taken, where there is none."""
        taken = self.wait(now) == 0
        self._left -= taken
        return taken

    def give_back(self) -> None:
        """What was taken last did not count."""
        self._left = min(self._most, self._left + 1)


class Buckets:
    """One for each key; of more than `bound` keys the one that was longest quiet is forgotten, and is full again."""

    def __init__(self, per_s: float, most: float, bound: int) -> None:
        self._per_s, self._most, self._bound = per_s, most, bound
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def of(self, key: str) -> Bucket:
        bucket = self._buckets.setdefault(key, Bucket(self._per_s, self._most))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._bound:
            self._buckets.popitem(last=False)
        return bucket
