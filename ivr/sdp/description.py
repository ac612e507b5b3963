"""Session descriptions read (RFC 8866), as much of them as audio calls need."""

from ivr.base.errors import PeerError
from ivr.base.values import frozen

MAX_BYTES = 16_384      # a browser's offer with video has 6 kB; longer ones get 400
MAX_LINES = 500         # the same offer has 150
MAX_MEDIA = 16          # an answer repeats every m= line, so a peer must not choose how long it gets

Attribute = tuple[str, str | None]
Section = tuple[dict[str, str], list[Attribute]]        # the first line of each other kind; the a= lines


@frozen
class Media:
    """One m= line and what stands under it. `address` is its own c= line, None where the session's holds."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    address: str | None = None
    attributes: tuple[Attribute, ...] = ()

    @property
    def first(self) -> dict[str, str | None]:
        """The value of the first a= line of each name; None for a flag."""
        return dict(reversed(self.attributes))

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


def parse(body: bytes) -> SessionDescription:
    """Read a description. Lines may end in LF alone; missing o=, s= and t= are forgiven, since phones forget them.

    Raises PeerError(400) if it is no SDP at all or breaks a limit of this module.
    """
    if len(body) > MAX_BYTES:
        raise PeerError(400, "Session Description Too Long")
    lines = body.decode(errors="replace").strip().split("\n")
    if lines[0].strip() != "v=0" or len(lines) > MAX_LINES:
        raise PeerError(400, "Bad Session Description")
    session, *media = _sections(lines[1:])
    if len(media) > MAX_MEDIA:
        raise PeerError(400, "Too Many Media in Session Description")
    fields, attributes = session
    timing = " ".join(fields.get("t", "0 0").split())            # no bare CR may reach an answer
    return SessionDescription(
        origin=fields.get("o", "-").strip(), name=fields.get("s", "").strip() or "-", timing=timing,
        address=_address(fields), attributes=tuple(attributes), media=tuple([_media(*section) for section in media]))


def _sections(lines: list[str]) -> list[Section]:
    """That of the session, and one for each m= line."""
    sections: list[Section] = [({}, [])]
    fields, attributes = sections[0]
    for line in lines:
        kind, equals, value = line.partition("=")
        if kind == "a" and equals:
            name, colon, value = value.partition(":")
            attributes.append((name.strip(), value.strip() if colon else None))
        elif len(kind) == 1 and equals:
            if kind == "m":
                fields, attributes = {}, []
                sections.append((fields, attributes))
            fields.setdefault(kind, value)
        elif line.strip():
            raise PeerError(400, "Bad Line in Session Description")
    return sections


def _media(fields: dict[str, str], attributes: list[Attribute]) -> Media:
    words = fields["m"].split()
    if len(words) < 4:
        raise PeerError(400, "Bad Media Line in Session Description")
    kind, port, protocol, *formats = words
    return Media(kind, _port(port.partition("/")[0]), protocol, tuple(formats), _address(fields), tuple(attributes))


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else None
    if port is None or port > 65535:
        raise PeerError(400, "Bad Port in Session Description")
    return port


def _address(fields: dict[str, str]) -> str | None:
    """The address of the c= line, without the /ttl of multicast."""
    if "c" not in fields:
        return None
    words = fields["c"].split()
    if len(words) != 3 or words[0].upper() != "IN":
        raise PeerError(400, "Bad Connection Line in Session Description")
    return words[2].partition("/")[0]
