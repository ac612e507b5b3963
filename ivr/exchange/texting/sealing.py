"""What is kept of a chat, as a text that says nothing to who has no key, and that nobody without it can have written.

    base64:  tag (32) | nonce (16) | what zlib makes of the text, masked

Encrypt, then authenticate, of parts of the standard library, as nothing else of the service needs a cipher: the mask is
SHAKE-256 of key and nonce, which are of fixed lengths; the tag is BLAKE2b under a key of its own, over the name (the
call's, so that no state is another's) and all that follows it.
"""

import hashlib
import hmac
import zlib
from base64 import b64decode, b64encode

from ivr.base.state.errors import NotReadable

TAG, NONCE = 32, 16
LARGEST = 1 << 22       # octets of a text


def sealed(key: bytes, name: str, text: str, nonce: bytes) -> str:
    """`nonce`: NONCE octets that no other text has had under this key."""
    rest = nonce + _masked(key, nonce, zlib.compress(text.encode(), 1))
    return b64encode(_tag(key, name, rest) + rest).decode()


def unsealed(key: bytes, name: str, state: str) -> str:
    """The text again. Raises NotReadable for what was not sealed with this key and name."""
    try:
        octets = b64decode(state, validate=True)
    except ValueError:
        raise NotReadable("this is no state of a chat") from None
    tag, rest = octets[:TAG], octets[TAG:]
    if len(rest) < NONCE or not hmac.compare_digest(tag, _tag(key, name, rest)):
        raise NotReadable("it was sealed with another key, or is damaged")
    try:
        return zlib.decompressobj().decompress(_masked(key, rest[:NONCE], rest[NONCE:]), LARGEST).decode()
    except (zlib.error, UnicodeDecodeError):
        raise NotReadable("it is damaged") from None


def _tag(key: bytes, name: str, rest: bytes) -> bytes:
    named = name.encode()
    return hashlib.blake2b(len(named).to_bytes(4) + named + rest, digest_size=TAG, key=_own(key, b"tag")).digest()


def _masked(key: bytes, nonce: bytes, octets: bytes) -> bytes:
    mask = hashlib.shake_256(_own(key, b"mask") + nonce).digest(len(octets))
    return (int.from_bytes(octets) ^ int.from_bytes(mask)).to_bytes(len(octets))


def _own(key: bytes, use: bytes) -> bytes:
    return hashlib.blake2b(use, digest_size=32, key=key).digest()
