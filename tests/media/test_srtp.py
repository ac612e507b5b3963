"""SRTP in the plane: what authenticates is heard and followed, nothing else; bridges decrypt and encrypt again."""

import struct
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from pylibsrtp import Policy, Session

from ivr.audio.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from ivr.media import commands
from ivr.media.events import DigitPressed, MediaLatched, MediaLost, StreamClosed
from ivr.media.rtp.srtp import MAX_SOURCES, PROFILES
from ivr.sdp.crypto import KEY_OCTETS
from tests.media.virtual_peer import Rtp, World, key, ramp, rtp

SUITE = "AES_CM_128_HMAC_SHA1_80"
OURS, THEIRS = bytes(range(30)), bytes(range(100, 130))
ELSEWHERE = ("203.0.113.9", 5004)


def encrypted(suite: str = SUITE, ours: bytes = OURS, theirs: bytes = THEIRS) -> dict[str, Any]:
    return {"srtp_suite": suite, "srtp_key_out": b64encode(ours).decode(), "srtp_key_in": b64encode(theirs).decode()}


@dataclass
class Peer:
    """The far end of an encrypted stream."""

    suite: str = SUITE
    ours: bytes = OURS
    theirs: bytes = THEIRS
    closing: Any = field(init=False)
    opening: Any = field(init=False)

    def __post_init__(self) -> None:
        profile = PROFILES[self.suite]
        self.closing = Session(Policy(self.theirs, Policy.SSRC_ANY_OUTBOUND, 0, profile))
        self.opening = Session(Policy(self.ours, Policy.SSRC_ANY_INBOUND, 0, profile))

    def close(self, packet: bytes) -> bytes:
        closed: bytes = self.closing.protect(packet)
        return closed

    def hear(self, packets: list[Rtp]) -> list[bytes]:
        """The payloads, each of which must authenticate."""
        return [self.opening.unprotect(struct.pack(">BBHII", 0x80, packet.payload_type | packet.marker << 7,
                                                   packet.sequence_number, packet.timestamp, packet.ssrc)
                                       + packet.payload)[12:] for packet in packets]


@pytest.fixture
def world() -> World:
    return World()


def refused(world: World, stream: int) -> int:
    told = world.do(commands.CloseStream(stream, str(stream)))
    return next(event.statistics.refused for event in told if isinstance(event, StreamClosed) and event.statistics)


@pytest.mark.parametrize("suite", list(PROFILES))
def test_srtp__prompt_and_keys(world: World, suite: str) -> None:
    octets = KEY_OCTETS[suite]      # type: ignore[index]
    ours, theirs = bytes(range(octets)), bytes(range(100, 100 + octets))
    peer = Peer(suite, ours, theirs)
    world.plane.add_clip("clip", ramp(10))
    world.open(0, **encrypted(suite, ours, theirs))
    world.open(1)
    for stream in (0, 1):
        world.do(commands.Play(stream, str(stream), 1, ("clip",)))
    world.run(0.5)
    assert peer.hear(world.sent_from(0)) == [packet.payload for packet in world.sent_from(1)]
    tag = {"AES_CM_128_HMAC_SHA1_80": 10, "AES_CM_128_HMAC_SHA1_32": 4}.get(suite, 16)
    assert {len(packet.payload) for packet in world.sent_from(0)} == {160 + tag}
    world.hear(0, *[peer.close(key(number, 0, 160 * number, marker=number == 1)) for number in (1, 2, 3)])
    assert world.of(DigitPressed) == [DigitPressed(0, "0", "5")]


def test_srtp__first_number_is_below_the_roll_over(world: World) -> None:
    """65530 as OpenStream has it would roll over before the peer has surely heard of it."""
    world.open(0, **encrypted())
    world.run(0.1)
    assert world.sent_from(0)[0].sequence_number == 65530 & 0x7FFF


def test_srtp__roll_over_both_ways(world: World) -> None:
    peer = Peer()
    world.open(0, **encrypted())
    world.plane.table.sequence_number[0] = 65533
    world.run(0.2)
    assert [packet.sequence_number for packet in world.sent_from(0)][2:4] == [65535, 0]
    assert peer.hear(world.sent_from(0)) == [b"\xd5" * 160] * len(world.sent_from(0))
    world.hear(0, *[peer.close(rtp(number, number * 160)) for number in range(65534, 65538)])
    assert world.plane.table.received[0] == 4


@pytest.mark.parametrize("forgery", [
    rtp(2, 320), rtp(2, 320) + bytes(10), b"", b"\x80", rtp(2, 320)[:11], b"\x80\xc9\x00\x01" + bytes(4),
    key(2, 0, 160, marker=True) + bytes(10),
], ids=["plain", "no tag", "empty", "one byte", "short", "rtcp", "a key"])
def test_srtp__what_does_not_authenticate_changes_nothing(world: World, forgery: bytes) -> None:
    peer = Peer()
    world.open(0, latch="learn", **encrypted())
    world.hear(0, peer.close(rtp(1, 160)))
    before = {name: column.copy() for name, column in vars(world.plane.table).items() if isinstance(column, np.ndarray)}
    world.hear(0, forgery)
    world.hear(0, *[forgery] * 6, source=ELSEWHERE)
    changed = [name for name, old in before.items() if not np.array_equal(old, getattr(world.plane.table, name))]
    assert changed == ["refused"]
    assert world.plane.table.refused[0] == 7
    assert world.of(DigitPressed) == []


def test_srtp__a_changed_bit_is_refused(world: World) -> None:
    peer = Peer()
    world.open(0, **encrypted())
    closed = bytearray(peer.close(rtp(1, 160)))
    for place in (1, 3, 11, 12, 100, len(closed) - 1):
        changed = bytearray(closed)
        changed[place] ^= 1
        world.hear(0, bytes(changed))
    assert world.plane.table.received[0] == 0
    world.hear(0, bytes(closed))
    assert (world.plane.table.received[0], refused(world, 0)) == (1, 6)


def test_srtp__a_packet_that_comes_again_is_refused(world: World) -> None:
    peer = Peer()
    world.open(0, latch="learn", **encrypted())
    packets = [peer.close(rtp(number, number * 160)) for number in range(1, 5)]
    world.hear(0, *packets)
    world.hear(0, *packets, source=ELSEWHERE)
    assert world.plane.table.destination[0] == world.plane.table.sdp[0]
    assert (world.plane.table.received[0], refused(world, 0)) == (4, 4)


def test_srtp__one_authentic_packet_latches(world: World) -> None:
    peer = Peer()
    world.open(0, latch="learn", **encrypted())
    world.hear(0, peer.close(rtp(1, 160)), source=ELSEWHERE)
    assert world.of(MediaLatched) == [MediaLatched(0, "0", ELSEWHERE)]
    third = peer.close(rtp(2, 320))
    world.hear(0, peer.close(rtp(3, 480)))
    assert [event.remote for event in world.of(MediaLatched)] == [ELSEWHERE, ("192.0.2.0", 4000)]
    world.hear(0, third, source=ELSEWHERE)      # late, so it says nothing of where the peer is now
    assert len(world.of(MediaLatched)) == 2
    assert world.plane.table.received[0] == 3


def test_srtp__a_trunk_is_heard_from_anywhere_and_spoken_to_at_its_address(world: World) -> None:
    peer = Peer()
    world.open(0, latch="sdp", **encrypted())
    world.hear(0, peer.close(rtp(1, 160)), source=ELSEWHERE)
    world.run(0.04)
    assert world.plane.table.received[0] == 1
    assert {packet.destination for packet in world.sent_from(0)} == {("192.0.2.0", 4000)}


def test_srtp__bridges(world: World) -> None:
    """Plain and encrypted, encrypted and encrypted with other keys and another suite."""
    world.open(0, **encrypted())
    world.open(1)
    world.open(2, codec="PCMU", **encrypted("AES_CM_128_HMAC_SHA1_32", bytes(30), b"\1" * 30))
    first, other = Peer(), Peer("AES_CM_128_HMAC_SHA1_32", bytes(30), b"\1" * 30)
    world.run(0.1)
    first.hear(world.sent_from(0))
    world.sent.clear()
    world.do(commands.Bridge(0, "0", 1, "1"))
    world.hear(0, first.close(rtp(1, 160, b"\x01" * 160)))
    world.hear(1, rtp(9, 160, b"\x02" * 160))
    assert [packet.payload for packet in world.sent_from(1)] == [b"\x01" * 160]
    assert first.hear(world.sent_from(0)) == [b"\x02" * 160]
    world.sent.clear()
    world.do(commands.Bridge(0, "0", 2, "2"))
    world.hear(0, first.close(rtp(2, 320, b"\xd5" * 160)), first.close(rtp(3, 480, b"\xd5" * 160)))
    world.hear(2, other.close(rtp(1, 160, b"\xff" * 160, payload_type=0)))
    assert other.hear(world.sent_from(2)) == [bytes([ALAW_TO_ULAW[0xD5]]) * 160] * 2
    assert first.hear(world.sent_from(0)) == [bytes([ULAW_TO_ALAW[0xFF]]) * 160]
    assert {packet.ssrc for packet in world.sent_from(0)} == {0x1000}


def test_srtp__one_batch_of_plain_and_encrypted_rows(world: World) -> None:
    peer = Peer()
    world.open(0, **encrypted())
    world.open(1)
    world.batch((1, rtp(1, 160), None), (0, rtp(1, 160), None), (0, peer.close(rtp(1, 160)), None),
                (0, peer.close(rtp(2, 320)), None), (1, rtp(2, 320), None))
    assert world.plane.table.received[:2].tolist() == [2, 2]
    assert world.plane.table.refused[:2].tolist() == [1, 0]


def test_srtp__new_description_with_the_same_keys_goes_on(world: World) -> None:
    peer = Peer()
    world.open(0, **encrypted())
    packets = [peer.close(rtp(number, number * 160)) for number in range(1, 4)]
    world.hear(0, *packets[:2])
    world.run(0.04)
    world.do(world.sdp(0, direction="sendrecv", codec="PCMU", **encrypted()))
    world.hear(0, *packets)
    world.run(0.04)
    assert (world.plane.table.received[0], world.plane.table.refused[0]) == (3, 2)
    assert len(peer.hear(world.sent_from(0))) == len(world.sent_from(0)) >= 4


def test_srtp__new_keys(world: World) -> None:
    before, after = Peer(), Peer(theirs=b"\7" * 30)
    world.open(0, **encrypted())
    world.hear(0, before.close(rtp(1, 160)))
    world.do(world.sdp(0, **encrypted(theirs=b"\7" * 30)))
    world.hear(0, before.close(rtp(2, 320)))        # was on its way
    world.hear(0, after.close(rtp(3, 480)))
    world.hear(0, before.close(rtp(4, 640)))
    world.run(0.1)
    assert (world.plane.table.received[0], world.plane.table.refused[0]) == (3, 1)
    assert len(before.hear(world.sent_from(0))) == len(world.sent_from(0)) > 0      # ours are still the same


@pytest.mark.parametrize("goes_on", [True, False])
def test_srtp__new_keys_after_roll_overs(world: World, goes_on: bool) -> None:
    """Some peers go on counting, as RFC 3711 §3.3.1 says, others begin at 0."""
    before, after = Peer(), Peer(theirs=b"\7" * 30)
    world.open(0, **encrypted())
    last = 3 * 65536 + 50_000
    for number in range(0, last, 2000):
        packet = rtp(number, number * 160)
        world.hear(0, before.close(packet))
        if goes_on:
            after.close(packet)
    received = world.plane.table.received[0]
    world.do(world.sdp(0, **encrypted(theirs=b"\7" * 30)))
    world.hear(0, *[after.close(rtp(number, number * 160)) for number in range(last, last + 3)])
    assert (world.plane.table.received[0], world.plane.table.refused[0]) == (received + 3, 0)


def test_srtp__new_keys_again_before_the_first_ones_were_used(world: World) -> None:
    before, last = Peer(), Peer(theirs=b"\x09" * 30)
    world.open(0, **encrypted())
    world.hear(0, before.close(rtp(1, 160)))
    for octet in (7, 8, 9):
        world.do(world.sdp(0, **encrypted(theirs=bytes([octet]) * 30)))
        assert len(world.plane._srtp._contexts[0].incoming) == 2
    world.hear(0, before.close(rtp(2, 320)), last.close(rtp(3, 480)), before.close(rtp(4, 640)))
    assert (world.plane.table.received[0], world.plane.table.refused[0]) == (3, 1)


def test_srtp__from_plain_to_encrypted_and_back(world: World) -> None:
    peer = Peer()
    world.open(0)
    world.hear(0, rtp(1, 160))
    world.do(world.sdp(0, **encrypted()))
    world.hear(0, rtp(2, 320))
    world.hear(0, peer.close(rtp(3, 480)))
    world.do(world.sdp(0))
    world.sent.clear()
    world.hear(0, rtp(4, 640))
    world.run(0.04)
    assert (world.plane.table.received[0], world.plane.table.refused[0]) == (3, 1)
    assert {len(packet.payload) for packet in world.sent_from(0)} == {160}


def test_srtp__a_row_that_was_encrypted_is_plain_for_the_next_leg(world: World) -> None:
    world.open(0, **encrypted())
    world.do(commands.CloseStream(0, "0"))
    world.open(0)
    world.hear(0, rtp(1, 160))
    world.run(0.04)
    assert world.plane.table.received[0] == 1
    assert {len(packet.payload) for packet in world.sent_from(0)} == {160}


def test_srtp__rtcp_is_life_only_if_it_authenticates(world: World) -> None:
    peer = Peer()
    world.open(0, **encrypted())
    report = b"\x80\xc9\x00\x01" + struct.pack(">I", 7)
    for _ in range(6):
        world.run(5.0)
        world.control(0, peer.closing.protect_rtcp(report))
    assert world.of(MediaLost) == []
    for _ in range(5):
        world.run(5.0)
        world.control(0, report)
    assert len(world.of(MediaLost)) == 1
    world.hear(0, peer.closing.protect_rtcp(report))        # on the RTP port
    world.run(15.0)
    assert len(world.of(MediaLost)) == 1


def test_srtp__a_peer_with_ever_new_sources_is_bounded(world: World) -> None:
    peer = Peer()
    world.open(0, **encrypted())
    for ssrc in range(1, MAX_SOURCES + 4):
        world.hear(0, peer.close(rtp(1, 160, ssrc=ssrc)))
    world.hear(0, peer.close(rtp(2, 320, ssrc=1)))
    assert world.plane.table.received[0] == MAX_SOURCES + 1
    assert world.plane.table.refused[0] == 3


def test_srtp__keys_are_in_no_repr() -> None:
    command = World().sdp(0, **encrypted())
    assert command.srtp_key_out not in repr(command)
    assert command.srtp_key_in not in repr(command)


@pytest.mark.parametrize("keys", [{"srtp_suite": "F8_128_HMAC_SHA1_80"}, {"srtp_key_in": "short"},
                                  {"srtp_key_out": ""}])
def test_srtp__senseless_keys_are_refused_and_change_nothing(world: World, keys: dict[str, str]) -> None:
    world.open(0)
    with pytest.raises(ValueError, match=r"suite|base64|30 bytes") as refusal:
        world.do(world.sdp(0, remote=ELSEWHERE, **{**encrypted(), **keys}))
    assert b64encode(OURS).decode() not in str(refusal.value)
    world.run(0.04)
    assert {packet.destination for packet in world.sent_from(0)} == {("192.0.2.0", 4000)}


def test_srtp__the_known_packet_of_the_reference_implementation(world: World) -> None:
    """Master key and salt of RFC 3711 appendix B.3, and what they make of sixteen octets 0xab."""
    master = bytes.fromhex("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6")
    header = bytes.fromhex("800f1234decafbadcafebabe")
    closed = header + bytes.fromhex("4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb")
    world.open(0, payload_type=15, **encrypted(ours=bytes(30), theirs=master))
    world.open(1)
    world.do(commands.Bridge(0, "0", 1, "1"))
    world.hear(0, closed)
    assert [packet.payload for packet in world.sent_from(1)] == [b"\xab" * 16]
