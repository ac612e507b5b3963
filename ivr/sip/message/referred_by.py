"""Who sent a call our way: Referred-By (RFC 3892), Diversion (RFC 5806), History-Info (RFC 7044). All are claims."""

from ivr.base.errors import PeerError
from ivr.sip.message.fields import Headers
from ivr.sip.message.grammar import WS, bad, printable, split_commas
from ivr.sip.message.headers import parse_address
from ivr.sip.message.uri import parse_uri

MAX_CHARS = 255             # of one value that is kept; a number and its parameters need 100
MAX_DIVERSIONS = 20         # values kept of both headers; carriers forward five times at most


def parse_referred_by(lines: list[str]) -> str:
    """The URI of a Referred-By as text; "" if there is none. Raises PeerError(400)."""
    if not lines:
        return ""
    if len(lines) > 1 or len(split_commas(lines[0])) > 1 or len(lines[0]) > 4 * MAX_CHARS:
        raise bad("One Referred-By expected")       # its parameter `cid` names a signature that nobody sends
    text = str(parse_address(lines[0]).uri._replace(headers=()))
    if len(text) > MAX_CHARS:
        raise bad("Referred-By too long")
    return text


def referred_by(headers: Headers) -> str:
    """As `parse_referred_by`, but one that can't be read counts as none: no call fails for it."""
    try:
        return parse_referred_by(headers.all("Referred-By"))
    except PeerError:
        return ""


def referred_by_header(uri: str) -> tuple[str, str] | None:
    """The header for a REFER or INVITE of ours; None if `uri` is no URI."""
    try:
        return "Referred-By", f"<{parse_uri(uri)}>"
    except PeerError:
        return None


def diversions(headers: Headers) -> tuple[str, ...]:
    """The values of Diversion, then of History-Info, as they came; fit for a log. What is over the bounds is cut."""
    values: list[str] = []
    for name in ("Diversion", "History-Info"):
        for line in headers.all(name):
            values += [printable(value.strip(WS)[:MAX_CHARS]) for value in split_commas(line)]
            if len(values) >= MAX_DIVERSIONS:
                return tuple(values[:MAX_DIVERSIONS])
    return tuple(values)
