"""Clips, queues, silence, packet times, directions and the RTP clock of streams that we feed."""

from itertools import pairwise

import numpy as np
import pytest

from ivr.audio.g711 import encode_alaw, encode_ulaw
from ivr.media import commands, events
from ivr.media.commands import Play
from tests.media.virtual_peer import START, World, ramp


def clip_frames(frames: int, first: int = 1, ulaw: bool = False) -> list[bytes]:
    encode = encode_ulaw if ulaw else encode_alaw
    return [encode(ramp(1, first + i)).tobytes() for i in range(frames)]


@pytest.fixture
def world() -> World:
    world = World()
    world.plane.add_clip("a", ramp(5))
    world.plane.add_clip("b", ramp(3, 50))
    return world


@pytest.mark.parametrize(("codec", "silence"), [("PCMA", b"\xd5" * 160), ("PCMU", b"\xff" * 160)])
def test_playing__nothing_is_silence(world: World, codec: str, silence: bytes) -> None:
    world.open(0, codec)
    world.run(0.1)
    sent = world.sent_from(0)
    assert [packet.payload for packet in sent] == [silence] * 5
    assert [packet.sequence_number for packet in sent] == [65530, 65531, 65532, 65533, 65534]
    assert [packet.timestamp for packet in sent] == [0xFFFFFE00, 0xFFFFFEA0, 0xFFFFFF40, 0xFFFFFFE0, 0x80]
    assert [packet.marker for packet in sent] == [True, False, False, False, False]
    assert {(packet.ssrc, packet.destination) for packet in sent} == {(0x1000, ("192.0.2.0", 4000))}


def test_playing__sequence_numbers_wrap(world: World) -> None:
    world.open(0)
    world.run(0.2)
    assert [packet.sequence_number for packet in world.sent_from(0)][4:8] == [65534, 65535, 0, 1]


def test_playing__streams_have_phases_of_their_own(world: World) -> None:
    for stream in range(4):
        world.open(stream)
    world.run(0.04)
    for stream in range(4):
        turns = [round(packet.at - START, 3) for packet in world.sent_from(stream)]
        assert turns == [0.005 * stream, 0.02 + 0.005 * stream]


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
def test_playing__clips_follow_one_another_without_a_gap(world: World, codec: str) -> None:
    world.open(0, codec)
    world.do(Play(0, "0", 1, ("a", "b")), Play(0, "0", 2, ("b",)))
    world.run(0.3)
    ulaw = codec == "PCMU"
    expected = clip_frames(5, ulaw=ulaw) + 2 * clip_frames(3, 50, ulaw=ulaw)
    assert [packet.payload for packet in world.sent_from(0)][:11] == expected
    assert world.of(events.PlaybackFinished) == [events.PlaybackFinished(0, "0", 1, False),
                                                 events.PlaybackFinished(0, "0", 2, False)]


def test_playing__finished_when_the_last_frame_has_had_its_time(world: World) -> None:
    world.open(0)
    world.do(Play(0, "0", 1, ("a",)))
    world.run(0.1)
    assert world.events == []
    world.run(0.005)
    assert world.events == [events.PlaybackFinished(0, "0", 1, False)]


def test_playing__loops_until_stopped(world: World) -> None:
    world.open(0)
    world.do(Play(0, "0", 1, ("a", "b"), loop=True))
    world.run(0.4)
    assert [packet.payload for packet in world.sent_from(0)] == (
        2 * (clip_frames(5) + clip_frames(3, 50)) + clip_frames(4))
    assert world.events == []
    world.do(commands.StopPlayback(0, "0"))
    assert world.events == [events.PlaybackFinished(0, "0", 1, True)]
    world.run(0.02)
    assert world.sent_from(0)[-1].payload == b"\xd5" * 160


def test_playing__replaced(world: World) -> None:
    world.open(0)
    world.do(Play(0, "0", 1, ("a",)), Play(0, "0", 2, ("b",)))
    world.run(0.04)
    world.do(Play(0, "0", 3, ("b",), replace=True))
    world.run(0.2)
    assert [packet.payload for packet in world.sent_from(0)][:5] == clip_frames(2) + clip_frames(3, 50)
    assert world.events == [events.PlaybackFinished(0, "0", 1, True), events.PlaybackFinished(0, "0", 2, True),
                            events.PlaybackFinished(0, "0", 3, False)]


def test_playing__an_unknown_clip_is_left_out(world: World) -> None:
    world.open(0)
    world.do(Play(0, "0", 1, ("nowhere", "b")), Play(0, "0", 2, ("nowhere",), loop=True), Play(0, "0", 3, ()))
    world.run(0.1)
    assert [event.clip for event in world.of(events.ClipFailed)] == ["nowhere", "nowhere"]
    assert [event.play_id for event in world.of(events.PlaybackFinished)] == [1, 2, 3]
    assert [packet.payload for packet in world.sent_from(0)][:3] == clip_frames(3, 50)


def test_playing__a_full_queue_refuses(world: World) -> None:
    world.open(0)
    world.do(*(Play(0, "0", number, ("a",)) for number in range(65)))
    assert world.events == [events.PlaybackFinished(0, "0", 64, True)]


@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 40, 60])
def test_playing__packets_of_other_lengths(world: World, ptime_ms: int) -> None:
    world.open(0, ptime_ms=ptime_ms)
    world.do(Play(0, "0", 1, ("a",)))
    world.run(0.24)
    sent = world.sent_from(0)
    samples = 8 * ptime_ms
    assert len(sent) == 240 // ptime_ms
    assert {len(packet.payload) for packet in sent} == {samples}
    whole = b"".join(packet.payload for packet in sent)
    assert whole[:800] == b"".join(clip_frames(5))
    assert set(whole[800:]) == {0xD5}
    steps = {(after.timestamp - before.timestamp) & 0xFFFFFFFF for before, after in pairwise(sent)}
    assert steps == {samples}
    assert np.ptp(np.diff([packet.at for packet in sent])) < 0.006


def test_playing__streams_of_different_lengths_in_one_tick(world: World) -> None:
    world = World(rows=8)
    world.open(0, ptime_ms=30)
    world.open(4, "PCMU")
    world.run(0.06)
    assert [len(packet.payload) for packet in world.sent_from(0)] == [240, 240]
    assert [set(packet.payload) for packet in world.sent_from(4)] == [{0xFF}] * 3


@pytest.mark.parametrize("direction", ["recvonly", "inactive"])
def test_direction__nothing_is_sent_but_the_prompt_goes_on(world: World, direction: str) -> None:
    world.open(0)
    world.do(Play(0, "0", 1, ("a",)))
    world.run(0.04)
    world.do(world.sdp(0, direction=direction))
    world.run(0.04)
    assert len(world.sent_from(0)) == 2
    world.do(world.sdp(0))
    world.run(0.04)
    sent = world.sent_from(0)
    assert [packet.payload for packet in sent][:3] == [clip_frames(5)[i] for i in (0, 1, 4)]
    assert sent[2].marker
    assert (sent[2].sequence_number, sent[2].timestamp) == (65532, (0xFFFFFE00 + 4 * 160) & 0xFFFFFFFF)


def test_stranger__hears_two_seconds_before_the_ack(world: World) -> None:
    world.do(commands.OpenStream(0, "0", 1, 1, 1, unconfirmed_limit=2.0))
    world.run(5.0)
    assert not world.sent
    world.do(world.sdp(0))
    world.run(5.0)
    assert len(world.sent) == 100
    world.do(commands.ConfirmStream(0, "0"))
    world.run(1.0)
    assert len(world.sent) == 150


def test_stranger__confirmed_in_time(world: World) -> None:
    world.do(commands.OpenStream(0, "0", 1, 1, 1, unconfirmed_limit=2.0), world.sdp(0))
    world.run(0.1)
    world.do(commands.ConfirmStream(0, "0"), world.sdp(0))
    world.run(4.9)
    assert len(world.sent) == 250


def test_late__a_short_stall_is_caught_up_one_packet_a_phase(world: World) -> None:
    world.open(0)
    world.run(0.02)
    world.now += 0.05
    before = len(world.sent)
    world.run(0.005)
    assert len(world.sent) == before + 1
    world.run(0.025)
    sent = world.sent_from(0)
    assert len(sent) == 5
    assert [packet.sequence_number for packet in sent] == list(range(65530, 65535))
    assert {(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in pairwise(sent)} == {160}


def test_late__a_long_stall_is_skipped(world: World) -> None:
    world.open(0)
    world.run(0.02)
    world.now += 1.0
    world.run(0.04)
    sent = world.sent_from(0)
    assert len(sent) == 3
    assert [packet.sequence_number for packet in sent] == [65530, 65531, 65532]
    assert [packet.marker for packet in sent] == [True, True, False]
    assert (sent[1].timestamp - sent[0].timestamp) & 0xFFFFFFFF == 51 * 160


def test_stale_commands_do_nothing(world: World) -> None:
    world.open(0)
    world.do(Play(0, "another", 1, ("a",)), Play(3, "3", 1, ("a",)), Play(99, "x", 1, ("a",)),
             commands.CloseStream(0, "another"), commands.StopPlayback(-1, "0"))
    world.run(0.02)
    assert world.events == []
    assert world.sent_from(0)[0].payload == b"\xd5" * 160


def test_closed__every_play_has_its_end_and_the_figures_are_told(world: World) -> None:
    world.open(0)
    world.do(Play(0, "0", 1, ("a",)))
    world.run(0.06)
    world.do(commands.CloseStream(0, "0"))
    assert world.events == [events.PlaybackFinished(0, "0", 1, True),
                            events.StreamClosed(0, "0", events.StreamStatistics(packets_sent=3, octets_sent=480))]
    world.run(0.1)
    assert len(world.sent) == 3
    world.open(0, "PCMU")
    world.run(0.02)
    assert world.sent[-1].payload == b"\xff" * 160


def test_opened_twice__the_older_leg_is_closed(world: World) -> None:
    world.open(0)
    told = world.do(commands.OpenStream(0, "new", 5, 6, 7))
    assert [type(event) for event in told] == [events.StreamClosed]
    assert world.plane.handle(commands.CloseStream(0, "new"), world.now)[0].leg == "new"


def test_hello__streams_of_older_epochs_are_closed(world: World) -> None:
    world.open(0)
    assert world.do(commands.Hello(2)) == [events.PlaneReady(world.plane.ports, "plain")]
    world.run(0.1)
    assert not world.sent
    assert world.do(commands.Hello(2), commands.Hello(1)) == []


def test_commands_that_make_no_sense_raise_only_value_errors(world: World) -> None:
    world.do(commands.OpenStream(0, "0", 1, 2, 3))
    for command in (commands.OpenStream(99, "x", 1, 2, 3), commands.LoadClip("a", "b"),
                    world.sdp(0, remote=("phone", 5)), world.sdp(0, remote=("1.2.3.999", 5)),
                    world.sdp(0, remote=("1.2.3.4", 70000))):
        with pytest.raises(ValueError, match=r"."):
            world.do(command)
    assert not world.plane.table.live[0]
