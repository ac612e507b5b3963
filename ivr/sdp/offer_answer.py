"""Offer and answer (RFC 3264) for one audio stream: G.711 in both laws and telephone-event (RFC 4733)."""

from collections.abc import Collection, Container
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Literal

from ivr.base.errors import PeerError
from ivr.sdp.description import Attribute, Media, SessionDescription, parse

Codec = Literal["PCMU", "PCMA"]
Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

STATIC: dict[str, tuple[Codec, int]] = {"0": ("PCMU", 0), "8": ("PCMA", 8)}      # RFC 3551 §6
PAYLOAD_TYPES: dict[str, int] = dict(STATIC.values())
OUR_EVENT_PAYLOAD_TYPE = 101            # what everybody uses; pyVoIP and old gateways know no other
PTIME_MS, LONGEST_PTIME_MS = 20, 60
PROTOCOLS = ("RTP/AVP", "RTP/AVPF")     # AVPF is answered in kind; that we give no feedback is allowed
MIRROR: dict[str, Direction] = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly",
                                "inactive": "inactive"}
NOT_ACCEPTABLE = "Not Acceptable Here"


@dataclass(frozen=True)
class LocalMedia:
    """Our side of a stream: where we receive, and what we speak, in our order of preference.

    `version` must grow by one with each description of the same session that differs (RFC 3264 §8).
    """

    address: str
    port: int
    session_id: int
    version: int
    codecs: tuple[str, ...] = ("PCMA", "PCMU")
    event: bool = True


@dataclass(frozen=True)
class Negotiated:
    """What both sides agreed on. Payload types are those of what we send.

    event_payload_type: telephone-event as the peer wants it, None if it takes none;
    event_payload_type_in: as the peer sends it (our number when the offer was ours);
    direction: as seen by us; ptime_ms: of what we send, a multiple of 10 in 10..60; rtcp: where RTCP would go.
    """

    remote: tuple[str, int]
    codec: Codec
    payload_type: int
    event_payload_type: int | None
    direction: Direction
    ptime_ms: int
    rtcp: tuple[str, int]
    event_payload_type_in: int | None = None


def make_offer(local: LocalMedia, direction: Direction = "sendrecv") -> bytes:
    """An offer of all codecs of `local`."""
    formats = [(PAYLOAD_TYPES[codec], codec) for codec in local.codecs]
    event = OUR_EVENT_PAYLOAD_TYPE if local.event else None
    return _description(local, [_audio(local, "RTP/AVP", formats, event, PTIME_MS, direction)]).to_bytes()


def make_answer(offer: bytes, local: LocalMedia, hold: bool = False) -> tuple[bytes, Negotiated]:
    """Answer the first audio stream that we can carry; every other m= line gets port 0 (RFC 3264 §6).

    `hold`: we want to hear nothing of the peer (we hold it). Raises PeerError(488) when nothing fits, 400 for
    what is no SDP. The peer's order of codecs decides, as the RFC asks.
    """
    description = parse(offer)
    fits = ((place, negotiated) for place, media in enumerate(description.media)
            if (negotiated := _negotiate(description, media, local, hold)) is not None)
    place, negotiated = next(fits, (0, None))
    if negotiated is None:
        raise PeerError(488, NOT_ACCEPTABLE)
    answers = [_refused(media) for media in description.media]
    answers[place] = _audio(local, description.media[place].protocol, [(negotiated.payload_type, negotiated.codec)],
                            negotiated.event_payload_type, negotiated.ptime_ms, negotiated.direction)
    return _description(local, answers, description.timing).to_bytes(), negotiated


def read_answer(answer: bytes, offered: LocalMedia) -> Negotiated:
    """What the peer's answer to make_offer(offered) settles. Raises PeerError(488) if it refused the audio."""
    description = parse(answer)
    if not description.media:
        raise PeerError(488, NOT_ACCEPTABLE)
    negotiated = _negotiate(description, description.media[0], offered, False)
    if negotiated is None:
        raise PeerError(488, NOT_ACCEPTABLE)
    ours = OUR_EVENT_PAYLOAD_TYPE if negotiated.event_payload_type is not None else None
    return Negotiated(negotiated.remote, negotiated.codec, negotiated.payload_type, negotiated.event_payload_type,
                      negotiated.direction, negotiated.ptime_ms, negotiated.rtcp, ours)


def check_remote(remote: tuple[str, int], allow_loopback: bool, own_ports: Container[int],
                 own_addresses: Collection[str] = ()) -> None:
    """Refuse media addresses that would make us hit ourselves or a crowd: PeerError(488).

    Multicast, broadcast and reserved ones, 0.0.0.0 (a caller who is held has it, so ask only when we would send),
    loopback unless allowed, and our own RTP ports at `own_addresses` or on loopback.
    """
    host, port = remote
    address = _ipv4(host)
    if address is None or not 0 < port <= 65535:
        raise PeerError(488, "Bad Media Address")
    if address.is_multicast or address.is_reserved or int(address) >> 24 == 0:
        raise PeerError(488, "Media Address Not Allowed")
    if address.is_loopback and not allow_loopback:
        raise PeerError(488, "Loopback Media Not Allowed")
    if port in own_ports and (address.is_loopback or host in own_addresses):
        raise PeerError(488, "Media Address Is Our Own")


def _negotiate(description: SessionDescription, media: Media, local: LocalMedia, hold: bool) -> Negotiated | None:
    """What this m= line gives, None if we can't carry it."""
    host = media.address or description.address
    if media.kind != "audio" or media.port == 0 or media.protocol not in PROTOCOLS or _ipv4(host or "") is None:
        return None
    chosen = _choose(media, local)
    if host is None or chosen is None:
        return None
    codec, payload_type = chosen
    event = _event_payload_type(media) if local.event else None
    direction = _direction(description, media, host)
    if hold:
        direction = "sendonly" if direction in ("sendrecv", "sendonly") else "inactive"
    return Negotiated((host, media.port), codec, payload_type, event, direction, _ptime_ms(media),
                      _rtcp(media, host), event)


def _choose(media: Media, local: LocalMedia) -> tuple[Codec, int] | None:
    names = _rtpmap(media)
    for payload_type in media.formats:
        name, _, parameters = names.get(payload_type, "").upper().partition("/")
        for codec, number in STATIC.values():
            mapped = name == codec and parameters in ("8000", "8000/1")
            static = not name and STATIC.get(payload_type) == (codec, number)
            if (mapped or static) and codec in local.codecs and _is_payload_type(payload_type):
                return codec, int(payload_type)
    return None


def _event_payload_type(media: Media) -> int | None:
    """The number of telephone-event at our clock rate; the variants at 16 or 48 kHz belong to other codecs."""
    names = _rtpmap(media)
    for payload_type in media.formats:
        if names.get(payload_type, "").lower() in ("telephone-event/8000", "telephone-event/8000/1") \
                and _is_payload_type(payload_type):
            return int(payload_type)
    return None


def _is_payload_type(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 127


def _rtpmap(media: Media) -> dict[str, str]:
    """Payload type as text -> "name/rate[/channels]"."""
    pairs = (value.split(None, 1) for value in media.values("rtpmap"))
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def _direction(description: SessionDescription, media: Media, host: str) -> Direction:
    theirs = "sendrecv"
    for name, value in (*description.attributes, *media.attributes):    # the later, closer one wins
        if name in MIRROR and value is None:
            theirs = name
    ours = MIRROR[theirs]
    if host == "0.0.0.0":       # hold as RFC 2543 had it: nothing may be sent there
        return "recvonly" if ours in ("sendrecv", "recvonly") else "inactive"
    return ours


def _ptime_ms(media: Media) -> int:
    """What the peer asks for, in steps of 10 ms (the plane's grain), never above its maxptime or ours."""
    wanted, longest = _milliseconds(media.value("ptime")), _milliseconds(media.value("maxptime"))
    most = min(longest or LONGEST_PTIME_MS, LONGEST_PTIME_MS)
    return max(10, min(wanted or PTIME_MS, most) // 10 * 10)


def _milliseconds(text: str | None) -> int | None:
    """A whole number of ms; fractions are cut. None for what is absent or makes no sense."""
    digits = (text or "").partition(".")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 4 and int(digits) else None


def _rtcp(media: Media, host: str) -> tuple[str, int]:
    """Where a=rtcp says (RFC 3605), at the host of the media: no peer shall point us at a third party."""
    words = (media.value("rtcp") or "").split()
    if words and words[0].isascii() and words[0].isdigit() and len(words[0]) <= 5 and 0 < int(words[0]) <= 65535:
        return host, int(words[0])
    return host, min(media.port + 1, 65535)


@lru_cache(maxsize=4096)
def _ipv4(text: str) -> IPv4Address | None:
    """None for host names and IPv6: the plane's sockets are IPv4, and nothing here may look a name up."""
    try:
        return IPv4Address(text)
    except ValueError:
        return None


def _audio(local: LocalMedia, protocol: str, formats: list[tuple[int, str]], event: int | None, ptime_ms: int,
           direction: str) -> Media:
    attributes: list[Attribute] = [("rtpmap", f"{number} {codec}/8000") for number, codec in formats]
    numbers = [str(number) for number, _ in formats]
    if event is not None:
        numbers.append(str(event))
        attributes += [("rtpmap", f"{event} telephone-event/8000"), ("fmtp", f"{event} 0-15")]
    attributes += [("ptime", str(ptime_ms)), ("maxptime", str(LONGEST_PTIME_MS)), (direction, None)]
    return Media("audio", local.port, protocol, tuple(numbers), None, tuple(attributes))


def _refused(media: Media) -> Media:
    return Media(media.kind, 0, media.protocol, media.formats)


def _description(local: LocalMedia, media: list[Media], timing: str = "0 0") -> SessionDescription:
    """RFC 3264 §6: the answer's t= equals the offer's."""
    origin = f"- {local.session_id} {local.version} IN IP4 {local.address}"
    return SessionDescription(origin, tuple(media), "-", local.address, timing)
