"""How many requests each address may send: token buckets in a bounded table."""

from ivr.sip.gate.recent import Recent

BURST = 10.0            # s of the budget that may come at once: an office whose phones start together, until one is in
CROWD = 10              # so many times one stranger's budget for all those together for whom the table has no room
Bucket = list[float]    # [tokens, filled at]


class Budgets:
    """Token buckets by address."""

    def __init__(self, rate: float, bound: int) -> None:
        self._rate = rate
        self._most = max(1.0, rate * BURST)
        self._buckets: Recent[Bucket] = Recent(BURST, bound)    # one not used for so long is full, as a new one is
        self._crowd: Bucket = [self._most * CROWD, 0.0]

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, address: str, now: float) -> bool:
        """Take a token; False if there is none."""
        bucket = self._buckets.get(address, now)
        if bucket is not None:
            return _take(bucket, self._rate, self._most, now)
        if self._buckets.put(address, [self._most - 1, now], now):
            return True
        return _take(self._crowd, self._rate * CROWD, self._most * CROWD, now)


def _take(bucket: Bucket, rate: float, most: float, now: float) -> bool:
    tokens = min(most, bucket[0] + (now - bucket[1]) * rate)
    bucket[1] = now
    if tokens < 1:
        bucket[0] = tokens
        return False
    bucket[0] = tokens - 1
    return True
