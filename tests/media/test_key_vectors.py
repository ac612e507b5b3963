"""RFC 4733 as it comes: each case of the rule in ivr/media/dtmf/keys.py as a table of packets, and what was pressed.

A line is a packet: milliseconds, sequence number, timestamp, event, duration, and M (marker), E (end), or the SSRC.
Every table is heard as it stands, with every packet twice, wrapping around at every packet, and in 48 kHz; those that
may be are heard with any one packet lost, with any two neighbours swapped, and all at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from ivr.media import commands
from ivr.media.dtmf.keys import DIGITS
from ivr.media.events import DigitPressed, DigitReleased
from tests.media.virtual_peer import World, key

FULL = 0xFFFF
WORLD = World(rows=1)       # whose stream begins anew for each table


@dataclass(frozen=True)
class Packet:
    at: float
    sequence_number: int
    timestamp: int
    event: int
    duration: int
    marker: bool = False
    end: bool = False
    ssrc: int = 7

    def octets(self, numbers: int = 0, times: int = 0, rate: int = 1) -> bytes:
        return key(self.sequence_number + numbers, self.timestamp * rate + times, min(self.duration * rate, FULL),
                   self.event, self.end, self.marker, ssrc=self.ssrc)


@dataclass(frozen=True)
class Vector:
    """`fragile`: no packet of it may be lost; `timed`: its times tell what it means."""

    pressed: str
    table: str
    fragile: bool = False
    timed: bool = False

    @property
    def packets(self) -> list[Packet]:
        return [packet_of(line.split()) for line in self.table.strip().splitlines()]


def packet_of(words: list[str]) -> Packet:
    at, number, timestamp, event, duration, *rest = words
    ssrc = next((int(word) for word in rest if word.isdigit()), 7)
    return Packet(int(at) / 1000, int(number), int(timestamp), int(event), int(duration), marker="M" in rest,
                  end="E" in rest, ssrc=ssrc)


def lines(first: int, at: int, timestamp: int, durations: Iterator[int], event: int = 5, every: int = 20) -> list[str]:
    return [f"{at + every * place} {first + place} {timestamp} {event} {duration}"
            for place, duration in enumerate(durations)]


def long_press(step: int, segments: int, lost: tuple[int, ...] = (), marked: bool = False) -> str:
    """A key that is held for so many whole segments and a half; `lost`: packets, counted from each segment's end (below
    0) and from its start. Some senders mark each segment."""
    made: list[str] = []
    number, at = 1, 0
    for segment in range(segments + 1):
        last = segment == segments
        durations = [*range(step, 30_000 if last else FULL, step), *(() if last else (FULL,))]
        missing = {place % len(durations) for place in lost if (segment and place >= 0) or (not last and place < 0)}
        for place, duration in enumerate(durations):
            mark = " M" if not place and (marked or not segment) else ""
            if place not in missing:
                made.append(f"{at} {number} {8000 + segment * FULL} 5 {duration}{mark}")
            number, at = number + 1, at + step // 8
    return "\n".join([*made, *(f"{at} {number + copy} {8000 + segments * FULL} 5 30000 E" for copy in range(3))])


ONE = """
    0    1  8000  5  160  M
    20   2  8000  5  320
    40   3  8000  5  480
    60   4  8000  5  640  E
    60   5  8000  5  640  E
    60   6  8000  5  640  E
"""
VECTORS = {
    "a press": Vector("5", ONE),
    "the start is lost": Vector("5", "\n".join(ONE.strip().splitlines()[1:])),
    "all but the ends are lost": Vector("5", "\n".join(ONE.strip().splitlines()[3:])),
    "one end alone came": Vector("5", ONE.strip().splitlines()[5], fragile=True),
    "all ends are lost": Vector("5", "\n".join(ONE.strip().splitlines()[:3])),
    "one packet in the middle alone came": Vector("5", ONE.strip().splitlines()[2], fragile=True),
    "all ends are lost, then the same key without a marker": Vector("55", """
        0    1  8000  5  160  M
        20   2  8000  5  320
        80   6  8640  5  160
        100  7  8640  5  320
        120  8  8640  5  320  E
        """, fragile=True),
    "all ends are lost, then another key": Vector("56", """
        0    1  8000  5  160  M
        20   2  8000  5  320
        80   6  8640  6  160
        100  7  8640  6  320
        120  8  8640  6  320  E
        """),
    "the same key after a pause of 40 ms": Vector("55", """
        0    1  8000  5  160  M
        20   2  8000  5  320
        40   3  8000  5  320  E
        40   4  8000  5  320  E
        40   5  8000  5  320  E
        80   6  8640  5  160  M
        100  7  8640  5  320
        120  8  8640  5  320  E
        120  9  8640  5  320  E
        120 10  8640  5  320  E
        """),
    "the same key after a pause of 40 ms, no marker anywhere": Vector("55", """
        0    1  8000  5  160
        20   2  8000  5  320
        40   3  8000  5  320  E
        40   4  8000  5  320  E
        40   5  8000  5  320  E
        80   6  8640  5  160
        100  7  8640  5  320
        120  8  8640  5  320  E
        120  9  8640  5  320  E
        120 10  8640  5  320  E
        """),
    "only ends came of the same key twice": Vector("55", """
        40   3  8000  5  320  E
        40   4  8000  5  320  E
        120  8  8640  5  320  E
        120  9  8640  5  320  E
        """),
    "several keys in one burst": Vector("1223", """
        0    1  8000  1  160  M
        0    2  8000  1  320  E
        0    3  8000  1  320  E
        0    4  8000  1  320  E
        0    5  8320  2  160  M
        0    6  8320  2  320  E
        0    7  8320  2  320  E
        0    8  8320  2  320  E
        0    9  8640  2  160  M
        0   10  8640  2  320  E
        0   11  8640  2  320  E
        0   12  8640  2  320  E
        0   13  8960  3  160  M
        0   14  8960  3  320  E
        0   15  8960  3  320  E
        0   16  8960  3  320  E
        """, fragile=True),
    "a time of its own for every packet": Vector("55", """
        0    1  8000  5  160  M
        20   2  8160  5  320
        40   3  8320  5  480
        60   4  8480  5  640  E
        60   5  8640  5  640  E
        60   6  8800  5  640  E
        300  7  9800  5  160  M
        320  8  9960  5  320
        340  9 10120  5  480  E
        340 10 10280  5  480  E
        340 11 10440  5  480  E
        """, timed=True),
    "a time and a duration of its own for every packet": Vector("55", """
        0    1  8000  5  160  M
        20   2  8160  5  160
        40   3  8320  5  160
        60   4  8480  5  160  E
        80   5  8640  5  160  E
        100  6  8800  5  160  E
        300  7  9800  5  160  M
        320  8  9960  5  160
        340  9 10120  5  160  E
        360 10 10280  5  160  E
        380 11 10440  5  160  E
        """, timed=True),
    "a time of its own for every end alone": Vector("5", """
        0    1  8000  5  160  M
        20   2  8000  5  320
        40   3  8320  5  480  E
        40   4  8480  5  480  E
        40   5  8640  5  480  E
        """),
    "a marker on every packet": Vector("55", """
        0    1  8000  5  160  M
        20   2  8000  5  320  M
        40   3  8000  5  480  M E
        40   4  8000  5  480  M E
        200  5  9600  5  160  M
        220  6  9600  5  320  M
        240  7  9600  5  480  M E
        240  8  9600  5  480  M E
        """),
    "all keys have the same time": Vector("551", """
        0    1  8000  5  160  M
        20   2  8000  5  320
        40   3  8000  5  480  E
        40   4  8000  5  480  E
        200  5  8000  5  160  M
        220  6  8000  5  320
        240  7  8000  5  480  E
        240  8  8000  5  480  E
        400  9  8000  1  160  M
        420 10  8000  1  320
        440 11  8000  1  480  E
        """),
    "a duration of 0 at first": Vector("5", """
        0    1  8000  5  0    M
        20   2  8000  5  160
        40   3  8000  5  320  E
        40   4  8000  5  320  E
        """),
    "a duration of 0 all the time": Vector("55", """
        0    1  8000  5  0    M
        20   2  8000  5  0
        40   3  8000  5  0    E
        40   4  8000  5  0    E
        200  5  9600  5  0    M
        220  6  9600  5  0
        240  7  9600  5  0    E
        240  8  9600  5  0    E
        """),
    "events that are no keys": Vector("5", """
        0    1  8000  16  160  M
        20   2  8000  5   160  M
        40   3  8000  36  320
        60   4  8000  5   320
        80   5  8000  255 320  E
        80   6  8000  5   480  E
        80   7  8000  5   480  E
        """),
    "packets in another order": Vector("56", """
        0    2  8000  5  320
        0    1  8000  5  160  M
        40   4  8000  5  480  E
        40   3  8000  5  480
        60   8  8800  6  320
        60   6  8000  5  480  E
        60   7  8800  6  160  M
        60   5  8000  5  480  E
        100  9  8800  6  480  E
        """, fragile=True),
    "another source while the key is down": Vector("5", """
        0    1     8000  5  160  M
        20   2     8000  5  320
        40   9000  700   5  480     8
        60   9001  700   5  640     8
        80   9002  700   5  640  E  8
        80   9003  700   5  640  E  8
        """, timed=True),
    "another source while the key is down, which counts from the start": Vector("5", """
        0    1     8000  5  160  M
        20   2     8000  5  320
        40   9000  700   5  160  M  8
        60   9001  700   5  320     8
        80   9002  700   5  320  E  8
        80   9003  700   5  320  E  8
        """, timed=True, fragile=True),
    "another source among the ends": Vector("5", """
        0    1     8000  5  160  M
        20   2     8000  5  320
        40   3     8000  5  480  E
        40   9000  700   5  480  E  8
        40   9001  700   5  480  E  8
        """, timed=True),
    "another source after the key, the same key again": Vector("55", """
        0    1     8000  5  160  M
        20   2     8000  5  320
        40   3     8000  5  480  E
        40   4     8000  5  480  E
        120  9000  700   5  160  M  8
        140  9001  700   5  320     8
        160  9002  700   5  480  E  8
        160  9003  700   5  480  E  8
        """, timed=True),
    "another source after the key, whose ends are lost, the same key again": Vector("55", """
        0    1     8000  5  160  M
        20   2     8000  5  320
        120  9000  700   5  160  M  8
        140  9001  700   5  320     8
        160  9002  700   5  480  E  8
        160  9003  700   5  480  E  8
        """, timed=True),
    "another source, another key": Vector("56", """
        0    1     8000  5  160  M
        20   2     8000  5  320
        40   9000  700   6  160  M  8
        60   9001  700   6  320     8
        80   9002  700   6  320  E  8
        """, timed=True),
}
LONG = {
    "over 8.19 s": long_press(400, 1),
    "over 16.4 s": long_press(160, 2),
    "over 8.19 s, each segment marked": long_press(400, 1, marked=True),
    "the segments' first packets are lost": long_press(400, 2, (0, 1)),
    "the segments' last packets are lost": long_press(400, 2, (-1, -2)),
    "the segments' first and last packets are lost": long_press(160, 1, (-1, -2, -3, 0, 1, 2)),
    "with an update every 50 ms, the last and the first lost": long_press(400, 1, (-1, 0)),
}


def heard(packets: list[Packet], numbers: int = 0, times: int = 0, rate: int = 1, each: int = 1) -> World:
    world = WORLD
    world.do(commands.CloseStream(0, "0"))
    world.events.clear()
    world.open(0, event_clock_rate=8000 * rate, direction="recvonly")
    start = world.now
    for packet in packets:
        world.run(max(start + packet.at - world.now, 0.0))
        world.hear(0, *[packet.octets(numbers, times, rate)] * each)
    world.run(0.22)
    return world


def pressed(world: World) -> str:
    """What was pressed; every press has its release."""
    told = "".join(event.digit for event in world.of(DigitPressed))
    kinds = [type(event) for event in world.events]
    assert kinds == [DigitPressed, DigitReleased] * len(told)
    return told


each_vector = pytest.mark.parametrize("vector", VECTORS.values(), ids=list(VECTORS))


@each_vector
def test_vector__as_it_is(vector: Vector) -> None:
    assert pressed(heard(vector.packets)) == vector.pressed


@each_vector
def test_vector__every_packet_twice(vector: Vector) -> None:
    assert pressed(heard(vector.packets, each=2)) == vector.pressed


@each_vector
def test_vector__numbers_and_times_wrap_around_at_every_packet(vector: Vector) -> None:
    for packet in vector.packets:
        numbers, times = 0x10000 - packet.sequence_number, 0x1_0000_0000 - packet.timestamp
        assert pressed(heard(vector.packets, numbers, times)) == vector.pressed


@each_vector
def test_vector__counted_in_48_khz(vector: Vector) -> None:
    assert pressed(heard(vector.packets, rate=6)) == vector.pressed


@pytest.mark.parametrize("vector", [one for one in VECTORS.values() if not one.fragile],
                         ids=[name for name, one in VECTORS.items() if not one.fragile])
def test_vector__any_one_packet_lost(vector: Vector) -> None:
    packets = vector.packets
    for lost in range(len(packets)):
        assert pressed(heard(packets[:lost] + packets[lost + 1:])) == vector.pressed, lost


@pytest.mark.parametrize("vector", [one for one in VECTORS.values() if not one.timed],
                         ids=[name for name, one in VECTORS.items() if not one.timed])
def test_vector__all_at_once_and_neighbours_swapped(vector: Vector) -> None:
    packets = [replace(packet, at=0.0) for packet in vector.packets]
    assert pressed(heard(packets)) == vector.pressed
    for place in range(1, len(packets)):
        swapped = [*packets[:place - 1], packets[place], packets[place - 1], *packets[place + 1:]]
        assert pressed(heard(swapped)) == vector.pressed, place


@pytest.mark.parametrize("table", LONG.values(), ids=list(LONG))
def test_long_press__is_one(table: str) -> None:
    vector = Vector("5", table)
    world = heard(vector.packets)
    assert pressed(world) == "5"
    last = vector.packets[-1]
    assert world.of(DigitReleased)[0].duration_ms == (last.timestamp - 8000 + last.duration) // 8


def test_vectors__name_keys() -> None:
    assert all(set(vector.pressed) <= set(DIGITS) for vector in VECTORS.values())
