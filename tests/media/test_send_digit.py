"""Keys that we press for somebody."""

from typing import Literal

import numpy as np
import pytest

from ivr.audio.dtmf import tones
from ivr.audio.g711 import decode_alaw, decode_ulaw
from ivr.media import commands
from ivr.media.events import DigitPressed, DigitReleased
from tests.media.virtual_peer import Rtp, World, key, ramp, rtp
from tests.support.tones import Ear, through


def dialled(world: World) -> list[Rtp]:
    return [packet for packet in world.sent_from(0) if packet.payload_type == 96]


def test_send_digit__packets() -> None:
    world = World(rows=1)
    world.open(0, event_payload_type=96)
    world.run(0.04)
    world.do(commands.SendDigit(0, "0", "#", 100))
    world.run(0.2)
    sent = dialled(world)
    assert [packet.payload.hex() for packet in sent] == [
        "0b0a00a0", "0b0a0140", "0b0a01e0", "0b0a0280", "0b8a0320", "0b8a0320", "0b8a0320"]
    assert [packet.marker for packet in sent] == [True] + [False] * 6
    assert {packet.timestamp for packet in sent} == {(0xFFFFFE00 + 320) & 0xFFFFFFFF}
    every = world.sent_from(0)
    assert [packet.sequence_number for packet in every] == [(65530 + i) % 65536 for i in range(len(every))]
    after = every[9]
    assert (after.payload_type, after.marker, after.timestamp) == (8, True, (0xFFFFFE00 + 9 * 160) & 0xFFFFFFFF)


def test_send_digit__several_are_several_presses_to_another_plane() -> None:
    world = World(rows=1)
    world.open(0, event_payload_type=96)
    world.do(*(commands.SendDigit(0, "0", digit) for digit in "1100#D"))
    world.run(2.0)
    far = World(rows=1)
    far.open(0, event_payload_type=96)
    for packet in world.sent_from(0):
        header = bytes([0x80, packet.payload_type | packet.marker << 7]) + packet.sequence_number.to_bytes(2, "big")
        far.hear(0, header + packet.timestamp.to_bytes(4, "big") + packet.ssrc.to_bytes(4, "big") + packet.payload)
    assert "".join(event.digit for event in far.of(DigitPressed)) == "1100#D"
    assert {event.duration_ms for event in far.of(DigitReleased)} == {160}


def test_send_digit__a_prompt_waits_for_it() -> None:
    world = World(rows=1)
    world.plane.add_clip("a", ramp(4))
    world.open(0)
    world.do(commands.Play(0, "0", 1, ("a",)))
    world.run(0.04)
    world.do(commands.SendDigit(0, "0", "1", 40))
    world.run(0.3)
    audio = b"".join(packet.payload for packet in world.sent_from(0) if packet.payload_type == 8)
    reference = World(rows=1)
    reference.plane.add_clip("a", ramp(4))
    reference.open(0)
    reference.do(commands.Play(0, "0", 1, ("a",)))
    reference.run(0.08)
    assert audio.startswith(b"".join(packet.payload for packet in reference.sent_from(0)))


def test_send_digit__nothing_that_is_no_key() -> None:
    world = World(rows=1)
    world.open(0, event_payload_type=None)
    world.do(commands.SendDigit(0, "0", "x"), commands.SendDigit(0, "0", ""), commands.SendDigit(0, "0", "12"))
    world.run(0.2)
    assert {packet.payload for packet in world.sent} == {b"\xd5" * 160}


@pytest.mark.parametrize(("codec", "ptime_ms"), [("PCMA", 20), ("PCMU", 20), ("PCMA", 30), ("PCMU", 60)])
def test_send_digit__as_tones_where_the_peer_takes_no_events(codec: Literal["PCMA", "PCMU"], ptime_ms: int) -> None:
    world = World(rows=1)
    world.open(0, codec, event_payload_type=None, ptime_ms=ptime_ms)
    world.do(*(commands.SendDigit(0, "0", digit, 80) for digit in "1100#D"))
    world.run(2.0)
    sent = world.sent_from(0)
    assert len({(packet.sequence_number - place) % 65536 for place, packet in enumerate(sent)}) == 1
    assert len({(packet.timestamp - place * 8 * ptime_ms) % 2 ** 32 for place, packet in enumerate(sent)}) == 1
    law, decode = ("alaw", decode_alaw) if codec == "PCMA" else ("ulaw", decode_ulaw)
    samples = decode(np.frombuffer(b"".join(packet.payload for packet in sent), np.uint8))
    assert (samples[:640] == through(tones("1", 640), law)).all()
    ear = Ear(1)
    ear.hear_all(samples[None])
    assert ear.pressed == ["1100#D"]
    assert all(80 <= duration <= 100 for duration in ear.durations)


def test_send_digit__a_long_tone_has_no_seam() -> None:
    world = World(rows=1)
    world.open(0, "PCMU", event_payload_type=None)
    world.do(commands.SendDigit(0, "0", "8", 3000))
    world.run(3.5)
    sent = np.frombuffer(b"".join(packet.payload for packet in world.sent_from(0)), np.uint8)
    assert (decode_ulaw(sent[:24_000]) == through(tones("8", 24_000), "ulaw")).all()


def test_send_digit__the_peer_takes_no_events_any_more_while_one_is_sent() -> None:
    world = World(rows=1)
    world.open(0)
    world.do(commands.SendDigit(0, "0", "5", 400))
    world.run(0.1)
    world.do(world.sdp(0, event_payload_type=None))
    world.run(0.1)
    assert {packet.payload_type for packet in world.sent[-4:]} == {8}


def test_send_digit__a_key_on_a_bridge_to_a_peer_that_takes_no_events() -> None:
    """The one presses keys as events, the other hears their tones, and what the one says before and after."""
    world = World(rows=2)
    world.open(0)
    world.open(1, event_payload_type=None)
    world.do(commands.Bridge(0, "0", 1, "1"))
    at, spoken = 0, b"\x55" * 160
    for digit in (None, 1, None, 8, None):
        for place in range(20):
            number = at + place
            world.hear(0, rtp(number, 160 * number, spoken) if digit is None or place > 9 else
                       key(number, 160 * at, 160 * min(place + 1, 7), digit, place > 5, marker=not place))
            world.run(0.02)
        at += 20
    sent = world.sent_from(1)
    assert {packet.payload_type for packet in sent} == {8}
    assert [packet.sequence_number for packet in sent] == [(65530 + place) % 65536 for place in range(len(sent))]
    audio = b"".join(packet.payload for packet in sent)
    ear = Ear(1)
    ear.hear_all(decode_alaw(np.frombuffer(audio, np.uint8))[None])
    assert ear.pressed == ["18"]
    assert audio.startswith(spoken * 15)
    assert audio.endswith(spoken * 15)
