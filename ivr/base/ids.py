"""Identifiers from a source of chance that is handed in: unpredictable in production, seeded in tests."""

from base64 import b64encode
from collections.abc import Callable
from operator import itemgetter

STOCK = 2048             # bytes drawn at once: asking the kernel for each identifier costs more than making it
# A UUID's random digits: all but the 13th, which is the version, and the 17th, two bits of which are the variant.
FIELDS = itemgetter(slice(0, 8), slice(8, 12), slice(13, 16), 16, slice(17, 20), slice(20, 32))
VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


class Ids:
    """Draws every identifier of the service from `token_bytes` (`Chance.draw` in production)."""

    def __init__(self, token_bytes: Callable[[int], bytes]) -> None:
        self._draw = token_bytes
        self._stock = ""         # in hex
        self._used = 0

    def token(self, size: int = 8) -> str:
        """`size` random bytes in hex: SIP tags, nonces, Call-IDs (RFC 3261 §19.3 asks for 32 bits at least)."""
        begin, end = self._used, self._used + 2 * size
        if end > len(self._stock):
            self._stock, begin, end = self._draw(max(STOCK, size)).hex(), 0, 2 * size
        self._used = end
        return self._stock[begin:end]

    def uuid(self) -> str:
        """A random UUID (RFC 9562, version 4): keys of calls, requests and entries."""
        low, mid, high, variant, sequence, node = FIELDS(self.token(16))
        return f"{low}-{mid}-4{high}-{VARIANT[variant]}{sequence}-{node}"

    def branch(self) -> str:
        """A Via branch with the cookie of RFC 3261 §8.1.1.7."""
        return "z9hG4bK" + self.token(10)

    def srtp_key(self, octets: int = 30) -> str:
        """A master key and its salt in base64, for SRTP (RFC 4568 §6.1): 128 bits and 112 unless a suite has others."""
        return b64encode(bytes.fromhex(self.token(octets))).decode()

    def uint16(self) -> int:
        """First RTP sequence number (RFC 3550 §5.1)."""
        return int(self.token(2), 16)

    def uint32(self) -> int:
        """SSRC or first RTP timestamp (RFC 3550 §5.1), session id of SDP."""
        return int(self.token(4), 16)
