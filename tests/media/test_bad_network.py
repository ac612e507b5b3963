"""Keys and bridges over a bad network: 5 % loss, 30 ms of jitter, doubled and overtaking packets; in virtual time, and
through a relay of real packets to a plane of its own."""

import asyncio
import heapq
import random
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr.audio.dtmf import PAD, tones
from ivr.audio.g711 import encode_alaw
from ivr.media import commands, events
from ivr.media.dtmf.keys import DIGITS
from tests.media.plane_process import FIRST_PORT, Control, Process, heard, phone
from tests.media.virtual_peer import World, key, rtp
from tests.support.impairing import ImpairingRelay, Impairment

FRAME = 160


# --- in virtual time ------------------------------------------------------------------------------------------------
def deliver(world: World, packets: list[tuple[float, bytes]], impairment: Impairment) -> None:
    """Packets that left at these times, as they arrive."""
    arriving = [(at, number, packet) for number, (left, packet) in enumerate(packets)
                for at in impairment.arrivals(left)]
    heapq.heapify(arriving)
    start = world.now
    while arriving:
        at, _, packet = heapq.heappop(arriving)
        while world.now < start + at:
            world.run(0.005)
        world.hear(0, packet)
    world.run(0.5)


def presses(digits: str, updates: int = 4, pause: int = 5) -> list[tuple[float, bytes]]:
    """RFC 4733 as phones send it, every 20 ms; between keys audio."""
    sent: list[tuple[float, bytes]] = []
    for digit in digits:
        begin = len(sent)
        for place in range(updates + 3 + pause):
            number, timestamp = begin + place, FRAME * (begin + place)
            duration, end = FRAME * min(place + 1, updates + 1), place >= updates
            packet = rtp(number, timestamp) if place >= updates + 3 else \
                key(number, FRAME * begin, duration, DIGITS.index(digit), end, marker=not place)
            sent.append((0.02 * number, packet))
    return sent


@pytest.mark.parametrize("seed", range(8))
def test_bad_network__no_key_is_lost_or_doubled(seed: int) -> None:
    digits = "".join(random.Random(seed).choices(DIGITS[:3], k=40))
    world = World(rows=1)
    world.open(0)
    deliver(world, presses(digits), Impairment(seed))
    assert "".join(event.digit for event in world.of(events.DigitPressed)) == digits
    assert len(world.of(events.DigitReleased)) == len(digits)


@pytest.mark.parametrize("seed", range(4))
def test_bad_network__no_tone_is_lost_or_doubled(seed: int) -> None:
    """Tones of 160 ms; a loss is covered with what was before it."""
    digits = "".join(random.Random(seed).choices(PAD, k=30))
    pause = np.zeros(1280, np.int16)
    samples = np.concatenate([pause, *(piece for digit in digits for piece in (tones(digit, 1280), pause)), pause])
    octets = encode_alaw(samples).reshape(-1, FRAME)
    world = World(rows=1)
    world.open(0, event_payload_type=None, in_band=True)
    sent = [(0.02 * number, rtp(number, FRAME * number, frame.tobytes())) for number, frame in enumerate(octets)]
    deliver(world, sent, Impairment(seed))
    assert "".join(event.digit for event in world.of(events.DigitPressed)) == digits
    assert len(world.of(events.DigitReleased)) == len(digits)


# --- real packets ---------------------------------------------------------------------------------------------------
@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path, "auto")
    yield process
    process.end()


def open_learning(control: Control, stream: int, remote: tuple[str, int]) -> None:
    control.link.send(commands.OpenStream(stream, f"leg{stream}", 1, 1, 1))
    control.link.send(commands.SetStream(stream, f"leg{stream}", remote, "PCMA", 8, 101, "sendrecv", 20, "learn"))


async def speak(speaker: socket.socket, to: tuple[str, int], packets: list[tuple[float, bytes]]) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    for at, packet in packets:
        await asyncio.sleep(max(start + at - loop.time(), 0.0))
        speaker.sendto(packet, to)


def numbered(count: int) -> list[tuple[float, bytes]]:
    """Audio whose payload tells its number."""
    return [(0.02 * number, rtp(number, FRAME * number, struct.pack(">I", number) * 40)) for number in range(count)]


def test_bad_network__a_bridge_and_its_keys(process: Process) -> None:
    """Each side hears what the other said as it was said: each packet with its number and its time, but for gaps."""
    digits = "1122334455"

    async def story() -> None:
        control = Control(process.path)
        await control.until(events.PlaneReady)
        relays = [ImpairingRelay(("127.0.0.1", FIRST_PORT + 2 * row), Impairment(row)) for row in (0, 1)]
        with phone() as caller, phone() as operator:
            for row, relay in enumerate(relays):
                open_learning(control, row, relay.outside)
            control.link.send(commands.Bridge(0, "leg0", 1, "leg1"))
            keys = presses(digits)
            await asyncio.gather(speak(caller, relays[0].inside, keys),
                                 speak(operator, relays[1].inside, numbered(len(keys))),
                                 control.until(events.DigitPressed, len(digits)))
            got, lost = await heard(caller, 0.2), relays[1].counts["in"]
            control.link.send(commands.CloseStream(0, "leg0"))
            await control.until(events.StreamClosed)
        for relay in relays:
            relay.close()
        control.link.close()
        told = [event.digit for event in control.told if isinstance(event, events.DigitPressed)]
        assert "".join(told) == digits
        assert len([event for event in control.told if isinstance(event, events.DigitReleased)]) == len(digits)
        numbers = [(number, struct.unpack(">I", payload[:4])[0]) for number, payload in got if len(set(payload)) < 5]
        assert len({said for _, said in numbers}) > 0.8 * lost        # 5 % are lost twice
        assert len({(number - said) % 65536 for number, said in numbers[5:]}) == 1

    asyncio.run(story())


def test_bad_network__who_comes_from_another_address_is_not_heard(process: Process) -> None:
    """After the latch: neither what a stranger says nor its keys, though it knows SSRC and numbers; and it hears
    nothing."""
    async def story() -> None:
        control = Control(process.path)
        await control.until(events.PlaneReady)
        plane = ("127.0.0.1", FIRST_PORT)
        relay = ImpairingRelay(plane, Impairment(1, loss=0.0))
        with phone() as caller, phone() as operator, phone() as stranger:
            open_learning(control, 0, ("127.0.0.1", 9))
            open_learning(control, 1, operator.getsockname())
            control.link.send(commands.Bridge(0, "leg0", 1, "leg1"))
            packets = numbered(60)
            await asyncio.gather(speak(caller, relay.inside, packets[:30]), control.until(events.MediaLatched))
            attack = [(0.02 * place, rtp(30 + place, FRAME * (30 + place), b"\x66" * FRAME)) for place in range(25)]
            attack += [(0.5, key(60 + number, 9600, FRAME * (number + 1), 9)) for number in range(4)]
            rest = [(at - 0.6, packet) for at, packet in packets[30:]]
            _, _, got = await asyncio.gather(speak(caller, relay.inside, rest), speak(stranger, plane, attack),
                                             heard(operator, 1.0))
            control.link.send(commands.CloseStream(0, "leg0"))
            closed = await control.until(events.StreamClosed)
            assert not await heard(stranger, 0.05)
        relay.close()
        control.link.close()
        assert not any(b"\x66" * 4 in payload for _, payload in got)
        assert {struct.unpack(">I", payload[:4])[0] for _, payload in got} >= set(range(30, 55))
        assert not [event for event in control.told if isinstance(event, events.DigitPressed)]
        assert len([event for event in control.told if isinstance(event, events.MediaLatched)]) == 1
        assert closed.statistics.refused >= len(attack)

    asyncio.run(story())
