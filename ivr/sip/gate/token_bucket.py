"""A token bucket: how often something may happen."""


class TokenBucket:
    """`rate` tokens a second, one second's worth at most (and one at least); full at first."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._most = max(1.0, rate)
        self._tokens = self._most
        self._filled_at: float | None = None

    def take(self, now: float) -> bool:
        """Take a token; False if there is none."""
        if self._filled_at is not None:
            self._tokens = min(self._most, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
