"""Keys that we press for somebody."""

from ivr.media import commands
from ivr.media.events import DigitPressed, DigitReleased
from tests.media.virtual_peer import Rtp, World, ramp


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


def test_send_digit__nothing_where_the_peer_takes_no_events() -> None:
    world = World(rows=1)
    world.open(0, event_payload_type=None)
    world.do(commands.SendDigit(0, "0", "1"), commands.SendDigit(0, "0", "x"))
    world.run(0.2)
    assert {packet.payload_type for packet in world.sent} == {8}
