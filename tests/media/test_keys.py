"""Keys that callers press: what counts as one press, when it counts, and what it stops."""

from typing import Any

import pytest

from ivr.media import commands, events
from ivr.media.events import DigitPressed, DigitReleased, PlaybackFinished
from tests.media.virtual_peer import World, key, ramp, rtp


@pytest.fixture
def world() -> World:
    world = World()
    world.plane.add_clip("prompt", ramp(100))
    world.open(0)
    return world


def press(first: int, timestamp: int, code: int = 5, updates: int = 4, ends: int = 3, **changes: Any) -> list[bytes]:
    """The packets of one press of 20 ms × (updates + 1)."""
    packets = [key(first + i, timestamp, 160 * (i + 1), code, marker=not i, **changes) for i in range(updates)]
    duration = 160 * (updates + 1)
    return packets + [key(first + updates + i, timestamp, duration, code, end=True, **changes) for i in range(ends)]


def pressed(world: World) -> str:
    return "".join(event.digit for event in world.of(DigitPressed))


def test_keys__counts_at_its_first_packet(world: World) -> None:
    packets = press(1, 8000)
    assert world.hear(0, packets[0]) == [DigitPressed(0, "0", "5")]
    assert world.hear(0, *packets[1:4]) == []
    assert world.hear(0, *packets[4:]) == [DigitReleased(0, "0", "5", 100)]


def test_keys__a_whole_press_in_one_batch(world: World) -> None:
    assert world.hear(0, *press(1, 8000)) == [DigitPressed(0, "0", "5"), DigitReleased(0, "0", "5", 100)]


@pytest.mark.parametrize(("code", "digit"), list(enumerate("0123456789*#ABCD")))
def test_keys__all_sixteen(world: World, code: int, digit: str) -> None:
    world.hear(0, *press(1, 8000, code))
    assert pressed(world) == digit


def test_keys__other_events_are_no_keys(world: World) -> None:
    world.hear(0, *press(1, 8000, 16), *press(20, 16000, 200))
    assert pressed(world) == ""


@pytest.mark.parametrize("lost", range(7))
def test_keys__any_one_packet_lost(world: World, lost: int) -> None:
    packets = press(1, 8000)
    del packets[lost]
    world.hear(0, *packets)
    assert pressed(world) == "5"
    assert len(world.of(DigitReleased)) == 1


def test_keys__only_one_end_packet_arrived(world: World) -> None:
    assert world.hear(0, press(1, 8000)[5]) == [DigitPressed(0, "0", "5"), DigitReleased(0, "0", "5", 100)]


def test_keys__every_packet_twice(world: World) -> None:
    world.hear(0, *(packet for packet in press(1, 8000) for _ in range(2)))
    assert (pressed(world), len(world.of(DigitReleased))) == ("5", 1)


def test_keys__packets_in_reverse(world: World) -> None:
    world.hear(0, *reversed(press(100, 8000)))
    assert (pressed(world), len(world.of(DigitReleased))) == ("5", 1)


def test_keys__a_late_end_after_the_next_key_began(world: World) -> None:
    first, second = press(1, 8000, 1), press(8, 10000, 2)
    world.hear(0, *first[:-1], second[0], first[-1], *second[1:])
    assert pressed(world) == "12"


def test_keys__the_same_key_twice(world: World) -> None:
    world.hear(0, *press(1, 8000), *press(8, 10000))
    assert pressed(world) == "55"


def test_keys__the_same_key_twice_without_markers(world: World) -> None:
    packets = [key(1 + i, 8000, 160 * (i + 1), end=i > 3) for i in range(6)]
    packets += [key(7 + i, 9000, 160 * (i + 1), end=i > 3) for i in range(6)]
    world.hear(0, *packets)
    assert pressed(world) == "55"


def test_keys__all_ends_lost_and_the_same_key_again(world: World) -> None:
    world.hear(0, *press(1, 8000)[:4])
    world.hear(0, *press(8, 10000))
    assert world.events == [DigitPressed(0, "0", "5"), DigitReleased(0, "0", "5", 80), DigitPressed(0, "0", "5"),
                            DigitReleased(0, "0", "5", 100)]


def test_keys__all_ends_and_the_marker_lost_and_the_same_key_again(world: World) -> None:
    world.hear(0, *press(1, 8000)[:4])
    world.hear(0, *press(8, 8000 + 640 + 320)[1:])
    assert pressed(world) == "55"


def test_keys__all_ends_lost_and_another_key(world: World) -> None:
    world.hear(0, *press(1, 8000, 5)[:4], *press(8, 10000, 6))
    assert pressed(world) == "56"
    assert [event.digit for event in world.of(DigitReleased)] == ["5", "6"]


def test_keys__the_end_is_lost_and_time_ends_it(world: World) -> None:
    world.hear(0, *press(1, 8000)[:4])
    world.run(0.195)
    assert not world.of(DigitReleased)
    world.run(0.02)
    assert world.of(DigitReleased) == [DigitReleased(0, "0", "5", 80)]
    world.hear(0, *press(1, 8000)[4:])
    world.run(0.3)
    assert (pressed(world), len(world.of(DigitReleased))) == ("5", 1)


def test_keys__timestamps_that_change_with_every_packet(world: World) -> None:
    """Some gateways count the timestamp up within one press, in the repeated ends as well."""
    packets = [key(1 + i, 8000 + 160 * i, 160 * (i + 1), marker=not i) for i in range(5)]
    packets += [key(6 + i, 8000 + 160 * (5 + i), 960, end=True) for i in range(3)]
    world.hear(0, *packets)
    assert (pressed(world), len(world.of(DigitReleased))) == ("5", 1)
    world.hear(0, *press(20, 16000))
    assert pressed(world) == "55"


def test_keys__a_press_longer_than_a_segment(world: World) -> None:
    """RFC 4733 §2.5.1.3: the duration of a segment ends at 0xFFFF, the next one has a new timestamp and no marker."""
    number = 1
    for segment in range(3):
        start = 8000 + segment * 0xFFFF
        for duration in (*range(1600, 0xFFFF, 1600), 0xFFFF):
            world.hear(0, key(number, start, duration, marker=number == 1))
            world.run(0.1)
            number += 1
    world.hear(0, key(number, 8000 + 3 * 0xFFFF, 800, end=True))
    assert world.of(DigitPressed) == [DigitPressed(0, "0", "5")]
    assert world.of(DigitReleased) == [DigitReleased(0, "0", "5", (3 * 0xFFFF + 800) // 8)]


def test_keys__numbers_and_times_wrap_around(world: World) -> None:
    world.hear(0, *press(65533, 0xFFFFFF00))
    assert world.of(DigitReleased) == [DigitReleased(0, "0", "5", 100)]
    world.hear(0, *press(5, 2000))
    assert pressed(world) == "55"


def test_keys__a_segment_wraps_around(world: World) -> None:
    world.hear(0, key(65535, 0xFFFF8000, 0xFFFF, marker=True), key(0, 0x7FFF, 400), key(1, 0x7FFF, 800, end=True))
    assert world.events == [DigitPressed(0, "0", "5"), DigitReleased(0, "0", "5", (0xFFFF + 800) // 8)]


def test_keys__a_new_source_begins_anew(world: World) -> None:
    world.hear(0, *press(1, 8000)[:4])
    world.run(0.15)
    world.hear(0, *press(50, 8000, ssrc=8))
    assert pressed(world) == "55"
    assert len(world.of(DigitReleased)) == 2


def test_keys__the_peers_number_for_events_or_ours(world: World) -> None:
    world.do(world.sdp(0, event_payload_type=96, event_payload_type_in=101))
    world.hear(0, *press(1, 8000, 1), *press(20, 16000, 2, payload_type=96), *press(40, 24000, 3, payload_type=97))
    assert pressed(world) == "12"


def test_keys__short_and_odd_events_are_dropped(world: World) -> None:
    world.hear(0, rtp(1, 8000, b"\x05\x0a\x00", payload_type=101), rtp(2, 8000, b"", payload_type=101))
    assert world.events == []


def test_keys__several_streams_in_one_batch(world: World) -> None:
    world.open(1)
    world.open(2)
    world.batch(*((stream, packet, None) for packets in zip(*(press(1, 8000, 1 + stream) for stream in range(3)),
                                                            strict=True) for stream, packet in enumerate(packets)))
    assert {(event.stream, event.digit) for event in world.of(DigitPressed)} == {(0, "1"), (1, "2"), (2, "3")}
    assert len(world.of(DigitReleased)) == 3


def test_barge_in__stops_all_that_is_queued_in_the_same_phase(world: World) -> None:
    world.do(commands.Play(0, "0", 1, ("prompt",), barge_in=True), commands.Play(0, "0", 2, ("prompt",)))
    world.run(0.1)
    told = world.hear(0, press(1, 8000)[0])
    assert told == [DigitPressed(0, "0", "5"), PlaybackFinished(0, "0", 1, True), PlaybackFinished(0, "0", 2, True)]
    world.run(0.02)
    assert world.sent_from(0)[-1].payload == b"\xd5" * 160


def test_barge_in__not_where_the_prompt_forbids_it(world: World) -> None:
    world.do(commands.Play(0, "0", 1, ("prompt",)))
    world.run(0.1)
    assert world.hear(0, *press(1, 8000)) == [DigitPressed(0, "0", "5"), DigitReleased(0, "0", "5", 100)]


def test_barge_in__a_held_key_does_not_stop_the_next_prompt(world: World) -> None:
    world.hear(0, *press(1, 8000)[:2])
    world.do(commands.Play(0, "0", 1, ("prompt",), barge_in=True))
    for i in range(10):
        world.run(0.02)
        world.hear(0, key(3 + i, 8000, 480 + 160 * i))
    world.hear(0, key(20, 8000, 2400, end=True))
    assert world.of(PlaybackFinished) == []
    assert pressed(world) == "5"


def test_barge_in__a_key_first_heard_of_long_after_it_went_down(world: World) -> None:
    world.do(commands.Play(0, "0", 1, ("prompt",), barge_in=True))
    world.run(0.1)
    assert world.hear(0, key(9, 8000, 3200)) == [DigitPressed(0, "0", "5", held_at_start=True)]
    assert world.of(PlaybackFinished) == []


def test_keys__none_while_the_peer_is_not_to_send(world: World) -> None:
    world.do(world.sdp(0, direction="sendonly"))
    assert world.hear(0, *press(1, 8000)) == []


def test_keys__bridged_ones_are_told_as_well(world: World) -> None:
    world.open(1)
    world.do(commands.Bridge(0, "0", 1, "1"))
    world.hear(0, *press(1, 8000))
    assert world.of(events.DigitPressed) == [DigitPressed(0, "0", "5")]
