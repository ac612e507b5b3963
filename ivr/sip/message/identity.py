"""Who calls and what was dialled, from the fields a trunk is configured for (RFC 3325, RFC 3323, RFC 7315 §4.2).

Remote-Party-ID is the field from before RFC 3325 (draft-ietf-sip-privacy), which gateways still send.
"""

from dataclasses import dataclass

from ivr.base.errors import PeerError
from ivr.sip.message.grammar import WS, split_lines
from ivr.sip.message.headers import Address, parse_address
from ivr.sip.message.message import Request
from ivr.sip.message.uri import Uri
from ivr.sip.trunk.trunk_settings import CallerFrom, DialledFrom

ANONYMOUS_HOST = "anonymous.invalid"        # RFC 3323 §4.1.1.3
HIDING = frozenset(("id", "user", "header"))
SEPARATORS = str.maketrans("", "", "-.()")  # RFC 3966 §5.1.1: for people's eyes


@dataclass(frozen=True)
class Identity:
    """`number` is "" if the caller withholds it."""

    number: str
    name: str


NOBODY = Identity("", "")


def caller_of(request: Request, source: CallerFrom) -> Identity:
    """The caller of an INVITE of a trusted peer. Between those who trust each other the network may tell a number that
    its owner withholds; it is not for us to show, so it counts as withheld."""
    if _is_private(request) or is_anonymous(request.from_):
        return NOBODY
    if source == "remote_party_id":
        party = _calling_party(request)
        if party is not None:
            return _shown(party)
    elif source == "p_asserted_identity":
        for address in _addresses(request, "P-Asserted-Identity"):
            if address.uri.user:
                return identity_of(address)
    return identity_of(request.from_)


def dialled_in(request: Request, source: DialledFrom) -> str:
    """The number that was dialled; the Request-URI's where the configured field is missing or faulty."""
    if source == "to":
        return number_of(request.to.uri) or number_of(request.request_uri)
    if source == "p_called_party_id":
        for address in _addresses(request, "P-Called-Party-ID"):
            if address.uri.user:
                return number_of(address.uri)
    return number_of(request.request_uri)


def identity_of(address: Address) -> Identity:
    return NOBODY if is_anonymous(address) else Identity(number_of(address.uri), address.display_name)


def number_of(uri: Uri) -> str:
    """The user as people read it, without the parameters of gateways (`+49301234;phone-context=…`)."""
    number = uri.plain_user.partition(";")[0]
    return number.translate(SEPARATORS) if uri.scheme == "tel" else number


def is_anonymous(address: Address) -> bool:
    uri = address.uri
    return uri.host.lower() == ANONYMOUS_HOST or uri.plain_user.lower() in ("anonymous", "restricted", "unavailable")


def _is_private(request: Request) -> bool:
    """Whether a Privacy field asks to hide the caller (RFC 3323 §4.2); `none` asks for the opposite."""
    words = _words(",".join(request.headers.all("Privacy")))
    return bool(words & HIDING) and "none" not in words


def _calling_party(request: Request) -> Address | None:
    for address in _addresses(request, "Remote-Party-ID"):
        if (address.parameter("party") or "calling").lower() == "calling":
            return address
    return None


def _shown(party: Address) -> Identity:
    """What the `privacy` of a Remote-Party-ID leaves to see."""
    hidden = _words(party.parameter("privacy") or "")
    if hidden & {"full", "uri"}:
        return NOBODY
    shown = identity_of(party)
    return Identity(shown.number, "") if "name" in hidden else shown


def _words(text: str) -> set[str]:
    """What stands between semicolons (RFC 3323) or, as some write it, commas."""
    return {word.strip(WS).lower() for word in text.replace(",", ";").split(";")}


def _addresses(request: Request, field: str) -> list[Address]:
    """Those that can be read; a faulty one is no reason to refuse a call."""
    found = []
    try:
        values = split_lines(request.headers.all(field))
    except PeerError:
        return []
    for value in values:
        try:
            found.append(parse_address(value))
        except PeerError:
            continue
    return found
