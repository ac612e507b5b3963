"""A plane that listens for keys in the audio, and one that sends them there."""

import numpy as np
import pytest

from ivr.audio.dtmf import PAD, tones
from ivr.audio.g711 import encode_alaw, encode_ulaw
from ivr.media import commands
from ivr.media.events import DigitPressed, DigitReleased, PlaybackFinished
from tests.media.virtual_peer import World, key, ramp, rtp

SILENCE = np.zeros(1600, np.int16)


@pytest.fixture
def world() -> World:
    world = World()
    world.plane.add_clip("prompt", ramp(200))
    world.open(0, event_payload_type=None, in_band=True)
    return world


def say(world: World, samples: np.ndarray, stream: int = 0, first: int = 1, law: str = "PCMA",
        lost: tuple[int, ...] = ()) -> None:
    """The peer speaks in packets of 20 ms, as time goes by; packets of these places are lost."""
    encode, payload_type = (encode_alaw, 8) if law == "PCMA" else (encode_ulaw, 0)
    for place in range(len(samples) // 160):
        if place not in lost:
            payload = encode(samples[160 * place:160 * place + 160]).tobytes()
            world.hear(stream, rtp(first + place, 160 * (first + place), payload, payload_type))
        world.run(0.02)


def press(digits: str, length: int = 800, pause: int = 800) -> np.ndarray:
    quiet = np.zeros(pause, np.int16)
    return np.concatenate([SILENCE, *(piece for digit in digits for piece in (tones(digit, length), quiet)), SILENCE])


def pressed(world: World) -> str:
    return "".join(event.digit for event in world.of(DigitPressed))


@pytest.mark.parametrize("law", ["PCMA", "PCMU"])
def test_listening__all_sixteen(law: str) -> None:
    world = World()
    world.open(0, law, event_payload_type=None, in_band=True)
    say(world, press(PAD), law=law)
    assert pressed(world) == PAD
    assert {event.source for event in world.of(DigitPressed) + world.of(DigitReleased)} == {"in_band"}
    assert all(90 <= event.duration_ms <= 120 for event in world.of(DigitReleased))


def test_listening__presses_and_releases_take_turns(world: World) -> None:
    say(world, press("1155", 320, 320))
    assert [type(event) for event in world.events] == [DigitPressed, DigitReleased] * 4
    assert pressed(world) == "1155"


def test_listening__is_off_where_the_peer_sends_events() -> None:
    world = World()
    world.open(0)
    say(world, press("5"))
    assert not world.events


def test_listening__begins_and_ends_with_new_sdp(world: World) -> None:
    world.do(world.sdp(0))
    say(world, press("5"))
    assert not world.events
    world.do(world.sdp(0, event_payload_type=None, in_band=True))
    say(world, np.concatenate([press("7"), tones("9", 1600)]), first=100)
    world.do(world.sdp(0))
    assert pressed(world) == "79"
    assert [event.digit for event in world.of(DigitReleased)] == ["7", "9"]


def test_listening__a_key_stops_the_prompt_as_an_event_does(world: World) -> None:
    world.do(commands.Play(0, "0", 1, ("prompt",), barge_in=True))
    say(world, press("5", 1600)[:1600 + 800])
    assert world.events == [DigitPressed(0, "0", "5", source="in_band"), PlaybackFinished(0, "0", 1, True)]


def test_listening__a_held_key_does_not_stop_the_next_prompt(world: World) -> None:
    say(world, press("5", 1600)[:1600 + 1280])
    world.do(commands.Play(0, "0", 1, ("prompt",), barge_in=True))
    say(world, np.concatenate([tones("5", 9600)[1280:], SILENCE]), first=50)
    assert pressed(world) == "5"
    assert not world.of(PlaybackFinished)


def test_listening__a_prompt_that_may_not_be_interrupted_goes_on(world: World) -> None:
    world.do(commands.Play(0, "0", 1, ("prompt",)))
    say(world, press("5"))
    assert pressed(world) == "5"
    assert not world.of(PlaybackFinished)


@pytest.mark.parametrize("lost", range(10, 18))
def test_listening__a_lost_packet_neither_splits_nor_swallows_a_press(world: World, lost: int) -> None:
    say(world, press("5", 1280), lost=(lost,))
    assert pressed(world) == "5"
    assert len(world.of(DigitReleased)) == 1


def test_listening__nothing_comes_any_more_while_a_key_is_down(world: World) -> None:
    say(world, press("5", 1600)[:1600 + 1600])
    world.run(0.3)
    assert [type(event) for event in world.events] == [DigitPressed, DigitReleased]


def test_listening__a_row_begins_anew_with_its_next_leg(world: World) -> None:
    say(world, press("5", 1600)[:1600 + 800])
    world.do(commands.CloseStream(0, "0"))
    world.open(0, event_payload_type=None, in_band=True)
    say(world, press("5"))
    assert pressed(world) == "55"


def test_listening__many_legs_each_with_its_own_key() -> None:
    world = World(rows=16)
    spoken = [press(digit, 960) for digit in PAD]
    for stream in range(16):
        world.open(stream, event_payload_type=None, in_band=True)
    for place in range(len(spoken[0]) // 160):
        world.batch(*((stream, rtp(place, 160 * place, encode_alaw(samples[160 * place:160 * place + 160]).tobytes()),
                       None) for stream, samples in enumerate(spoken)))
        world.run(0.02)
    assert {event.stream: event.digit for event in world.of(DigitPressed)} == dict(enumerate(PAD))
    assert len(world.of(DigitReleased)) == 16


def test_listening__tones_that_we_send_come_back_as_an_echo(world: World) -> None:
    """What the far end throws back of a key of ours is no key of the peer's."""
    world.do(commands.SendDigit(0, "0", "5", 200))
    say(world, np.concatenate([np.zeros(320, np.int16), tones("5", 1600), SILENCE]) // 4)
    assert not world.events


def test_listening__an_event_on_a_stream_that_is_listened_to_is_told_as_one(world: World) -> None:
    """A trunk may be told to listen though events were agreed on: control takes the one and leaves the other."""
    world.do(world.sdp(0, in_band=True))
    world.hear(0, key(1, 160, 160, marker=True))
    assert world.events == [DigitPressed(0, "0", "5", source="event")]
