"""G.722 and Opus in the plane: frames, clocks, relay, the mix of unlike codecs, keys at 48 kHz, and prepared clips."""

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.audio import codecs
from ivr.audio.codecs import CODECS, CodecMissing
from ivr.drivers.clip_reader import ClipReader
from ivr.media import commands
from ivr.media.events import ClipFailed, ClipLoaded, DigitPressed, DigitReleased
from ivr.media.plane import PlaneSettings
from ivr.media.playing.clips import ClipBank
from ivr.media.rtp import statistics
from tests.media.virtual_peer import Rtp, World, key, rtp
from tests.support.peers import need_opus

ALL = ("PCMU", "PCMA", "G722", "opus")
SETTINGS = PlaneSettings(clip_seconds=20.0, batch=256, codecs=ALL)
NUMBERS = {"PCMU": 0, "PCMA": 8, "G722": 9, "opus": 96}
TICKS = {"PCMU": 160, "PCMA": 160, "G722": 160, "opus": 960}     # of the RTP clock in 20 ms


def wave(hertz: float, seconds: float = 1.0, rate: int = 8000, peak: int = 8000) -> np.ndarray:
    return np.rint(peak * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.int16)


@pytest.fixture(autouse=True, scope="module")
def opus() -> None:
    need_opus()


@pytest.fixture
def world() -> World:
    return World(settings=SETTINGS)


def heard(packets: list[Rtp], codec: str) -> np.ndarray:
    """What a phone hears of them at 8 kHz."""
    decoder = CODECS[codec].decoder(8000)
    return np.concatenate([decoder.decode(packet.payload) for packet in packets])


def steps(packets: list[Rtp]) -> set[int]:
    """Of the RTP time from packet to packet."""
    return {(after.timestamp - before.timestamp) & 0xFFFFFFFF for before, after in pairwise(packets)}


def purity_db(samples: np.ndarray, hertz: float) -> float:
    """How far all else lies below a tone of this frequency."""
    angles = 2 * np.pi * hertz * np.arange(len(samples)) / 8000
    basis = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rest = samples - basis @ (np.linalg.pinv(basis) @ samples)
    return float(10 * np.log10((samples.astype(float) ** 2).sum() / max((rest ** 2).sum(), 1e-9)))


def say(world: World, row: int, codec: str, hertz: float, seconds: float) -> None:
    """A peer speaks, 20 ms at a time."""
    kind = CODECS[codec]
    octets = kind.encoder(8000).encode(wave(hertz, seconds)).reshape(-1, 160)
    for number, payload in enumerate(octets):
        world.hear(row, rtp(number, 5000 + number * TICKS[codec], payload.tobytes(), NUMBERS[codec], ssrc=50 + row))
        world.run(0.02)


# --- playing --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("codec", ALL)
def test_playing__a_clip_in_every_codec_on_its_clock(world: World, codec: str) -> None:
    world.plane.add_clip("a", wave(700, 1.0))
    world.open(0, codec)
    world.do(commands.Play(0, "0", 1, ("a",)))
    world.run(1.2)
    packets = world.sent
    assert {(packet.payload_type, len(packet.payload)) for packet in packets} == {(NUMBERS[codec], 160)}
    assert steps(packets) == {TICKS[codec]}
    samples = heard(packets, codec)
    assert purity_db(samples[1600:7200], 700) > 25
    assert np.abs(samples[8800:].astype(int)).max() < 100        # silence after the clip


@pytest.mark.parametrize("codec", ALL)
def test_playing__nothing_is_silence(world: World, codec: str) -> None:
    world.open(0, codec)
    world.run(0.2)
    assert np.abs(heard(world.sent, codec).astype(int)).max() < 16


def test_playing__opus_joins_clips_of_odd_lengths_between_frames(world: World) -> None:
    """A clip of 10 ms more than whole frames, another behind it: no frame is made of two halves."""
    for name, hertz in (("a", 700), ("b", 1100)):
        world.plane.add_clip(name, wave(hertz, 0.51))
    world.open(0, "opus")
    world.do(commands.Play(0, "0", 1, ("a", "b")))
    world.run(1.04)
    frames = {packet.payload for packet in world.sent}
    known = {bytes(frame) for frame in world.plane.bank.octets.reshape(4, -1)[3].reshape(-1, 160)}
    assert frames <= known
    samples = heard(world.sent, "opus")
    assert purity_db(samples[800:3600], 700) > 25
    assert purity_db(samples[5200:7600], 1100) > 25


@pytest.mark.parametrize("duration_ms", [50, 130])
def test_send_digit__tones_end_with_a_whole_frame_of_opus(world: World, duration_ms: int) -> None:
    world.open(0, "opus", event_payload_type=None)
    world.do(commands.SendDigit(0, "0", "5", duration_ms))
    world.run(0.4)
    assert {packet.payload for packet in world.sent} <= {
        bytes(frame) for frame in world.plane.bank.octets.reshape(4, -1)[3].reshape(-1, 160)}


@pytest.mark.parametrize("ptime_ms", [10, 30, 60])
def test_playing__packet_times(world: World, ptime_ms: int) -> None:
    world.open(0, "G722", ptime_ms=ptime_ms)
    world.open(1, "opus", ptime_ms=ptime_ms)
    world.run(0.6)
    assert {len(packet.payload) for packet in world.sent_from(0)} == {8 * ptime_ms}
    assert {len(packet.payload) for packet in world.sent_from(1)} == {160}


def test_playing__a_change_to_opus_goes_on_at_a_whole_frame(world: World) -> None:
    world.plane.add_clip("a", wave(700, 2.0))
    world.open(0, "PCMA", ptime_ms=30)
    world.do(commands.Play(0, "0", 1, ("a",)))
    world.run(0.25)
    before = len(world.sent)
    world.do(world.sdp(0, codec="opus"))
    world.run(0.5)
    samples = heard(world.sent[before:], "opus")
    assert purity_db(samples[800:3600], 700) > 25


def test_set__what_the_plane_does_not_speak() -> None:
    world = World()
    with pytest.raises(ValueError, match="G722"):
        world.open(0, "G722")
    with pytest.raises(ValueError, match="at 16000"):
        world.do(world.sdp(0, codec="PCMA", event_clock_rate=16_000))


def test_bank__sections_for_what_is_spoken_alone() -> None:
    sizes = [ClipBank(10.0, names).octets.nbytes for names in (("PCMU",), ("PCMA", "PCMU"), ("opus",), ALL)]
    assert [size / sizes[0] for size in sizes] == [1, 2, 2, 4]


@pytest.mark.parametrize(("codec", "least_db"), [("opus", 100), ("G722", 20)])
def test_playing__a_cut_leaves_little_in_what_follows(codec: str, least_db: float) -> None:
    """A clip that begins with 80 ms of silence, as prompts do, after a loud tone that was cut off."""
    kind = CODECS[codec]
    clip = np.concatenate([np.zeros(640, np.int16), wave(700, 1.0)])
    tone, octets = (kind.encoder(8000).encode(samples).reshape(-1, 160)
                    for samples in (wave(1000, 0.5, peak=16_000), clip[:8640 // 160 * 160]))
    fresh, cut = kind.decoder(8000), kind.decoder(8000)
    for payload in tone:
        cut.decode(payload.tobytes())
    wanted, got = (np.concatenate([decoder.decode(payload.tobytes()) for payload in octets])[640:].astype(float)
                   for decoder in (fresh, cut))
    assert 10 * np.log10((wanted ** 2).sum() / (((got - wanted) ** 2).sum() + 1e-6)) > least_db


# --- what comes -----------------------------------------------------------------------------------------------------
def test_statistics__jitter_in_ms_on_a_clock_of_48_khz(world: World) -> None:
    """Packets 10 ms late by turns: the same figure for the same packets on any clock."""
    for row, codec in enumerate(("PCMA", "opus")):
        world.open(row, codec)
    for number in range(100):
        late = 0.01 * (number % 2)
        world.run(late)
        for row, codec in enumerate(("PCMA", "opus")):
            world.hear(row, rtp(number, number * TICKS[codec], bytes(160), NUMBERS[codec]))
        world.run(0.02 - late)
    figures = [statistics.report(world.plane.table, row).jitter_ms for row in (0, 1)]
    assert figures[0] == pytest.approx(figures[1], abs=0.1)
    assert figures[0] == pytest.approx(9.9, abs=1.0)


@pytest.mark.parametrize("codec", ["G722", "opus"])
def test_relay__equal_codecs_byte_for_byte_under_the_other_number(world: World, codec: str) -> None:
    world.open(0, codec)
    world.open(1, codec, payload_type=120)
    world.do(commands.Bridge(0, "0", 1, "1"))
    payloads = [bytes([number]) * size for number, size in enumerate((160, 7, 160, 3, 160))]
    for number, payload in enumerate(payloads):
        world.hear(0, rtp(number, number * TICKS[codec], payload, NUMBERS[codec]))
        world.run(0.02)
    relayed = world.sent_from(1)
    assert [packet.payload for packet in relayed] == payloads
    assert {packet.payload_type for packet in relayed} == {120}
    assert steps(relayed) == {TICKS[codec]}


@pytest.mark.parametrize(("toc", "ticks"), [
    (b"\xf8" + bytes(159), 960), (b"\xf9" + bytes(159), 1920), (b"\xfb\x03" + bytes(158), 2880),
    (b"\x08" + bytes(9), 960),
    (b"\x18", 2880), (b"\xe3\x02" + bytes(9), 240), (b"\x1b\x3f" + bytes(9), 5760)])
def test_relay__what_follows_opus_has_the_next_time(world: World, toc: bytes, ticks: int) -> None:
    """How long a packet lasts stands in its first octets (RFC 6716 §3.1)."""
    world.open(0, "opus")
    world.open(1, "opus")
    world.do(commands.Bridge(0, "0", 1, "1"))
    world.hear(0, rtp(1, 48_000, toc, 96))
    (relayed,) = world.sent_from(1)
    assert int(world.plane.table.timestamp[1]) == (relayed.timestamp + ticks) & 0xFFFFFFFF
    assert float(world.plane.table.due[1]) == pytest.approx(world.now + ticks / 48_000)


@pytest.mark.parametrize(("one", "other"), [
    ("G722", "PCMA"), ("opus", "PCMU"), ("opus", "G722"), ("G722", "opus")])
def test_bridge__unlike_codecs_hear_each_other(world: World, one: str, other: str) -> None:
    world.open(0, one)
    world.open(1, other)
    world.do(commands.Bridge(0, "0", 1, "1"))
    say(world, 0, one, 700, 0.6)
    packets = world.sent_from(1)
    assert {packet.payload_type for packet in packets} == {NUMBERS[other]}
    samples = heard(packets, other)
    assert purity_db(samples[1600:4000], 700) > 20


@pytest.mark.parametrize("payload", [b"", b"\xff" * 3, bytes(range(256)) * 5, b"\xfb\x00", b"\xfb\x3f" + b"\xff" * 1270,
                                     b"\x03" * 40])
def test_heard__octets_that_are_no_opus_are_silence_and_raise_nothing(world: World, payload: bytes) -> None:
    world.open(0, "opus")
    world.open(1, "PCMA")
    world.do(commands.Bridge(0, "0", 1, "1"))
    for number in range(4):
        world.hear(0, rtp(number, number * 960, payload, 96))
        world.run(0.02)
    say(world, 0, "opus", 700, 0.4)
    assert purity_db(heard(world.sent_from(1), "PCMA")[-1600:], 700) > 20


def test_set__another_clock_is_a_new_source(world: World) -> None:
    """Timestamps that count in other units are neither jitter nor lost; what was lost before stays so."""
    world.open(0, "PCMA")
    world.open(1, "PCMU")
    world.do(commands.Bridge(0, "0", 1, "1"))
    for number in (*range(10), *range(12, 20)):
        world.hear(0, rtp(number, number * 160))
        world.run(0.02)
    world.do(world.sdp(0, codec="opus"))
    frames = CODECS["opus"].encoder(8000).encode(wave(700, 0.5)).reshape(-1, 160)
    for number, payload in enumerate(frames):           # of the same SSRC, numbers and times go on
        world.hear(0, rtp(20 + number, 3200 + number * 960, payload.tobytes(), 96))
        world.run(0.02)
    figures = statistics.report(world.plane.table, 0)
    assert (figures.packets_lost, figures.jitter_ms) == (2, pytest.approx(0, abs=1.0))
    assert purity_db(heard(world.sent_from(1)[-20:], "PCMU"), 700) > 20


@pytest.mark.parametrize("width", [65, 1497])
def test_relay__a_packet_of_one_octet_at_the_end_of_its_place(world: World, width: int) -> None:
    world.open(0, "opus")
    world.open(1, "opus")
    world.do(commands.Bridge(0, "0", 1, "1"))
    extension = struct.pack(">HH", 0xBEDE, (width - 17) // 4) + bytes((width - 17) // 4 * 4)
    packet = rtp(1, 0, b"", 96)
    packet = b"\x90" + packet[1:] + extension
    packet += b"\xfb" * (width - len(packet))
    matrix = np.frombuffer(packet, np.uint8).reshape(1, -1)
    source = np.array([world.plane.addresses.pack("192.0.2.0", 4000)], np.uint64)
    world.plane.receive(np.array([0]), matrix, np.array([width]), source, world.now)
    assert world.plane.table.received[0] == 1


PAYLOADS = st.one_of(st.binary(max_size=200), st.sampled_from([b"\xf8" + bytes(159), b"\xd5" * 160, b"\xfb\x3f"]))
PACKETS = st.builds(lambda row, kind, number, payload: (row, rtp(number, number * 960, payload, kind, ssrc=row)),
                    st.integers(0, 2), st.sampled_from([96, 9, 8, 13, 101]), st.integers(0, 80), PAYLOADS)
CHANGES = st.sampled_from([
    commands.Bridge(0, "0", 1, "1"), commands.Bridge(1, "1", 2, "2"), commands.Unbridge(0, "0"),
    commands.Play(0, "0", 1, ("a",), barge_in=True), commands.Play(1, "1", 2, ("a",), loop=True, under_db=12.0),
    commands.Hear(2, "2", ((0, "0"), (1, "1"))), commands.Hear(2, "2", ()), commands.SendDigit(0, "0", "5")])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(PACKETS, CHANGES, st.tuples(st.sampled_from(ALL), st.integers(0, 2))), max_size=40))
def test_any_packets_in_any_codecs__nothing_is_raised(story: list[Any]) -> None:
    world = World(settings=PlaneSettings(clip_seconds=2.0, batch=64, codecs=ALL))
    world.plane.add_clip("a", wave(700, 0.31))
    for row, codec in enumerate(("opus", "G722", "PCMA")):
        world.open(row, codec)
    for each in story:
        match each:
            case (int(row), bytes(packet)):
                world.hear(row, packet)
            case (str(codec), int(row)):
                world.do(world.sdp(row, codec=codec))
            case _:
                world.do(each)
        world.run(0.02)
    assert {packet.ssrc for packet in world.sent} <= {0x1000, 0x1001, 0x1002}


# --- keys -----------------------------------------------------------------------------------------------------------
def test_keys__at_48_khz(world: World) -> None:
    """Three presses of 100 ms: the last two of one key, 60 ms apart."""
    world.open(0, "opus", event_clock_rate=48_000)
    for number, (code, at) in enumerate(((1, 0), (2, 9600), (2, 9600 + 7680))):
        for step, end in ((1, False), (3, False), (5, True)):
            world.hear(0, key(10 * number + step, at, 960 * step, code, end))
        world.run(0.06)
    assert [event.digit for event in world.of(DigitPressed)] == ["1", "2", "2"]
    assert [event.duration_ms for event in world.of(DigitReleased)] == [100, 100, 100]


@pytest.mark.parametrize(("rate", "ticks"), [(8000, 160), (48_000, 960)])
def test_send_digit__durations_at_the_events_clock_and_times_at_the_codecs(world: World, rate: int, ticks: int) -> None:
    world.open(0, "opus", event_clock_rate=rate)
    world.run(0.1)
    before = world.sent[-1].timestamp
    world.do(commands.SendDigit(0, "0", "5", 100))
    world.run(0.3)
    events = [packet for packet in world.sent if packet.payload_type == 101]
    durations = [struct.unpack(">BBH", packet.payload)[2] for packet in events]
    assert durations == [ticks * number for number in (1, 2, 3, 4, 5, 5, 5)]
    assert {packet.timestamp for packet in events} == {(before + 960) & 0xFFFFFFFF}
    after = [packet for packet in world.sent if packet.payload_type == 96][-1]
    assert (after.timestamp - before) % 960 == 0


def test_relay__events_for_who_counts_them_at_another_rate(world: World) -> None:
    world.open(0, "opus", event_clock_rate=48_000)
    world.open(1, "opus", event_clock_rate=8000)
    world.do(commands.Bridge(0, "0", 1, "1"))
    world.hear(0, key(1, 0, 960))
    world.hear(1, key(1, 0, 160, ssrc=9))
    world.hear(1, key(2, 0, 16_000, ssrc=9))
    assert [struct.unpack(">BBH", packet.payload)[2] for packet in world.sent_from(1)] == [160]
    assert [struct.unpack(">BBH", packet.payload)[2] for packet in world.sent_from(0)] == [960, 65_535]


# --- prepared clips -------------------------------------------------------------------------------------------------
def prepared(folder: Path, blocks: int, **octets: bytes) -> commands.LoadClip:
    (folder / "a.s16").write_bytes(bytes(blocks * 160))
    for codec, content in octets.items():
        (folder / codec).write_bytes(content)
    return commands.LoadClip("a", str(folder / "a.s16"), tuple((codec, str(folder / codec)) for codec in octets))


def read(bank: ClipBank, *asked: commands.LoadClip) -> list[object]:
    reader = ClipReader(bank)
    told = [event for command in asked for event in reader.ask(command)]
    while reader.busy:
        told += reader.work(0.01)
    return told


def test_reader__takes_each_codec_from_its_file(tmp_path: Path) -> None:
    bank = ClipBank(20.0, ALL)
    octets = {codec: np.random.default_rng(number).bytes(80 * 700) for number, codec in enumerate(("G722", "opus"))}
    assert read(bank, prepared(tmp_path, 699, **octets)) == [ClipLoaded("a", pytest.approx(7.0))]
    clip = bank.get("a")
    assert clip is not None
    for law, codec in ((2, "G722"), (3, "opus")):
        frames = bank.gather(np.array([clip.start]), np.array([clip.start + clip.blocks]), np.array([law]), 700)
        assert frames.tobytes() == octets[codec]


@pytest.mark.parametrize(("octets", "reason"), [
    ({"G722": bytes(800)}, "not prepared in opus"), ({"G722": bytes(720), "opus": bytes(800)}, "not as long"),
    ({"G722": bytes(800), "opus": b""}, "not as long"), ({"G722": bytes(800), "opus": bytes(960)}, "not as long")])
def test_reader__files_that_do_not_belong_together(tmp_path: Path, octets: dict[str, bytes], reason: str) -> None:
    bank = ClipBank(20.0, ALL)
    (failed,) = read(bank, prepared(tmp_path, 10, **octets))
    assert isinstance(failed, ClipFailed)
    assert reason in failed.reason
    assert bank.reserve("whole", 20 * 8000) is not None          # its room is free again


def test_codec__a_library_that_is_not_there_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(f"libopus.so.0 or G722: {name}")
    monkeypatch.setattr(codecs, "import_module", missing)
    for codec, remedy in (("G722", "pip install 'G722"), ("opus", "apt-get install libopus0")):
        with pytest.raises(CodecMissing, match=remedy):
            CODECS[codec].decoder(8000)
    ClipBank(1.0)                # who does not ask for them needs none
