"""The small words of RFC 3261 §25.1 that every header field is made of: tokens, numbers, quoted strings, hosts, lists.

Everything here takes text that is already unfolded, so that LWS is spaces and tabs, and raises PeerError(400).
"""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address

from ivr.base.errors import PeerError

WS = " \t"
Parameters = tuple[tuple[str, str | None], ...]     # (lower-case name, value as it stood or None), in order

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
# RFC 3261 knows no underscore in a host; container and Windows networks do.
_HOST = re.compile(r"[A-Za-z0-9_.\-]+")
# Each alternative also matches when its end is missing, up to the end of the text. So nothing is scanned twice, and a
# line of a thousand opening quotes costs a thousand steps and not a million.
_SKIPPED = r'"(?:[^"\\]|\\.?)*(?:"|\Z)|<[^>]*(?:>|\Z)'
_COMMA = re.compile(_SKIPPED + "|,", re.DOTALL)
_SEMICOLON = re.compile(_SKIPPED + "|;", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Liberal: a parameter may hold what a token may not, IPv6 addresses above all (RFC 5118 §4.5), but nothing that would
# end it or that a log could not show.
_VALUE = re.compile("[^\x00-\x20\x7f-\xa0\"<>\u2028\u2029]*")
MAX_PORT = 65535
# Values of one header, or parameters of one value: more than the 70 hops that Max-Forwards allows, and read within half
# a millisecond. Above it: 400.
MAX_VALUES = 100
# Parameters as nearly everybody writes them, without anything that needs a second look: tag, branch, rport, transport.
_PLAIN_PARAMETERS = re.compile(r"(?:;[a-z][a-z0-9-]*(?:=[A-Za-z0-9._~+*%:-]*)?){1,99}")


def bad(reason: str) -> PeerError:
    """The 400 for a message that breaks the grammar. `reason` is ours and holds nothing of the peer's."""
    return PeerError(400, reason)


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def printable(text: str) -> str:
    """`text` fit for a screen, a log or a database: control characters become U+FFFD."""
    return text if text.isascii() and text.isprintable() else _UNPRINTABLE.sub("\ufffd", text)


def parse_number(text: str, limit: int) -> int:
    """An unsigned number up to `limit`, leading zeros allowed (RFC 4475 §3.1.1.1 has `0068`)."""
    if not (text.isascii() and text.isdigit()):
        raise bad("Number expected")
    # the length is looked at first: int() of a thousand digits is slow, and of five thousand a ValueError
    if len(text) > 10:
        text = text.lstrip("0") or "0"
    number = int(text) if len(text) <= 10 else limit + 1
    if number > limit:
        raise bad("Number too large")
    return number


def unquote(text: str) -> str:
    """The content of a quoted string, escapes undone; a text without quotes comes back as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    return _ESCAPED.sub(r"\1", inner) if "\\" in inner else inner


def quote(text: str) -> str:
    """`text` as a quoted string. Control characters, which could end the line, are replaced."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def end_of_quotes(text: str) -> int:
    """Index just behind the quoted string that `text` begins with. Raises PeerError(400) if it has no end."""
    end = text.find('"', 1)
    if end < 0:
        raise bad("Unbalanced quotes")
    if "\\" not in text[1:end]:
        return end + 1
    index = 1
    while index < len(text):
        if text[index] == '"':
            return index + 1
        index += 2 if text[index] == "\\" else 1
    raise bad("Unbalanced quotes")


def split_commas(text: str) -> list[str]:
    """The values of one header line; commas inside quotes and angle brackets do not count."""
    if "," not in text:
        return [text]
    if '"' not in text and "<" not in text:
        return text.split(",")
    return _split(text, _COMMA)


def split_lines(lines: list[str]) -> list[str]:
    """The values of every line of one header, without LWS at their ends. Raises PeerError(400) above MAX_VALUES."""
    if len(lines) == 1 and "," not in lines[0]:
        return [lines[0].strip(WS)]
    return bounded([value.strip(WS) for line in lines for value in split_commas(line)])


def bounded(values: list[str]) -> list[str]:
    """`values`, if they are no more than MAX_VALUES; else PeerError(400)."""
    if len(values) > MAX_VALUES:
        raise bad("Too many values")
    return values


def split_semicolons(text: str) -> list[str]:
    """As `split_commas`, for parameters."""
    if '"' not in text:
        return text.split(";")
    return _split(text, _SEMICOLON)


def _split(text: str, pattern: re.Pattern[str]) -> list[str]:
    pieces = []
    start = 0
    for match in pattern.finditer(text):
        if match.end() - match.start() == 1 and match[0] in ",;":
            pieces.append(text[start:match.start()])
            start = match.end()
    pieces.append(text[start:])
    return pieces


def strip_comments(text: str) -> str:
    """`text` without its comments in parentheses, which nest and hold escapes (Retry-After, Server, User-Agent)."""
    if "(" not in text:
        return text
    kept: list[str] = []
    depth = 0
    index = 0
    while index < len(text):
        char = text[index]
        if char == "\\" and depth:
            index += 1
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(char)
        index += 1
    return "".join(kept)


def parse_parameters(text: str) -> Parameters:
    """The parameters of a header value: "" or `;name=value;name`, LWS anywhere between. An empty one is refused."""
    if _PLAIN_PARAMETERS.fullmatch(text) is not None:
        plain: list[tuple[str, str | None]] = []
        for piece in text[1:].split(";"):
            name, equals, value = piece.partition("=")
            plain.append((name, value if equals else None))
        return tuple(plain)
    first, *pieces = bounded(split_semicolons(text))
    if first.strip(WS):
        raise bad("Parameters must begin with a semicolon")
    parameters = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip(WS).lower()
        if _TOKEN.fullmatch(name) is None:
            raise bad("Bad parameter")
        value = value.strip(WS)
        if _VALUE.fullmatch(value) is None and value[0] != '"':
            raise bad("Bad parameter")
        parameters.append((name, value if equals else None))
    return tuple(parameters)


def find_parameter(parameters: Parameters, name: str) -> str | None:
    """The value of `name` without its quotes, "" for one without a value, None if it isn't there."""
    for key, value in parameters:
        if key == name:
            return (unquote(value) if value[0] == '"' else value) if value else ""
    return None


def print_parameters(parameters: Parameters) -> str:
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in parameters])


@lru_cache(maxsize=4096)         # the same few neighbours stand in every Via
def parse_host_port(text: str) -> tuple[str, int | None]:
    """`host`, `host:port`, `[IPv6]` or `[IPv6]:port`. The host comes back in lower case and without brackets."""
    if text[:1] == "[":
        host, bracket, rest = text[1:].partition("]")
        host = check_ipv6(host.lower())
        before, colon, port = rest.partition(":")
        if not bracket or before.strip(WS):
            raise bad("Bad host")
    else:
        host, colon, port = text.partition(":")
        if colon:
            host = host.rstrip(WS)
        if _HOST.fullmatch(host) is None:
            raise bad("Bad host")
        host = host.lower()
    if not colon:
        return host, None
    return host, _parse_port(port.lstrip(WS))


def _parse_port(text: str) -> int:
    number = parse_number(text, MAX_PORT)
    if not number:
        raise bad("Bad port")
    return number


def check_ipv6(text: str) -> str:
    """`text` if it is an IPv6 address. Three colons in a row, which RFC 3261's own grammar asks for, count as two.

    RFC 5118 §4.10 asks receivers to bear both. Zones (`fe80::1%eth0`) mean nothing on another host and are refused.
    """
    text = text.replace(":::", "::", 1)
    try:
        if "%" in text:
            raise bad("Bad IPv6 address")
        IPv6Address(text)
    except AddressValueError:
        raise bad("Bad IPv6 address") from None
    return text


def print_host_port(host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"
