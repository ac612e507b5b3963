"""The Refer-To header (RFC 3515 §2.1): whom somebody shall call, and maybe whose dialog the call replaces."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from ivr.base.errors import PeerError
from ivr.sip.message.grammar import bad, split_lines
from ivr.sip.message.headers import parse_address
from ivr.sip.message.replaces import Replaces, parse_replaces
from ivr.sip.message.uri import Uri

MAX_CHARS = 1024            # a URI with a Replaces in it; phones need 300
SCHEMES = frozenset(("sip", "sips", "tel"))
_NUMBER = re.compile(r"\+?[0-9A-Fa-f*#().\-]+")      # RFC 3966 §3, without what an embedded header could hide in


@dataclass(frozen=True)
class ReferTo:
    """`uri` has no headers: the one that may be embedded is taken out, and no other reaches an INVITE of ours."""

    uri: Uri
    replaces: Replaces | None = None


def parse_refer_to(lines: list[str]) -> ReferTo:
    """Read the only Refer-To of a REFER. Raises PeerError: 400; 416 for a scheme we can't call; 403 if the method that
    is asked for is not INVITE."""
    values = split_lines(lines)
    if len(values) != 1 or len(values[0]) > MAX_CHARS:
        raise bad("One Refer-To expected")
    uri = parse_address(values[0]).uri
    if uri.scheme not in SCHEMES:
        raise PeerError(416, "Unsupported URI scheme in Refer-To")
    if (uri.parameter("method") or "INVITE").upper() != "INVITE":
        raise PeerError(403, "Only an INVITE may be asked for")
    if uri.scheme == "tel" and not _NUMBER.fullmatch(uri.user or ""):
        raise bad("Bad number in Refer-To")
    parameters = tuple(pair for pair in uri.parameters if pair[0] != "method")
    return ReferTo(uri._replace(headers=(), parameters=parameters), _embedded_replaces(uri))


def _embedded_replaces(uri: Uri) -> Replaces | None:
    found = [value for name, value in uri.headers if _plain(name).lower() == "replaces"]
    if not found:
        return None
    if len(found) > 1:
        raise bad("Repeated Replaces in Refer-To")
    return parse_replaces(_plain(found[0]))


def _plain(text: str) -> str:
    """A header of a URI with its escapes undone; what is not ASCII becomes a character that no grammar takes."""
    return unquote_to_bytes(text).decode("ascii", "replace")


def print_refer_to(uri: Uri, replaces: Replaces | None) -> str:
    """The value of a Refer-To. All that a URI header may not hold is escaped, `@ ; =` of the Replaces above all."""
    headers = (("Replaces", quote(str(replaces), safe="!*'()")),) if replaces is not None else ()
    return f"<{uri._replace(headers=headers)}>"


def wants_no_subscription(lines: list[str]) -> bool:
    """Whether a Refer-Sub says `false` (RFC 4488 §4). Raises PeerError(400) if it is neither true nor false."""
    if not lines:
        return False
    value = lines[0].partition(";")[0].strip().lower()
    if len(lines) > 1 or value not in ("true", "false"):
        raise bad("Bad Refer-Sub")
    return value == "false"
