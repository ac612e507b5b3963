"""How a program and the hotline sign what they send each other: HMAC-SHA256 over the time and the body.

    X-Hotline-Timestamp: 1795600000
    X-Hotline-Signature: sha256=<hex of HMAC-SHA256(secret, "1795600000." + body)>
"""

import hashlib
import hmac
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")
TIMESTAMP, SIGNATURE = "X-Hotline-Timestamp", "X-Hotline-Signature"
MOST_APART = 300.0      # s between the two clocks, or of the way
REMEMBERED = 65_536     # signatures of one program: more than it may send while they are good


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in the header."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def fault(secret: str, timestamp: str, given: str, body: bytes, now: float) -> str:
    """Why this is not taken for something of whoever has the secret, or "". `now`: s since the epoch."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return f"{TIMESTAMP} is a number of seconds since 1970"
    if not hmac.compare_digest(given.encode(), signature(secret, timestamp, body).encode()):
        return f"{SIGNATURE} does not fit"
    if abs(now - int(timestamp)) > MOST_APART:
        return f"{TIMESTAMP} is more than {MOST_APART:.0f} s from our clock"
    return ""


class Seen(Generic[T]):
    """What was signed by one program and done, and what was answered to it: whoever overheard it can't have it done
    again. `now`: s since the epoch."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, tuple[float, T]] = OrderedDict()       # by signature: until when it is good

    def __len__(self) -> int:
        return len(self._done)

    def before(self, given: str, now: float) -> T | None:
        """The answer that it got; None if it is new."""
        while self._done and next(iter(self._done.values()))[0] < now:
            self._done.popitem(last=False)
        found = self._done.get(given)
        return found[1] if found is not None else None

    def keep(self, given: str, timestamp: str, answer: T) -> None:
        """It is being done, or was answered so."""
        self._done[given] = int(timestamp) + MOST_APART, answer
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)

    def forget(self, given: str) -> None:
        """It was not done, and may come again as it is."""
        self._done.pop(given, None)
