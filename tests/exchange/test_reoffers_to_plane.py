"""What a phone changes in the middle of a call, from its description to the packets: codec, address, direction, the
number of telephone-event, encryption, and the policies about that."""

from base64 import b64encode
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from pylibsrtp import Policy as SrtpKey
from pylibsrtp import Session

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.exchange.from_sip import set_stream
from ivr.exchange.legs import Leg, LegTable, MediaPlace
from ivr.media import commands
from ivr.media.events import DigitPressed
from ivr.sdp.crypto import SUITES
from ivr.sdp.description import parse
from tests.media.virtual_peer import World, key, rtp

PLACE = MediaPlace("198.51.100.1", False, "2001:db8::1")
MASTER, OTHER = bytes(range(30)), bytes(range(1, 31))
LONG, SHORT = "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"


def offer(media: str = "4000 RTP/AVP 8 101", *lines: str, host: str = "192.0.2.7") -> bytes:
    family = "IP6" if ":" in host else "IP4"
    events = [f"a=rtpmap:{number} telephone-event/8000" for number in media.split()[2:] if int(number) >= 96]
    return "\r\n".join(["v=0", f"o=- 1 1 IN {family} {host}", "s=-", f"c=IN {family} {host}", "t=0 0",
                        f"m=audio {media}", *events, *lines, ""]).encode()


def crypto(master: bytes = MASTER, suite: str = LONG, tag: int = 1) -> str:
    return f"a=crypto:{tag} {suite} inline:{b64encode(master).decode()}"


class Call:
    """One leg and its stream."""

    def __init__(self, first: bytes | None, place: MediaPlace = PLACE) -> None:
        self.world = World()
        legs = LegTable(Ids(Random(1).randbytes))
        legs.planes.comes(0, self.world.plane.ports, ())
        assert legs.planes.has_clip(0, "")
        leg = legs.open("0", "call", "caller", "caller", place, 0.0)
        assert leg is not None
        self.leg: Leg = leg
        self.leg.sip.take_offer(first)
        self.world.do(commands.OpenStream(0, "0", 0x1000, 7, 0))
        self.set()

    def set(self) -> None:
        for effect in set_stream(self.leg):
            self.world.do(effect.command)

    def reoffer(self, body: bytes | None) -> bytes:
        self.leg.sip.take_reoffer(body)
        self.set()
        return self.leg.sip.body

    def sends(self) -> list[Any]:
        """What the phone gets in the next 100 ms."""
        self.world.sent.clear()
        self.world.run(0.1)
        return self.world.sent


def test_reoffer__another_codec() -> None:
    call = Call(offer("4000 RTP/AVP 8"))
    assert {packet.payload_type for packet in call.sends()} == {8}
    last = call.world.sent[-1]
    call.reoffer(offer("4000 RTP/AVP 0"))
    heard = call.sends()
    assert {(packet.payload_type, packet.payload[0], packet.ssrc) for packet in heard} == {(0, 0xFF, 0x1000)}
    assert heard[0].sequence_number == (last.sequence_number + 1) & 0xFFFF
    call.world.hear(0, rtp(1, 160, payload_type=0), source=("192.0.2.7", 4000))
    assert call.world.plane.table.malformed[0] == 0


@pytest.mark.parametrize(("media", "host"), [("4444", "192.0.2.7"), ("4000", "203.0.113.5"), ("4000", "2001:db8::7")],
                         ids=["port", "address", "family"])
def test_reoffer__another_place(media: str, host: str) -> None:
    call = Call(offer())
    call.sends()
    answer = call.reoffer(offer(f"{media} RTP/AVP 8", host=host))
    assert {packet.destination for packet in call.sends()} == {(host, int(media))}
    assert parse(answer).address == ("2001:db8::1" if ":" in host else "198.51.100.1")
    call.world.hear(0, rtp(1, 160), source=(host, int(media)))
    assert (call.world.plane.table.received[0], call.world.plane.table.refused[0]) == (1, 0)


@pytest.mark.parametrize(("direction", "host", "sends", "receives"), [
    ("sendonly", "192.0.2.7", False, True), ("recvonly", "192.0.2.7", True, False),
    ("inactive", "192.0.2.7", False, False), ("sendrecv", "0.0.0.0", False, True), ("sendrecv", "::", False, True),
])
def test_reoffer__another_direction_and_back(direction: str, host: str, sends: bool, receives: bool) -> None:
    call = Call(offer())
    call.reoffer(offer("4000 RTP/AVP 8 101", f"a={direction}", host=host))
    assert bool(call.sends()) == sends
    call.world.hear(0, key(1, 0, 160, marker=True), source=("192.0.2.7", 4000))
    assert bool(call.world.of(DigitPressed)) == receives
    assert call.leg.sip.held == (not sends)
    call.reoffer(offer())
    assert {packet.destination for packet in call.sends()} == {("192.0.2.7", 4000)}
    call.world.events.clear()
    call.world.hear(0, key(5, 8000, 160, code=3, marker=True), source=("192.0.2.7", 4000))
    assert [event.digit for event in call.world.of(DigitPressed)] == ["3"]


def test_reoffer__another_number_of_telephone_event() -> None:
    call = Call(offer())
    call.world.hear(0, key(1, 0, 160, marker=True), source=("192.0.2.7", 4000))
    call.reoffer(offer("4000 RTP/AVP 8 96"))
    call.world.hear(0, key(2, 1600, 160, code=6, marker=True, payload_type=96), source=("192.0.2.7", 4000))
    assert [event.digit for event in call.world.of(DigitPressed)] == ["5", "6"]
    call.world.do(commands.SendDigit(0, "0", "9"))
    assert 96 in {packet.payload_type for packet in call.sends()}


def test_reoffer__to_encryption_and_to_new_keys_and_to_the_same() -> None:
    call = Call(offer())
    answer = call.reoffer(offer("4000 RTP/SAVP 8", crypto()))
    ours = parse(answer).media[0].first.get("crypto")
    phone = Session(SrtpKey(MASTER, SrtpKey.SSRC_ANY_OUTBOUND))
    call.world.hear(0, phone.protect(rtp(1, 160)), source=("192.0.2.7", 4000))
    assert parse(call.reoffer(offer("4000 RTP/SAVP 8", crypto(), "a=sendonly"))).media[0].first.get("crypto") == ours
    again = phone.protect(rtp(2, 320))
    call.world.hear(0, again, again, source=("192.0.2.7", 4000))
    assert parse(call.reoffer(offer("4000 RTP/SAVP 8", crypto(OTHER)))).media[0].first.get("crypto") == ours
    other = Session(SrtpKey(OTHER, SrtpKey.SSRC_ANY_OUTBOUND))
    call.world.hear(0, other.protect(rtp(3, 480)), source=("192.0.2.7", 4000))
    call.world.hear(0, phone.protect(rtp(4, 640)), source=("192.0.2.7", 4000))
    assert (call.world.plane.table.received[0], call.world.plane.table.refused[0]) == (3, 2)
    assert parse(call.reoffer(offer("4000 RTP/SAVP 8", crypto(suite=SHORT, tag=2)))).media[0].first["crypto"] != ours


def test_reoffer__that_fits_nothing_changes_nothing() -> None:
    call = Call(offer("4000 RTP/SAVP 8", crypto()), replace(PLACE, srtp="required"))
    before = call.leg.sip.negotiated
    with pytest.raises(PeerError, match="Not Acceptable"):
        call.reoffer(offer())
    assert call.leg.sip.negotiated is before


@pytest.mark.parametrize(("policy", "tls", "encrypted"), [
    ("never", True, False), ("offered", False, False), ("offered", True, True), ("required", False, True)])
def test_our_offer__by_policy(policy: Any, tls: bool, encrypted: bool) -> None:
    call = Call(None, replace(PLACE, srtp=policy, tls=tls))
    audio = parse(call.leg.sip.body).media[0]
    assert (audio.protocol, len(audio.values("crypto"))) == (("RTP/SAVP", len(SUITES)) if encrypted else ("RTP/AVP", 0))
    assert len({line.split()[2] for line in audio.values("crypto")}) == len(audio.values("crypto"))


@pytest.mark.parametrize(("first", "tls", "encrypted"), [
    (offer("4000 RTP/SAVP 8", crypto()), False, True), (offer(), True, False)])
def test_reoffer__without_a_description_gets_what_there_is(first: bytes, tls: bool, encrypted: bool) -> None:
    call = Call(first, replace(PLACE, tls=tls))
    answered = parse(call.leg.sip.body).media[0].first.get("crypto")
    offered = parse(call.reoffer(None)).media[0]
    assert offered.protocol == ("RTP/SAVP" if encrypted else "RTP/AVP")
    if encrypted:
        assert answered in offered.values("crypto")     # the key goes on


def test_keys__are_in_no_repr_of_the_leg() -> None:
    call = Call(offer("4000 RTP/SAVP 8", crypto()))
    ours = (parse(call.leg.sip.body).media[0].first.get("crypto") or "").rpartition(":")[2]
    for shown in (repr(call.leg), repr(set_stream(call.leg))):
        assert b64encode(MASTER).decode() not in shown
        assert ours not in shown
