"""Supervisors of a call over the API: to whom it is open, and what control is asked."""

from typing import Any

import pytest

from ivr.drivers.control_link import ControlAway, ControlRefused
from tests.desk.desk_rig import Rig
from tests.desk.test_desk_visible import answers

VERA = {"supervisor": "vera", "mode": "whisper", "state": "ringing"}
SHOWN = {"call": "call-4", "supervisors": [VERA]}
PATH = "/api/calls/call-4/supervisors"


def test_supervisors__come_switch_and_go(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch, supervise=SHOWN, supervisors=SHOWN,
                    end_supervision={"call": "call-4", "supervisors": []})
    put = rig.program.put(f"{PATH}/vera", json={"mode": "whisper"})
    assert (put.status_code, put.json()) == (200, SHOWN)
    assert rig.program.put(f"{PATH}/vera", json={}).status_code == 200
    assert rig.program.get(PATH).json() == SHOWN
    assert rig.program.delete(f"{PATH}/vera").json() == {"call": "call-4", "supervisors": []}
    who = {"call": "call-4", "supervisor": "vera"}
    assert asked == [("supervise", who | {"mode": "whisper"}), ("supervise", who | {"mode": "listen"}),
                     ("supervisors", {"call": "call-4"}), ("end_supervision", who)]


@pytest.mark.parametrize(("method", "path"), [("GET", PATH), ("PUT", f"{PATH}/anna"), ("DELETE", f"{PATH}/anna")])
def test_supervisors__not_for_operators(rig: Rig, monkeypatch: pytest.MonkeyPatch, method: str, path: str) -> None:
    asked = answers(rig, monkeypatch)
    answer = rig.logged_in("anna").request(method, path, json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert asked == []


def test_supervisors__for_the_administrator(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(rig, monkeypatch, supervise=SHOWN)
    assert rig.logged_in("admin").put(f"{PATH}/vera", json={"mode": "barge"}).status_code == 200


@pytest.mark.parametrize("wrong", [{"mode": "spy"}, {"mode": "listen", "phone": "sip:me@example.com"}])
def test_supervisors__wrong_words(rig: Rig, wrong: dict[str, Any]) -> None:
    assert rig.program.put(f"{PATH}/vera", json=wrong).status_code == 422
    assert rig.program.put(f"{PATH}/{'v' * 33}", json={}).status_code == 422


@pytest.mark.parametrize(("code", "status"), [
    ("unknown_call", 404), ("unknown_account", 404), ("not_supervised", 404), ("not_talking", 409), ("no_phone", 409),
    ("busy", 409), ("on_this_call", 409), ("too_many_supervisors", 409)])
def test_supervisors__what_control_refuses(rig: Rig, monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> None:
    answers(rig, monkeypatch, supervise=ControlRefused(code, "a sentence"))
    answer = rig.program.put(f"{PATH}/vera", json={})
    assert (answer.status_code, answer.json()) == (status, {"code": code, "message": "a sentence"})


def test_supervisors__control_is_away(rig: Rig) -> None:
    rig.control.down = ControlAway("no answer")
    assert rig.program.get(PATH).status_code == 503
