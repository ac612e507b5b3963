"""The mix: each listener hears whom they are to hear, as loud as those speak, and nobody else."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from ivr.audio.codecs import CODECS
from ivr.audio.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from ivr.media import commands, events
from ivr.media.commands import Bridge, CloseStream, Hear, Play, SendDigit, StopPlayback, Unbridge
from ivr.media.plane import PlaneSettings
from tests.media.virtual_peer import World, key, rtp

TONES = (410.0, 730.0, 1130.0, 1790.0)     # of streams 0 to 3; none has an overtone near another
CALLER, OPERATOR, SUPERVISOR = 0, 1, 2
LOUD = 6000.0                               # amplitude of each
NAMES = ("PCMA", "PCMU", "PCMA", "PCMU")
LAWS: dict[int, Any] = {0: (encode_ulaw, decode_ulaw), 8: (encode_alaw, decode_alaw)}
NOTHING = -45.0                             # dB under a tone of LOUD: what no ear takes for it


def tone(hertz: float, first: int, samples: int, amplitude: float = LOUD) -> Any:
    time = np.arange(first, first + samples) / 8000
    return np.rint(amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.int16)


class Room(World):
    """Streams of both laws and packet times whose peers each say a tone of their own."""

    def __init__(self, rows: int = 4, ptime_ms: int = 20) -> None:
        super().__init__(rows)
        self.codes = {row: {"PCMU": 0, "PCMA": 8}[NAMES[row]] for row in range(rows)}
        self.spoken = 0
        for row in range(rows):
            self.open(row, NAMES[row], ptime_ms=ptime_ms)

    def hears(self, listener: int, *speakers: int) -> None:
        self.do(Hear(listener, str(listener), tuple((speaker, str(speaker)) for speaker in speakers)))

    def talk(self, seconds: float, *silent: int, amplitude: float = LOUD) -> None:
        """All streams but `silent` say their tones."""
        for _ in range(round(seconds / 0.02)):
            at = 160 * self.spoken
            packets = [(row, rtp(self.spoken, at, LAWS[code][0](tone(TONES[row], at, 160, amplitude)).tobytes(), code),
                        None) for row, code in self.codes.items() if row not in silent]
            self.batch(*packets)
            self.run(0.02)
            self.spoken += 1

    def levels(self, listener: int, seconds: float = 0.2) -> list[float]:
        """dB of each stream's tone in what the listener got at last, 0 for a tone of LOUD."""
        code = self.codes[listener]
        octets = b"".join(packet.payload for packet in self.sent_from(listener) if packet.payload_type == code)
        samples = LAWS[code][1](np.frombuffer(octets, np.uint8)[-round(seconds * 8000):])
        return [self.level(samples, hertz) for hertz in TONES]

    @staticmethod
    def level(samples: Any, hertz: float) -> float:
        turning = np.exp(-2j * np.pi * hertz / 8000 * np.arange(len(samples)))
        return float(20 * np.log10(max(2 * abs((samples * turning).mean()), 1e-3) / LOUD))

    def heard_by(self, listener: int) -> set[int]:
        """Who is heard as loud as they speak; that all others are not heard at all is asserted."""
        levels = self.levels(listener)
        there = {row for row, level in enumerate(levels) if abs(level) < 0.3}
        assert all(level < NOTHING for row, level in enumerate(levels) if row not in there), levels
        return there


@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 60])
def test_mixer__a_conference_of_three_hears_the_two_others(ptime_ms: int) -> None:
    room = Room(ptime_ms=ptime_ms)
    for one in range(3):
        room.hears(one, *({0, 1, 2} - {one}))
    room.talk(0.6)
    assert [room.heard_by(row) for row in range(4)] == [{1, 2}, {0, 2}, {0, 1}, set()]


@pytest.mark.parametrize(("mode", "matrix"), [
    ("listen", [{OPERATOR}, {CALLER}, {CALLER, OPERATOR}]),
    ("whisper", [{OPERATOR}, {CALLER, SUPERVISOR}, {CALLER, OPERATOR}]),
    ("barge", [{OPERATOR, SUPERVISOR}, {CALLER, SUPERVISOR}, {CALLER, OPERATOR}])])
def test_mixer__a_supervisor(mode: str, matrix: list[set[int]]) -> None:
    room = Room()
    for row, speakers in enumerate(matrix):
        room.hears(row, *speakers)
    room.talk(0.6)
    assert [room.heard_by(row) for row in range(3)] == matrix


def test_mixer__who_listens_to_a_bridge_leaves_it_to_the_relay() -> None:
    room = Room()
    room.do(Bridge(0, "0", 1, "1"))
    room.hears(2, 0, 1)
    room.sent.clear()
    room.talk(0.6)
    assert room.heard_by(2) == {0, 1}
    assert room.heard_by(0) == {1}
    assert len(room.sent_from(0)) == len(room.sent_from(1)) == 30
    assert room.sent_from(1)[-1].at == pytest.approx(room.now - 0.02)       # as it came: in the batch, not in a turn
    assert not room.plane.table.clocked[[0, 1]].any()


def test_mixer__the_bridge_of_a_pair_ends_with_hear_and_hear_with_a_bridge() -> None:
    room = Room()
    room.do(Bridge(0, "0", 1, "1"))
    room.hears(0, 2)
    room.talk(0.4)
    assert [room.heard_by(row) for row in (0, 1)] == [{2}, set()]
    room.do(Bridge(0, "0", 1, "1"))
    room.talk(0.4)
    assert [room.heard_by(row) for row in (0, 1)] == [{1}, {0}]
    assert room.plane.heard.users == 0


def test_mixer__nobody_who_left_is_heard_and_nothing_is_kept_for_them() -> None:
    room = Room()
    for one in range(3):
        room.hears(one, *({0, 1, 2} - {one}))
    room.talk(0.3)
    room.do(CloseStream(2, "2"))
    room.talk(0.4, 2)
    assert [room.heard_by(row) for row in (0, 1)] == [{1}, {0}]
    room.open(2)                # the row's next leg is somebody else
    room.talk(0.4)
    assert [room.heard_by(row) for row in (0, 1, 2)] == [{1}, {0}, set()]
    room.hears(0)
    room.talk(0.4)
    assert [room.heard_by(row) for row in (0, 1)] == [set(), {0}]
    room.do(CloseStream(0, "0"), CloseStream(1, "1"))
    assert room.plane.heard.users == 0


def test_mixer__legs_that_are_gone_and_itself_are_left_out() -> None:
    room = Room()
    room.do(Hear(0, "0", ((0, "0"), (1, "of before"), (2, "2"), (2, "2"), (77, "77"))))
    room.talk(0.4)
    assert room.heard_by(0) == {2}


def test_mixer__more_than_32_others_are_refused() -> None:
    world = World(40)
    for row in range(40):
        world.open(row)
    with pytest.raises(ValueError, match="at most 32"):
        world.do(Hear(0, "0", tuple((row, str(row)) for row in range(1, 34))))
    world.do(Hear(0, "0", tuple((row, str(row)) for row in range(1, 33))))


def test_mixer__many_loud_voices_are_as_loud_as_can_be() -> None:
    room = Room()
    room.hears(0, 1, 2, 3)
    room.talk(0.4, amplitude=32000.0)
    octets = b"".join(packet.payload for packet in room.sent_from(0)[-10:])
    samples = decode_alaw(np.frombuffer(octets, np.uint8)).astype(int)
    total = sum(tone(TONES[row], 0, 3200, 32000.0).astype(int) for row in (1, 2, 3))
    assert (samples.max(), samples.min()) == (32256, -32256)
    clipped = np.clip(total, -32768, 32767)
    best = min(np.abs(samples - clipped[at:at + 1600]).max() for at in range(1600))
    assert best <= 2048             # steps of the law, of three voices and their sum; a wrap-around is 65,536


@pytest.mark.parametrize("under_db", [0.0, 6.0, 20.0])
def test_mixer__music_under_the_voices(under_db: float) -> None:
    room = Room()
    room.plane.add_clip("music", tone(TONES[3], 0, 8000))
    room.hears(0, 1, 2)
    room.do(Play(0, "0", 1, ("music",), loop=True, under_db=under_db))
    room.talk(0.6, 3)
    levels = room.levels(0)
    assert levels[1:] == pytest.approx([0, 0, -under_db], abs=0.4)
    assert levels[0] < NOTHING
    room.do(StopPlayback(0, "0"))
    room.talk(0.4, 3)
    assert room.heard_by(0) == {1, 2}


def test_mixer__an_announcement_to_one_side_in_place_of_the_voices() -> None:
    room = Room()
    room.plane.add_clip("announcement", tone(TONES[3], 0, 2400))
    for one in range(3):
        room.hears(one, *({0, 1, 2} - {one}))
    room.talk(0.2, 3)
    room.do(Play(0, "0", 1, ("announcement",)))
    room.talk(0.3, 3)
    assert [room.heard_by(row) for row in range(3)] == [{3}, {0, 2}, {0, 1}]
    room.talk(0.4, 3)
    assert room.of(events.PlaybackFinished) == [events.PlaybackFinished(0, "0", 1, False)]
    assert [room.heard_by(row) for row in range(3)] == [{1, 2}, {0, 2}, {0, 1}]


def test_mixer__an_announcement_under_the_voice_of_a_relayed_bridge() -> None:
    room = Room()
    room.plane.add_clip("announcement", tone(TONES[3], 0, 4000))
    room.do(Bridge(0, "0", 1, "1"))
    room.talk(0.2)
    room.do(Play(0, "0", 1, ("announcement",), under_db=10.0))
    room.talk(0.48)
    assert room.levels(0)[1] == pytest.approx(0, abs=0.3)
    assert room.levels(0)[3] == pytest.approx(-10, abs=0.3)
    assert room.heard_by(1) == {0}
    room.talk(0.4)
    assert [room.heard_by(row) for row in (0, 1)] == [{1}, {0}]
    assert not room.plane.table.clocked[0]      # relayed again
    assert room.plane.heard.users == 0
    sent = room.sent_from(0)
    assert all(after.sequence_number - before.sequence_number & 0xFFFF == 1 for before, after in pairwise(sent))


def test_mixer__a_press_that_barges_in_ends_the_mix_of_a_relayed_bridge() -> None:
    room = Room()
    room.plane.add_clip("announcement", tone(TONES[3], 0, 40000))
    room.do(Bridge(0, "0", 1, "1"), Play(0, "0", 1, ("announcement",), under_db=10.0, barge_in=True))
    room.talk(0.2)
    room.hear(0, key(900, 64000, 160, marker=True))
    assert (room.plane.heard.users, bool(room.plane.table.mixed[0])) == (0, False)


def test_mixer__without_anybody_a_clip_under_the_voices_keeps_its_level() -> None:
    room = Room()
    room.plane.add_clip("music", tone(TONES[3], 0, 8000))
    room.do(Play(0, "0", 1, ("music",), under_db=12.0))
    room.talk(0.4)
    assert room.levels(0)[3] == pytest.approx(-12, abs=0.4)


def test_mixer__one_clock_and_one_sequence_from_prompt_to_conference_to_bridge() -> None:
    room = Room()
    room.plane.add_clip("music", tone(TONES[3], 0, 8000))
    room.do(Play(0, "0", 1, ("music",)))
    room.talk(0.2)
    room.do(StopPlayback(0, "0"))
    room.hears(0, 1, 2)
    room.talk(0.2)
    room.do(Bridge(0, "0", 1, "1"))
    room.talk(0.2)
    room.do(Unbridge(0, "0"))
    room.hears(0, 2)
    room.talk(0.2)
    sent = room.sent_from(0)
    assert {packet.ssrc for packet in sent} == {0x1000}
    assert all(after.sequence_number - before.sequence_number & 0xFFFF == 1 for before, after in pairwise(sent))
    for before, after in pairwise(sent):
        passed = ((after.timestamp - before.timestamp) & 0xFFFFFFFF) / 8000
        assert 0.02 <= passed <= after.at - before.at + 0.021


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_mixer__who_is_held_is_not_heard(direction: str) -> None:
    room = Room()
    room.hears(0, 1, 2)
    room.hears(1, 0, 2)
    room.do(room.sdp(2, direction=direction))
    room.talk(0.5)
    assert [room.heard_by(row) for row in (0, 1)] == [{1}, {0}]
    room.do(room.sdp(2))
    room.talk(0.5)
    assert [room.heard_by(row) for row in (0, 1)] == [{1, 2}, {0, 2}]


def test_mixer__a_listener_on_hold_gets_nothing_and_is_back_afterwards() -> None:
    room = Room()
    room.hears(0, 1, 2)
    room.talk(0.1)
    room.do(room.sdp(0, direction="recvonly"))
    room.sent.clear()
    room.talk(0.3)
    assert room.sent_from(0) == []
    room.do(room.sdp(0))
    room.talk(0.4)
    assert room.heard_by(0) == {1, 2}


def test_mixer__keys_are_no_sound_for_the_others_but_tones_are() -> None:
    room = Room()
    room.hears(0, 1, 2)
    room.talk(0.3, 2)
    for i in range(20):             # stream 2 presses a key all the while
        room.hear(2, key(i, 16000, 160 * (i + 1), marker=not i))
        room.talk(0.02, 2)
    assert room.heard_by(0) == {1}
    assert {packet.payload_type for packet in room.sent_from(0)} == {8}
    room.talk(0.3)                  # and now a tone in its audio
    assert room.heard_by(0) == {1, 2}


def test_mixer__a_key_of_ours_in_place_of_the_mix() -> None:
    room = Room()
    room.hears(0, 1)
    room.talk(0.1)
    room.do(SendDigit(0, "0", "5", 60))
    room.talk(0.4)
    types = [packet.payload_type for packet in room.sent_from(0)]
    assert types.count(101) == 5
    assert room.heard_by(0) == {1}


def test_mixer__a_lost_packet_of_one_is_no_gap_for_the_others() -> None:
    room = Room()
    room.hears(0, 1, 2)
    room.talk(0.2)
    room.talk(0.02, 1)
    room.talk(0.1)
    levels = room.levels(0, 0.1)
    assert levels[2] == pytest.approx(0, abs=0.3)
    assert -6 < levels[1] < 0


def test_mixer__a_new_control_finds_nobody_listening() -> None:
    room = Room()
    room.hears(0, 1, 2)
    room.do(Bridge(2, "2", 3, "3"), Play(3, "3", 1, (), under_db=3.0))
    room.do(commands.Hello(2))
    assert room.plane.heard.users == 0
    room.open(0)
    room.open(1)
    room.talk(0.4)
    assert room.heard_by(0) == set()


# --- codecs that no table maps --------------------------------------------------------------------------------------
WIDE = PlaneSettings(clip_seconds=20.0, batch=256, codecs=("PCMU", "PCMA", "G722"))
NUMBERS = {"PCMU": 0, "PCMA": 8, "G722": 9}


class Wide:
    """Two or three streams, each of a codec of its own, whose peers say their tones."""

    def __init__(self, *names: Any) -> None:
        self.world, self.names = World(settings=WIDE), names
        self.encoders = [CODECS[name].encoder(8000) for name in names]
        self.spoken = 0
        for row, name in enumerate(names):
            self.world.open(row, name)

    def talk(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.02)):
            at = 160 * self.spoken
            self.world.batch(*((row, rtp(self.spoken, at, encoder.encode(tone(TONES[row], at, 160)).tobytes(),
                                         NUMBERS[name]), None)
                               for row, (name, encoder) in enumerate(zip(self.names, self.encoders, strict=True))))
            self.world.run(0.02)
            self.spoken += 1

    def heard_by(self, listener: int, packets: int = 15) -> set[int]:
        decoder = CODECS[self.names[listener]].decoder(8000)
        kind = NUMBERS[self.names[listener]]
        got = [packet.payload for packet in self.world.sent_from(listener) if packet.payload_type == kind][-packets:]
        samples = np.concatenate([decoder.decode(payload) for payload in got])[-1600:]
        levels = [Room.level(samples, hertz) for hertz in TONES]
        there = {row for row, level in enumerate(levels) if abs(level) < 1.0}
        assert all(level < -35.0 for row, level in enumerate(levels) if row not in there), levels
        return there


def test_mixer__a_conference_in_three_codecs() -> None:
    wide = Wide("PCMU", "PCMA", "G722")
    for row in range(3):
        wide.world.do(Hear(row, str(row), tuple((other, str(other)) for other in range(3) if other != row)))
    wide.talk(0.7)
    assert [wide.heard_by(row) for row in range(3)] == [{1, 2}, {0, 2}, {0, 1}]


def test_mixer__a_bridge_goes_over_to_the_mix_and_back_with_the_codec() -> None:
    wide = Wide("PCMA", "PCMA")
    world = wide.world
    world.do(Bridge(0, "0", 1, "1"))
    wide.talk(0.3)
    assert world.plane.heard.users == 0
    for codec, users in (("G722", 2), ("PCMU", 0), ("G722", 2)):
        wide.names = "PCMA", codec
        wide.encoders[1] = CODECS[codec].encoder(8000)
        world.do(world.sdp(1, codec=codec, payload_type=NUMBERS[codec]))
        wide.talk(0.6)
        assert world.plane.heard.users == users
        assert [wide.heard_by(row) for row in (0, 1)] == [{1}, {0}]
    world.do(Unbridge(0, "0"))
    assert world.plane.heard.users == 0
    wide.talk(0.5)
    assert [wide.heard_by(row) for row in (0, 1)] == [set(), set()]
    for row in (0, 1):
        sent = world.sent_from(row)
        assert all(after.sequence_number - before.sequence_number & 0xFFFF == 1 for before, after in pairwise(sent))


def test_mixer__a_key_crosses_a_bridge_that_is_mixed_once_and_as_a_key() -> None:
    wide = Wide("PCMA", "G722")
    world = wide.world
    world.do(Bridge(0, "0", 1, "1"))
    wide.talk(0.3)
    for i in range(8):
        world.hear(0, key(1000 + i, 70000, 160 * min(i + 1, 6), marker=not i, end=i >= 5))
        world.run(0.02)
    wide.talk(0.5)
    keys = [packet for packet in world.sent_from(1) if packet.payload_type == 101]
    assert len({packet.timestamp for packet in keys}) == 1
    assert {packet.payload[0] for packet in keys} == {5}
    assert int.from_bytes(keys[-1].payload[2:], "big") == 960
    assert [packet for packet in world.sent_from(0) if packet.payload_type == 101] == []
    assert wide.heard_by(1) == {0}
