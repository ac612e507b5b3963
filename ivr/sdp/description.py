"""Session descriptions: text to data and back (RFC 8866), as much of them as audio calls need."""


from ivr.base.errors import PeerError
from ivr.base.values import frozen

MAX_BYTES = 16_384      # a browser's offer with video has 6 kB; longer ones get 400
MAX_LINES = 500         # the same offer has 150
MAX_MEDIA = 16          # an answer repeats every m= line, so a peer must not choose how long it gets

Attribute = tuple[str, str | None]


@frozen
class Media:
    """One m= line and what stands under it. `address` is its own c= line, None where the session's holds."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    address: str | None = None
    attributes: tuple[Attribute, ...] = ()

    def value(self, name: str) -> str | None:
        """The value of the first a=name:value line; "" for a flag; None where there is no such line."""
        return _value(self.attributes, name)

    def values(self, name: str) -> list[str]:
        """The values of all a=name:value lines."""
        return [value for key, value in self.attributes if key == name and value is not None]


@frozen
class SessionDescription:
    """A description. `origin` and `timing` are kept as text: nobody reads them, an answer repeats the second.

    Addresses are literal IPv4 or IPv6, or whatever else the peer wrote; offer_answer judges them.
    """

    origin: str
    media: tuple[Media, ...] = ()
    name: str = "-"
    address: str | None = None
    timing: str = "0 0"
    attributes: tuple[Attribute, ...] = ()

    def value(self, name: str) -> str | None:
        """Like Media.value, at session level."""
        return _value(self.attributes, name)

    def to_bytes(self) -> bytes:
        """The description as it goes on the wire, lines in the order of RFC 8866 §5."""
        lines = ["v=0", f"o={self.origin}", f"s={self.name}"]
        if self.address is not None:
            lines.append(_connection_line(self.address))
        lines += [f"t={self.timing}", *_attribute_lines(self.attributes)]
        for media in self.media:
            lines.append(f"m={media.kind} {media.port} {media.protocol} {' '.join(media.formats)}")
            if media.address is not None:
                lines.append(_connection_line(media.address))
            lines += _attribute_lines(media.attributes)
        return ("\r\n".join(lines) + "\r\n").encode()


def parse(body: bytes) -> SessionDescription:
    """Read a description. Lines may end in LF alone; missing o=, s= and t= are forgiven, since phones forget them.

    Raises PeerError(400) if it is no SDP at all or breaks a limit of this module.
    """
    if len(body) > MAX_BYTES:
        raise PeerError(400, "Session Description Too Long")
    lines = [line for line in body.decode(errors="replace").replace("\r\n", "\n").split("\n") if line.strip()]
    if not lines or lines[0].strip() != "v=0" or len(lines) > MAX_LINES:
        raise PeerError(400, "Bad Session Description")
    sections: list[list[tuple[str, str]]] = [[]]
    for line in lines[1:]:
        kind, equals, value = line.partition("=")
        if len(kind) != 1 or not equals:
            raise PeerError(400, "Bad Line in Session Description")
        if kind == "m":
            sections.append([])
        sections[-1].append((kind, " ".join(value.split())))      # no bare CR may reach an answer
    if len(sections) - 1 > MAX_MEDIA:
        raise PeerError(400, "Too Many Media in Session Description")
    session = dict(reversed(sections[0]))
    return SessionDescription(
        origin=session.get("o", "-"), name=session.get("s") or "-", timing=session.get("t", "0 0"),
        address=_address(sections[0]), attributes=_attributes(sections[0]),
        media=tuple(_media(section) for section in sections[1:]))


def _media(section: list[tuple[str, str]]) -> Media:
    words = section[0][1].split()
    if len(words) < 4:
        raise PeerError(400, "Bad Media Line in Session Description")
    kind, port, protocol, *formats = words
    return Media(kind, _port(port.partition("/")[0]), protocol, tuple(formats), _address(section), _attributes(section))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise PeerError(400, "Bad Port in Session Description")
    return int(text)


def _address(section: list[tuple[str, str]]) -> str | None:
    """The address of the section's first c= line, without the /ttl of multicast."""
    for kind, value in section:
        if kind == "c":
            words = value.split()
            if len(words) != 3 or words[0].upper() != "IN":
                raise PeerError(400, "Bad Connection Line in Session Description")
            return words[2].partition("/")[0]
    return None


def _attributes(section: list[tuple[str, str]]) -> tuple[Attribute, ...]:
    found: list[Attribute] = []
    for kind, text in section:
        if kind == "a":
            name, colon, value = text.partition(":")
            found.append((name.strip(), value.strip() if colon else None))
    return tuple(found)


def _value(attributes: tuple[Attribute, ...], name: str) -> str | None:
    for key, value in attributes:
        if key == name:
            return value or ""
    return None


def _connection_line(address: str) -> str:
    return f"c=IN {'IP6' if ':' in address else 'IP4'} {address}"


def _attribute_lines(attributes: tuple[Attribute, ...]) -> list[str]:
    return [f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes]
