"""The bank of clips: room, frames, names, and memory that comes back."""

import numpy as np
import pytest

from ivr.audio.g711 import encode_alaw, encode_ulaw
from ivr.media import commands
from ivr.media.events import ClipFailed, ClipLoaded
from ivr.media.playing.clips import ClipBank
from tests.media.virtual_peer import World, ramp


def test_bank__encodes_both_laws_and_fills_with_silence() -> None:
    bank = ClipBank(1.0)
    samples = np.arange(100, dtype=np.int16) * 100
    clip = bank.reserve("a", len(samples))
    assert clip is not None
    bank.write(clip, samples)
    for law, encode, silence in ((0, encode_ulaw, 0xFF), (1, encode_alaw, 0xD5)):
        frames = bank.gather(np.array([clip.start]), np.array([clip.start + clip.blocks]), np.array([law]), 4)
        assert frames[0, :100].tolist() == encode(samples).tolist()
        assert set(frames[0, 100:].tolist()) == {silence}


def test_bank__bounded() -> None:
    bank = ClipBank(1.0)
    clip = bank.reserve("a", 8000)
    assert clip is not None
    assert bank.reserve("b", 1) is None
    bank.discard(clip)
    assert bank.reserve("b", 8000) is not None


def test_bank__holes_are_joined_again() -> None:
    bank = ClipBank(1.0)
    clips = [bank.reserve(str(i), 800) for i in range(10)]
    assert None not in clips
    for i in (3, 5, 4, 0, 9, 7, 8, 1, 2, 6):
        clip = clips[i]
        assert clip is not None
        bank.discard(clip)
    assert bank.reserve("whole", 8000) is not None


def test_bank__a_clip_longer_than_it_said() -> None:
    bank = ClipBank(1.0)
    clip = bank.reserve("a", 80)
    assert clip is not None
    with pytest.raises(ValueError, match="longer"):
        bank.write(clip, np.zeros(81, np.int16))


def test_clip__dropped_while_it_plays_is_played_to_its_end() -> None:
    world = World(rows=1)
    world.open(0)
    assert world.plane.add_clip("a", ramp(5)) == [ClipLoaded("a", pytest.approx(0.1))]
    world.do(commands.Play(0, "0", 1, ("a",)), commands.DropClip("a"), commands.DropClip("a"))
    for name in "bcdef":
        world.plane.add_clip(name, ramp(5, 50))
    world.run(0.1)
    assert b"".join(packet.payload for packet in world.sent) == encode_alaw(ramp(5)).tobytes()
    world.do(commands.Play(0, "0", 2, ("a",)))
    assert world.of(ClipFailed)[-1].clip == "a"


def test_clip__replaced_by_one_of_the_same_name() -> None:
    world = World(rows=1)
    world.plane.add_clip("a", ramp(1))
    world.plane.add_clip("a", ramp(1, 9))
    world.open(0)
    world.do(commands.Play(0, "0", 1, ("a",)))
    world.run(0.02)
    assert world.sent[0].payload == encode_alaw(ramp(1, 9)).tobytes()


def test_clip__no_room() -> None:
    world = World(rows=1)
    told, = world.plane.add_clip("a", np.zeros(8000 * 121, np.int16))
    assert isinstance(told, ClipFailed)
