"""Chance that can be written down: who reads its state back goes on with the bytes that it would have given next."""

from hashlib import shake_128

KEY = 32                # bytes; drawn from the kernel in production (`secrets.token_bytes`)


class Chance:
    """Bytes that nobody foresees who does not know the key, and the same for whoever does.

    Each draw makes the next key with what it gives, and forgets its own: a key, wherever it is found, tells what is
    still to come and nothing of what has been. SHAKE128 (FIPS 202) keeps 128 bits of strength; an id asks for less.
    `drawn` is the number of draws so far.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY:
            raise ValueError(f"a key has {KEY} bytes, not {len(key)}")
        self._key = key
        self.drawn = 0

    def __repr__(self) -> str:
        return f"<Chance after {self.drawn} draws>"      # its key is nobody's to read

    def draw(self, size: int) -> bytes:
        """`size` bytes."""
        made = shake_128(self._key).digest(KEY + size)
        self._key = made[:KEY]
        self.drawn += 1
        return made[KEY:]
