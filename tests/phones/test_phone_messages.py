"""Real phones leave a message and a callback in the running service: what is in the file, and what in the database."""

import io
import wave
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr.audio.beep import FREQUENCY, SECONDS
from tests.phones.conftest import CALLER_HERTZ
from tests.phones.hearing import Recording, clips_of, tone_in
from tests.phones.phone import Phone
from tests.phones.stage import Scene, Stage, all_over, outcome, playing
from tests.support.peers import need_pjsua2
from tests.support.service import running_service, wait_for

HOST = "127.0.95.1"
WORDS, THANKS = "en/main_options.wav", "en/goodbye.wav"
MENU = """\
languages: [en, ru]
start: main
defaults: {on_failure: {queue: cards}}
menus:
  main:
    prompts: choose_language
    options:
      "1": [{voicemail: {queue: cards, subject: a card, prompts: main_options, silence_s: 0, done: goodbye}}, hangup]
      "3": [{voicemail: {queue: cards, subject: a card, silence_s: 0, review: choose_language}}, hangup]
      "2": [{callback: {queue: loans, done: goodbye, on_failure: {queue: loans}}}, hangup]
prompts:
  choose_language: {en: "Press a key.", ru: "-"}
  main_options: {en: "Speak.", ru: "-"}
  goodbye: {en: "Goodbye.", ru: "-"}
"""


# --- scenes ---------------------------------------------------------------------------------------------------------
def message(stage: Stage) -> None:
    """Its end key is in the audio of no recording: it comes as an RTP event."""
    caller = _speaking(stage, "6000001")
    caller.do("wait:2")
    caller.do("dtmf:#")
    caller.wait("state", timeout=30, state="DISCONNECTED")
    call = _left(stage, caller.user, "the caller ended it")
    heard = caller.recording()
    words, thanks = stage.clips.heard(heard)[-2:]
    assert (words.clip, thanks.clip) == (WORDS, THANKS)
    beep = tone_in(heard.between(words.end, thanks.begin), FREQUENCY)
    assert beep.length == pytest.approx(SECONDS, abs=0.1)
    assert "request_kept" in [entry["kind"] for entry in call["entries"]]


def hang_up(stage: Stage) -> None:
    """As most people do."""
    caller = _speaking(stage, "6000002")
    caller.do("wait:2")
    caller.hang_up()
    _left(stage, caller.user, "the call ended")


def heard_back(stage: Stage) -> None:
    """The phone hears its own tone, and hangs up while it does."""
    caller = stage.caller("6000004")
    stage.begin()
    stage.call(caller, "3")
    caller.do("wait:3")
    caller.do("dtmf:#")
    caller.do("wait:0.7")
    asked = caller.do("dtmf:2")["at"]
    caller.do("wait:1.5")
    caller.hang_up()
    _left(stage, caller.user, "the caller ended it")
    heard = caller.recording()
    assert tone_in(heard.between(asked, heard.times[-1]), CALLER_HERTZ).length > 0.8


def callback(stage: Stage) -> None:
    caller = stage.caller("6000003", tone=None)
    stage.begin()
    stage.call(caller, "2")
    caller.wait("state", timeout=30, state="DISCONNECTED")
    call = stage.call_of(caller.user)
    (request,) = call["requests"]
    assert call["call"]["outcome"] == "callback", call["ladder"]
    assert (request["kind"], request["status"], request["queue"], request["callback_number"]) == (
        "callback", "open", "loans", "6000003")
    (found,) = stage.service.api("/api/requests?kind=callback&status=open&queue=loans")["items"]
    assert found == request
    assert THANKS in [clip.clip for clip in stage.clips.heard(caller.recording())]


SCENES: tuple[Scene, ...] = (message, hang_up, heard_back, callback)


# --- tests ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          tones: Mapping[str, Path]) -> Iterator[Mapping[str, "Future[None]"]]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("messages")
    menu = folder / "menu.yaml"
    menu.write_text(MENU)
    with running_service(folder, host=HOST, lines=[{"numbers": ["100"], "menu": str(menu)}],
                         recordings={"folder": str(folder / "recordings"), "min_free_mb": 0}) as service, \
            playing(request, service, folder, tones, clips_of(service, (WORDS, THANKS)), SCENES) as played:
        yield played
        all_over(service, played)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_phone(scene: Scene, plays: Mapping[str, "Future[None]"]) -> None:
    outcome(plays[scene.__name__])


# --- what they have in common ---------------------------------------------------------------------------------------
def _speaking(stage: Stage, number: str) -> Phone:
    """A phone that says its tone all the time; a key skips the words before the beep, which it has heard."""
    caller = stage.caller(number)
    stage.begin()
    stage.call(caller, "1")
    caller.do("wait:0.7")
    caller.do("dtmf:5")
    caller.do("wait:0.7")
    return caller


def _left(stage: Stage, number: str, reason: str) -> dict[str, Any]:
    """The record and the file of a message."""
    call = stage.call_of(number)
    (request,), (recording,) = call["requests"], call["recordings"]
    assert call["call"]["outcome"] == "voicemail", call["ladder"]
    assert (request["kind"], request["status"], request["queue"], request["subject"], request["recording_id"]) == (
        "voicemail", "open", "cards", "a card", recording["id"])
    assert (recording["why"], recording["failed"], recording["queue"]) == ("voicemail", False, "cards")
    ended = wait_for(lambda: _ended(stage, recording["id"]), 30, "the recording has no end")
    assert ended["reason"] == reason
    with wave.open(io.BytesIO(stage.service.octets(f"/api/recordings/{recording['id']}/audio"))) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert (both[:, 0] == both[:, 1]).all()
    said = Recording(both[:, 0], tuple(np.arange(len(both) // 160 + 1) * 0.02))
    tone = tone_in(said, CALLER_HERTZ)
    assert tone.length > 1.5, tone
    assert tone.purity_db > 20, tone
    assert stage.clips.heard(said) == [], "nothing that the caller heard is in it"
    return call


def _ended(stage: Stage, recording: str) -> Any:
    row = stage.service.api(f"/api/recordings/{recording}")["recording"]
    return row if row["ended_at"] else None
