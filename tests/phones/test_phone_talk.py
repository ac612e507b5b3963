"""Before, during and after a talk, with real phones (PJSIP): what the operator hears first, who hears whom in a
conference, to whom a caller comes back whose transfer nobody takes, and the survey."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.phones.hearing import Clips, Recording, clips_of, write_tone
from tests.phones.phone import Phone, operator_phone, phones_closed
from tests.phones.record import call_of, errors_of, offers
from tests.support.peers import need_pjsua2
from tests.support.service import ROOT, Service, running_service, wait_for

HOST = "127.0.99.1"
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
    (folder / "plain.yaml").write_text(yaml.safe_dump({
        **MENU, "defaults": {"on_failure": {"queue": "loans"}}, "menus": {"first": {"do": [{"queue": "loans"}]}},
        "prompts": prompts}, allow_unicode=True))
    with running_service(folder, host=HOST, lines=[{"numbers": ["100"], "menu": str(folder / "menu.yaml")},
                                                   {"numbers": ["200"], "menu": str(folder / "plain.yaml")}],
                         operators={"anna": {**password, "feature_keys": True}, "boris": password},
                         queues={"loans": {"operators": ["anna"], "announce_every_s": 0},
                                 "cards": {"operators": ["anna"], "survey": "after_call", "announce_every_s": 0,
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
    anna = operator_phone(tmp_path, service.sip, "127.0.99.20", "anna", answer=200)
    caller = Phone(tmp_path, service.sip, "127.0.99.10", "4401", codec="PCMU")
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


TONES = {"caller": 410, "anna": 730, "boris": 1130}
AMPLITUDE, WINDOW, HEARD = 8000, 1600, 1.0        # of each tone; samples; dB
SETTLES, LISTENS = 0.7, 1.0         # seconds
ALL = {"caller": {"anna", "boris"}, "anna": {"caller", "boris"}, "boris": {"caller", "anna"}}


def test_talk__a_conference_of_three_and_a_caller_who_comes_back(service: Service, clips: Clips,
                                                                 tmp_path: Path) -> None:
    tones = {who: write_tone(tmp_path / f"tone-{who}.wav", hertz) for who, hertz in TONES.items()}
    anna = operator_phone(tmp_path, service.sip, "127.0.99.21", "anna", answer=200, tone=tones["anna"])
    boris = operator_phone(tmp_path, service.sip, "127.0.99.31", "boris", answer=200, tone=tones["boris"])
    caller = Phone(tmp_path, service.sip, "127.0.99.11", "4402", tone=tones["caller"])
    with phones_closed(anna, boris, caller):
        to_anna(caller, anna, "200")
        call = next(row["id"] for row in service.calls() if row["outcome"] is None)
        service.api(f"/api/calls/{call}/transfer", post={"target": "boris", "attended": True})
        boris.wait("state", state="CONFIRMED")
        asked = listened(caller)
        anna.do("dtmf:*2")
        three = listened(caller)
        anna.hang_up()
        two = listened(caller)
        caller.hang_up()
        boris.wait("state", state="DISCONNECTED")
        wait_for(service.snapshot_is_idle, 30, "a call is left")

        boris.do("answer:486")
        boris.do("delay:1.5")
        to_anna(caller, anna, "200")
        anna.do(f"xfer:sip:boris@{HOST}")
        anna.hang_up()
        anna.wait("state", state="CONFIRMED")           # boris does not take the caller: she is rung
        back = listened(caller)
        caller.hang_up()
        recordings = {"caller": caller.recording(), "anna": anna.recording(), "boris": boris.recording()}
    heard = [{who: tones_in(recording.between(*span)) for who, recording in recordings.items()}
             for span in (asked, three, two, back)]
    assert heard[0] == {"caller": set(), "anna": {"boris"}, "boris": {"anna"}}
    assert heard[1] == ALL
    assert (heard[2]["caller"], heard[2]["boris"]) == ({"boris"}, {"caller"})
    assert (heard[3]["caller"], heard[3]["anna"]) == ({"anna"}, {"caller"})
    entries = [service.api(f"/api/calls/{row['id']}")["entries"] for row in service.calls() if row["line"] == "200"]
    assert [entry["details"] for entry in entries[0] if entry["kind"] == "transfer_returned"] == [{"to": "anna"}]
    kinds = [entry["kind"] for entry in entries[1]]
    assert [kind for kind in kinds if kind in ("consultation_began", "conference_began", "transferred")] == [
        "consultation_began", "conference_began", "transferred"]


def to_anna(caller: Phone, anna: Phone, number: str) -> None:
    caller.do(f"call:sip:{number}@{HOST}")
    anna.wait("state", state="CONFIRMED")
    caller.do("wait:0.3")


def listened(phone: Phone) -> tuple[float, float]:
    """When what has just changed is through every buffer, and a while after that."""
    phone.do(f"wait:{SETTLES}")
    begun = phone.do(f"wait:{LISTENS}")["at"]
    return begun, begun + LISTENS


def tones_in(recording: Recording) -> set[str]:
    """Whose tones are in it as loud as they were sent."""
    whole = recording.samples[:len(recording.samples) // WINDOW * WINDOW].reshape(-1, WINDOW)
    there: set[str] = set()
    for who, hertz in TONES.items() if len(whole) else ():
        turning = np.exp(-2j * np.pi * hertz / 8000 * np.arange(WINDOW))
        level = float(20 * np.log10(max(np.median(2 * np.abs((whole * turning).mean(axis=1))), 1.0) / AMPLITUDE))
        there |= {who} if abs(level) < HEARD else set()
    return there
