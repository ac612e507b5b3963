"""What a message carries: the session description, alone or as a part (RFC 2046 §5.1), and keys by INFO."""

from ivr.base.errors import PeerError
from ivr.sip.message.grammar import WS, parse_parameters, unquote
from ivr.sip.message.message import Request, Response

SDP = "application/sdp"
RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"
MAX_PARTS = 16              # a call's multipart has two or three; what stands behind is not looked at
KEYS = frozenset("0123456789*#ABCD")
# `10` and `11` are the event codes of RFC 4733 that some gateways send by name of Signal
SIGNALS = {key: key for key in KEYS} | {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}
MAX_DURATION_MS = 60_000


def sdp_of(message: Request | Response) -> bytes | None:
    """The session description of a message, or None."""
    if not message.body:
        return None
    kind = message.content_type
    if kind == SDP:
        return message.body
    if kind is not None and kind.startswith("multipart/"):
        return _sdp_part(message)
    return None


def _sdp_part(message: Request | Response) -> bytes | None:
    try:
        parameters = parse_parameters(";" + (message.headers.get("Content-Type") or "").partition(";")[2])
    except PeerError:
        return None
    boundary = next((unquote(value) for name, value in parameters if name == "boundary" and value), "")
    if not boundary:
        return None
    parts = (b"\r\n" + message.body).split(b"\r\n--" + boundary.encode("utf-8", "replace"), MAX_PARTS)
    for part in parts[1:]:
        if part.startswith(b"--"):
            return None
        head, _, body = part.partition(b"\r\n\r\n")
        if _is_sdp(head):
            return body
    return None


def _is_sdp(head: bytes) -> bool:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"content-type", b"c"):
            return value.partition(b";")[0].strip().lower() == SDP.encode()
    return False


def read_key(kind: str | None, body: bytes) -> tuple[str, float | None] | None:
    """The key of an INFO and its length in seconds if it says one; None for a body that names no key.

    application/dtmf-relay has lines `Signal=5` and `Duration=160` (ms), application/dtmf the key alone.
    """
    text = body.decode("ascii", "replace")
    if kind == PLAIN:
        signal = SIGNALS.get(text.strip().upper())
        return (signal, None) if signal else None
    fields: dict[str, str] = {}
    for line in text.replace("\r", "\n").split("\n"):
        name, equals, value = line.partition("=")
        if equals:
            fields[name.strip(WS).lower()] = value.strip(WS).upper()
    signal = SIGNALS.get(fields.get("signal", ""))
    return (signal, _seconds(fields.get("duration", ""))) if signal else None


def _seconds(text: str) -> float | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        return None
    return min(int(text), MAX_DURATION_MS) / 1000


def key_body(digit: str, duration_ms: int) -> bytes:
    """A key as application/dtmf-relay."""
    return f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode()
