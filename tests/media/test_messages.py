"""Commands and events survive the way over the link; nonsense does not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.base.errors import PeerError
from ivr.media import commands, events
from ivr.media.messages import Message, decode_command, decode_event, encode

EXAMPLES: list[Message] = [
    commands.Hello(7), commands.OpenStream(3, "leg", 1, 2, 3), commands.OpenStream(3, "leg", 1, 2, 3, 2.0),
    commands.ConfirmStream(3, "leg"),
    commands.SetStream(3, "leg", ("192.0.2.7", 4000), "PCMA", 8, None, "sendrecv", 20, "learn"),
    commands.SetStream(3, "leg", ("192.0.2.7", 4000), "PCMU", 0, 96, "inactive", 30, "sdp", 101),
    commands.SetStream(3, "leg", ("2001:db8::7", 4000), "PCMU", 0, 96, "sendrecv", 30, "sdp", 101,
                       "AES_CM_128_HMAC_SHA1_80", "b3Vycw==", "dGhlaXJz"),
    commands.Play(3, "leg", 1, ("ru/привет.wav", "en/main.wav"), barge_in=True), commands.StopPlayback(3, "leg"),
    commands.Bridge(3, "leg", 4, "other"), commands.Unbridge(3, "leg"), commands.SendDigit(3, "leg", "#"),
    commands.CloseStream(3, "leg"), commands.LoadClip("en/main.wav", "/cache/1"), commands.DropClip("en/main.wav"),
    events.PlaneReady((16384, 16386), "plain"), events.ClipLoaded("en/main.wav", 1.5),
    events.ClipFailed("en/main.wav", "no such file"), events.DigitPressed(3, "leg", "5", True),
    events.DigitReleased(3, "leg", "5", 120), events.PlaybackFinished(3, "leg", 1, False),
    events.MediaLatched(3, "leg", ("192.0.2.7", 4000)), events.MediaLost(3, "leg", 20.0),
    events.StreamClosed(3, "leg", events.StreamStatistics(5, jitter_ms=1.25)), events.StreamClosed(3, "leg", None)]


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_messages__there_and_back(message: Message) -> None:
    decode = decode_command if isinstance(message, commands.Command) else decode_event
    assert decode(encode(message, 12)) == (message, 12)


def test_messages__of_the_other_direction() -> None:
    with pytest.raises(PeerError):
        decode_command(encode(events.ClipLoaded("a", 1.0), 12))
    with pytest.raises(PeerError):
        decode_event(encode(commands.Hello(7), 12))


@pytest.mark.parametrize("found", [
    [], {}, None, 5, ["Hello", 1], [["Hello"], 1], [["Goodbye", 1], 1], [[[], 1], 1], [["Hello", 1], True],
    [["StopPlayback", "1", "x"], 1], [["StopPlayback", 1, "x", 1], 1], [["StopPlayback", 1, "x"], 1, 1],
    [{"type": "StopPlayback", "stream": 1, "leg": "x"}, 1], [["StopPlayback", "stream", "leg"], 1],
    [["MediaLatched", 1, "x", ["a", 1, 2]], 1],
    [["SetStream", 3, "x", ["192.0.2.7", 4000], "GSM", 8, None, "sendrecv", 20, "learn", None], 1],
    [["StreamClosed", 1, "x", ["packets_lost", "3"]], 1]])
def test_messages__nonsense(found: object) -> None:
    for decode in (decode_command, decode_event):
        with pytest.raises(PeerError):
            decode(json.dumps(found).encode())


@given(st.binary(max_size=60))
def test_messages__any_bytes(payload: bytes) -> None:
    for decode in (decode_command, decode_event):
        with pytest.raises(PeerError):
            decode(payload)
