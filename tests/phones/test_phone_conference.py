"""A caller, an operator and a supervisor with real phones (PJSIP): who hears whom in each mode, in their recordings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.phones.hearing import Recording, write_tone
from tests.phones.phone import Phone, operator_phone, phones_closed
from tests.phones.record import errors_of
from tests.support.peers import need_pjsua2
from tests.support.service import PASSWORD, running_service, wait_for

HOST = "127.0.92.1"
NUMBER = "4400001"
TONES = {"caller": 410, "operator": 730, "supervisor": 1130}
AMPLITUDE = 8000             # of each
WINDOW = 1600                # samples in which a tone is measured
HEARD, NOT_HEARD = 1.0, -30.0       # dB
SETTLES = 0.6                # seconds from a change until its sound is through every buffer
LISTENS = 1.2                # seconds of each mode that are measured
EXPECTED: Mapping[str, Mapping[str, set[str]]] = {
    "listen": {"caller": {"operator"}, "operator": {"caller"}, "supervisor": {"caller", "operator"}},
    "whisper": {"caller": {"operator"}, "operator": {"caller", "supervisor"}, "supervisor": {"caller", "operator"}},
    "barge": {"caller": {"operator", "supervisor"}, "operator": {"caller", "supervisor"},
              "supervisor": {"caller", "operator"}}}


def test_conference__each_hears_whom_they_are_to_hear(tmp_path: Path) -> None:
    need_pjsua2()
    tones = {who: write_tone(tmp_path / f"tone-{who}.wav", hertz) for who, hertz in TONES.items()}
    password = {"password_file": str(tmp_path / "password")}
    with running_service(tmp_path, host=HOST, operators={"anna": {"phone_password_file": password["password_file"]}},
                         accounts={"vera": {**password, "srtp": "required"}},
                         queues={"cards": {"operators": ["anna"], "ring_time_s": 10}}) as service:
        anna = operator_phone(tmp_path, service.sip, "127.0.92.20", "anna", answer=200, tone=tones["operator"])
        vera = Phone(tmp_path, service.sip, "127.0.92.30", "vera", password=PASSWORD, codec="PCMA", srtp=True,
                     answer=200, tone=tones["supervisor"])
        caller = Phone(tmp_path, service.sip, "127.0.92.10", NUMBER, tone=tones["caller"])
        with phones_closed(anna, vera, caller):
            vera.do("reg")
            times = _talk(service, caller, anna, vera)
        recordings = {who: Recording.read(phone.recorded)
                      for who, phone in (("caller", caller), ("operator", anna), ("supervisor", vera))}
        for mode, (begin, end) in times.items():
            heard = {who: _in(recording.between(begin, end)) for who, recording in recordings.items()}
            assert heard == EXPECTED[mode], mode
        _recorded(service)
        assert errors_of(service) == []


def _talk(service: Any, caller: Phone, anna: Phone, vera: Phone) -> dict[str, tuple[float, float]]:
    """The call; when each mode was on."""
    caller.do(f"call:sip:100@{HOST}")
    caller.wait("state", state="CONFIRMED")
    for key in "120":
        caller.do("wait:0.3")
        caller.do(f"dtmf:{key}")
    anna.wait("state", state="CONFIRMED")
    call, = (row["id"] for row in service.calls())
    times: dict[str, tuple[float, float]] = {}
    for mode in EXPECTED:
        service.api(f"/api/calls/{call}/supervisors/vera", {"mode": mode})
        if mode == "listen":
            vera.wait("state", state="CONFIRMED")
        caller.do(f"wait:{SETTLES}")
        begun = caller.do(f"wait:{LISTENS}")["at"]
        times[mode] = begun, begun + LISTENS
    vera.hang_up()
    caller.do("wait:0.3")
    assert service.api(f"/api/calls/{call}/supervisors") == {"call": call, "supervisors": []}
    caller.hang_up()
    return times


def _in(recording: Recording) -> set[str]:
    """Whose tones are in it as loud as they were sent; that the others are not in it is asserted."""
    whole = recording.samples[:len(recording.samples) // WINDOW * WINDOW].reshape(-1, WINDOW)
    assert len(whole) >= 4
    there = set()
    for who, hertz in TONES.items():
        turning = np.exp(-2j * np.pi * hertz / 8000 * np.arange(WINDOW))
        level = float(20 * np.log10(max(np.median(2 * np.abs((whole * turning).mean(axis=1))), 1.0) / AMPLITUDE))
        assert abs(level) < HEARD or level < NOT_HEARD, (who, level)
        there |= {who} if level > NOT_HEARD else set()
    return there


def _recorded(service: Any) -> None:
    """The record says who listened, how and how long; everybody is gone."""
    wait_for(service.snapshot_is_idle, 30, "a call or a port was left")
    row, = service.calls()
    call = service.api(f"/api/calls/{row['id']}")
    assert (row["outcome"], row["operator"], row["ended_by"]) == ("answered", "anna", "caller")
    found = [(entry["kind"], entry["details"]["mode"]) for entry in call["entries"] if "supervision" in entry["kind"]]
    assert found == [("supervision_asked", "listen"), ("supervision_began", "listen"), ("supervision_mode", "whisper"),
                     ("supervision_mode", "barge"), ("supervision_ended", "barge")]
    seconds = next(entry["details"]["seconds"] for entry in call["entries"] if entry["kind"] == "supervision_ended")
    assert seconds == pytest.approx(3 * (SETTLES + LISTENS), abs=2.0)
    assert "vera whispers to the operator" in call["ladder"]
