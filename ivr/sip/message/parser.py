"""Bytes to messages. Whatever the bytes, nothing but PeerError comes out (RFC 3261 §7, §18.3; RFC 4475; RFC 5118)."""

import re

from ivr.base.errors import PeerError
from ivr.sip.message.fields import Headers
from ivr.sip.message.grammar import WS, bad, is_token, parse_number, printable
from ivr.sip.message.message import READ_OF_DIALOGS, READ_OF_EVERY, MalformedRequest, Request, Response
from ivr.sip.message.names import CANONICAL, canonical_name
from ivr.sip.message.uri import parse_uri

__all__ = ["MAX_HEAD_BYTES", "MAX_MESSAGE_BYTES", "MalformedRequest", "head_end", "parse", "refuse"]

MAX_MESSAGE_BYTES = 65_535    # a UDP datagram holds no more; TCP is held to the same, as no call needs it
MAX_HEAD_BYTES = 32_768       # the longest real heads (30 hops, Identity, History-Info) stay under 16 kB
MAX_LINE_CHARS = 8_192        # an Identity header with a certificate chain is the longest known, about 4 kB
MAX_LINES = 200               # 70 hops may leave 70 Vias and 70 Record-Routes; a usual INVITE has 20 lines

# Not `[ \t]*\n[ \t]+`: on a long run of spaces that takes time by the square of its length.
_FOLD = re.compile(r"\n[ \t]+")
_VERSION = re.compile(r"SIP/[0-9]+\.[0-9]+", re.IGNORECASE | re.ASCII)
_ECHOED = frozenset(("Via", "From", "To", "Call-ID", "CSeq", "Timestamp"))
# Requests whose Contact says nothing that we use: a faulty one in them is passed over (RFC 3261 §8.2: malformed fields
# that are not needed must be passed over), since a BYE refused for it would leave a dead call standing.
_WITHOUT_CONTACT = frozenset(("ACK", "BYE", "CANCEL", "INFO", "MESSAGE", "OPTIONS", "PRACK"))


def parse(data: bytes) -> Request | Response:
    """Read one message: a datagram, or what StreamFramer cut out of a stream.

    Raises MalformedRequest for a wrong request that can be answered, and PeerError(0) for all that is to be dropped:
    wrong responses, requests without a Via, empty lines that keep a flow alive, what isn't SIP.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise PeerError(0, "Larger than a datagram")
    data = data.lstrip(b"\r\n")
    end, body_at = head_end(data, 0)
    lines = _lines(data[:end] if body_at else data)
    start = lines[0]
    if start[:4].upper() == "SIP/":
        try:
            return _response(start, lines, data, body_at)
        except PeerError as error:
            raise PeerError(0, error.reason) from None
    words = _request_line(start)
    try:
        return _request(words, lines, data, body_at)
    except PeerError as error:
        raise _refused(words[0], lines, error) from None


def refuse(head: bytes, error: PeerError) -> PeerError:
    """`error` as a MalformedRequest if `head` is that of a request that can be answered, and as PeerError(0) if not."""
    lines = _lines(head)
    try:
        return _refused(_request_line(lines[0])[0], lines, error)
    except PeerError as dropped:
        return dropped


def head_end(data: bytes | bytearray, start: int) -> tuple[int, int]:
    """(end of the last header line, start of the body) as found from `start` on; (0, 0) while there is no empty line.

    Lines should end in CRLF; a bare LF, which scripts and simple devices send, is taken too.
    """
    crlf = data.find(b"\n\r\n", start)
    lf = data.find(b"\n\n", start, crlf + 1 if crlf >= 0 else len(data))
    if lf >= 0:
        return lf, lf + 2
    return (crlf, crlf + 3) if crlf >= 0 else (0, 0)


def _lines(head: bytes) -> list[str]:
    """The start line and the unfolded header lines, without their line ends. Text that is no UTF-8 is read as Latin-1,
    line by line: old phones send names so, and every string stays one that can be printed and stored.
    """
    try:
        text = head.decode()
    except UnicodeDecodeError:
        text = "\n".join([_decode(line) for line in head.split(b"\n")])
    lines = text.split("\r\n")
    if text.count("\n") != len(lines) - 1 or "\n " in text or "\n\t" in text:
        lines = _FOLD.sub(" ", text.replace("\r\n", "\n")).split("\n")
    lines[-1] = lines[-1].rstrip("\r")
    return lines


def _decode(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _request_line(start: str) -> list[str]:
    """The words of a request line. Raises PeerError(0) if it is none, so that garbage is never answered.

    Spaces behind the version are passed over (RFC 4475 §3.1.2.10).
    """
    words = start.rstrip(WS).split(" ")
    if len(words) < 3 or (words[-1] != "SIP/2.0" and _VERSION.fullmatch(words[-1]) is None):
        raise PeerError(0, "Not SIP")
    return words


def _request(words: list[str], lines: list[str], data: bytes, body_at: int) -> Request:
    if words[-1].upper() != "SIP/2.0":
        raise PeerError(505, "Version Not Supported")
    if len(words) != 3 or not is_token(words[0]):
        raise bad("Bad Request-Line")
    uri = parse_uri(words[1])
    if uri.headers:
        raise bad("Header in Request-URI")
    headers, body = _read(lines, data, body_at)
    headers.read(READ_OF_EVERY)
    request = Request(words[0], uri, headers, body)
    if request.cseq.method != words[0]:
        raise bad("CSeq does not match the method")
    if request.top_via.branch == "z9hG4bK":
        raise bad("Branch without an identifier")
    if words[0] not in _WITHOUT_CONTACT:
        headers.read(READ_OF_DIALOGS)
    return request


def _response(start: str, lines: list[str], data: bytes, body_at: int) -> Response:
    version, _, rest = start.partition(" ")
    digits, _, reason = rest.partition(" ")
    status = parse_number(digits, 699)
    if version.upper() != "SIP/2.0" or len(digits) != 3 or status < 100:
        raise bad("Bad Status-Line")
    headers, body = _read(lines, data, body_at)
    headers.read(READ_OF_EVERY)
    if status < 300:
        headers.read(READ_OF_DIALOGS)
    return Response(status, printable(reason), headers, body)


def _read(lines: list[str], data: bytes, body_at: int) -> tuple[Headers, bytes]:
    """The header fields without Content-Length, and the body that it delimits."""
    if not body_at:
        raise bad("No empty line after the header")
    if body_at > MAX_LINE_CHARS:
        _check_size(lines, body_at)
    if len(lines) > MAX_LINES:
        raise PeerError(513, "Too many header lines")
    fields = lines[1:]
    if "\r" in "".join(fields):
        raise bad("Bad header line")
    rows: dict[str, list[str]] = {}
    for line in fields:
        name, colon, value = line.partition(":")
        if not colon:
            raise bad("Bad header line")
        name = CANONICAL.get(name) or canonical_name(name)
        value = value.strip(WS)
        if name in rows:
            rows[name].append(value)
        else:
            rows[name] = [value]
    body = _body(rows.pop("Content-Length", None), data, body_at)
    return Headers.from_rows(rows), body


def _check_size(lines: list[str], body_at: int) -> None:
    """The limits that a head shorter than one longest line can't pass."""
    if body_at > MAX_HEAD_BYTES:
        raise PeerError(513, "Header too large")
    if max(map(len, lines)) > MAX_LINE_CHARS:
        raise PeerError(513, "Header line too long")


def _body(lengths: list[str] | None, data: bytes, body_at: int) -> bytes:
    """What Content-Length delimits; the rest of a datagram is cut (RFC 3261 §18.3). Without one: all that follows."""
    if lengths is None:
        return data[body_at:]
    if len(lengths) != 1:
        raise bad("Repeated Content-Length")
    length = parse_number(lengths[0], MAX_MESSAGE_BYTES)
    if length > len(data) - body_at:
        raise bad("Content-Length beyond the end")
    return data[body_at:body_at + length]


def _refused(method: str, lines: list[str], error: PeerError) -> MalformedRequest:
    """The refusal with the fields that it copies, from as many lines as can be read.

    Raises PeerError(0) if there is no Via, as nobody could match the answer.
    """
    headers = Headers()
    for line in lines[1:MAX_LINES]:
        name, colon, value = line.partition(":")
        try:
            name = canonical_name(name)
        except PeerError:
            continue
        if colon and name in _ECHOED:
            headers.add(name, value.strip(WS))
    if "Via" not in headers:
        raise PeerError(0, "Request without Via")
    return MalformedRequest(error.status, error.reason, method if is_token(method) else "", headers)
