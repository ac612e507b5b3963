"""Before, during and after a talk, with real phones (PJSIP): what the operator hears first, who hears whom in a
conference, to whom a caller comes back whose transfer nobody takes, and the survey."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.phones.hearing import Clips, Recording, clips_of
from tests.phones.phone import Phone, operator_phone, phones_closed
from tests.phones.record import call_of, errors_of, offers
from tests.support.peers import need_pjsua2
from tests.support.service import ROOT, Service, running_service, wait_for

HOST = "127.0.93.1"
BRIEFING, FRIENDLY, SOLVED, MUSIC = "en/welcome.wav", "en/card_abroad.wav", "en/loan_documents.wav", "music/hold.wav"
GOODBYE = "en/queue/goodbye.wav"
MENU: dict[str, Any] = {
    "languages": ["en", "ru"], "start": "first", "defaults": {"on_failure": {"queue": "cards"}},
    "menus": {
        "first": {"do": [{"queue": "cards"}]},
        "after_call": {"do": [
            {"survey": {"name": "service", "question": "friendly", "prompts": "card_abroad"}},
            {"survey": {"name": "service", "question": "solved", "prompts": "loan_documents", "answers": "yes_no"}},
            "hangup"]}}}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    need_pjsua2()
    folder = tmp_path_factory.mktemp("talk")
    prompts = yaml.safe_load((ROOT / "menus/bank.yaml").read_text())["prompts"]
    (folder / "menu.yaml").write_text(yaml.safe_dump(MENU | {"prompts": prompts}, allow_unicode=True))
    password = {"phone_password_file": str(folder / "password")}
    told = {"operator_hears": "welcome", "operator_accepts": True}
    with running_service(folder, host=HOST, lines=[{"numbers": ["100"], "menu": str(folder / "menu.yaml")}],
                         operators=dict.fromkeys(("anna", "boris"), password),
                         queues={"cards": {"operators": ["anna"], "survey": "after_call", "announce_every_s": 0,
                                            **told}}) as running:
        yield running
        assert errors_of(running) == []


@pytest.fixture(scope="module")
def clips(service: Service) -> Clips:
    return clips_of(service, (BRIEFING, FRIENDLY, SOLVED, MUSIC, GOODBYE))


def named(clips: Clips, recording: Recording) -> list[str]:
    """The clips that were heard, each once in a row."""
    found: list[str] = []
    for heard in clips.heard(recording):
        found += [heard.clip] if found[-1:] != [heard.clip] else []
    return found


def test_talk__told_before_it_and_asked_after_it(service: Service, clips: Clips, tmp_path: Path) -> None:
    anna = operator_phone(tmp_path, service.sip, "127.0.93.20", "anna", answer=200)
    caller = Phone(tmp_path, service.sip, "127.0.93.10", "4401", codec="PCMU")
    with phones_closed(anna, caller):
        caller.do(f"call:sip:100@{HOST}")
        anna.wait("state", state="CONFIRMED")
        caller.do("wait:1.0")
        anna.do("dtmf:1")
        talk = caller.do("wait:0.8")["at"]
        anna.hang_up()
        wait_for(lambda: service.operators()["anna"]["state"] == "idle", 5, "the survey holds the operator")
        caller.do("wait:0.7")
        caller.do("dtmf:4")
        caller.do("wait:0.7")
        caller.do("dtmf:2")
        caller.wait("state", state="DISCONNECTED")
        heard, told = caller.recording(), anna.recording()
    assert named(clips, told) == [BRIEFING]
    assert named(clips, heard) == [MUSIC, FRIENDLY, SOLVED, GOODBYE]
    begun = next(one.begin for one in clips.heard(heard) if one.clip == FRIENDLY)
    assert begun > talk
    music = [one for one in clips.heard(heard) if one.clip == MUSIC]
    assert max(one.gap for one in music) < 0.1, "no dead air while the operator was told"
    call = call_of(service, "4401")
    assert offers(call) == ["anna"]
    row = call["call"]
    assert (row["outcome"], row["operator"], row["ended_by"]) == ("answered", "anna", "hotline")
    answers = {entry["details"]["question"]: entry["details"]["answer"] for entry in call["entries"]
               if entry["kind"] == "survey_answered"}
    assert answers == {"friendly": "4", "solved": "no"}
    assert [(request["status"], request["operator"]) for request in call["requests"]] == [("open", "anna")]
