"""A page's audio, in ticks: nothing of a burst is lost, delay goes in silence, keys are RFC 4733, bounds hold."""

import random
import struct

import pytest

from desk.phone.stream import DOWN_MOST, FRAME, KEY_ENDS, KEY_TICKS, KEYS_MOST, STUCK_KEPT, STUCK_MOST, UP_MOST, Stream

PLANE = ("127.0.0.1", 20_000)
LOUD, QUIET = b"\x2a" * FRAME, b"\xff" * FRAME


def stream() -> Stream:
    made = Stream(7, 65_530, 0xFFFFFF00)
    made.connect(PLANE)
    return made


def read(packet: bytes) -> tuple[bool, int, int, int, bytes]:
    """Marker, payload type, sequence number, timestamp, payload."""
    _, kind, sequence, timestamp, ssrc = struct.unpack("!BBHII", packet[:12])
    assert ssrc == 7
    return bool(kind & 0x80), kind & 0x7F, sequence, timestamp, packet[12:]


def test_burst__is_spread_over_the_ticks_with_the_time_that_passed() -> None:
    tried = stream()
    sent = []
    for tick in range(100):
        if tick == 20:
            for frame in range(20):
                tried.take(bytes([frame]) * FRAME)
        sent.append(tried.tick())
    packets = [(tick, *read(packet)) for tick, packet in enumerate(sent) if packet is not None]
    assert [packet[5][0] for packet in packets] == list(range(20))
    assert [packet[0] for packet in packets] == list(range(20, 40))
    assert [packet[1] for packet in packets] == [True] + [False] * 19
    assert [(packet[3] - packets[0][3]) % 65536 for packet in packets] == list(range(20))
    assert [(packet[4] - 0xFFFFFF00) % 2**32 for packet in packets] == [FRAME * (tick + 1) for tick in range(20, 40)]


def test_page__blocked_400_ms_of_each_second_loses_no_frame() -> None:
    tried, made, came, owed = stream(), 0, [], 0
    for tick in range(1000):
        owed += 1
        if tick % 50 >= 20:
            for _ in range(owed):
                tried.take(made.to_bytes(4, "big") + b"\x2a" * (FRAME - 4))
                made += 1
            owed = 0
        packet = tried.tick()
        if packet is not None:
            came.append(int.from_bytes(read(packet)[4][:4], "big"))
    assert came == list(range(len(came)))
    assert made - len(came) <= 20
    assert tried.lost == 0


def test_delay__that_stays_is_taken_out_of_silence_alone() -> None:
    tried = stream()
    for _ in range(20):
        tried.take(LOUD)
    for _ in range(300):
        tried.take(LOUD)
        tried.tick()
    assert tried.late_ms == 400
    for _ in range(1000):
        tried.take(QUIET)
        tried.tick()
    assert tried.late_ms <= 80
    assert tried.lost == 0


def test_keys__start_growing_end_told_three_times_then_a_gap() -> None:
    tried = stream()
    assert tried.press("5")
    assert tried.press("#")
    assert not tried.press("x")
    assert not tried.press("12")
    packets = [packet for _ in range(40) if (packet := tried.tick()) is not None]
    events = [read(packet) for packet in packets]
    assert [event[1] for event in events] == [101] * 2 * KEY_TICKS
    assert [event[4][0] for event in events] == [5] * KEY_TICKS + [11] * KEY_TICKS
    assert [event[0] for event in events] == ([True] + [False] * (KEY_TICKS - 1)) * 2
    assert len({event[3] for event in events}) == 2
    durations = [int.from_bytes(event[4][2:], "big") for event in events[:KEY_TICKS]]
    assert durations == [160, 320, 480, 640, 800, 800, 800]
    assert [bool(event[4][1] & 0x80) for event in events[:KEY_TICKS]] == [False] * (KEY_TICKS - KEY_ENDS) + [
        True] * KEY_ENDS


def test_bounds__of_each_queue() -> None:
    tried = stream()
    for number in range(UP_MOST + 5):
        tried.take(bytes([number & 0x7F]) * FRAME)
    assert (tried.late_ms, tried.lost) == (20 * UP_MOST, 5)
    assert [tried.press("1") for _ in range(KEYS_MOST + 1)][-2:] == [True, False]
    for number in range(DOWN_MOST + 1):
        tried.receive(bytes((0x80, 0)) + bytes(10) + bytes([number]) * FRAME)
    assert [frame[0] for frame in tried.down] == list(range(1, DOWN_MOST + 1))
    tried.wait()
    assert [frame[0] for frame in tried.down] == list(range(DOWN_MOST + 1 - STUCK_KEPT, DOWN_MOST + 1))
    tried.wait()
    assert STUCK_KEPT <= STUCK_MOST == 2 * len(tried.down)
    assert tried.lost == 5 + DOWN_MOST + 1 - STUCK_KEPT
    tried.connect(None)
    tried.take(LOUD)
    assert (len(tried.up), len(tried.down), tried.tick(), tried.press("1")) == (0, 0, None, False)


@pytest.mark.parametrize("seed", range(20))
def test_receive__anything(seed: int) -> None:
    chance, tried = random.Random(seed), stream()
    for _ in range(500):
        tried.receive(chance.randbytes(chance.choice((0, 1, 11, 12, 13, 171, 172, 173, 400))))
        tried.receive(bytes((0x80 | chance.randrange(64), 0)) + chance.randbytes(chance.randrange(400)))
        assert all(len(frame) == FRAME for frame in tried.down)
        tried.down.clear()
