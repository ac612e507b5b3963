"""The clock of what we send: an absolute grid, no drift, and no bursts after a stall; and how it is measured."""

from itertools import groupby, pairwise
from math import ceil

import numpy as np
import pytest

from ivr.audio.g711 import encode_alaw
from ivr.media import commands
from ivr.media.events import PlaneFigures
from ivr.media.playing.clips import ClipBank
from ivr.media.playing.turns import MOST_TURNS, Turns
from tests.media.virtual_peer import PHASE, START, Rtp, World, ramp

CLIP = encode_alaw(ramp(12))
LATEST = 0.06               # seconds; what would come later is skipped


def world_with_music(now: float = START, **changes: object) -> World:
    """Four streams, each in a phase of its own, that play a clip whose frames differ."""
    world = World(now=now)
    world.plane.add_clip("ramp", ramp(12))
    for row in range(4):
        world.open(row, **changes)
        world.do(commands.Play(row, str(row), 1, ("ramp",), loop=True))
    return world


def clock_of(packets: list[Rtp]) -> set[int]:
    """RTP time less the time of sending, in samples: one value if each packet leaves when it is due."""
    return {(packet.timestamp - round(packet.at * 8000)) & 0xFFFFFFFF for packet in packets}


def test_clock__every_packet_on_the_grid() -> None:
    world = world_with_music()
    world.run(20.0)
    for row in range(4):
        packets = world.sent_from(row)
        assert len(packets) == 1000
        assert len(clock_of(packets)) == 1
        assert {round((packet.at - row * PHASE) * 1000) % 20 for packet in packets} == {0}


def test_clock__after_ten_hours_to_the_sample() -> None:
    """A minute, then an hour of standstill, ten times; the soak sends all ten hours."""
    world = world_with_music(now=1_000_000.0)
    for _ in range(10):
        world.run(1.0)
        world.now = round(world.now + 3600.0, 6)
    world.run(60.0)
    for row in range(4):
        packets = world.sent_from(row)
        assert len(clock_of(packets[:49] + packets[-2900:])) == 1
        due = float(world.plane.table.due[row])
        assert due == pytest.approx(world.now + row * PHASE, abs=1e-9)
        assert abs(due / PHASE - round(due / PHASE)) < 1e-6
        assert [packet.marker for packet in packets].count(True) == 11


def test_clock__turns_do_not_add_up_their_errors() -> None:
    """Turns that are off by what a day of additions makes are on the grid half a second later."""
    world = world_with_music()
    world.run(0.1)
    exact = world.plane.table.due.copy()
    world.plane.table.due += 3e-6
    world.run(0.6)
    late = world.plane.table.due - exact
    assert np.abs(late / 0.02 - np.rint(late / 0.02)).max() < 1e-6


@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 60])
@pytest.mark.parametrize("stall", [0.015, 0.05, 0.1, 1.0])
def test_stall__is_caught_up_without_a_burst(stall: float, ptime_ms: int) -> None:
    """Never two packets of a stream in one turn, none more than 60 ms late, and soon none at all; nothing of the clip
    is lost."""
    world = world_with_music(ptime_ms=ptime_ms)
    world.run(1.0)
    world.now = round(world.now + stall, 6)
    before, began = len(world.sent), world.now
    world.run(1.0)
    frame = ptime_ms / 1000
    most_late = ceil(LATEST / (frame - PHASE))      # a packet each phase, until they are on time: 4 of 20 ms
    for row in range(4):
        packets = world.sent_from(row)
        offset = clock_of(packets[1:10]).pop()
        late = [(round(packet.at * 8000) + offset - packet.timestamp & 0xFFFFFFFF) / 8000 for packet in packets]
        after = [(packet, by) for packet, by in zip(packets, late, strict=True) if packet.at >= began]
        at_once = max(len(list(turn)) for _, turn in groupby(packets, key=lambda packet: packet.at))
        assert at_once == 1
        assert max(late) <= LATEST + 1e-9
        assert sum(by > PHASE for _, by in after) <= most_late
        skipped = [b for a, b in pairwise(packets) if (b.timestamp - a.timestamp & 0xFFFFFFFF) != round(frame * 8000)]
        assert [packet.marker for packet in packets[1:]].count(True) == len(skipped)
        assert all(packet.marker for packet in skipped)
        assert {b.sequence_number - a.sequence_number & 0xFFFF for a, b in pairwise(packets)} == {1}
        assert late[-1] == pytest.approx(0.0, abs=1e-9)
        heard = np.frombuffer(b"".join(packet.payload for packet in packets), np.uint8)[::80]      # one each 10 ms
        assert heard.tolist() == np.resize(CLIP[::80], len(heard)).tolist()
    assert len(world.sent) - before <= 4 * ((1.0 + LATEST) / frame + 1)


def test_turns__lateness_and_missed_phases() -> None:
    turns = Turns(ClipBank(capacity_seconds=10.0))
    assert [figures.late_max_ms for figures in turns.figures(100.0, 0)] == [0.0]
    for number in range(100):
        late = 0.0123 if number == 50 else 0.001
        turns.woke(100.0 + number * 0.005, 100.0 + number * 0.005 + late, 0.005)
    turns.packets_in, turns.packets_out = 7, 8
    assert turns.figures(104.9, 0) == []
    figures, = turns.figures(105.0, 3)
    assert figures.late_p99_ms == pytest.approx(1.113, abs=0.001)
    assert (figures.late_p50_ms, figures.late_max_ms, figures.turns, figures.missed) == (1.0, 12.3, 100, 2)
    assert turns.figures(110.0, 3) == [PlaneFigures(0.0, 0.0, 0.0, 100, 2, 7, 8, 3, 10.0)]


def test_turns__more_of_them_than_there_is_room_for() -> None:
    turns = Turns(ClipBank(capacity_seconds=1.0))
    turns.figures(0.0, 0)
    for number in range(MOST_TURNS + 10):
        turns.woke(number * 0.001, number * 0.001 + 0.002, 0.005)
    figures, = turns.figures(5.0, 0)
    assert (figures.late_p50_ms, figures.turns, figures.missed) == (2.0, MOST_TURNS + 10, 0)
