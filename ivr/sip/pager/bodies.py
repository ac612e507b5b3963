"""What a MESSAGE carries (RFC 3428 §7): text for people, or that somebody is writing (RFC 3994)."""

import re

from ivr.base.values import frozen
from ivr.sip.access.screening import Refusal
from ivr.sip.composer import OF_MESSAGES
from ivr.sip.message.grammar import WS, parse_parameters, unquote
from ivr.sip.message.message import Request

TEXT, COMPOSING = "text/plain", "application/im-iscomposing+xml"
CHARSETS = frozenset(("utf-8", "us-ascii"))
MAX_BODY_BYTES = 16_384         # four bytes for each of the longest text's characters; a picture is refused before
_ACTIVE = re.compile(rb"<(?:[\w.-]+:)?state>\s*active\s*<")
_UNSEEN = dict.fromkeys((*range(9), *range(11, 32), 127))      # control characters; tab and line end are writing


@frozen
class Written:
    """`text` "" is nothing at all; None: they are writing, or no longer."""

    text: str | None
    active: bool = False


def read(request: Request) -> Written | Refusal:
    """What people see of it, or why it can't be read. Octets that are no UTF-8 become U+FFFD; nothing else is mended,
    least of all the direction of the writing. Raises PeerError(400) for faulty parameters."""
    if len(request.body) > MAX_BODY_BYTES:
        return Refusal(413)
    encoding = (request.headers.get("Content-Encoding") or "identity").strip(WS).lower()
    if encoding != "identity":
        return Refusal(415, (("Accept-Encoding", "identity"),))
    kind = request.content_type
    if kind == COMPOSING:
        return Written(None, _ACTIVE.search(request.body) is not None)
    if (kind is None and not request.body) or (kind == TEXT and _charset(request) in CHARSETS):
        return Written(clean(request.body.decode("utf-8", "replace")))
    return Refusal(415, (("Accept", OF_MESSAGES),))


def clean(text: str) -> str:
    """One line end, and no control characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)


def _charset(request: Request) -> str:
    _, semicolon, given = (request.headers.get("Content-Type") or "").partition(";")
    parameters = parse_parameters(semicolon + given) if semicolon else ()
    return next((unquote(value).lower() for name, value in parameters if name == "charset" and value), "utf-8")
