"""Identifiers from a source of chance that is handed in: unpredictable in production, seeded in tests."""

from collections.abc import Callable
from uuid import UUID


class Ids:
    """Draws every identifier of the service from `token_bytes` (`secrets.token_bytes` in production)."""

    def __init__(self, token_bytes: Callable[[int], bytes]) -> None:
        self._bytes = token_bytes

    def uuid(self) -> str:
        """A random UUID (version 4): keys of calls, requests and entries."""
        return str(UUID(bytes=self._bytes(16), version=4))

    def token(self, size: int = 8) -> str:
        """`size` random bytes in hex: SIP tags, nonces, Call-IDs (RFC 3261 §19.3 asks for 32 bits at least)."""
        return self._bytes(size).hex()

    def branch(self) -> str:
        """A Via branch with the cookie of RFC 3261 §8.1.1.7."""
        return "z9hG4bK" + self._bytes(10).hex()

    def uint16(self) -> int:
        """First RTP sequence number (RFC 3550 §5.1)."""
        return int.from_bytes(self._bytes(2), "big")

    def uint32(self) -> int:
        """SSRC or first RTP timestamp (RFC 3550 §5.1)."""
        return int.from_bytes(self._bytes(4), "big")
