"""Offer and answer (RFC 3264) for one audio stream: G.711, G.722, Opus (RFC 7587) and telephone-event (RFC 4733)."""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Literal

from ivr.base.errors import PeerError
from ivr.base.values import frozen
from ivr.sdp.address import UNSPECIFIED, canonical, same_family
from ivr.sdp.crypto import SECURE, Crypto, Policy, crypto_line, crypto_lines, match_crypto, take_crypto, usable
from ivr.sdp.description import Media, SessionDescription, parse

Codec = Literal["PCMU", "PCMA", "G722", "opus"]
Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

STATIC: dict[str, Codec] = {"0": "PCMU", "8": "PCMA", "9": "G722"}      # RFC 3551 §6
OURS = {"PCMU": (0, "PCMU/8000"), "PCMA": (8, "PCMA/8000"), "G722": (9, "G722/8000"), "opus": (96, "opus/48000/2")}
# G.722 has 16,000 samples a second on a clock of 8,000 (RFC 3551 §4.5.2); Opus says two channels whatever it carries
# (RFC 7587 §7), and what says otherwise is something else.
MAPPED: dict[str, Codec] = {
    "PCMU/8000": "PCMU", "PCMU/8000/1": "PCMU", "PCMA/8000": "PCMA", "PCMA/8000/1": "PCMA", "G722/8000": "G722",
    "G722/8000/1": "G722", "OPUS/48000/2": "opus"}
CLOCK_RATES = {"PCMU": 8000, "PCMA": 8000, "G722": 8000, "opus": 48_000}
# RFC 7587 §6.1: what we like to receive. What we send is mono, of a constant rate, and may be relayed from anybody.
OPUS_PARAMETERS = "useinbandfec=1;stereo=0;sprop-stereo=0"
OPUS_BITS_PER_SECOND = 64_000           # of what we send; who takes less is spoken to in another codec if there is one
EVENT = {f"TELEPHONE-EVENT/{rate}{channels}": rate for rate in (8000, 48_000) for channels in ("", "/1")}
OUR_EVENT_PAYLOAD_TYPES = {8000: 101, 48_000: 97}       # everybody uses 101; pyVoIP and old gateways know no other
PTIME_MS, LONGEST_PTIME_MS = 20, 60
OPUS_PTIME_MS = 20                      # of all that we send in it
MIRROR: dict[str, Direction] = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly",
                                "inactive": "inactive"}
NOT_ACCEPTABLE = "Not Acceptable Here"


@frozen
class LocalMedia:
    """Our side of a stream: where we receive, and what we speak, in our order of preference.

    `version` must grow by one with each description of the same session that differs (RFC 3264 §8). `other_address`
    is of the other family (IPv4, IPv6), for an offer that wants its audio there; None where we have none. `keys` are
    ours for SRTP, one for each suite; `offer_srtp`: whether our own offers ask for it (AVPF and SAVPF are answered in
    kind; that we give no feedback is allowed).
    """

    address: str
    port: int
    session_id: int
    version: int
    codecs: tuple[str, ...] = ("PCMA", "PCMU")
    event: bool = True
    other_address: str | None = None
    srtp: Policy = "never"
    offer_srtp: bool = False
    keys: Iterable[str] = field(default=(), repr=False)

    def facing(self, remote: str) -> str | None:
        """Our address of the same family as the peer's."""
        if same_family(self.address, remote):
            return self.address
        other = self.other_address
        return other if other is not None and same_family(other, remote) else None


@frozen
class Negotiated:
    """What both sides agreed on. Payload types are those of what we send.

    event_payload_type: telephone-event as the peer wants it, None if it takes none;
    event_payload_type_in: as the peer sends it (our number when the offer was ours); event_clock_rate: of both;
    direction: as seen by us; ptime_ms: of what we send, a multiple of 10 in 10..60; rtcp: where RTCP goes.
    """

    remote: tuple[str, int]
    codec: Codec
    payload_type: int
    event_payload_type: int | None
    direction: Direction
    ptime_ms: int
    rtcp: tuple[str, int]
    event_payload_type_in: int | None = None
    crypto: Crypto | None = None
    event_clock_rate: int = 8000


def make_offer(local: LocalMedia, direction: Direction = "sendrecv") -> bytes:
    """An offer of all codecs of `local`."""
    formats = [(OURS[codec][0], codec) for codec in local.codecs]
    rates = {8000, *(CLOCK_RATES[codec] for codec in local.codecs)}     # see _event
    event = [(OUR_EVENT_PAYLOAD_TYPES[rate], rate) for rate in sorted(rates)] if local.event else []
    protocol, crypto = ("RTP/SAVP", crypto_lines(local.keys)) if local.offer_srtp else ("RTP/AVP", [])
    audio = _audio(local, protocol, formats, event, PTIME_MS, direction, crypto)
    return _description(local.address, local, [audio])


def make_answer(offer: bytes, local: LocalMedia, hold: bool = False) -> tuple[bytes, Negotiated]:
    """Answer the first audio stream that we can carry; every other m= line gets port 0 (RFC 3264 §6).

    `hold`: we want to hear nothing of the peer (we hold it). Raises PeerError(488) when nothing fits, 400 for
    what is no SDP. The peer's order of codecs decides, as the RFC asks; of a plain and an encrypted stream for the
    same audio the encrypted one.
    """
    description = parse(offer)
    for media in sorted(description.media, key=lambda media: media.protocol not in SECURE):
        negotiated = _negotiate(description, media, local, hold)
        if negotiated is not None:
            return _answer(description, media, local, negotiated), negotiated
    raise PeerError(488, NOT_ACCEPTABLE)


def _answer(description: SessionDescription, carried: Media, local: LocalMedia, agreed: Negotiated) -> bytes:
    crypto = agreed.crypto
    events = [] if agreed.event_payload_type is None else [(agreed.event_payload_type, agreed.event_clock_rate)]
    audio = _audio(local, carried.protocol, [(agreed.payload_type, agreed.codec)], events, agreed.ptime_ms,
                   agreed.direction,
                   [crypto_line(crypto.tag, crypto.suite, crypto.key_out)] if crypto is not None else [])
    ours = local.facing(agreed.remote[0]) or local.address
    return _description(ours, local, [audio if media is carried else _refused(media) for media in description.media],
                        description.timing)


def read_answer(answer: bytes, offered: LocalMedia) -> Negotiated:
    """What the peer's answer to make_offer(offered) settles. Raises PeerError(488) if it refused the audio."""
    description = parse(answer)
    if not description.media or (description.media[0].protocol in SECURE) != offered.offer_srtp:
        raise PeerError(488, NOT_ACCEPTABLE)
    negotiated = _negotiate(description, description.media[0], offered, False)
    if negotiated is None:
        raise PeerError(488, NOT_ACCEPTABLE)
    ours = OUR_EVENT_PAYLOAD_TYPES[negotiated.event_clock_rate] if negotiated.event_payload_type is not None else None
    crypto = match_crypto(description.media[0], offered.keys) if offered.offer_srtp else None
    if offered.offer_srtp and crypto is None:
        raise PeerError(488, NOT_ACCEPTABLE)
    return replace(negotiated, event_payload_type_in=ours, crypto=crypto)


def _negotiate(description: SessionDescription, media: Media, local: LocalMedia, hold: bool) -> Negotiated | None:
    """What this m= line gives, None if we can't carry it."""
    host = canonical(media.address or description.address or "")
    if media.kind != "audio" or media.port == 0 or not usable(media.protocol, local.srtp) \
            or host is None or (local.facing(host) is None and host not in UNSPECIFIED):
        return None
    crypto = take_crypto(media, local.keys) if media.protocol in SECURE else None
    names = _rtpmap(media)
    chosen = _choose(media, names, local)
    if chosen is None or (media.protocol in SECURE and crypto is None):
        return None
    codec, payload_type = chosen
    event, event_rate = _event(media, names, CLOCK_RATES[codec]) if local.event else (None, 8000)
    first = media.first
    direction = _direction(description, media, host)
    if hold:
        direction = "sendonly" if direction in ("sendrecv", "sendonly") else "inactive"
    ptime_ms = OPUS_PTIME_MS if codec == "opus" else _ptime_ms(first)
    return Negotiated((host, media.port), codec, payload_type, event, direction, ptime_ms,
                      _rtcp(first, host, media.port), event, crypto, event_rate)


def _choose(media: Media, names: dict[str, str], local: LocalMedia) -> tuple[Codec, int] | None:
    """The peer's first format that we speak; one that wants less than our frames of Opus have only if it is alone."""
    spare = None
    for payload_type in media.formats:
        name = names.get(payload_type)
        codec = STATIC.get(payload_type) if name is None else MAPPED.get(name)
        if codec is None or codec not in local.codecs or not _is_payload_type(payload_type):
            continue
        if codec != "opus" or _takes_opus(media, payload_type):
            return codec, int(payload_type)
        spare = spare or (codec, int(payload_type))
    return spare


def _takes_opus(media: Media, payload_type: str) -> bool:
    """Whether frames of 20 ms at our rate are what the peer wants (RFC 7587 §6.1)."""
    most = _number(_parameters(media, payload_type).get("maxaveragebitrate"))
    longest = _milliseconds(media.first.get("maxptime"))
    return (most is None or most >= OPUS_BITS_PER_SECOND) and (longest is None or longest >= OPUS_PTIME_MS)


def _parameters(media: Media, payload_type: str) -> dict[str, str]:
    """The peer's fmtp for a format, names in small letters; what is no name=value is left out."""
    found: dict[str, str] = {}
    for value in media.values("fmtp"):
        number, _, parameters = value.partition(" ")
        if number == payload_type:
            pairs = [each.partition("=") for each in parameters.split(";")]
            found |= {name.strip().lower(): text.strip() for name, equals, text in pairs if equals}
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 9 else None


def _event(media: Media, names: dict[str, str], clock_rate: int) -> tuple[int | None, int]:
    """The number of telephone-event, and what its durations count in: the codec's clock. Beside Opus some phones have
    one of 8 kHz alone; its packets carry the codec's timestamps all the same."""
    found: dict[int, int] = {}
    for payload_type in media.formats:
        rate = EVENT.get(names.get(payload_type, ""))
        if rate is not None and _is_payload_type(payload_type):
            found.setdefault(rate, int(payload_type))
    rate = clock_rate if clock_rate in found else 8000
    return found.get(rate), rate


def _is_payload_type(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 127


def _rtpmap(media: Media) -> dict[str, str]:
    """Payload type as text -> "NAME/rate[/channels]"."""
    return dict([pair for value in media.values("rtpmap") if len(pair := value.upper().split(None, 1)) == 2])


def _direction(description: SessionDescription, media: Media, host: str) -> Direction:
    theirs = "sendrecv"
    for name, value in description.attributes + media.attributes:    # the later, closer one wins
        if name in MIRROR and value is None:
            theirs = name
    ours = MIRROR[theirs]
    if host in UNSPECIFIED:         # nothing may be sent there
        return "recvonly" if ours in ("sendrecv", "recvonly") else "inactive"
    return ours


def _ptime_ms(attributes: Mapping[str, str | None]) -> int:
    """What the peer asks for, in steps of 10 ms (the plane's grain), never above its maxptime or ours."""
    wanted = _milliseconds(attributes.get("ptime")) or PTIME_MS
    longest = _milliseconds(attributes.get("maxptime")) or LONGEST_PTIME_MS
    return max(10, min(wanted, longest, LONGEST_PTIME_MS) // 10 * 10)


def _milliseconds(text: str | None) -> int | None:
    """A whole number of ms; fractions are cut. None for what is absent or makes no sense."""
    if text is None:
        return None
    digits = text.partition(".")[0]
    return int(digits) or None if digits.isascii() and digits.isdigit() and len(digits) <= 4 else None


def _rtcp(attributes: Mapping[str, str | None], host: str, port: int) -> tuple[str, int]:
    """Where a=rtcp says (RFC 3605), at the host of the media: no peer shall point us at a third party."""
    words = (attributes.get("rtcp") or "").split()
    if words and words[0].isascii() and words[0].isdigit() and len(words[0]) <= 5 and 0 < int(words[0]) <= 65535:
        return host, int(words[0])
    return host, min(port + 1, 65535)


def _audio(local: LocalMedia, protocol: str, formats: list[tuple[int, str]], events: list[tuple[int, int]],
           ptime_ms: int, direction: str, crypto: list[str]) -> str:
    """Our m= line and what stands under it."""
    numbers = maps = ""
    for number, codec in formats:
        numbers += f" {number}"
        maps += f"a=rtpmap:{number} {OURS[codec][1]}\r\n"
        maps += f"a=fmtp:{number} {OPUS_PARAMETERS}\r\n" if codec == "opus" else ""
    for event, rate in events:
        numbers += f" {event}"
        maps += f"a=rtpmap:{event} telephone-event/{rate}\r\na=fmtp:{event} 0-15\r\n"
    return (f"m=audio {local.port} {protocol}{numbers}\r\n{''.join(crypto)}{maps}"
            f"a=ptime:{ptime_ms}\r\na=maxptime:{LONGEST_PTIME_MS}\r\na={direction}\r\n")


def _refused(media: Media) -> str:
    return f"m={media.kind} 0 {media.protocol} {' '.join(media.formats)}\r\n"


def _description(address: str, local: LocalMedia, media: list[str], timing: str = "0 0") -> bytes:
    """Lines in the order of RFC 8866 §5. RFC 3264 §6: the answer's t= equals the offer's."""
    connection = f"IN {'IP6' if ':' in address else 'IP4'} {address}"
    return (f"v=0\r\no=- {local.session_id} {local.version} {connection}\r\ns=-\r\nc={connection}\r\nt={timing}\r\n"
            f"{''.join(media)}").encode()
