"""What a registrar's answer to our REGISTER means (RFC 3261 §10.2.4 to §10.2.8), and which nonce it names."""

from typing import Any

from ivr.base.errors import PeerError
from ivr.sip.message.grammar import quote
from ivr.sip.message.headers import Address, parse_auth, parse_seconds
from ivr.sip.message.message import Request, Response
from ivr.sip.message.uri import Uri, equivalent
from ivr.sip.trunk.registering import Accepted, AddressFailed, Failed, Refused, TooBrief

MOST_SECONDS = 86_400       # of a Min-Expires that we obey, and of a granted time that we believe
NOT_OURS = frozenset((401, 403, 404, 407))
ELSEWHERE = frozenset((408, 503))       # the next address may do better (RFC 3263 §4.3)
WORDS = {401: "user or password refused", 403: "refused", 404: "the user is unknown there",
         407: "user or password refused"}


def classify(response: Response, contact: Uri, asked: int, others: bool) -> Any:
    """The event for `registering`. `others`: the registrar has an address that was not tried this time."""
    status = response.status
    if status < 300:
        seconds = granted(response, contact, asked)
        return Accepted(seconds) if seconds or not asked else Failed(status, "the registrar did not keep our contact")
    if status == 423:
        least = parse_seconds(response.headers.get("Min-Expires"))
        if least is not None and asked < least <= MOST_SECONDS:
            return TooBrief(least)
    if status in NOT_OURS:
        return Refused(status, WORDS[status])
    if status in ELSEWHERE and others:
        return AddressFailed()
    return Failed(status, response.reason, response.retry_after)


def granted(response: Response, contact: Uri, asked: int) -> int:
    """Seconds until our binding ends: by our Contact, else by Expires, else what we asked for."""
    seconds = _of_contact(response, contact)
    if seconds is None:
        seconds = response.expires
    return min(asked if seconds is None else seconds, MOST_SECONDS)


def _of_contact(response: Response, contact: Uri) -> int | None:
    try:
        listed = response.contacts
    except PeerError:       # of another binding, maybe; the rest of the answer still counts
        return None
    ours = [one for one in listed if _is_same(one, contact)] or (listed if len(listed) == 1 else [])
    return next((one.expires for one in ours if one.expires is not None), None)


def _is_same(one: Address, contact: Uri) -> bool:
    return equivalent(one.uri, contact) or (one.uri.user, one.uri.host, one.uri.port) == contact[1:2] + contact[3:5]


def next_challenge(request: Request, response: Response) -> tuple[int, str] | None:
    """The challenge to answer in advance, as (401 or 407, its value), where an accepted `request` with one set of
    credentials was given a `nextnonce` (RFC 7616 §3.5). None: wait to be asked."""
    for field, answered, status in (("Authentication-Info", "Authorization", 401),
                                    ("Proxy-Authentication-Info", "Proxy-Authorization", 407)):
        shown, told = request.headers.all(answered), response.headers.get(field)
        if told is None or len(shown) != 1:
            continue
        try:
            nonce = parse_auth(f"Digest {told}").get("nextnonce")
            used = parse_auth(shown[0])
        except PeerError:
            continue
        if nonce:
            return status, _challenge(used, nonce)
    return None


def _challenge(used: dict[str, str], nonce: str) -> str:
    parts = [f"realm={quote(used.get('realm', ''))}", f"nonce={quote(nonce)}"]
    if "qop" in used:
        parts.append('qop="auth"')
    if "algorithm" in used:
        parts.append(f"algorithm={used['algorithm']}")
    if "opaque" in used:
        parts.append(f"opaque={quote(used['opaque'])}")
    return "Digest " + ", ".join(parts)
