"""Counting what arrives, splitting batches, and bytes that are no RTP."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.media import commands
from ivr.media.events import StreamClosed, StreamStatistics
from ivr.media.playing.clips import SILENT_BLOCKS
from ivr.media.rtp.packet import in_turns, parse
from tests.media.virtual_peer import World, key, rtp


def figures(world: World) -> StreamStatistics:
    world.do(commands.CloseStream(0, "0"))
    found = world.of(StreamClosed)[0].statistics
    assert isinstance(found, StreamStatistics)
    return found


@pytest.fixture
def world() -> World:
    world = World()
    world.open(0)
    return world


def test_statistics__loss_order_and_duplicates(world: World) -> None:
    for number in (1, 2, 4, 3, 3, 7, 8, 8):
        world.hear(0, rtp(number, 160 * number))
    found = figures(world)
    assert (found.packets_received, found.octets_received) == (8, 8 * 160)
    assert (found.packets_lost, found.duplicates, found.reordered, found.malformed) == (2, 2, 1, 0)


def test_statistics__over_the_wrap_around(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number) for number in range(65500, 65600) if number % 10))
    assert figures(world).packets_lost == 9


def test_statistics__over_two_sources(world: World) -> None:
    world.hear(0, rtp(1, 0), rtp(3, 320), rtp(900, 0, ssrc=9), rtp(904, 640, ssrc=9))
    assert figures(world).packets_lost == 1 + 3


def test_statistics__a_duplicate_far_back_or_a_wild_number(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number) for number in range(200)), rtp(150, 0), rtp(120, 0), rtp(30000, 0),
               rtp(200, 0))
    found = figures(world)
    assert (found.packets_lost, found.duplicates) == (0, 1)


def test_statistics__jitter_of_an_even_and_of_an_uneven_stream() -> None:
    for late, low, high in ((0.0, 0.0, 0.1), (0.01, 4.0, 10.0)):
        world = World()
        world.open(0)
        for number in range(200):
            world.now = 1000 + 0.02 * number + late * (number % 2)
            world.hear(0, rtp(number, 160 * number))
        assert low <= figures(world).jitter_ms <= high


def test_statistics__keys_do_not_disturb_the_jitter(world: World) -> None:
    for number in range(100):
        world.now = 1000 + 0.02 * number
        world.hear(0, key(number, 0, 160 * number) if 20 < number < 60 else rtp(number, 160 * number))
    assert figures(world).jitter_ms < 0.1


@pytest.mark.parametrize("payload", [
    b"", b"\x80", b"\x80\x08" + bytes(9), b"\x40" + rtp(1, 1)[1:], b"\x00\x01" + bytes(18),
    b"\x8f" + rtp(1, 1, b"")[1:],
    b"\x90" + rtp(1, 1, b"\xbe\xde\xff\xff")[1:], b"\x90" + rtp(1, 1, b"")[1:], b"\xa0" + rtp(1, 1, b"\x00" * 8)[1:],
    b"\xa0" + rtp(1, 1, b"\xff" * 8)[1:], rtp(1, 1, payload_type=77), rtp(1, 1, payload_type=3)])
def test_malformed__dropped_and_counted(world: World, payload: bytes) -> None:
    assert world.hear(0, payload) == []
    assert figures(world).malformed == 1


def test_malformed__two_in_one_batch_are_two(world: World) -> None:
    world.hear(0, b"x", b"y", rtp(1, 1))
    found = figures(world)
    assert (found.malformed, found.packets_received) == (2, 1)


def test_malformed__comfort_noise_is_not(world: World) -> None:
    world.hear(0, rtp(1, 160), rtp(2, 320, b"\x40", 13))
    assert figures(world).malformed == 0


def test_malformed__in_a_matrix_no_wider_than_the_packet(world: World) -> None:
    for payload in (b"\x80", b"\x9f" * 3, rtp(1, 1, b"")):
        world.plane.receive(np.array([0]), np.frombuffer(payload, np.uint8).reshape(1, -1), np.array([len(payload)]),
                            np.array([0], np.uint64), world.now)


def test_rows_that_are_not_open_hear_nothing(world: World) -> None:
    world.do(commands.OpenStream(1, "1", 1, 1, 1))
    assert world.batch((1, key(1, 1, 160), None), (2, key(1, 1, 160), None)) == []


@given(st.lists(st.integers(0, 5), max_size=30))
def test_in_turns__each_stream_once_a_part_and_in_order(rows: list[int]) -> None:
    matrix = np.zeros((len(rows) + 1, 64), np.uint8)
    for place in range(len(rows)):
        matrix[place, :12] = np.frombuffer(struct.pack(">BBHII", 0x80, 0, place, 0, 0), np.uint8)
    packets, _ = parse(np.array(rows, np.intp), matrix, np.full(len(rows), 12, np.intp), np.zeros(len(rows), np.uint64))
    parts = list(in_turns(packets, np.zeros(6, np.int64)))
    assert sum(len(part.rows) for part in parts) == len(rows)
    for part in parts:
        assert len(set(part.rows.tolist())) == len(part.rows)
    for row in set(rows):
        numbers = [int(part.sequence_numbers[part.rows == row][0]) for part in parts if (part.rows == row).any()]
        assert numbers == [place for place, other in enumerate(rows) if other == row]


HEADERS = st.builds(
    lambda flags, second, number, timestamp, ssrc, payload:
        struct.pack(">BBHII", flags, second, number, timestamp, ssrc) + payload,
    st.sampled_from([0x80, 0x80, 0x80, 0x81, 0x90, 0xA0, 0xBF, 0x00]),
    st.sampled_from([8, 0x88, 101, 0xE5, 13, 0, 200]), st.integers(0, 65535), st.integers(0, 2**32 - 1),
    st.sampled_from([1, 2]), st.binary(max_size=40))
ASKED = st.sampled_from([
    commands.Play(0, "0", 1, ("a",), barge_in=True), commands.Play(1, "1", 2, ("a", "a"), loop=True),
    commands.StopPlayback(1, "1"), commands.Bridge(0, "0", 1, "1"), commands.Unbridge(1, "1"),
    commands.SendDigit(0, "0", "5"), commands.CloseStream(1, "1"), commands.DropClip("a")])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), HEADERS, ASKED, st.floats(0, 3)), max_size=40))
def test_any_bytes_and_commands__nothing_is_raised_and_the_state_stays_sane(story: list[object]) -> None:
    world = World(rows=3)
    world.plane.add_clip("a", np.ones(400, np.int16))
    world.open(0, latch="learn")
    world.open(1, "PCMU", ptime_ms=30)
    for each in story:
        if isinstance(each, bytes):
            world.batch((0, each, ("203.0.113.9", 5)), (1, each, None), (0, each, None))
        elif isinstance(each, float):
            world.now += each
            world.run(0.04)
        else:
            world.do(each)  # type: ignore[arg-type]
    table = world.plane.table
    assert ((table.peer == -1) | (table.peer[table.peer] == np.arange(3))).all()
    assert (table.position >= 0).all()
    assert (table.due[table.clocked] > world.now - 0.1).all()
    assert all(packet.ssrc in (0x1000, 0x1001) for packet in world.sent)
    world.do(commands.CloseStream(0, "0"), commands.CloseStream(1, "1"))
    assert not table.open.any()
    assert world.plane.bank.reserve("whole", (world.plane.bank.capacity - 5 - SILENT_BLOCKS) * 80) is not None
