"""A message: the peer alone on both channels, ended by quiet, by a key that is cut off, or by the end of the stream."""

import numpy as np
import pytest

from ivr.audio.g711 import encode_alaw
from ivr.media import commands
from tests.media.test_recorder import CALLER, OPERATOR, Talk, strength
from tests.media.virtual_peer import rtp

SILENCE = 2.0


def message(silence: float = SILENCE) -> Talk:
    talk = Talk()
    talk.bridge()                       # so that the caller is sent something that is not to be in it
    talk.say(0.4, CALLER, OPERATOR)
    talk.world.do(commands.StartRecording(CALLER, str(CALLER), 1, "1.wav", caller_only=True, silence=silence))
    return talk


def quiet(talk: Talk, seconds: float, level: int = 8) -> None:
    """The caller sends what an idle line does."""
    noise = np.random.default_rng(1).integers(-level, level + 1, 160).astype(np.int16)
    for _ in range(round(seconds / 0.02)):
        number = talk.sent[CALLER]
        talk.sent[CALLER] += 1
        talk.world.hear(CALLER, rtp(number, number * 160, encode_alaw(noise).tobytes(), ssrc=100 + CALLER))
        talk.world.run(0.02)


def test_message__the_caller_alone_on_both_channels() -> None:
    talk = message()
    talk.say(2.0, CALLER, OPERATOR)
    talk.stop()
    (ended,) = talk.world.ended
    samples = talk.world.recording(1)
    assert (samples[:, 0] == samples[:, 1]).all()
    assert strength(samples[2000:14000, 0], 400) == pytest.approx(8000, rel=0.02)
    assert strength(samples[2000:14000, 1], 800) < 50
    assert ended.spoken == pytest.approx(2.0, abs=0.05)


def test_message__quiet_ends_it() -> None:
    talk = message()
    talk.say(1.0, CALLER)
    quiet(talk, SILENCE - 0.2)
    talk.say(1.0, CALLER)
    assert not talk.world.ended, "that was a pause"
    quiet(talk, SILENCE + 0.5)
    (ended,) = talk.world.ended
    assert ended.reason == "silence"
    assert ended.spoken == pytest.approx(2.0, abs=0.1)
    assert ended.seconds == pytest.approx(2.0 + 2 * SILENCE, abs=0.6)


def test_message__nothing_said_at_all() -> None:
    """A phone that is muted, or sends nothing in silence."""
    talk = message()
    talk.world.run(SILENCE + 0.6)
    (ended,) = talk.world.ended
    assert (ended.reason, ended.spoken) == ("silence", pytest.approx(0.0, abs=0.1))


def test_message__without_a_bound_of_silence() -> None:
    talk = message(0.0)
    quiet(talk, 3.0)
    assert not talk.world.ended


def test_message__a_noisy_line_is_not_quiet() -> None:
    talk = message()
    quiet(talk, 3.0, level=1500)
    assert not talk.world.ended


def test_message__the_sound_of_its_last_key_is_cut_off() -> None:
    talk = message()
    talk.say(1.0, CALLER)
    talk.say(0.1, CALLER, frequency={CALLER: 1209.0})
    talk.world.do(commands.StopRecording(1, "the caller ended it", cut=0.15))
    (ended,) = talk.world.ended
    samples = talk.world.recording(1)
    assert ended.seconds == pytest.approx(0.95, abs=0.02) == len(samples) / 8000
    assert strength(samples[-800:, 0], 1209) < 100
    assert strength(samples[-800:, 0], 400) > 5000


def test_message__never_less_than_was_read() -> None:
    talk = message()
    talk.say(0.6, CALLER)
    talk.world.do(commands.StopRecording(1, "", cut=5.0))
    (ended,) = talk.world.ended
    assert ended.seconds == len(talk.world.recording(1)) / 8000 > 0.1


def test_message__the_end_of_the_stream_keeps_what_was_said() -> None:
    talk = message()
    talk.say(1.5, CALLER)
    talk.world.do(commands.CloseStream(CALLER, str(CALLER)))
    (ended,) = talk.world.ended
    assert (ended.reason, ended.spoken) == ("the call ended", pytest.approx(1.5, abs=0.1))
