"""The words that config.yaml is written in: names, addresses, ports, languages, each with what is allowed.

Each word is a pydantic type. A wrong one raises PydanticCustomError with a `remedy` in its context, which says what
is allowed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, Any, Literal, NoReturn, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

T = TypeVar("T")
MOST_WORKERS = 64
MOST_LEVEL = 10         # of a skill


@dataclass(frozen=True)
class SipListen:
    """Where SIP is heard: transport `udp`, `tcp` or `tls`, an IP address, a port."""

    transport: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.transport}:{_bracketed(self.host)}:{self.port}"


@dataclass(frozen=True)
class TcpListen:
    """An IP address and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{_bracketed(self.host)}:{self.port}"


@dataclass(frozen=True)
class PortRange:
    """UDP ports `first` to `last`, both included: pairs of an even port (RTP) and the odd one above it (RTCP)."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    @property
    def pairs(self) -> int:
        """How many streams the range holds at one time."""
        return (self.last - self.first + 1) // 2

    def share(self, part: int, parts: int) -> "PortRange":
        """The pairs of one of so many parts, as equal as they can be."""
        begin, end = (self.pairs * bound // parts for bound in (part, part + 1))
        return PortRange(self.first + 2 * begin, self.first + 2 * end - 1)


@lru_cache(maxsize=4096)         # asked for every call
def is_loopback(host: str) -> bool:
    """Whether `host` is a loopback address; a name never is."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refuse(message: str, remedy: str) -> NoReturn:
    raise PydanticCustomError("word", "{message}", {"message": message, "remedy": remedy})


def _matching(pattern: str, what: str, remedy: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            _refuse(f'"{text}" is not {what}', remedy)
        return text

    return check


def _one_or_many(given: Any) -> Any:
    """A list of one may be written without its brackets."""
    return (given,) if isinstance(given, str) else given


def _host(text: str) -> str:
    try:
        return str(ip_address(text.removeprefix("[").removesuffix("]") if text.startswith("[") else text))
    except ValueError:
        _refuse(f'"{text}" is not an IP address', "for example 192.0.2.10 or 2001:db8::10")


def _usable_host(text: str) -> str:
    address = ip_address(_host(text))
    if address.is_unspecified or address.is_multicast:
        _refuse(f'"{text}" is no address of one machine', "the address that others reach this server at")
    return str(address)


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        remedy = "for example 203.0.113.0/24, or one address"
        if "host bits" in str(error):
            remedy = f"{ip_network(text, strict=False)}, or one address without a slash"
        _refuse(f'"{text}" is not a network', remedy)


def _host_and_port(text: str, example: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal():
        _refuse(f'"{text}" is not an address with a port', f"for example {example}")
    address = _host(host)
    if isinstance(ip_address(address), IPv6Address) != host.startswith("["):
        _refuse(f'"{text}" is not an address with a port', "an IPv6 address stands in brackets: [::]:8080")
    if not 1 <= int(port) <= 65535:
        _refuse(f"there is no port {port}", "1 to 65535")
    return address, int(port)


def _sip_listen(given: Any) -> SipListen:
    if isinstance(given, SipListen):
        return given
    transport, _, rest = str(given).partition(":")
    if not isinstance(given, str) or transport.lower() not in ("udp", "tcp", "tls"):
        _refuse(f'"{given}" is not a place to hear SIP',
                "udp:ADDRESS:PORT, tcp:ADDRESS:PORT or tls:ADDRESS:PORT, as udp:0.0.0.0:5060")
    return SipListen(transport.lower(), *_host_and_port(rest, "udp:0.0.0.0:5060"))


def _tcp_listen(given: Any) -> TcpListen:
    if isinstance(given, TcpListen):
        return given
    return TcpListen(*_host_and_port(str(given), "127.0.0.1:8080"))


def _name_server(given: Any) -> TcpListen:
    if isinstance(given, TcpListen):
        return given
    text = str(given)
    alone = text.count(":") != 1 and not text.rpartition("]")[2].startswith(":")
    return TcpListen(_host(text), 53) if alone else TcpListen(*_host_and_port(text, "192.0.2.53 or 127.0.0.1:5353"))


def _port_range(given: Any) -> PortRange:
    if isinstance(given, PortRange):
        return given
    first, dash, last = str(given).partition("-")
    if not dash or not first.strip().isdecimal() or not last.strip().isdecimal():
        _refuse(f'"{given}" is not a range of ports', "for example 16384-17383")
    ports = PortRange(int(first), int(last))
    if not 1024 <= ports.first < ports.last <= 65535:
        _refuse(f'"{given}" is not a range of ports that may be used', "1024 to 65535, the smaller one first")
    if ports.first % 2:
        _refuse(f"ports begin with the odd {ports.first}", f"pairs begin with an even port: {ports.first + 1}-…")
    if not ports.last % 2:
        _refuse(f"ports end with the even {ports.last}", f"pairs end with an odd port: {ports.first}-{ports.last + 1}")
    return ports


def _workers(given: Any) -> Any:
    if given == "auto" or (str(given).isascii() and str(given).isdecimal() and 1 <= int(given) <= MOST_WORKERS):
        return given if given == "auto" else int(given)
    _refuse(f'"{given}" is not a number of processes', f"auto, or 1 to {MOST_WORKERS}")


def _resolved(text: str, info: ValidationInfo) -> str:
    """A path as it stands; under a context with `resolve` (str -> str), the absolute path that it gives."""
    if not text or "\0" in text:
        _refuse("this is not a path", "a file or folder, relative to the folder of this file")
    return str(info.context["resolve"](text)) if info.context else text


def _database_url(text: str, info: ValidationInfo) -> str:
    scheme, separator, rest = text.partition("://")
    dialect = scheme.partition("+")[0]
    if not separator or dialect not in ("sqlite", "postgresql", "postgres"):
        _refuse("this is not the address of a database this service can use",
                "sqlite:///var/hotline.db or postgresql://user@host/name")
    if dialect == "sqlite":
        if not rest.startswith("/") or rest in ("/", "/:memory:"):
            _refuse("this names no file", "sqlite:///var/hotline.db: three slashes and a path relative to this file")
        return f"sqlite:///{_resolved(rest[1:], info)}"
    try:
        parts = urlsplit(text)
        complete = bool(parts.hostname and parts.path.strip("/")) and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        _refuse("this names no host or no database", "postgresql://user@host/name")
    return f"postgresql://{rest}"


CODECS = {"pcma": "PCMA", "alaw": "PCMA", "pcmu": "PCMU", "ulaw": "PCMU", "g722": "G722", "opus": "opus"}


def _codec(given: Any) -> Any:
    """Names as SDP has them, in any letters, and the two that G.711 goes by."""
    return CODECS.get(given.lower(), given) if isinstance(given, str) else given


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) != len(names):
        _refuse("a codec stands here twice", "each once, the dearest first")
    return names


def _status_code(given: Any) -> Any:
    return int(given) if isinstance(given, str) and given.isdecimal() else given


def _levels(given: Any) -> Any:
    """Skills without levels are of level 1."""
    return dict.fromkeys(_one_or_many(given), 1) if isinstance(given, str | list | tuple) else given


def _interval(seconds: float) -> float:
    if 0 < seconds < 10 or seconds < 0:
        _refuse(f"{seconds:g} s is too short for what is said to somebody", "at least 10 s, or 0 for never")
    return seconds


_STATUSES = ("available", "on_break", "logged_out")


def _status(text: str) -> str:
    if text not in _STATUSES:
        _refuse(f'"{text}" is not a status', "one of " + ", ".join(_STATUSES))
    return text


Name = Annotated[str, AfterValidator(_matching(
    r"[a-z0-9][a-z0-9_.-]{0,31}", "a name", "small letters, digits, and . _ - inside; up to 32"))]
Number = Annotated[str, AfterValidator(_matching(
    r"\+?[A-Za-z0-9*#._-]{1,63}", "a number that can be dialled", "digits, letters, and + in front; up to 64"))]
PhoneNumber = Annotated[str, AfterValidator(_matching(
    r"\+?[0-9][0-9 ()./-]{2,30}", "a telephone number", "as +74951234567, or as dialled within `country`"))]
NumberPrefix = Annotated[str, AfterValidator(_matching(
    r"\+[1-9][0-9]{0,14}", "the beginning of an international number", "a plus and digits, as +7495"))]
Country = Annotated[str, AfterValidator(_matching(
    r"([A-Z]{2})?", "a country", "its two letters (ISO 3166) as RU or DE, or nothing"))]
Language = Annotated[str, AfterValidator(_matching(r"[a-z]{2,3}(-[A-Z]{2})?", "a language", "as en, ru or pt-BR"))]
PromptName = Annotated[str, AfterValidator(_matching(
    r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*(\.[a-z0-9]+)?", "the name of a prompt",
    "a file below the prompts' folder: letters, digits, - and _"))]
Realm = Annotated[str, AfterValidator(_matching(
    r"[A-Za-z0-9]([A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?", "a realm", "letters, digits, and space . _ - inside; up to 64"))]
SipUri = Annotated[str, AfterValidator(_matching(
    r"sips?:([A-Za-z0-9*#+._~%!-]+@)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(;[A-Za-z0-9=._-]+)*",
    "a SIP address", "as sip:cards@pbx.example.com or sip:200@192.0.2.20:5060"))]
SipHost = Annotated[str, AfterValidator(_matching(
    r"(sips?:)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(;[A-Za-z0-9=._-]+)*",
    "the host of a SIP server", "as sip.example.com, 192.0.2.20:5060 or sip:sip.example.com;transport=tcp"))]
Dialled = Annotated[str, AfterValidator(_matching(
    r"[0-9*#]{0,16}", "what stands before a number", "digits, * and #; up to 16"))]
VariableName = Annotated[str, AfterValidator(_matching(
    r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable", "as HOTLINE_PASSWORD"))]
Level = Annotated[int, Field(ge=1, le=MOST_LEVEL)]
Levels = BeforeValidator(_levels)
Status = Annotated[str, AfterValidator(_status)]
Interval = Annotated[float, AfterValidator(_interval)]
Address = Annotated[str, AfterValidator(_usable_host)]
Network = Annotated[str, AfterValidator(_network)]
FilePath = Annotated[str, AfterValidator(_resolved)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
ListenAt = Annotated[SipListen, PlainValidator(_sip_listen)]
WebListenAt = Annotated[TcpListen, PlainValidator(_tcp_listen)]
NameServerAt = Annotated[TcpListen, PlainValidator(_name_server)]
Ports = Annotated[PortRange, PlainValidator(_port_range)]
Workers = Annotated[int | Literal["auto"], PlainValidator(_workers)]
StatusCode = BeforeValidator(_status_code)
SrtpPolicy = Literal["never", "offered", "required"]
CodecName = Annotated[Literal["PCMA", "PCMU", "G722", "opus"], BeforeValidator(_codec)]
ListOf = Annotated[tuple[T, ...], BeforeValidator(_one_or_many)]
CodecNames = Annotated[ListOf[CodecName], AfterValidator(_each_once), Field(min_length=1, max_length=4)]
