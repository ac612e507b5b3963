"""Header fields with a structure: addresses (From, To, Contact, Route), Via, CSeq, digest fields (RFC 3261 §20)."""

from functools import lru_cache
from typing import NamedTuple

from ivr.sip.message.grammar import (
    WS,
    Parameters,
    bad,
    end_of_quotes,
    find_parameter,
    is_token,
    parse_host_port,
    parse_number,
    parse_parameters,
    print_host_port,
    print_parameters,
    printable,
    quote,
    split_commas,
    split_lines,
    strip_comments,
    unquote,
)
from ivr.sip.message.uri import Uri, parse_uri
from ivr.sip.transport.flow import same_host

REMEMBERED = 4096              # addresses already read: a dialog repeats its own in every message
MAX_CSEQ = 2**31 - 1           # RFC 3261 §8.1.1.5
MAX_SECONDS = 2**32 - 1        # delta-seconds, RFC 3261 §20.19
_TRANSPORTS = {"SIP/2.0/UDP": "UDP", "SIP/2.0/TCP": "TCP", "SIP/2.0/TLS": "TLS"}


class Address(NamedTuple):
    """From, To, one Contact, Route or Record-Route. `display_name` is fit for people: no quotes, all printable."""

    display_name: str
    uri: Uri
    parameters: Parameters = ()

    @property
    def tag(self) -> str | None:
        return find_parameter(self.parameters, "tag") or None

    @property
    def is_wildcard(self) -> bool:
        """Whether this is the `Contact: *` of a REGISTER that forgets all bindings."""
        return self.uri.opaque == "*" and not self.uri.scheme

    @property
    def expires(self) -> int | None:
        """The seconds asked for by a Contact. A faulty value counts as absent (RFC 4475 §3.1.2.4)."""
        return parse_seconds(self.parameter("expires"))

    @property
    def q(self) -> float:
        """The preference of a Contact, 0 to 1; 1 if it has none or a faulty one."""
        return _parse_q(self.parameter("q") or "")

    def parameter(self, name: str) -> str | None:
        """The value of a header parameter without its quotes, "" if it has none, None if it isn't there."""
        return find_parameter(self.parameters, name)

    def with_tag(self, tag: str) -> "Address":
        return self._replace(parameters=(*(pair for pair in self.parameters if pair[0] != "tag"), ("tag", tag)))

    def __str__(self) -> str:
        if self.is_wildcard:
            return "*"
        name = f"{quote(self.display_name)} " if self.display_name else ""
        return f"{name}<{self.uri}>{print_parameters(self.parameters)}"


WILDCARD = Address("", Uri("", opaque="*"))


class Via(NamedTuple):
    """One hop of the way back (RFC 3261 §20.42, RFC 3581). `transport` in upper case, an IPv6 host without brackets."""

    transport: str
    host: str
    port: int | None = None
    parameters: Parameters = ()

    @property
    def branch(self) -> str | None:
        return find_parameter(self.parameters, "branch") or None

    @property
    def received(self) -> str | None:
        """The address a request came from, without brackets (RFC 5118 §4.5: both ways of writing are taken)."""
        value = self.parameter("received")
        return value.strip("[]") if value else None

    @property
    def rport(self) -> int | None:
        """The port a request came from; None if faulty, and while the client only asks for it: see `asks_rport`."""
        value = self.parameter("rport") or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else None

    @property
    def asks_rport(self) -> bool:
        return find_parameter(self.parameters, "rport") is not None

    def parameter(self, name: str) -> str | None:
        """As `Address.parameter`."""
        return find_parameter(self.parameters, name)

    def stamped(self, host: str, port: int) -> "Via":
        """This Via as the server that got the request from `host`, `port` marks it (RFC 3261 §18.2.1, RFC 3581 §4)."""
        parameters, asked = [], False
        for pair in self.parameters:
            if pair[0] == "rport":
                asked = True
            elif pair[0] != "received":
                parameters.append(pair)
        if asked or not same_host(host, self.host):
            parameters.append(("received", host))
        if asked:
            parameters.append(("rport", str(port)))
        return Via(self.transport, self.host, self.port, tuple(parameters))

    def __str__(self) -> str:
        sent_by = print_host_port(self.host, self.port)
        return f"SIP/2.0/{self.transport} {sent_by}{print_parameters(self.parameters)}"


class CSeq(NamedTuple):
    """The sequence number of a request within its dialog, and its method."""

    number: int
    method: str

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


@lru_cache(maxsize=REMEMBERED)
def parse_address(text: str) -> Address:
    """Read one name-addr or addr-spec with its parameters. Raises PeerError(400).

    Liberal in two things that RFC 4475 leaves open: spaces inside the brackets (§3.1.2.14) and a display name that
    should have had quotes (§3.1.2.15).
    """
    return _read_address(text)


@lru_cache(maxsize=REMEMBERED)
def parse_tagged(text: str) -> Address:
    """As `parse_address`, of a From or To: RFC 2543 knew no tags, so none is no fault; an empty one is."""
    address = _read_address(text)
    if address.parameter("tag") == "":
        raise bad("Empty tag")
    return address


def _read_address(text: str) -> Address:
    name = ""
    if text[:1] == '"':
        end = end_of_quotes(text)
        name, text = unquote(text[:end]), text[end:].lstrip(WS)
        if text[:1] != "<":
            raise bad("URI in brackets expected")
    before, bracket, rest = text.partition("<")
    if not bracket:
        return _parse_bare_address(text)
    if before:
        name = before.rstrip(WS)
        if '"' in name:
            raise bad("Unbalanced quotes")
    uri, bracket, rest = rest.partition(">")
    if not bracket:
        raise bad("Unbalanced brackets")
    return Address(printable(name), parse_uri(uri.strip(WS)), parse_parameters(rest) if rest else ())


def _parse_bare_address(text: str) -> Address:
    """An address without brackets: what follows the first semicolon belongs to the header, not to the URI (§20.10)."""
    uri, semicolon, parameters = text.partition(";")
    if "?" in uri or "," in uri:
        raise bad("URI must stand in brackets")
    return Address("", parse_uri(uri.rstrip(WS)), parse_parameters(";" + parameters) if semicolon else ())


def parse_addresses(lines: list[str]) -> list[Address]:
    """Every address of a Route or Record-Route. Raises PeerError(400)."""
    return [parse_address(value) for value in split_lines(lines)]


def parse_contacts(lines: list[str]) -> list[Address]:
    """Every Contact of a message; `*` comes back as WILDCARD and must be alone."""
    return [WILDCARD] if lines == ["*"] else parse_addresses(lines)


def parse_via(text: str) -> Via:
    """Read one Via value. Raises PeerError(400)."""
    protocol, _, rest = text.partition(" ")
    transport = _TRANSPORTS.get(protocol)
    if transport is None:
        transport, rest = _parse_protocol(text)
    sent_by, semicolon, parameters = rest.partition(";")
    host, port = parse_host_port(sent_by.strip(WS))
    return Via(transport, host, port, parse_parameters(";" + parameters) if semicolon else ())


def _parse_protocol(text: str) -> tuple[str, str]:
    """(transport, what follows it); LWS may stand around both slashes."""
    name, _, rest = text.partition("/")
    version, _, rest = rest.partition("/")
    transport, _, rest = rest.replace("\t", " ").lstrip(" ").partition(" ")
    if name.strip(WS).upper() != "SIP" or version.strip(WS) != "2.0" or not is_token(transport):
        raise bad("Bad Via")
    return transport.upper(), rest


def parse_vias(lines: list[str]) -> list[Via]:
    """Every Via of a message, top first. Raises PeerError(400)."""
    return [parse_via(value) for value in split_lines(lines)]


@lru_cache(maxsize=1024)         # dialogs begin with the same few numbers
def parse_cseq(text: str) -> CSeq:
    """Read a CSeq. Raises PeerError(400)."""
    number, _, method = text.replace("\t", " ").partition(" ")
    method = method.lstrip(" ")
    if not is_token(method):
        raise bad("Bad CSeq")
    return CSeq(parse_number(number, MAX_CSEQ), method)


def parse_seconds(text: str | None) -> int | None:
    """A span in seconds, with comments and parameters passed over (`120 (meeting);duration=60`); faulty: None."""
    if text is None:
        return None
    digits = strip_comments(text).partition(";")[0].strip(WS)
    if not (digits.isascii() and digits.isdigit()) or len(digits.lstrip("0")) > 10:
        return None
    seconds = int(digits)
    return seconds if seconds <= MAX_SECONDS else None


def _parse_q(text: str) -> float:
    whole, _, fraction = text.partition(".")
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit() or len(text) > 6:
        return 1.0
    return min(float(f"0{text}"), 1.0)


def parse_auth(text: str) -> dict[str, str]:
    """Read a challenge or credentials: parameters by lower-case name, quotes undone, the scheme under "scheme".

    Also one without parameters or of a scheme we don't know. A parameter that stands twice is a 400.
    """
    scheme, _, rest = text.strip(WS).replace("\t", " ").partition(" ")
    if not is_token(scheme):
        raise bad("Bad authentication scheme")
    found: dict[str, str] = {}
    for piece in split_commas(rest):
        name, equals, value = piece.partition("=")
        name = name.strip(WS).lower()
        if not equals:
            continue
        if not is_token(name) or name in found or name == "scheme":
            raise bad("Bad authentication parameter")
        found[name] = unquote(value.strip(WS))
    found["scheme"] = scheme.lower()
    return found
