"""Identifiers from a source of chance that is handed in: unpredictable in production, seeded in tests."""

from base64 import b64encode
from collections.abc import Callable

STOCK = 2048             # bytes drawn at once: asking the kernel for each identifier costs more than making it


class Ids:
    """Draws every identifier of the service from `token_bytes` (`secrets.token_bytes` in production)."""

    def __init__(self, token_bytes: Callable[[int], bytes]) -> None:
        self._draw = token_bytes
        self._stock = b""
        self._used = 0

    def _bytes(self, size: int) -> bytes:
        if self._used + size > len(self._stock):
            self._stock, self._used = self._draw(max(STOCK, size)), 0
        self._used += size
        return self._stock[self._used - size:self._used]

    def uuid(self) -> str:
        """A random UUID (RFC 9562, version 4): keys of calls, requests and entries."""
        octets = bytearray(self._bytes(16))
        octets[6] = octets[6] & 0x0F | 0x40
        octets[8] = octets[8] & 0x3F | 0x80
        text = octets.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def token(self, size: int = 8) -> str:
        """`size` random bytes in hex: SIP tags, nonces, Call-IDs (RFC 3261 §19.3 asks for 32 bits at least)."""
        return self._bytes(size).hex()

    def branch(self) -> str:
        """A Via branch with the cookie of RFC 3261 §8.1.1.7."""
        return "z9hG4bK" + self._bytes(10).hex()

    def srtp_key(self) -> str:
        """A master key of 128 bits and its salt of 112 in base64, for SRTP (RFC 4568 §6.1)."""
        return b64encode(self._bytes(30)).decode()

    def uint16(self) -> int:
        """First RTP sequence number (RFC 3550 §5.1)."""
        return int.from_bytes(self._bytes(2), "big")

    def uint32(self) -> int:
        """SSRC or first RTP timestamp (RFC 3550 §5.1)."""
        return int.from_bytes(self._bytes(4), "big")
