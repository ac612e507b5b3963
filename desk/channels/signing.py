"""How a program and the hotline sign what they send each other: HMAC-SHA256 over the time and the body.

    X-Hotline-Timestamp: 1795600000
    X-Hotline-Signature: sha256=<hex of HMAC-SHA256(secret, "1795600000." + body)>
"""

import hashlib
import hmac

TIMESTAMP, SIGNATURE = "X-Hotline-Timestamp", "X-Hotline-Signature"
MOST_APART = 300.0      # s between the two clocks, or of the way


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
