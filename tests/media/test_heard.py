"""The ring of what peers say: read by our clock, whatever the network did to it."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from ivr.audio.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from ivr.media.columns import BLOCK_SAMPLES, RATE, Columns
from ivr.media.rtp.packet import Packets
from ivr.media.voices import heard as ring
from ivr.media.voices.heard import Heard, block_at
from tests.media.virtual_peer import World, key, rtp

START = 5000.0
ULAW, ALAW = 0, 1
Samples = np.ndarray[Any, np.dtype[np.int16]]


def tone(seconds: float, hertz: float = 440.0, amplitude: float = 8000.0) -> Samples:
    return np.rint(amplitude * np.sin(2 * np.pi * hertz / RATE * np.arange(round(seconds * RATE)))).astype(np.int16)


def noise(seconds: float, seed: int = 1) -> Samples:
    """No two blocks alike, so that a block is known again."""
    samples: Samples = decode_alaw(encode_alaw(
        np.random.default_rng(seed).integers(-8000, 8000, round(seconds * RATE)).astype(np.int16)))
    return samples


@dataclass
class Ear:
    """One row of a ring, what arrives and what is heard of it in real time."""

    rows: int = 1
    now: float = START
    said: list[Samples] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table = Columns(self.rows)
        self.heard = Heard(self.table)
        for row in range(self.rows):
            self.heard.want(row)
        self.read = block_at(self.now) - 1

    def packet(self, timestamp: int, samples: Samples, law: int = ALAW, ssrc: int = 7, payload_type: int = 8) -> None:
        octets = (encode_ulaw, encode_alaw)[law](samples)
        matrix = np.zeros((1, 1500), np.uint8)
        matrix[0, 12:12 + len(octets)] = octets
        one = np.zeros(1, np.intp)
        packets = Packets(one, one, one.astype(np.uint64), np.array([payload_type], np.uint8), one.astype(bool),
                          one.astype(np.uint16), np.array([timestamp & 0xFFFFFFFF], np.uint32),
                          np.array([ssrc], np.uint32), one + 12, one + len(octets))
        self.heard.place(packets, matrix, np.array([law]), self.now)

    def listen(self, until: float) -> None:
        """Read each block at its moment, as the mix does."""
        count = block_at(until) - self.read
        if count > 0:       # nothing came meanwhile, so reading them one by one would give the same
            self.said.append(self.heard.blocks(np.array([0]), self.read + 1, count)[0])
            self.read += count
        self.now = max(self.now, until)

    def arrive(self, arrivals: list[tuple[float, int, Samples]], **changes: Any) -> Samples:
        """Packets (when, RTP time, samples) in order of arrival; returns all that was heard until the last came."""
        begin = len(self.said)
        for at, timestamp, samples in sorted(arrivals, key=lambda each: each[0]):
            self.listen(at - 1e-9)
            self.now = at
            self.packet(timestamp, samples, **changes)
        self.listen(self.now + 0.3)
        return np.concatenate(self.said[begin:])


def frames(samples: Samples, size: int = 160, first: int = 0) -> list[tuple[int, Samples]]:
    return [(first + at, samples[at:at + size]) for at in range(0, len(samples), size)]


def steady(samples: Samples, size: int = 160, first: int = 0, begin: float = START) -> list[tuple[float, int, Samples]]:
    return [(begin + timestamp / RATE, timestamp + first, part) for timestamp, part in frames(samples, size)]


def place_of(samples: Samples, within: Samples) -> int:
    """Where `samples` stand in `within`, in samples; -1 if they do not."""
    return characters(within).find(characters(samples))


def characters(samples: Samples) -> str:
    """A character per sample: strings are searched fast."""
    return samples.view(np.uint16).astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


@pytest.mark.parametrize("size", [80, 160, 240, 320, 400, 480, 128, 100])
def test_heard__what_is_said_is_heard_20_to_30_ms_after_it_came(size: int) -> None:
    samples = noise(size * 20 / RATE)
    at = place_of(samples, Ear().arrive(steady(samples, size, first=-3)))
    assert 160 <= at <= 240


@pytest.mark.parametrize(("law", "decode", "payload_type"), [(ULAW, decode_ulaw, 0), (ALAW, decode_alaw, 8)])
def test_heard__both_laws(law: int, decode: Any, payload_type: int) -> None:
    said = np.arange(-32768, 32768, 16, dtype=np.int16)[:4000]
    expected = decode((encode_ulaw, encode_alaw)[law](said))
    assert place_of(expected, Ear().arrive(steady(said), law=law, payload_type=payload_type)) >= 0


def test_heard__order_and_duplicates_mean_nothing() -> None:
    samples = noise(0.8)
    arrivals = [(at + (0.021 if i % 5 == 2 else 0), timestamp, part)
                for i, (at, timestamp, part) in enumerate(steady(samples))]
    arrivals += [(at + 0.01, timestamp, part) for at, timestamp, part in arrivals[::5]]
    assert place_of(samples, Ear().arrive(arrivals)) > 0


def test_heard__a_lost_packet_is_covered_by_what_came_before() -> None:
    samples = tone(1.0, 500.0)          # 20 ms are ten whole periods, so its repetition can't be told from it
    arrivals = steady(samples)
    del arrivals[20]
    said = Ear().arrive(arrivals)
    at = place_of(decode_alaw(encode_alaw(samples[:160 * 20])), said)
    gap = said[at + 160 * 20:at + 160 * 21].astype(float)
    expected = decode_alaw(encode_alaw(samples[160 * 20:160 * 21])).astype(float)
    assert np.abs(gap[:80] - expected[:80]).max() == 0
    assert 0.85 < np.sqrt((gap[80:] ** 2).mean() / (expected[80:] ** 2).mean()) < 1.0
    assert place_of(decode_alaw(encode_alaw(samples[160 * 21:])), said) == at + 160 * 21


def test_heard__a_long_gap_fades_to_silence_within_60_ms() -> None:
    said = Ear().arrive(steady(tone(0.4, 500.0)))
    end = np.flatnonzero(said)[-1] + 1
    level = [np.abs(said[at:at + 80].astype(int)).max() for at in range(end - 480, end + 80, 80)]
    assert 160 + 3200 + 400 <= end <= 240 + 3200 + 480
    assert level[0] > 7900
    assert all(before >= after for before, after in pairwise(level))
    assert level[-1] == 0


def test_heard__jitter_of_30_ms_is_taken_out() -> None:
    chance, samples = np.random.default_rng(5), noise(20.0)
    ear = Ear()
    said = ear.arrive([(at + chance.uniform(0, 0.03), timestamp, part) for at, timestamp, part in steady(samples)])
    assert place_of(samples[-16 * RATE:], said) > 0         # after the first four seconds not a sample is wrong
    behind = place_of(samples[-RATE:], said) - (len(samples) - RATE)
    assert 0.03 <= behind / RATE <= 0.07


def test_heard__the_delay_shrinks_when_the_network_is_calm_again() -> None:
    chance, samples = np.random.default_rng(5), noise(16.0)
    said = Ear().arrive([(at + (chance.uniform(0, 0.08) if at < START + 4 else 0), timestamp, part)
                         for at, timestamp, part in steady(samples)])
    assert place_of(samples[-RATE:], said) - (len(samples) - RATE) <= 0.03 * RATE


def test_heard__a_packet_that_is_far_too_late_is_left_out() -> None:
    samples = noise(2.0)
    arrivals = steady(samples)
    at, timestamp, part = arrivals[30]
    arrivals[30] = at + 0.3, timestamp, part
    said = Ear().arrive(arrivals)
    assert place_of(part, said) == -1
    assert place_of(samples[160 * 31:], said) - place_of(samples[:160 * 30], said) == 160 * 31


@pytest.mark.parametrize("ppm", [200, -200])
def test_heard__a_peers_clock_drifts_for_an_hour(ppm: int) -> None:
    """A peer that talks for 60 ms each 1.2 s, as with voice-activity detection: 720 ms of drift in the hour."""
    ear, chance = Ear(), np.random.default_rng(2)
    words = noise(0.06, 9).reshape(3, 160)
    wrong = delays = 0
    for i in range(3000):
        ear.said.clear()
        spoken = START + i * 1.2
        for part in range(3):
            at = START + (i * 1.2 + part * 0.02) * (1 - ppm * 1e-6) + chance.uniform(0, 0.004)
            ear.listen(at)
            ear.packet(round((spoken - START) * RATE) + part * 160, words[part])
        ear.read = max(ear.read, block_at(ear.now) - 1)
        ear.listen(ear.now + 0.12)
        ear.read = block_at(ear.now + 0.4)
        found = place_of(words[1:].reshape(-1), np.concatenate(ear.said))
        wrong += found < 0
        delays = max(delays, int(ear.table.ring_at[0]) - round(ear.now * RATE))
    assert wrong <= 80                  # the blocks that are left out or repeated lie within some words
    assert delays < 0.05 * RATE


def test_heard__a_new_source_is_heard_at_once() -> None:
    ear, first, second = Ear(), noise(0.4, 1), noise(0.4, 2)
    ear.arrive(steady(first))
    begin = ear.now
    said = ear.arrive(steady(second, first=0x80000000, begin=begin), ssrc=8)
    assert 160 <= place_of(second, said) <= 240


@pytest.mark.parametrize("jump", [40_000, -40_000, 1_000_003, -3])
def test_heard__a_jump_of_the_timestamp(jump: int) -> None:
    ear, first, second = Ear(), noise(0.4, 1), noise(1.0, 2)
    said = ear.arrive(steady(first) + steady(second, first=3200 + jump, begin=START + 0.4))
    assert place_of(first, said) > 0
    assert place_of(second[-RATE // 2:], said) > 0          # backwards is believed after 100 ms
    assert jump < -3 or place_of(second[160:], said) > 0


def test_heard__silence_and_return() -> None:
    for goes_on in (True, False):           # whether the peer's RTP time goes on in its silence
        ear, first, second = Ear(), noise(0.4, 1), noise(0.4, 2)
        ear.arrive(steady(first))
        begin = START + 30.0
        said = ear.arrive(steady(second, first=240_000 if goes_on else 3200, begin=begin))
        assert place_of(second, said) > 0
        assert not said[480:place_of(second, said)].any()


def test_heard__the_timestamp_wraps_around() -> None:
    samples = noise(1.0)
    assert place_of(samples, Ear().arrive(steady(samples, first=0xFFFFFFFF - 3000))) > 0


def test_heard__comfort_noise_is_silence_at_once() -> None:
    ear = Ear()
    ear.arrive(steady(tone(0.2, 500.0)))
    ear = Ear()
    ear.listen(START)
    for at, timestamp, part in steady(tone(0.2, 500.0)):
        ear.listen(at - 1e-9)
        ear.packet(timestamp, part)
    ear.listen(START + 0.2 - 1e-9)
    ear.packet(1600, np.zeros(1, np.int16), payload_type=13, law=ALAW)
    ear.listen(START + 0.6)
    said = np.concatenate(ear.said)
    assert np.flatnonzero(said)[-1] + 1 <= 1600 + 240


def test_heard__reading_changes_nothing_and_may_be_400_ms_late() -> None:
    ear, samples = Ear(), noise(0.38)
    said = ear.arrive(steady(samples))
    at = place_of(samples, said) // BLOCK_SAMPLES + block_at(START)
    del ear.said[:]
    late = Ear()
    for when, timestamp, part in steady(samples):
        late.now = when
        late.packet(timestamp, part)
    for _ in range(2):
        again = late.heard.blocks(np.array([0, 0]), np.array([at, at + 1]), 30)
        assert (again[0] == samples[:2400]).all()
        assert (again[1] == samples[80:2480]).all()
    assert not late.heard.blocks(np.array([0]), at + ring.SLOTS + 8, 10).any()


def test_heard__rows_that_nobody_wants_are_left_alone() -> None:
    world = World()
    world.open(0)
    world.open(1)
    heard = world.plane.heard
    heard.want(0)
    heard.want(0)
    for _ in range(2):
        for i in range(10):
            world.batch((0, rtp(i, 160 * i), None), (1, rtp(i, 160 * i, b"\x11" * 160), None))
            world.run(0.02)
        assert heard.blocks(np.array([0]), block_at(world.now), 1).any() == bool(world.plane.table.wanted[0])
        assert not heard.blocks(np.array([1]), block_at(world.now) - 10, 20).any()
        heard.unwant(0)
        assert world.plane.table.wanted[0]
        break
    heard.unwant(0)
    assert (heard.users, world.plane.table.wanted[0]) == (0, False)
    heard.unwant(0)
    assert heard.users == 0


def test_heard__events_are_no_speech_and_a_closed_stream_is_wanted_by_nobody() -> None:
    world = World()
    world.open(0)
    world.plane.heard.want(0)
    for i in range(10):
        world.hear(0, key(i + 1, 160, 160 * (i + 1), marker=not i))
        world.run(0.02)
    assert not world.plane.heard.blocks(np.array([0]), block_at(world.now) - 30, 35).any()
    world.hear(0, rtp(11, 1760, b"\x11" * 160))
    assert world.plane.heard.blocks(np.array([0]), block_at(world.now), 5).any()
    world.open(0)
    assert (world.plane.heard.users, world.plane.table.wanted[0]) == (0, False)


def test_heard__hostile_sizes_and_types_raise_nothing() -> None:
    world = World()
    world.open(0)
    world.plane.heard.want(0)
    chance = np.random.default_rng(3)
    for i in range(400):
        size = int(chance.integers(0, 1488))
        world.hear(0, rtp(i, int(chance.integers(0, 1 << 32)), bytes(size), int(chance.choice([0, 8, 13, 99, 101]))))
        world.run(0.005)
    assert world.plane.heard.blocks(np.array([0]), block_at(world.now) - 40, 60).shape == (1, 4800)
