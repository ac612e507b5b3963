"""What is looked at in every request before anybody acts on it (RFC 3261 §8.2)."""

from dataclasses import dataclass, field
from typing import Any

from ivr.sip.composer import ALLOW, SUPPORTED, allowed
from ivr.sip.message.bodies import SDP, sdp_of
from ivr.sip.message.grammar import WS, parse_parameters, split_commas
from ivr.sip.message.message import Request

ALLOWED = frozenset(ALLOW.split(", "))
KNOWN = ALLOWED | {"PUBLISH", "MESSAGE"}
SCHEMES = frozenset(("sip", "sips", "tel"))
UNDERSTOOD = frozenset(SUPPORTED.split(", "))     # option tags in Require
OF_REGISTRAR = UNDERSTOOD | {"path", "outbound"}   # RFC 3327, RFC 5626
WITH_OFFER = frozenset(("INVITE", "UPDATE", "PRACK"))


@dataclass(frozen=True)
class Refusal:
    """The response a request gets instead of what it asked for; `told` are events for the user of the endpoint."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(default=())
    told: tuple[Any, ...] = field(default=())


def screen(request: Request, *, messages: bool = False) -> Refusal | None:
    """The first thing that is wrong with a request other than ACK and CANCEL, in the order of §8.2; None if nothing is.

    Authentication comes later, as only some methods need it. `messages`: MESSAGE is taken, though in no dialog: who is
    on the line is heard, and not read.
    """
    messages = messages and request.to.tag is None
    if request.method not in ALLOWED and not (messages and request.method == "MESSAGE"):
        return Refusal(405 if request.method in KNOWN else 501, (("Allow", allowed(messages=messages)),))
    if request.method != "INVITE" and request.headers.get("Replaces") is not None:
        return Refusal(400)         # RFC 3891 §3
    if request.request_uri.scheme not in SCHEMES:
        return Refusal(416)
    # by §16.3 a proxy's check; a probe that traces a route with OPTIONS wants the answer of the last hop
    if request.max_forwards == 0 and request.method != "OPTIONS":
        return Refusal(483)
    unknown = request.require - (OF_REGISTRAR if request.method == "REGISTER" else UNDERSTOOD)
    if unknown:
        return Refusal(420, (("Unsupported", ", ".join(sorted(unknown))),))
    return _screen_offer(request) if request.method in WITH_OFFER else None


def _screen_offer(request: Request) -> Refusal | None:
    if request.body and not _is_optional(request):
        encoding = (request.headers.get("Content-Encoding") or "identity").strip(WS).lower()
        if encoding != "identity":
            return Refusal(415, (("Accept-Encoding", "identity"),))
        if sdp_of(request) is None:
            return Refusal(415, (("Accept", SDP),))
    if request.method == "INVITE" and not _accepts_sdp(request):
        return Refusal(406, (("Accept", SDP),))
    return None


def _is_optional(request: Request) -> bool:
    """A body whose handling is optional may be one we don't understand (§20.11)."""
    disposition = request.headers.get("Content-Disposition")
    if disposition is None:
        return False
    parameters = parse_parameters(";" + disposition.partition(";")[2])
    return any(name == "handling" and (value or "").lower() == "optional" for name, value in parameters)


def _accepts_sdp(request: Request) -> bool:
    lines = request.headers.all("Accept")
    if not lines:
        return True
    kinds = {piece.partition(";")[0].strip(WS).lower() for line in lines for piece in split_commas(line)}
    return bool(kinds & {SDP, "application/*", "*/*"})
