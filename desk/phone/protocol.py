"""What a page may say, read: every message is hostile until it has passed here."""

import json
from typing import Any, NamedTuple

FRAME = 160              # octets of a binary message
TEXT_BYTES = 2048        # of a text
NUMBER_LENGTH = 64
TOKEN_LENGTH = 64
# A network that stood still brings all that waited at once, and so it seems where we stood still: as long as a page may
# be gone altogether, that is no attack. Of what comes so the newest are kept (`stream.UP_MOST`).
FRAMES_PER_S, FRAMES_BURST = 60.0, 600
TEXTS_PER_S, TEXTS_BURST = 20.0, 60          # keys of a quick hand
WISHES_PER_S, WISHES_BURST = 2.0, 20         # of these control hears: each may ring a phone, and leaves a row
DROPPED_PER_S, DROPPED_BURST = 10.0, 300     # frames beyond that are left out; so many, and the page is closed
FAULTS_PER_S, FAULTS_BURST = 0.2, 20         # messages that are none, until the page is closed

# Close codes of ours (RFC 6455 §7.4.2 leaves 4000 to 4999 to applications).
NOT_LOGGED_IN, FOREIGN, TOO_MUCH, TAKEN_OVER, RATE = 4001, 4003, 4008, 4009, 4029
LATER = 1013             # of everybody's (RFC 6455's registry): try again; here: control is away for long
WISHES = frozenset({"dial", "hold"})
KINDS = WISHES | {"hello", "answer", "hang_up", "key", "ping"}


class BadMessage(Exception):
    """It is not understood; the text is for the page."""


class Hello(NamedTuple):
    """`resume`: the token of an earlier socket; `take`: the phone is wanted though another tab has it."""

    resume: str
    take: bool


def read(text: str) -> dict[str, Any]:
    """A message with a `type` that we know. Raises BadMessage."""
    if len(text) > TEXT_BYTES or len(text.encode(errors="surrogatepass")) > TEXT_BYTES:
        raise BadMessage(f"a message has at most {TEXT_BYTES} bytes")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("this is no JSON") from None
    kind = message.get("type") if isinstance(message, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadMessage("a message is an object with a type")
    return dict(message)


def hello(message: dict[str, Any]) -> Hello:
    """Raises BadMessage for anything else."""
    resume = message.get("resume")
    if message["type"] != "hello" or not (resume is None or isinstance(resume, str)):
        raise BadMessage("the first message is hello")
    return Hello((resume or "")[:TOKEN_LENGTH], message.get("take") is True)


def number(message: dict[str, Any]) -> str:
    """Whom to call. Raises BadMessage."""
    given = message.get("number")
    if not isinstance(given, str) or not 0 < len(given) <= NUMBER_LENGTH or not given.isprintable():
        raise BadMessage(f"a number has 1 to {NUMBER_LENGTH} characters")
    return given
