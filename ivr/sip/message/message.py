"""Requests and responses with typed, lazy, cached views of their header fields, and how one answers the other."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from ivr.base.errors import PeerError
from ivr.sip.message.fields import Headers
from ivr.sip.message.grammar import WS, bad, parse_number, printable, split_commas
from ivr.sip.message.headers import (
    Address,
    CSeq,
    Via,
    parse_addresses,
    parse_contacts,
    parse_cseq,
    parse_seconds,
    parse_tagged,
    parse_vias,
)
from ivr.sip.message.names import reason_for
from ivr.sip.message.uri import Uri

__all__ = ["Headers", "MalformedRequest", "Message", "Request", "Response", "make_response"]

COPIED = ("From", "To", "Call-ID", "CSeq", "Timestamp")
MAKING_DIALOGS = frozenset(("INVITE", "SUBSCRIBE", "REFER"))
MAX_FORWARDS = 255              # RFC 3261 §20.22
MAX_USER_AGENT_CHARS = 200      # whatever is longer tells no more about the phone


class Message:
    """What requests and responses share. A view raises PeerError(400) if its field is missing where it must stand, or
    faulty; `parse` has looked at all that every message needs, so on its messages only `routes`, and `contacts` and
    `record_routes` where they say nothing that we use, can still raise.
    """

    __slots__ = ()
    headers: Headers
    body: bytes

    @property
    def vias(self) -> list[Via]:
        """Every Via, top first."""
        return list(self.headers.view("Via", parse_vias))

    @property
    def top_via(self) -> Via:
        vias = self.headers.views.get("Via") or self.headers.view("Via", parse_vias)
        if not vias:
            raise bad("Missing Via")
        return vias[0]

    @property
    def from_(self) -> Address:
        return self.headers.views.get("From") or self.headers.view("From", _one_from)

    @property
    def to(self) -> Address:
        return self.headers.views.get("To") or self.headers.view("To", _one_to)

    @property
    def sip_call_id(self) -> str:
        return self.headers.views.get("Call-ID") or self.headers.view("Call-ID", _one_call_id)

    @property
    def cseq(self) -> CSeq:
        return self.headers.views.get("CSeq") or self.headers.view("CSeq", _one_cseq)

    @property
    def contacts(self) -> list[Address]:
        """Every Contact; `*` is `headers.WILDCARD`."""
        return list(self.headers.view("Contact", parse_contacts))

    @property
    def routes(self) -> list[Address]:
        return list(self.headers.view("Route", parse_addresses))

    @property
    def record_routes(self) -> list[Address]:
        return list(self.headers.view("Record-Route", parse_addresses))

    @property
    def max_forwards(self) -> int | None:
        """None if missing or above 255, which RFC 4475 §3.1.2.4 lets count as missing."""
        return self.headers.view("Max-Forwards", _max_forwards)

    @property
    def expires(self) -> int | None:
        """Seconds; None if missing or faulty (RFC 4475 §3.1.2.4)."""
        return self.headers.view("Expires", _seconds)

    @property
    def retry_after(self) -> int | None:
        """Seconds; None if missing or faulty."""
        return self.headers.view("Retry-After", _seconds)

    @property
    def content_type(self) -> str | None:
        """The media type alone, in lower case: `application/sdp`."""
        return self.headers.view("Content-Type", _media_type)

    @property
    def user_agent(self) -> str:
        """What the peer calls its software, fit for a log or a database; "" if it doesn't say."""
        name = self.headers.get("User-Agent") or self.headers.get("Server") or ""
        return printable(name[:MAX_USER_AGENT_CHARS])

    @property
    def supported(self) -> frozenset[str]:
        """Option tags as they were spelled, so that a 420 can name them; SIP writes them in lower case."""
        return self.headers.view("Supported", _options)

    @property
    def require(self) -> frozenset[str]:
        return self.headers.view("Require", _options)


@dataclass(slots=True, repr=False)
class Request(Message):
    """A request. Whoever changes it does so before it is handed on; what was received is left as it came."""

    method: str
    request_uri: Uri
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def __repr__(self) -> str:
        """Fit for a log: no credentials, no body (it may hold digits), no names."""
        return f"<Request {self.method} {self.headers!r} body={len(self.body)}>"


@dataclass(slots=True, repr=False)
class Response(Message):
    """A response; see `Request`."""

    status: int
    reason: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def __repr__(self) -> str:
        """Fit for a log, as `Request`'s."""
        return f"<Response {self.status} {self.headers!r} body={len(self.body)}>"


class MalformedRequest(PeerError):
    """A request that is wrong but can be answered: `headers` has its raw Via, From, To, Call-ID and CSeq, as far as
    they were there. `method` may be "" and is told so that nobody answers an ACK.
    """

    def __init__(self, status: int, reason: str, method: str, headers: Headers) -> None:
        super().__init__(status, reason)
        self.method = method
        self.headers = headers


def make_response(
    request: Request | MalformedRequest, status: int, reason: str | None = None, to_tag: str | None = None,
    headers: Iterable[tuple[str, str]] = (), body: bytes = b"",
) -> Response:
    """The response to `request` with what RFC 3261 §8.2.6.2 copies: every Via, From, To, Call-ID, CSeq, and Timestamp.

    `to_tag` is put on a To without a tag, except in a 100. Record-Route is copied where a response may make a dialog
    (§12.1.1: 101 to 299 to an INVITE). `headers` follow. Its reason phrase is the usual one unless given.
    """
    source = request.headers
    makes_dialog = 100 < status < 300 and isinstance(request, Request) and request.method in MAKING_DIALOGS
    made = source.picked(("Via", "Record-Route") if makes_dialog else ("Via",), COPIED)
    if to_tag and status != 100 and not _has_to_tag(request):
        made.set("To", f"{source.get('To') or ''};tag={to_tag}")
    made.extend(headers)
    return Response(status, reason_for(status) if reason is None else reason, made, body)


def _has_to_tag(request: Request | MalformedRequest) -> bool:
    if isinstance(request, Request):
        return request.to.tag is not None
    to = request.headers.get("To")
    return to is None or ";tag=" in to.lower().replace(" ", "")


def _only(lines: list[str], name: str) -> str:
    if len(lines) != 1:
        raise bad(f"Repeated {name}" if lines else f"Missing {name}")
    return lines[0]


def _some_vias(lines: list[str]) -> list[Via]:
    if not lines:
        raise bad("Missing Via")
    return parse_vias(lines)


def _one_from(lines: list[str]) -> Address:
    return parse_tagged(_only(lines, "From"))


def _one_to(lines: list[str]) -> Address:
    return parse_tagged(_only(lines, "To"))


def _one_call_id(lines: list[str]) -> str:
    value = _only(lines, "Call-ID")
    if not value or " " in value or printable(value) != value:
        raise bad("Bad Call-ID")
    return value


def _one_cseq(lines: list[str]) -> CSeq:
    return parse_cseq(_only(lines, "CSeq"))


def _max_forwards(lines: list[str]) -> int | None:
    return _hops(_only(lines, "Max-Forwards")) if lines else None


@lru_cache(maxsize=1024)
def _hops(text: str) -> int | None:
    number = parse_number(text, 2**32)
    return number if number <= MAX_FORWARDS else None


def _seconds(lines: list[str]) -> int | None:
    return parse_seconds(lines[0]) if lines else None


def _media_type(lines: list[str]) -> str | None:
    return _type_of(_only(lines, "Content-Type")) if lines else None


@lru_cache(maxsize=1024)
def _type_of(text: str) -> str | None:
    return "".join(text.partition(";")[0].lower().split()) or None


def _options(lines: list[str]) -> frozenset[str]:
    return _tags(tuple(lines)) if lines else frozenset()


@lru_cache(maxsize=1024)         # each make of phone has its own
def _tags(lines: tuple[str, ...]) -> frozenset[str]:
    return frozenset([tag for line in lines for value in split_commas(line) if (tag := value.strip(WS))])


# What the parser reads at once, in this order: what every message must have, and what may stand once alone; and what a
# dialog or a binding is made of.
READ_OF_EVERY = (("Via", _some_vias), ("From", _one_from), ("To", _one_to), ("Call-ID", _one_call_id),
                 ("CSeq", _one_cseq), ("Max-Forwards", _max_forwards), ("Content-Type", _media_type))
READ_OF_DIALOGS = (("Contact", parse_contacts), ("Record-Route", parse_addresses))
