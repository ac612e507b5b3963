"""Bridges: what one leg sends is heard by the other, under the other's numbers, types and law."""

from itertools import pairwise
from typing import Any

import pytest

from ivr.audio.g711 import ALAW_TO_ULAW, ULAW_TO_ALAW
from ivr.media import commands, events
from tests.media.virtual_peer import World, key, ramp, rtp

EVERY_OCTET = bytes(range(256)) + bytes(64)


def bridged(first: Any = "PCMA", second: Any = "PCMA", **changes: Any) -> World:
    world = World()
    world.plane.add_clip("music", ramp(100))
    world.open(0, first)
    world.open(1, second, **changes)
    world.do(commands.Bridge(0, "0", 1, "1"))
    world.sent.clear()
    return world


def talk(world: World, stream: int, first: int, count: int, timestamp: int = 5000, **changes: Any) -> None:
    """A packet every 20 ms."""
    for i in range(count):
        world.hear(stream, rtp(first + i, timestamp + 160 * i, bytes([first + i & 0xFF]) * 160, **changes))
        world.run(0.02)


@pytest.mark.parametrize(("first", "second", "table"), [
    ("PCMA", "PCMA", None), ("PCMU", "PCMU", None), ("PCMU", "PCMA", ULAW_TO_ALAW), ("PCMA", "PCMU", ALAW_TO_ULAW)])
def test_relay__payloads_are_converted_by_the_tables(first: str, second: str, table: Any) -> None:
    world = bridged(first, second)
    world.hear(0, rtp(1, 1, EVERY_OCTET, {"PCMU": 0, "PCMA": 8}[first]))
    packet, = world.sent
    assert packet.payload == (EVERY_OCTET if table is None else bytes(table[octet] for octet in EVERY_OCTET))
    assert packet.payload_type == {"PCMU": 0, "PCMA": 8}[second]
    assert (packet.source_port, packet.destination, packet.ssrc) == (16386, ("192.0.2.1", 4000), 0x1001)


def test_relay__a_peer_that_changes_its_law_is_understood() -> None:
    world = bridged("PCMA", "PCMA")
    world.hear(0, rtp(1, 1, EVERY_OCTET, 8), rtp(2, 321, EVERY_OCTET, 0))
    assert [packet.payload for packet in world.sent] == [EVERY_OCTET, ULAW_TO_ALAW[list(EVERY_OCTET)].tobytes()]


def test_relay__dynamic_payload_types() -> None:
    world = bridged("PCMA", "PCMU", payload_type=96)
    world.hear(0, rtp(1, 1, EVERY_OCTET, 8))
    assert world.sent[0].payload_type == 96
    world.hear(1, rtp(1, 1, EVERY_OCTET, 96))
    assert (world.sent[1].payload_type, world.sent[1].payload) == (8, ULAW_TO_ALAW[list(EVERY_OCTET)].tobytes())


def test_relay__at_once_and_both_ways() -> None:
    world = bridged()
    world.batch((0, rtp(1, 1, b"a" * 160), None), (1, rtp(9, 9, b"b" * 160), None), (0, rtp(2, 161, b"c" * 160), None))
    assert [packet.payload[:1] for packet in world.sent_from(1)] == [b"a", b"c"]
    assert [packet.payload[:1] for packet in world.sent_from(0)] == [b"b"]


def test_relay__nothing_of_ours_is_sent_meanwhile() -> None:
    world = bridged()
    world.run(0.5)
    assert world.sent == []


def test_relay__one_clock_and_one_sequence_from_prompt_to_bridge_to_music() -> None:
    world = World()
    world.plane.add_clip("music", ramp(100))
    world.open(0)
    world.open(1)
    world.do(commands.Play(0, "0", 1, ("music",)))
    world.run(0.2)
    world.do(commands.Bridge(0, "0", 1, "1"))
    world.run(0.1)
    talk(world, 1, 700, 10, 123456)
    world.do(commands.Unbridge(0, "0"), commands.Play(0, "0", 2, ("music",)))
    world.run(0.2)
    sent = world.sent_from(0)
    assert {packet.ssrc for packet in sent} == {0x1000}
    assert [packet.sequence_number for packet in sent] == [(65530 + i) & 0xFFFF for i in range(len(sent))]
    assert [i for i, packet in enumerate(sent) if packet.marker] == [0, 10, 20]
    for before, after in pairwise(sent):
        passed = ((after.timestamp - before.timestamp) & 0xFFFFFFFF) / 8000
        assert passed == pytest.approx(after.at - before.at, abs=0.021)
        assert passed >= 0.02
    assert world.of(events.PlaybackFinished)[0] == events.PlaybackFinished(0, "0", 1, True)


def test_relay__gaps_stay_gaps_and_order_stays_order() -> None:
    world = bridged()
    world.hear(0, *(rtp(number, 160 * number) for number in (10, 11, 14, 13, 16, 15)))
    first = world.sent[0]
    assert [packet.sequence_number - first.sequence_number & 0xFFFF for packet in world.sent] == [0, 1, 4, 3, 6, 5]
    assert [packet.timestamp - first.timestamp & 0xFFFFFFFF for packet in world.sent] == [
        160 * i for i in (0, 1, 4, 3, 6, 5)]


def test_relay__duplicates_are_not_passed_on() -> None:
    world = bridged()
    world.hear(0, rtp(1, 160), rtp(1, 160), rtp(2, 320), rtp(1, 160), rtp(2, 320))
    assert len(world.sent) == 2


def test_relay__the_peers_numbers_wrap_around() -> None:
    world = bridged()
    talk(world, 0, 65533, 6, 0xFFFFFF00)
    assert len({packet.sequence_number for packet in world.sent}) == 6
    assert all((b.sequence_number - a.sequence_number) & 0xFFFF == 1 and (b.timestamp - a.timestamp) & 0xFFFFFFFF == 160
               for a, b in pairwise(world.sent))


def test_relay__a_packet_from_before_the_bridge_is_dropped() -> None:
    world = bridged()
    world.hear(0, rtp(100, 16000), rtp(99, 15840))
    assert len(world.sent) == 1


def test_relay__a_new_source_of_the_peer_goes_on_in_the_same_sequence() -> None:
    world = bridged()
    talk(world, 0, 100, 3, 5000)
    talk(world, 0, 40000, 3, 77, ssrc=99)
    numbers = [packet.sequence_number for packet in world.sent]
    assert all(after - before & 0xFFFF == 1 for before, after in pairwise(numbers))
    assert [packet.marker for packet in world.sent] == [True, False, False, True, False, False]
    assert {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(world.sent)} == {160}


def test_relay__a_jump_of_numbers_is_believed_the_second_time() -> None:
    world = bridged()
    talk(world, 0, 100, 3)
    talk(world, 0, 30000, 3)
    assert [packet.payload[0] for packet in world.sent] == [100, 101, 102, 30001 & 0xFF, 30002 & 0xFF]
    assert world.sent[3].sequence_number == world.sent[2].sequence_number + 1 & 0xFFFF
    assert world.sent[3].marker


def test_relay__markers_of_the_peer_are_kept() -> None:
    world = bridged()
    world.hear(0, rtp(1, 160), rtp(2, 320, marker=True), rtp(3, 480))
    assert [packet.marker for packet in world.sent] == [True, True, False]


@pytest.mark.parametrize("octets", [80, 240, 320, 480])
def test_relay__packets_of_any_length(octets: int) -> None:
    world = bridged("PCMU", "PCMA")
    world.hear(0, rtp(1, 0, b"\xff" * octets, 0), rtp(2, octets, b"\x80" * octets, 0))
    assert [packet.payload for packet in world.sent] == [ULAW_TO_ALAW[[one] * octets].tobytes() for one in (255, 128)]


def test_relay__contributors_extension_and_padding_are_taken_off() -> None:
    world = bridged("PCMU", "PCMA")
    plain = rtp(1, 160, b"\x31" * 160, 0)
    body = plain[1:12] + bytes(8) + b"\xbe\xde\x00\x02" + bytes(8) + b"\x31" * 160 + b"\x00\x00\x00\x04"
    world.hear(0, bytes([0x80 | 0x20 | 0x10 | 2]) + body, rtp(2, 320, b"\x32" * 160, 0))
    assert [packet.payload for packet in world.sent] == [ULAW_TO_ALAW[[one] * 160].tobytes() for one in (0x31, 0x32)]


def test_relay__comfort_noise_closes_up() -> None:
    world = bridged()
    world.hear(0, rtp(1, 160), rtp(2, 320, b"\x40", 13), rtp(3, 3200), rtp(4, 3360, payload_type=99), rtp(5, 3520))
    assert [packet.sequence_number - world.sent[0].sequence_number & 0xFFFF for packet in world.sent] == [0, 1, 2]
    assert [packet.timestamp - world.sent[0].timestamp & 0xFFFFFFFF for packet in world.sent] == [0, 3040, 3360]


def test_relay__keys_go_over_under_the_other_sides_number() -> None:
    world = bridged(event_payload_type=96)
    world.hear(0, rtp(1, 160), *(key(2 + i, 320, 160 * (i + 1), marker=not i, end=i == 3) for i in range(4)),
               rtp(6, 960))
    first = world.sent[0]
    assert [packet.payload_type for packet in world.sent] == [8, 96, 96, 96, 96, 8]
    assert [packet.sequence_number - first.sequence_number & 0xFFFF for packet in world.sent] == list(range(6))
    assert [packet.timestamp - first.timestamp & 0xFFFFFFFF for packet in world.sent] == [0] + [160] * 4 + [800]
    assert [packet.marker for packet in world.sent] == [True, True, False, False, False, False]
    assert world.sent[4].payload.hex() == "058a0280"


def test_relay__keys_close_up_where_the_other_side_takes_none() -> None:
    world = bridged(event_payload_type=None)
    world.hear(0, rtp(1, 160), *(key(2 + i, 320, 160 * (i + 1), marker=not i, end=i == 3) for i in range(4)),
               rtp(6, 960), rtp(7, 1120))
    assert [packet.payload_type for packet in world.sent] == [8, 8, 8]
    assert [packet.sequence_number - world.sent[0].sequence_number & 0xFFFF for packet in world.sent] == [0, 1, 2]


def test_relay__a_prompt_over_the_bridge_and_back() -> None:
    world = bridged()
    talk(world, 0, 1, 3)
    world.do(commands.Play(1, "1", 5, ("music",)))
    talk(world, 0, 4, 3, 5480)
    world.do(commands.StopPlayback(1, "1"))
    talk(world, 0, 7, 3, 5960)
    sent = world.sent_from(1)
    assert all(after.sequence_number - before.sequence_number & 0xFFFF == 1 for before, after in pairwise(sent))
    assert [packet.payload[0] for packet in sent[:3]] == [1, 2, 3]
    assert [packet.payload[0] for packet in sent[-3:]] == [7, 8, 9]
    assert sent[-3].marker
    assert all(0 < (b.timestamp - a.timestamp) & 0xFFFFFFFF <= 480 for a, b in pairwise(sent))


def test_relay__a_key_of_ours_over_the_bridge() -> None:
    world = bridged()
    talk(world, 0, 1, 2)
    world.do(commands.SendDigit(1, "1", "7", 60))
    talk(world, 0, 3, 6, 5320)
    talk(world, 0, 9, 2, 6280)
    sent = world.sent_from(1)
    assert [packet.payload_type for packet in sent].count(101) == 5
    assert all(after.sequence_number - before.sequence_number & 0xFFFF == 1 for before, after in pairwise(sent))
    assert [packet.payload[0] for packet in sent[-2:]] == [9, 10]


@pytest.mark.parametrize("direction", ["recvonly", "inactive"])
def test_relay__nothing_to_a_side_on_hold(direction: str) -> None:
    world = bridged()
    world.do(world.sdp(1, direction=direction))
    talk(world, 0, 1, 2)
    assert world.sent == []
    world.do(world.sdp(1))
    talk(world, 0, 3, 2)
    assert [packet.payload[0] for packet in world.sent] == [3, 4]
    assert world.sent[0].marker


def test_relay__nothing_from_a_side_that_is_not_to_send() -> None:
    world = bridged()
    world.do(world.sdp(0, direction="sendonly"))
    talk(world, 0, 1, 2)
    assert world.sent == []


def test_unbridge__both_hear_silence_again() -> None:
    world = bridged()
    world.do(commands.Unbridge(1, "1"))
    world.run(0.04)
    assert [set(packet.payload) for packet in world.sent] == [{0xD5}] * 4
    talk(world, 0, 1, 2)
    assert all(set(packet.payload) == {0xD5} for packet in world.sent)


def test_bridge__one_side_closes() -> None:
    world = bridged()
    world.do(commands.CloseStream(0, "0"))
    world.run(0.04)
    assert {packet.source_port for packet in world.sent} == {16386}


def test_bridge__to_another_leg() -> None:
    world = bridged()
    world.open(2)
    world.do(commands.Bridge(0, "0", 2, "2"))
    world.sent.clear()
    world.hear(0, rtp(1, 1, b"x" * 160))
    world.hear(1, rtp(1, 1, b"y" * 160))
    assert [(packet.source_port, packet.payload[:1]) for packet in world.sent] == [(16388, b"x")]
    world.run(0.02)
    assert {packet.source_port for packet in world.sent[1:]} == {16386}


def test_bridge__of_a_stale_leg_or_to_oneself_does_nothing() -> None:
    world = World()
    world.open(0)
    world.open(1)
    world.do(commands.Bridge(0, "0", 1, "another"), commands.Bridge(0, "0", 0, "0"), commands.Bridge(0, "0", 9, "9"))
    assert not world.plane.bridged


@pytest.mark.parametrize("event_payload_type", [101, None])
def test_relay__a_key_that_went_down_before_the_bridge_is_not_for_the_peer(event_payload_type: int | None) -> None:
    """It may be the last one of a secret; the next one is for the peer, and so is what is said."""
    world = World()
    world.open(0)
    world.open(1, event_payload_type=event_payload_type)
    world.hear(0, rtp(1, 160), key(2, 320, 160, marker=True), key(3, 320, 320))
    world.do(commands.Bridge(0, "0", 1, "1"))
    world.sent.clear()
    world.hear(0, *(key(4 + i, 320, 480 + 160 * min(i, 1), end=i > 0) for i in range(4)), rtp(8, 960))
    world.run(0.3)
    assert {(packet.payload_type, packet.payload[:1]) for packet in world.sent_from(1)} == {(8, b"\xd5")}
    assert [event.digit for event in world.of(events.DigitReleased)] == ["5"]
    world.sent.clear()
    world.hear(0, *(key(9 + i, 1120, 160 * (i + 1), marker=not i, end=i == 3) for i in range(4)), rtp(13, 1760))
    world.run(0.3)
    assert len({packet.payload for packet in world.sent_from(1)}) > 3
