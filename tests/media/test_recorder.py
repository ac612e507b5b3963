"""Recordings of the plane: both channels, to the block; secrets muted; losses concealed; a transfer goes on."""

from typing import Any

import numpy as np
import pytest

from ivr.audio.dtmf import tones
from ivr.audio.g711 import decode_alaw, encode_alaw, encode_ulaw
from ivr.media import commands
from ivr.media.recording.recorder import KEY_TAIL, MOST_SPANS, MUTE_TAIL
from ivr.media.virtual_wire import VirtualWire
from tests.media.test_srtp import encrypted
from tests.media.virtual_peer import World, key, ramp, rtp

CALLER, OPERATOR, COLLEAGUE = 0, 1, 2
FRAME = 160
Array = np.ndarray[Any, np.dtype[Any]]


class Talk:
    """Peers that speak tones of their own in A-law, each frame when its time has come."""

    def __init__(self, rows: int = 4) -> None:
        self.world = World(rows)
        self.plane = self.world.plane
        self.sent = dict.fromkeys(range(rows), 0)
        for stream in range(3):
            self.world.open(stream)

    def bridge(self, first: int = CALLER, second: int = OPERATOR) -> None:
        self.world.do(commands.Bridge(first, str(first), second, str(second)))

    def record(self, recording: int = 1, stream: int = CALLER) -> None:
        self.world.do(commands.StartRecording(stream, str(stream), recording, f"{recording}.wav"))

    def mute(self, muted: bool, recording: int = 1, stream: int = CALLER) -> None:
        self.world.do(commands.MuteRecording(stream, str(stream), recording, muted))

    def stop(self, recording: int = 1) -> None:
        self.world.do(commands.StopRecording(recording, "wanted"))

    def say(self, seconds: float, *speakers: int, frequency: dict[int, float] | None = None,
            lost: tuple[int, ...] = ()) -> None:
        """Each speaker's tone (see `tone`) for so long; `lost` frames of it never come."""
        for frame in range(round(seconds / 0.02)):
            for stream in speakers:
                number = self.sent[stream]
                self.sent[stream] += 1
                if frame not in lost:
                    payload = encode_alaw(tone((frequency or {}).get(stream), stream, number)).tobytes()
                    self.world.hear(stream, rtp(number, number * FRAME, payload, ssrc=100 + stream))
            self.world.run(0.02)


def tone(frequency: float | None, stream: int, frame: int) -> Array:
    """A frame of the stream's tone: 400, 800, 1200 Hz."""
    at = np.arange(frame * FRAME, (frame + 1) * FRAME) / 8000
    return (8000 * np.sin(2 * np.pi * (frequency or 400.0 * (stream + 1)) * at)).astype(np.int16)


def strength(samples: Array, frequency: float) -> float:
    """How strong a tone is: 8000 for one of `tone`."""
    at = np.arange(len(samples)) / 8000
    return float(2 * abs(np.mean(samples * np.exp(-2j * np.pi * frequency * at))))


def test_recording__caller_left_operator_right_and_as_long_as_it_took() -> None:
    talk = Talk()
    talk.bridge()
    talk.say(0.5, CALLER, OPERATOR)
    talk.record()
    talk.say(3.0, CALLER, OPERATOR)
    talk.stop()
    (ended,) = talk.world.ended
    samples = talk.world.recording(1)
    assert (ended.recording, ended.reason, ended.muted) == (1, "wanted", ())
    assert ended.seconds == pytest.approx(3.0)
    assert samples.shape == (24000, 2)
    left, right = samples[2000:22000, 0], samples[2000:22000, 1]
    assert strength(left, 400) == pytest.approx(8000, rel=0.02)
    assert strength(left, 800) < 50
    assert strength(right, 800) == pytest.approx(8000, rel=0.02)
    assert strength(right, 400) < 50
    assert not talk.plane.recorder
    assert (talk.plane.table.recorded == -1).all()


def test_recording__every_sample_of_a_channel_is_in_its_place() -> None:
    """A bridged voice is on the disk as it was on the wire, without a seam between pieces."""
    talk = Talk()
    talk.bridge()
    talk.record()
    talk.say(2.0, CALLER, OPERATOR)
    talk.stop()
    samples = talk.world.recording(1)
    for channel, stream in ((0, CALLER), (1, OPERATOR)):
        said = np.concatenate([decode_alaw(encode_alaw(tone(None, stream, frame))) for frame in range(100)])
        began = int(np.flatnonzero(samples[:, channel])[0]) // 80 * 80
        assert began <= 800
        kept = samples[began:, channel]
        assert np.array_equal(kept, said[:len(kept)])


def test_recording__what_plays_is_in_the_right_channel() -> None:
    talk = Talk()
    clip = ramp(50)
    talk.plane.add_clip("prompt", clip)
    talk.record()
    talk.world.do(commands.Play(CALLER, "0", 1, ("prompt",)))
    talk.say(1.2, CALLER)
    talk.stop()
    left, right = talk.world.recording(1).T
    heard = decode_alaw(encode_alaw(clip))
    began = int(np.flatnonzero(right == heard[0])[0])
    assert np.array_equal(right[began:began + len(heard)], heard)
    assert strength(left[2000:], 400) == pytest.approx(8000, rel=0.02)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_recording__of_either_law(codec: str) -> None:
    talk = Talk()
    talk.world.do(talk.world.sdp(CALLER, codec=codec))
    talk.bridge()
    talk.record()
    encode = encode_ulaw if codec == "PCMU" else encode_alaw
    for frame in range(50):
        talk.world.hear(CALLER, rtp(frame, frame * FRAME, encode(tone(None, 0, frame)).tobytes(),
                                    0 if codec == "PCMU" else 8))
        talk.say(0.02, OPERATOR)
    talk.stop()
    left, right = talk.world.recording(1)[1600:].T
    assert strength(left, 400) == pytest.approx(8000, rel=0.03)
    assert strength(right, 800) == pytest.approx(8000, rel=0.03)


def test_recording__under_srtp_is_of_what_was_said() -> None:
    talk = Talk()
    talk.world.do(talk.world.sdp(OPERATOR, **encrypted()))
    talk.bridge()
    talk.record(stream=OPERATOR)
    talk.say(1.0, CALLER)
    talk.stop()
    assert strength(talk.world.recording(1)[1600:, 1], 400) == pytest.approx(8000, rel=0.02)


def test_recording__losses_are_concealed_and_cost_no_time() -> None:
    talk = Talk()
    talk.bridge()
    talk.record()
    talk.say(2.0, CALLER, OPERATOR, lost=(20, 21, 60))
    talk.stop()
    samples = talk.world.recording(1)
    assert samples.shape == (16000, 2)
    gap = samples[61 * FRAME + 80:62 * FRAME + 80, 0]      # it is heard 30 ms after it should have come
    assert np.abs(gap).max() > 2000
    late = samples[70 * FRAME:, 0]
    assert strength(late, 400) == pytest.approx(8000, rel=0.02)


def test_recording__of_silence_has_its_length() -> None:
    talk = Talk()
    talk.record()
    talk.world.run(1.505)
    talk.stop()
    assert talk.world.recording(1).shape[0] == 8000 * 1.5
    assert not talk.world.recording(1)[:, 0].any()


def test_recording__of_several_begins_and_ends_apart() -> None:
    talk = Talk()
    talk.record(1, CALLER)
    talk.say(0.34, CALLER, OPERATOR, COLLEAGUE)
    talk.record(2, OPERATOR)
    talk.say(0.5, CALLER, OPERATOR, COLLEAGUE)
    talk.record(3, COLLEAGUE)
    talk.stop(1)
    talk.say(0.06, CALLER, OPERATOR, COLLEAGUE)
    talk.stop(3)
    talk.say(0.8, CALLER, OPERATOR, COLLEAGUE)
    talk.stop(2)
    assert {ended.recording: round(ended.seconds, 2) for ended in talk.world.ended} == {1: 0.84, 3: 0.06, 2: 1.36}
    for ended in talk.world.ended:
        assert len(talk.world.recording(ended.recording)) == round(ended.seconds * 8000)
    assert strength(talk.world.recording(2)[2400:, 0], 800) == pytest.approx(8000, rel=0.02)


def test_recording__survives_a_transfer() -> None:
    """The caller's stream is recorded: the next operator is in the same file."""
    talk = Talk()
    talk.bridge(CALLER, OPERATOR)
    talk.record()
    talk.say(1.0, CALLER, OPERATOR)
    talk.world.do(commands.CloseStream(OPERATOR, "1"))
    talk.bridge(CALLER, COLLEAGUE)
    talk.say(1.0, CALLER, COLLEAGUE)
    talk.stop()
    left, right = talk.world.recording(1).T
    assert len(left) == 16000
    assert strength(left[800:], 400) == pytest.approx(8000, rel=0.03)
    assert strength(right[1600:8000], 800) == pytest.approx(8000, rel=0.02)
    assert strength(right[9600:], 1200) == pytest.approx(8000, rel=0.02)
    assert strength(right[9600:], 800) < 50


def test_recording__goes_on_with_the_stream_that_the_caller_moved_to() -> None:
    talk = Talk()
    talk.bridge(CALLER, OPERATOR)
    talk.record()
    talk.say(1.0, CALLER, OPERATOR)
    talk.mute(True)
    talk.record(1, COLLEAGUE)
    talk.world.do(commands.CloseStream(CALLER, "0"))
    talk.say(0.5, COLLEAGUE)
    talk.mute(False, stream=COLLEAGUE)
    talk.say(2.0, COLLEAGUE)
    talk.stop()
    (ended,) = talk.world.ended
    left = talk.world.recording(1)[:, 0]
    assert ended.seconds == pytest.approx(3.5)
    assert ended.muted == ((1.0, 2.5),)
    assert strength(left[1600:8000], 400) == pytest.approx(8000, rel=0.02)
    assert not left[8000:20000].any()
    assert strength(left[20800:], 1200) == pytest.approx(8000, rel=0.02)


def test_recording__ends_with_its_stream_and_with_control() -> None:
    talk = Talk()
    talk.record(1, CALLER)
    talk.record(2, OPERATOR)
    talk.say(0.5, CALLER, OPERATOR)
    talk.world.do(commands.CloseStream(CALLER, "0"))
    talk.say(0.1, OPERATOR)
    talk.world.do(commands.Hello(2))
    assert [(ended.recording, round(ended.seconds, 2)) for ended in talk.world.ended] == [(1, 0.5), (2, 0.6)]
    talk.world.open(CALLER)
    talk.say(0.5, CALLER)
    assert len(talk.world.recording(1)) == 4000


def test_recording__that_was_given_up_leaves_nothing_to_the_next_leg_of_its_row() -> None:
    talk = Talk()
    talk.record()
    talk.say(0.1, CALLER)
    number = talk.sent[CALLER]
    talk.world.hear(CALLER, rtp(number, number * FRAME, encode_alaw(tone(None, CALLER, number)).tobytes(), ssrc=100))
    talk.plane.recorder.drop([1])
    talk.world.do(commands.CloseStream(CALLER, "0"))
    talk.world.run(3.0)
    talk.world.open(CALLER)
    talk.record(2)
    talk.world.run(1.0)
    talk.stop(2)
    assert not talk.world.recording(2)[:, 0].any()



def test_recording__of_a_stale_leg_does_not_begin() -> None:
    talk = Talk()
    talk.world.do(commands.StartRecording(CALLER, "another", 1, "x.wav"))
    assert not talk.plane.recorder


# --- secrets --------------------------------------------------------------------------------------------------------
SECRET = 1477.0         # Hz


def test_mute__holds_nothing_of_the_secret_s_tones_and_the_rest_is_whole() -> None:
    """The tones begin in the moment of the command and go on until the secret is over, jitter delay and all."""
    talk = Talk()
    talk.bridge()
    talk.record()
    talk.say(1.0, CALLER, OPERATOR)
    talk.mute(True)
    talk.say(0.8, CALLER, OPERATOR, frequency={CALLER: SECRET})
    talk.mute(False)
    talk.say(3.0, CALLER, OPERATOR)
    talk.stop()
    (ended,) = talk.world.ended
    samples = talk.world.recording(1)
    assert ended.muted == ((1.0, 1.8 + MUTE_TAIL / 100),)
    assert len(samples) == 8000 * 4.8
    assert not samples[8000:22400].any()
    for piece in samples[:, 0].reshape(-1, 400):        # nowhere, in pieces of 50 ms
        assert strength(piece, SECRET) < 400
    for channel, frequency in ((0, 400), (1, 800)):
        assert strength(samples[800:8000, channel], frequency) == pytest.approx(8000, rel=0.02)
        assert strength(samples[22400:, channel], frequency) == pytest.approx(8000, rel=0.01)


def test_mute__lasts_until_a_held_key_is_up() -> None:
    """A key that is also in the audio sounds for as long as it is held, after its field has been taken."""
    talk = Talk()
    talk.record()
    talk.mute(True)
    talk.say(0.5, CALLER)
    held_until = 0
    for step in range(120):         # 2.4 s, of which the last two thirds are after the secret's end
        number = talk.sent[CALLER] + 1000 + step
        talk.world.hear(CALLER, key(number, 50_000, FRAME * (step + 1), ssrc=100))
        talk.world.run(0.02)
        held_until = step
        if step == 40:
            talk.mute(False)
    assert held_until == 119
    talk.world.run(3.0)
    talk.stop()
    (ended,) = talk.world.ended
    ((began, over),) = ended.muted
    assert began == 0.0
    up = 0.5 + 2.38 + 0.2           # nothing more was heard of the key for 200 ms
    assert up + 0.3 <= over <= up + KEY_TAIL / 100 + 0.02


def test_mute__lasts_until_a_key_that_is_tones_alone_is_up() -> None:
    """The field is taken as soon as the tones are heard, and they go on."""
    talk = Talk()
    talk.world.do(talk.world.sdp(CALLER, event_payload_type=None, in_band=True))
    talk.record()
    talk.mute(True)
    octets = encode_alaw(np.concatenate([tones("5", 16_000), np.zeros(16_000, np.int16)])).reshape(-1, FRAME)
    for number, frame in enumerate(octets):
        talk.world.hear(CALLER, rtp(number, number * FRAME, frame.tobytes(), ssrc=100))
        talk.world.run(0.02)
        if number == 10:
            assert talk.plane.table.tone_digit[CALLER] == 5
            talk.mute(False)
    talk.stop()
    ((began, over),) = talk.world.ended[0].muted
    assert began == 0.0
    assert 2.0 + KEY_TAIL / 100 <= over <= 2.2 + KEY_TAIL / 100
    assert np.abs(talk.world.recording(1)[:, 0]).max() <= 8


def test_mute__again_before_the_first_is_over_is_one_span() -> None:
    talk = Talk()
    talk.record()
    talk.say(0.3, CALLER)
    for _ in range(2):
        talk.mute(True)
        talk.say(0.4, CALLER)
        talk.mute(False)
        talk.say(0.4, CALLER)
    talk.say(1.0, CALLER)
    talk.mute(True)
    talk.say(0.4, CALLER)
    talk.stop()
    (ended,) = talk.world.ended
    assert [tuple(round(each, 2) for each in span) for span in ended.muted] == [(0.3, 2.5), (2.9, 3.3)]
    left = talk.world.recording(1)[:, 0]
    assert not left[2400:20000].any()
    assert left[20000:23200].any()
    assert not left[23200:].any()


def test_mute__on_two_legs_one_after_the_other_is_told_once() -> None:
    talk = Talk()
    talk.record()
    talk.say(0.6, CALLER)
    talk.mute(True)
    talk.say(0.4, CALLER)
    talk.record(1, COLLEAGUE)
    talk.say(0.4, COLLEAGUE)
    talk.mute(False, stream=COLLEAGUE)
    talk.say(2.0, COLLEAGUE)
    talk.stop()
    (ended,) = talk.world.ended
    assert ended.muted == ((0.6, 1.0), (1.0, 2.4))
    left = talk.world.recording(1)[:, 0]
    assert left[:4800].any()
    assert not left[4800:19200].any()



def test_mute__of_more_spans_than_are_told_is_one_from_there_on() -> None:
    talk = Talk()
    talk.record()
    for _ in range(MOST_SPANS + 5):
        talk.mute(True)
        talk.mute(False)
        talk.world.run(MUTE_TAIL / 100 + 0.5)
    talk.stop()
    (ended,) = talk.world.ended
    assert len(ended.muted) == MOST_SPANS
    assert ended.muted[-1][1] > (MOST_SPANS + 4) * (MUTE_TAIL / 100 + 0.5)


def test_wire__tells_of_a_recording_as_the_process_does() -> None:
    world = World()
    wire = VirtualWire(world.plane, "192.0.2.1", {})
    wire.handle(commands.OpenStream(0, "a", 1, 2, 3), world.now)
    wire.handle(commands.StartRecording(0, "a", 9, "x.wav"), world.now)
    for step in range(100):
        wire.tick(world.now + step * 0.005)
    (told,) = wire.handle(commands.StopRecording(9, "wanted"), world.now + 0.5)
    assert (told.recording, told.seconds, told.reason, told.failed) == (9, pytest.approx(0.5), "wanted", False)
    (refused,) = wire.handle(commands.StartRecording(0, "gone", 10, "y.wav"), world.now + 0.6)
    assert (refused.recording, refused.seconds) == (10, 0.0)
