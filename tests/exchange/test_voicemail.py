"""A caller leaves a message: the recording, the request, and that nothing is lost however the call ends."""

from typing import Any

import numpy as np
import pytest

from ivr.audio.g711 import decode_ulaw, encode_ulaw
from ivr.call.leaving import CLOSING
from ivr.call.record import Outcome, RecordingRow, RequestStatus
from ivr.exchange.virtual import Hotline
from ivr.media.events import RecordingClosed
from tests.exchange.test_recording import recordings
from tests.support.virtual_house import Story, make_story

MENU = """
languages: [en, ru]
start: main
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: which
    options:
      "1":
        - voicemail:
            queue: cards
            subject: a card
            prompts: after_the_beep
            silence_s: 2
            max_s: 20
            review: keep_it
            done: thank_you
            on_failure: [{say: not_now}, hangup]
        - hangup
      "2":
        - record: {into: said, prompts: after_the_beep, silence_s: 2, min_s: 0.5}
        - say: thank_you
        - hangup
prompts:
  which: {en: "Press one.", ru: "Нажмите один."}
  after_the_beep: {en: "Speak after the beep.", ru: "Говорите после сигнала."}
  keep_it: {en: "To keep it, press one.", ru: "Сохранить: один."}
  thank_you: {en: "Thank you.", ru: "Спасибо."}
  not_now: {en: "Not now.", ru: "Не сейчас."}
"""
DIRECT = MENU.replace("            review: keep_it\n", "").replace("  keep_it:", "  unused:")
BEEP = "music/beep.wav"


def voice(frame: int) -> bytes:
    at = np.arange(frame * 160, (frame + 1) * 160) / 8000
    return encode_ulaw((6000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)).tobytes()


def speaking(key: str = "1", menu: str = MENU, seconds: float = 3.0) -> Story:
    """The caller has begun to speak after the beep, `seconds` ago."""
    story = make_story(menu=menu, config={"recordings": {"folder": "/recordings"}})
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    story.caller.press(key)
    story.world.run(2.5)
    assert story.clips_heard()[-2:] == ["en/after_the_beep.wav", BEEP]
    story.caller.tone = voice
    story.world.run(seconds)
    return story


def quiet(story: Story, seconds: float = 3.0) -> None:
    story.caller.tone = None
    story.world.run(seconds)


def left(story: Story) -> RecordingRow:
    """Of a call that is over and has left one message: that it was kept whole, and with its request."""
    story.settle()
    story.assert_clean()
    (recording,), (request,) = recordings(story), story.requests()
    call = story.row()
    assert (call.outcome, call.queue, call.request_id) == (Outcome.VOICEMAIL, "cards", request.id)
    assert (request.kind, request.status, request.queue, request.subject) == (
        "voicemail", RequestStatus.OPEN, "cards", "a card")
    assert request.recording_id == recording.id
    assert (recording.why, recording.queue, recording.failed, recording.call_id) == (
        "voicemail", "cards", False, call.id)
    return recording


def test_voicemail__said_reviewed_and_kept() -> None:
    story = speaking()
    quiet(story)
    assert story.clips_heard()[-1] == "en/keep_it.wav"
    story.caller.press("1")
    story.world.run(3)
    assert story.clips_heard()[-1] == "en/thank_you.wav"
    recording = left(story)
    assert (recording.reason, recording.seconds) == ("silence", pytest.approx(5.6, abs=0.5))


def reviewing(heard: bool) -> Story:
    """The caller asks to hear what they said, which a plane finds or (not `heard`) does not."""
    story = speaking()
    quiet(story)
    if heard:
        (row,) = recordings(story)
        said = np.concatenate([decode_ulaw(np.frombuffer(voice(frame), np.uint8)) for frame in range(60)])
        story.hotline.wire.samples[f"recorded/{row.file}"] = said      # type: ignore[index]
    story.caller.press("2")
    return story


def test_voicemail__heard_before_it_is_kept() -> None:
    story = reviewing(heard=True)
    story.world.run(0.8)
    assert story.caller.heard[-1][3] in {voice(frame) for frame in range(60)}
    story.world.run(1.5)
    assert story.clips_heard()[-2:] == ["en/keep_it.wav", "en/keep_it.wav"]
    assert not [clip for clip in story.hotline.wire.plane.bank._clips if clip.startswith("recorded/")]
    story.caller.press("1")
    story.world.run(3)
    left(story)


def test_voicemail__a_key_while_it_is_heard() -> None:
    story = reviewing(heard=True)
    story.world.run(0.5)
    story.caller.press("1")
    story.world.run(3)
    assert story.clips_heard()[-1] == "en/thank_you.wav"
    left(story)


def test_voicemail__a_file_that_no_plane_can_read() -> None:
    story = reviewing(heard=False)
    story.world.run(2)
    assert story.clips_heard()[-1] == "en/keep_it.wav", "it is asked again"
    story.caller.hang_up()
    left(story)


def test_voicemail__who_hangs_up_before_it_was_read() -> None:
    story = reviewing(heard=True)
    story.caller.hang_up()
    left(story)
    assert not story.hotline.exchange.house.recordings.heard_back


def test_voicemail__ended_by_a_key() -> None:
    story = speaking(menu=DIRECT)
    story.caller.press("#")
    story.world.run(3)
    recording = left(story)
    assert (recording.reason, recording.seconds) == ("the caller ended it", pytest.approx(3.0, abs=0.4))
    assert recording.revision == 2


def test_voicemail__its_longest() -> None:
    story = speaking(menu=DIRECT.replace("max_s: 20", "max_s: 2"), seconds=3.0)
    quiet(story, 2)
    recording = left(story)
    assert (recording.reason, recording.seconds) == ("it was long enough", pytest.approx(2.0, abs=0.1))


def caller_goes(story: Story) -> None:
    story.caller.hang_up()


def line_breaks(story: Story) -> None:
    """The phone vanishes: it answers nothing and sends nothing."""
    house = story.hotline.exchange.house
    (opened,) = house.calls.values()
    from ivr.exchange.from_sip import lose_leg
    leg = house.legs.get(opened.call.caller_leg)
    assert leg is not None
    exchange = story.hotline.exchange
    story.hotline.carry_out(exchange._run(lose_leg(house, leg, "no sign of life", story.world.now), story.world.now))


@pytest.mark.parametrize("end", [caller_goes, line_breaks])
@pytest.mark.parametrize("menu", [MENU, DIRECT], ids=["reviewed", "direct"])
def test_voicemail__who_just_hangs_up_has_left_it(end: Any, menu: str) -> None:
    story = speaking(menu=menu)
    end(story)
    recording = left(story)
    assert (recording.reason, recording.seconds) == ("the call ended", pytest.approx(3.5, abs=0.7))


def test_voicemail__who_hangs_up_when_asked_whether_to_keep_it_has_left_it() -> None:
    story = speaking()
    quiet(story)
    story.caller.hang_up()
    left(story)


def test_voicemail__the_service_ends_the_call_meanwhile() -> None:
    story = speaking()
    story.hotline.carry_out(story.hotline.exchange.end_calls("the service stopped", story.world.now))
    story.settle()
    story.assert_clean()
    (request,), (recording,) = story.requests(), recordings(story)
    assert (story.row().outcome, request.status, request.recording_id) == (
        Outcome.FAILED, RequestStatus.OPEN, recording.id)


@pytest.mark.parametrize("moment", [1.2, 2.5])
def test_voicemail__who_hangs_up_before_a_word_has_left_nothing(moment: float) -> None:
    """During the words, and right after the beep."""
    story = make_story(menu=MENU)
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    story.caller.press("1")
    story.world.run(moment)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert (story.row().outcome, story.requests()) == (Outcome.ABANDONED, [])


def test_voicemail__nothing_said() -> None:
    story = speaking(menu=DIRECT.replace("silence_s: 2", "silence_s: 1, attempts: 1").replace(
        "            silence_s: 1, attempts: 1", "            silence_s: 1\n            attempts: 1"), seconds=0.0)
    quiet(story, 4)
    story.settle()
    story.assert_clean()
    assert story.clips_heard()[-1] == "en/not_now.wav"
    assert (story.row().outcome, story.requests()) == (Outcome.ABANDONED, [])


# --- it fails ---------------------------------------------------------------------------------------------------------
def disk_full(hotline: Hotline, recording: int) -> None:
    told = RecordingClosed(recording, 0.0, 0, "the disk is full", failed=True)
    hotline.wire.plane.recorder.drop([recording])
    hotline.carry_out(hotline.exchange.plane_event(told, hotline.world.now))


def test_voicemail__a_full_disk() -> None:
    story = speaking()
    (recording,) = story.hotline.exchange.house.recordings
    disk_full(story.hotline, recording.number)
    story.world.run(3)
    assert story.clips_heard()[-1] == "en/not_now.wav"
    story.settle()
    story.assert_clean()
    (row,) = recordings(story)
    assert (row.failed, row.reason, story.requests()) == (True, "the disk is full", [])
    assert story.row().outcome is Outcome.ABANDONED
    assert story.hotline.exchange.house.counters["recordings_failed"] == 1


def test_voicemail__a_full_disk_when_the_caller_has_gone() -> None:
    story = speaking()
    plane = story.hotline.wire.plane
    (recording,) = story.hotline.exchange.house.recordings
    plane.recorder.drop([recording.number])
    story.caller.hang_up()
    story.world.run(1)
    assert story.row().outcome is None, "the message is being closed"
    disk_full(story.hotline, recording.number)
    assert (story.row().outcome, story.requests()) == (Outcome.ABANDONED, [])
    story.settle()
    story.assert_clean()


def test_voicemail__a_disk_that_never_answers_holds_no_call_for_ever() -> None:
    story = speaking()
    (recording,) = story.hotline.exchange.house.recordings
    story.hotline.wire.plane.recorder.drop([recording.number])
    story.caller.hang_up()
    story.world.run(CLOSING + 0.5)
    assert story.row().outcome is Outcome.ABANDONED
    story.settle()
    story.assert_clean()


def test_voicemail__the_plane_dies_meanwhile() -> None:
    story = speaking()
    story.hotline.plane_dies(0)
    story.settle()
    (row,) = recordings(story)
    assert (story.row().outcome, story.requests(), row.failed) == (Outcome.FAILED, [], True)


def test_voicemail__no_room_for_the_request() -> None:
    story = speaking(menu=DIRECT)
    story.hotline.database_answers = False
    story.caller.press("#")
    story.world.run(1)
    token, = story.hotline.unanswered
    story.hotline.carry_out(story.hotline.exchange.not_durable(token, story.world.now))
    story.world.run(3)
    story.settle()
    story.assert_clean()
    request, = story.requests()
    assert (story.row().outcome, request.status) == (Outcome.ABANDONED, RequestStatus.CLOSED)
    assert story.clips_heard()[-1] == "en/not_now.wav"


def test_record__is_no_request() -> None:
    story = speaking("2")
    quiet(story, 5)
    story.settle()
    story.assert_clean()
    (row,) = recordings(story)
    assert (row.why, row.queue, row.reason, row.failed) == ("menu", "", "silence", False)
    assert (story.row().outcome, story.requests()) == (Outcome.SELF_SERVED, [])


def test_record__who_hangs_up_meanwhile() -> None:
    story = speaking("2")
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    (row,) = recordings(story)
    assert (row.failed, row.seconds) == (False, pytest.approx(3.5, abs=0.7))
    assert story.row().outcome is Outcome.ABANDONED
