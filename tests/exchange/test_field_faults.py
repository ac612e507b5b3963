"""Faults that users of other systems tell of, where only what is heard shows them; and what callers hear who wait."""

from typing import Any

import numpy as np
import pytest

from ivr.audio.g711 import encode_ulaw
from ivr.call.record import Outcome
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.exchange.test_endings import finish
from tests.exchange.test_recording import recordings
from tests.exchange.test_voicemail import MENU as LEAVING
from tests.exchange.test_voicemail import voice
from tests.support.operators_phones import add_phone
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story


def low(frame: int) -> bytes:
    at = np.arange(frame * 160, (frame + 1) * 160) / 8000
    return encode_ulaw((5000 * np.sin(2 * np.pi * 300 * at)).astype(np.int16)).tobytes()


def comes(story: Story, keys: str, name: str = "caller") -> None:
    story.phones[name].call(f"sip:100@{HOTLINE}")
    for key in keys:
        story.world.run(0.5)
        story.phones[name].press(key)


@pytest.mark.parametrize(("said", "told"), [
    ("en/queue/place_1.wav", {"announce_first_after_s": 10, "announce_every_s": 60}),
    ("en/card_abroad.wav", {"announce_every_s": 0, "comfort": {"say": ["card_abroad"], "every_s": 10}})])
def test_fault__dead_air_where_an_operator_answers_during_an_announcement(said: str, told: dict[str, Any]) -> None:
    """freeswitch#1148: the announcement goes on, or nothing comes. Here its rest is never heard, and the operator is
    from the moment they answer."""
    cards = {"operators": ["anna"], "ring_time_s": 60, "max_wait_s": 90, **told}
    story = make_story(operators={"anna": PhoneBehaviour(200, 10.4)},
                       config={"queues": base_config()["queues"] | {"cards": cards}})
    story.phones["anna"].tone = low
    comes(story, "120")
    story.world.run(14)
    *_, (music, _, _), (announced, began, half), (operator, since, long) = story.heard()
    assert (music, announced, operator) == ("music/hold.wav", said, "other")
    assert 10 < half < 35, "frames of the 50"
    assert long > 100
    assert since - began == pytest.approx(half * 0.02, abs=0.07), "no gap between the two"
    story.caller.hang_up()
    finish(story)


def test_fault__a_prompt_in_the_wrong_language() -> None:
    """FreePBX#716. Who chose Russian hears nothing else, in the menu, the queue, and when nobody is free."""
    story = make_story(operators={"anna": PhoneBehaviour(status=None)}, config={"queues": dict.fromkeys(
        base_config()["queues"], ANNA)})
    comes(story, "220")
    chosen = story.world.now
    story.world.run(40)
    finish(story)
    heard = {name for name, at, _ in story.heard() if at > chosen and name not in ("silence", "other")}
    assert heard >= {"ru/queue/place_1.wav", "ru/queue/nobody_available.wav", "music/hold.wav"}
    assert {name.partition("/")[0] for name in heard} == {"ru", "music"}


ANNA = {"operators": ["anna"], "ring_time_s": 20, "max_wait_s": 30, "announce_every_s": 10}


def test_music__each_queue_has_its_own() -> None:
    queues = base_config()["queues"]
    story = make_story(operators={"anna": PhoneBehaviour(status=None)}, config={"queues": {
        **queues, "cards": {**ANNA, "music": "en/welcome.wav", "announce_every_s": 0},
        "loans": {**ANNA, "music": "ru/welcome.wav", "announce_every_s": 0}}})
    add_phone(story, "second", "127.0.9.60")
    for name, keys in (("caller", "120"), ("second", "130")):
        comes(story, keys, name)
        story.world.run(4)
    assert [story.clips_heard(name)[-1] for name in ("caller", "second")] == ["en/welcome.wav", "ru/welcome.wav"]
    for name in ("caller", "second"):
        story.phones[name].hang_up()
    story.settle()
    story.assert_clean()


def test_key__out_of_the_queue_into_a_message() -> None:
    """The request of the queue becomes that of the message: one request, with its place in time and the recording."""
    menu = LEAVING.replace('      "2":', '      "3": {queue: cards}\n      "2":', 1)
    queue = {"operators": ["anna"], "while_waiting": {"7": "main"}, "announce_every_s": 0}
    story = make_story(menu=menu, operators={"anna": PhoneBehaviour(status=None)}, config={
        "recordings": {"folder": "/recordings"}, "queues": base_config()["queues"] | {"cards": queue}})
    comes(story, "37")
    story.world.run(1)
    story.caller.press("1")
    story.world.run(2.5)
    story.caller.tone = voice
    story.world.run(3)
    story.caller.hang_up()
    row = finish(story)
    request, = story.requests()
    recording, = recordings(story)
    assert (row.outcome, request.kind, request.recording_id) == (Outcome.VOICEMAIL, "voicemail", recording.id)
