"""SIP, SIPS and tel URIs, and any other URI by its scheme alone (RFC 3261 §19.1, RFC 3966)."""

import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ivr.sip.message.grammar import (
    Parameters,
    bad,
    bounded,
    find_parameter,
    parse_host_port,
    print_host_port,
    print_parameters,
    printable,
)

# A URI is ASCII by its grammar; phones send user parts in plain UTF-8 all the same, and those are taken.
_UNSAFE = re.compile('[\x00-\x20\x7f-\xa0<>"\u2028\u2029\ud800-\udfff]')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()")
# In one URI and not in the other, these five make two URIs different (§19.1.4); others are then ignored.
_TELLING = ("user", "ttl", "method", "maddr", "transport")


class Uri(NamedTuple):
    """One URI. Escapes stay as they came, so that it is sent back as it was; scheme and host are in lower case.

    An IPv6 host stands without brackets. A tel URI has its number as `user` and an empty host. Any other scheme has
    all behind its colon in `opaque`. A tuple, because making one takes a quarter of the time of a frozen dataclass.
    """

    scheme: str
    user: str | None = None
    password: str | None = None
    host: str = ""
    port: int | None = None
    parameters: Parameters = ()
    headers: tuple[tuple[str, str], ...] = ()
    opaque: str = ""

    @property
    def is_sip(self) -> bool:
        """Whether we may be asked for it: anything else as a Request-URI is a 416."""
        return self.scheme in ("sip", "sips")

    @property
    def plain_user(self) -> str:
        """The user with escapes undone, for people and for look-ups; control characters become U+FFFD."""
        if self.user is None:
            return ""
        return unescape(self.user)

    def parameter(self, name: str) -> str | None:
        """The value of a parameter, "" if it has none, None if it isn't there. `name` in lower case."""
        found = find_parameter(self.parameters, name)
        if found is None and any("%" in key for key, _ in self.parameters):
            plain = tuple((unescape(key).lower(), value) for key, value in self.parameters)
            return find_parameter(plain, name)
        return found

    def __str__(self) -> str:
        if self.opaque:
            return f"{self.scheme}:{self.opaque}" if self.scheme else self.opaque
        parameters = print_parameters(self.parameters) if self.parameters else ""
        if self.scheme == "tel":
            return f"tel:{self.user}{parameters}"
        user = "" if self.user is None else self.user
        if self.password is not None:
            user += f":{self.password}"
        host = print_host_port(self.host, self.port)
        headers = "?" + "&".join(f"{name}={value}" for name, value in self.headers) if self.headers else ""
        return f"{self.scheme}:{user}{'@' if user else ''}{host}{parameters}{headers}"

    def __repr__(self) -> str:
        shown = self if self.password is None else self._replace(password="***")
        return f"Uri({str(shown)!r})"


@lru_cache(maxsize=4096)         # most are our own, or come again in the same dialog
def parse_uri(text: str) -> Uri:
    """Read one URI without brackets. Raises PeerError(400)."""
    if _UNSAFE.search(text) is not None:
        raise bad("Bad character in URI")
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon:
        raise bad("URI without a scheme")
    if scheme not in ("sip", "sips"):
        return _parse_other(scheme, rest)
    userinfo, at, place = rest.rpartition("@")
    user: str | None = None
    password: str | None = None
    if at:
        user, colon, secret = userinfo.partition(":")
        password = secret if colon else None
        if not user or "@" in userinfo:
            raise bad("Bad user in URI")
    place, _, headers = place.partition("?")
    place, semicolon, parameters = place.partition(";")
    host, port = parse_host_port(place)
    return Uri(scheme, user, password, host, port,
               _parse_parameters(parameters) if semicolon else (), _parse_headers(headers) if headers else ())


def _parse_other(scheme: str, rest: str) -> Uri:
    if not rest or _SCHEME.fullmatch(scheme) is None:
        raise bad("Bad URI")
    if scheme != "tel":
        return Uri(scheme, opaque=rest)
    number, semicolon, parameters = rest.partition(";")
    if not number:
        raise bad("Bad number in URI")
    return Uri("tel", user=number, parameters=_parse_parameters(parameters) if semicolon else ())


def _parse_parameters(text: str) -> Parameters:
    """A URI's parameters hold no quotes and no LWS. Phones leave semicolons at the end: empty ones are passed over."""
    parameters = []
    for piece in bounded(text.split(";")):
        name, equals, value = piece.partition("=")
        if name:
            parameters.append((name.lower(), value if equals else None))
        elif equals:
            raise bad("Bad parameter in URI")
    return tuple(parameters)


def _parse_headers(text: str) -> tuple[tuple[str, str], ...]:
    headers = []
    for piece in bounded(text.split("&")):
        name, equals, value = piece.partition("=")
        if not name or not equals:
            raise bad("Bad header in URI")
        headers.append((name, value))
    return tuple(headers)


def unescape(text: str) -> str:
    """`%41` as `A`, read as UTF-8; what is then no text or a control character becomes U+FFFD."""
    if "%" not in text:
        return printable(text)
    return printable(unquote_to_bytes(text).decode("utf-8", "replace"))


def equivalent(a: Uri, b: Uri) -> bool:
    """Whether two URIs are the same by RFC 3261 §19.1.4. Other schemes than sip and sips: letter by letter."""
    if a.scheme != b.scheme:
        return False
    if not a.is_sip:
        return a == b
    return (_same(a.user, b.user) and _same(a.password, b.password)
            and _plain_host(a.host) == _plain_host(b.host) and a.port == b.port
            and _same_parameters(a, b) and _header_set(a) == _header_set(b))


def _same(a: str | None, b: str | None) -> bool:
    if a is None or b is None:
        return a is b
    return _normal(a) == _normal(b)


def _normal(text: str) -> str:
    """`text` with needless escapes undone, the others in upper case: `%2d` and `-` are the same, `%3B` and `;` not."""
    return _ESCAPE.sub(_normal_escape, text) if "%" in text else text


def _normal_escape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


def _plain_host(host: str) -> str:
    return IPv6Address(host).compressed if ":" in host else host


def _same_parameters(a: Uri, b: Uri) -> bool:
    ours, theirs = _parameter_map(a), _parameter_map(b)
    if any((name in ours) != (name in theirs) for name in _TELLING):
        return False
    return all(theirs[name] == value for name, value in ours.items() if name in theirs)


def _parameter_map(uri: Uri) -> dict[str, str]:
    return {_normal(name).lower(): _normal(value or "").lower() for name, value in uri.parameters}


def _header_set(uri: Uri) -> list[tuple[str, str]]:
    return sorted((_normal(name).lower(), _normal(value).lower()) for name, value in uri.headers)
