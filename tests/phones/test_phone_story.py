"""The main story with real phones: PJSIP calls, chooses, waits, talks; what was heard, and what was written down."""

import hashlib
import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import Clips, Heard, Recording, clips_of, tone_in
from tests.phones.phone import Happened, Phone, operator_phone, phones_closed
from tests.phones.record import CLOSE, call_of, errors_of, monotonic, offers
from tests.support.peers import need_pjsua2
from tests.support.service import ROOT, Service, running_service, wait_for

HOST, CALLER_HOST, OPERATOR_HOST = "127.0.72.1", "127.0.72.10", "127.0.72.20"
NUMBER = "4930123456"
MENU = ROOT / "menus/bank.yaml"
LANGUAGE, WELCOME, MAIN, CARDS = (f"en/{name}.wav" for name in ("choose_language", "welcome", "main_options",
                                                                "cards_options"))
PLACE, MUSIC = "en/queue/place_1.wav", "music/hold.wav"
LARGEST_GAP = 0.2            # seconds inside a clip
STOPS_WITHIN = 0.1           # seconds from a key's start to the prompt's end at the ear
RINGS = 3.5                  # seconds: the place and some music are heard


@dataclass
class Story:
    """What happened: the phones' events by name, their recordings, and the record."""

    at: dict[str, float]
    sip_call_id: str
    caller: Recording
    operator: Recording
    clips: list[Heard]
    call: dict[str, Any]
    service: Service

    def __repr__(self) -> str:
        return f"{self.at}\n{self.clips}\n{self.call['ladder']}"

    def clip(self, name: str) -> Heard:
        return next(heard for heard in self.clips if heard.clip == name)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, tones: dict[str, Path]) -> Iterator[Story]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("story")
    cards = {"cards": {"operators": ["anna", "boris"], "ring_time_s": 10, "announce_first_after_s": 0,
                       "record": "always"}}
    with running_service(folder, host=HOST, queues=cards) as service:
        anna = operator_phone(folder, service.sip, OPERATOR_HOST, "anna", tone=tones["operator"], answer=200,
                              delay=RINGS)
        caller = Phone(folder, service.sip, CALLER_HOST, NUMBER, tone=tones["caller"])
        with phones_closed(anna, caller):
            yield _tell(service, caller, anna)


def _tell(service: Service, caller: Phone, anna: Phone) -> Story:
    caller.do(f"call:sip:100@{HOST}")
    begun = caller.wait("state", state="CALLING")
    answered = caller.wait("state", state="CONFIRMED")
    pressed: list[Happened] = []
    for key, listen in (("1", 1.0), ("2", 4.0), ("0", 2.5)):
        caller.do(f"wait:{listen}")
        pressed.append(caller.do(f"dtmf:{key}"))
    incoming = anna.wait("incoming")
    taken = anna.wait("state", state="CONFIRMED")
    caller.do("wait:3")
    hung_up = caller.hang_up()
    over = anna.wait("state", state="DISCONNECTED")
    at = {"begun": begun["at"], "answered": answered["at"], "ringing": incoming["at"], "taken": taken["at"],
          "hung up": hung_up["at"], "over": over["at"], **{f"key {n}": key["at"] for n, key in enumerate(pressed, 1)}}
    heard = caller.recording()
    clips: Clips = clips_of(service, (LANGUAGE, WELCOME, MAIN, CARDS, PLACE, MUSIC))
    return Story(at, begun["sip_call_id"], heard, anna.recording(), clips.heard(heard), call_of(service, NUMBER),
                 service)


def test_story__clips_in_their_order(story: Story) -> None:
    """Music may sound for a moment while the request is made safe; then comes the place, then music again."""
    names = [heard.clip for heard in story.clips]
    assert [name for name in names if name != MUSIC] == [LANGUAGE, WELCOME, MAIN, CARDS, PLACE]
    assert names[-2:] == [PLACE, MUSIC]
    assert story.clip(WELCOME).whole
    assert story.clip(PLACE).whole
    assert abs(story.clip(MAIN).due_from - story.clip(WELCOME).due_to) <= LARGEST_GAP
    assert abs(story.clips[-1].due_from - story.clip(PLACE).due_to) <= LARGEST_GAP
    for key, name in (("answered", LANGUAGE), ("key 1", WELCOME), ("key 2", CARDS)):
        assert story.clip(name).due_from - story.at[key] <= STOPS_WITHIN, f"{name} from its beginning, at once"


def test_story__no_gap_inside_a_clip(story: Story) -> None:
    assert {heard.clip: heard.gap for heard in story.clips if heard.gap > LARGEST_GAP} == {}


@pytest.mark.parametrize(("key", "interrupted", "following"),
                         [("key 1", LANGUAGE, WELCOME), ("key 2", MAIN, CARDS), ("key 3", CARDS, PLACE)])
def test_story__a_key_stops_the_prompt(story: Story, key: str, interrupted: str, following: str) -> None:
    before, pressed = story.clip(interrupted), story.at[key]
    assert not before.whole
    assert before.begin < pressed
    assert before.end - pressed <= STOPS_WITHIN
    assert before.end < story.clip(following).begin


def test_story__music_until_the_operator_answers(story: Story) -> None:
    music = [heard for heard in story.clips if heard.clip == MUSIC][-1]
    assert abs(music.end - story.at["taken"]) <= STOPS_WITHIN
    assert story.at["ringing"] - story.at["key 3"] < 0.5


@pytest.mark.parametrize(("who", "hertz"), [("caller", OPERATOR_HERTZ), ("operator", CALLER_HERTZ)])
def test_story__each_hears_the_other(story: Story, who: str, hertz: int) -> None:
    tone = tone_in(getattr(story, who), hertz)
    assert 0 <= tone.begin - story.at["taken"] < 0.3, "nothing of it before the answer, all of it after"
    assert abs(tone.end - story.at["hung up"]) < 0.2
    assert tone.gap <= LARGEST_GAP
    assert tone.purity_db > 30


def test_story__the_call_to_the_field(story: Story) -> None:
    row = dict(story.call["call"])
    request = story.call["requests"][0]
    times = {name: row.pop(name) for name in ("began_at", "answered_at", "ended_at", "wait_time", "talk_time")}
    assert row.pop("id") == request["call_id"]
    assert row == {
        "node": "test", "direction": "inbound", "channel": "voice", "line": "100", "dialled": "100", "language": "en",
        "caller_number": NUMBER, "caller_name": "", "outcome": "answered", "ended_by": "caller", "reason": "hung up",
        "queue": "cards", "operator": "anna",
        "menu_version": hashlib.sha256(MENU.read_bytes()).hexdigest()[:16], "sip_call_id": story.sip_call_id,
        "request_id": request["id"]}
    at = story.at
    assert monotonic(times["began_at"]) == pytest.approx(at["begun"], abs=CLOSE)
    assert monotonic(times["answered_at"]) == pytest.approx(at["answered"], abs=CLOSE)
    assert monotonic(times["ended_at"]) == pytest.approx(at["hung up"], abs=CLOSE)
    assert times["wait_time"] == pytest.approx(at["taken"] - at["key 3"], abs=CLOSE)
    assert times["talk_time"] == pytest.approx(at["hung up"] - at["taken"], abs=CLOSE)


def test_story__the_request_to_the_field(story: Story) -> None:
    (request,) = [dict(row) for row in story.service.requests()]
    call = story.call["call"]
    path = request.pop("path")
    assert [(step["menu"], step["keys"], step["option"]) for step in path] == [
        ("language", "1", "language en, goto main"), ("main", "2", "goto cards"), ("cards", "0", "queue cards")]
    for number, step in enumerate(path, 1):
        assert monotonic(step["at"]) == pytest.approx(story.at[f"key {number}"], abs=CLOSE)
    assert monotonic(request.pop("opened_at")) == pytest.approx(story.at["key 3"], abs=CLOSE)
    assert request.pop("id") == call["request_id"]
    assert request == {
        "call_id": call["id"], "caller_number": NUMBER, "caller_name": "", "line": "100", "dialled": "100",
        "language": "en", "queue": "cards", "subject": "cards", "operator": "anna", "status": "answered",
        "closed_at": None, "due_at": None, "solved": None, "wait_time": call["wait_time"],
        "talk_time": call["talk_time"], "outcome": "answered", "kind": "queue", "callback_number": None,
        "recording_id": None, "revision": 0, "topic": "", "result": "", "note": "", "filled": {}, "reopens": None,
        "duplicates": None}
    assert offers(story.call) == ["anna"]


def test_story__nothing_is_left(story: Story) -> None:
    wait_for(story.service.snapshot_is_idle, 30, "a call or a port was left")
    assert story.service.operators()["anna"]["state"] == "idle"
    assert errors_of(story.service) == []


def test_story__the_recording_is_the_talk_with_each_on_their_side(story: Story) -> None:
    """The caller's tone left and the operator's right, from the answer to the end; fetched as an administrator does."""
    call = f"/api/calls/{story.call['call']['id']}"
    (kept,) = wait_for(lambda: [one for one in story.service.api(call)["recordings"] if one["ended_at"]], 30, "no end")
    assert (kept["failed"], kept["why"], kept["operator"], kept["muted"]) == (False, "always", "anna", [])
    assert kept["seconds"] == pytest.approx(story.call["call"]["talk_time"], abs=0.1)
    assert kept["seconds"] == pytest.approx(story.at["hung up"] - story.at["taken"], abs=0.1)
    with wave.open(io.BytesIO(story.service.octets(f"/api/recordings/{kept['id']}/audio"))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        assert file.getnframes() / 8000 == pytest.approx(kept["seconds"], abs=0.001)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    times = tuple(np.arange(len(both) // 160 + 1) * 0.02)
    for channel, hertz in enumerate((CALLER_HERTZ, OPERATOR_HERTZ)):
        tone = tone_in(Recording(both[:, channel], times), hertz)
        assert tone.begin < 0.3
        assert tone.end > kept["seconds"] - 0.2
        assert tone.gap <= 0.2      # phones on a busy machine pause
