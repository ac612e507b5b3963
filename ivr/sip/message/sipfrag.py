"""The body of a NOTIFY about a transfer: the first line of the response it has brought (RFC 3420, RFC 3515 §2.4.5)."""

import re

from ivr.sip.message.grammar import bad, printable
from ivr.sip.message.names import reason_for

KIND = "message/sipfrag"
CONTENT_TYPE = f"{KIND};version=2.0"
_STATUS_LINE = re.compile(rb"SIP/2\.0[ \t]+([1-6][0-9]{2})(?:[ \t][^\r\n]*)?", re.IGNORECASE)


def parse_sipfrag(body: bytes) -> int:
    """The status that a sipfrag tells. Raises PeerError(400) if it doesn't begin with a status line."""
    line = body.lstrip(b"\r\n").partition(b"\n")[0].rstrip(b"\r")
    found = _STATUS_LINE.fullmatch(line)
    if found is None:
        raise bad("Sipfrag without a status")
    return int(found[1])


def print_sipfrag(status: int, reason: str = "") -> bytes:
    """A status line as a sipfrag; the usual reason unless given."""
    return f"SIP/2.0 {status} {printable(reason) or reason_for(status)}\r\n".encode()
