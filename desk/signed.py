"""What a browser keeps for us, signed: text = base64url(payload) "." base64url(HMAC-SHA256(key, purpose, payload))."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

MOST = 512              # characters; ours have about 150


def sign(key: bytes, purpose: bytes, values: Mapping[str, Any]) -> str:
    """`purpose` goes into the signature: what was signed for one thing is nothing for another."""
    payload = json.dumps(dict(values)).encode()
    return f"{_encoded(payload)}.{_encoded(_mac(key, purpose, payload))}"


def unsigned(text: str) -> dict[str, Any] | None:
    """What it says, signed or not: to find out with which purpose it must be. None for nonsense."""
    parts = _parts(text)
    try:
        values = json.loads(parts[0]) if parts is not None else None
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def is_signed(key: bytes, purpose: bytes, text: str) -> bool:
    """Whether it is ours, for this purpose."""
    parts = _parts(text)
    return parts is not None and hmac.compare_digest(parts[1], _mac(key, purpose, parts[0]))


def _mac(key: bytes, purpose: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, purpose + b"\0" + payload, hashlib.sha256)


def _parts(text: str) -> tuple[bytes, bytes] | None:
    if len(text) > MOST or text.count(".") != 1:
        return None
    try:
        payload, mac = (_decoded(part) for part in text.split("."))
    except ValueError:
        return None
    return payload, mac


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
