"""Why an operator is, or is not, getting a call, over the API."""

import pytest

from ivr.drivers.control_link import ControlRefused
from tests.desk.desk_rig import Rig
from tests.desk.test_desk_visible import answers

SENTENCE = "anna is not getting call c1: on break (lunch)."


def test_why__of_a_call(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch, why={"operator": "anna", "call": "c1", "why": SENTENCE,
                                           "call_waits": "It waits."})
    answer = rig.program.get("/api/operators/anna/why", params={"call": "c1"})
    assert (answer.status_code, answer.json()["why"], answer.json()["call_waits"]) == (200, SENTENCE, "It waits.")
    assert asked == [("why", {"operator": "anna", "call": "c1"})]


def test_why__of_any_call_and_for_operators_too(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch, why={"operator": "anna", "why": "anna is on break."})
    assert rig.logged_in("anna").get("/api/operators/anna/why").json()["why"] == "anna is on break."
    assert asked == [("why", {"operator": "anna", "call": ""})]


def test_why__needs_a_login(rig: Rig) -> None:
    assert rig.stranger.get("/api/operators/anna/why").status_code == 401


@pytest.mark.parametrize("code", ["unknown_operator", "unknown_call"])
def test_why__of_nobody(rig: Rig, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    answers(rig, monkeypatch, why=ControlRefused(code, "a sentence"))
    answer = rig.program.get("/api/operators/anna/why")
    assert (answer.status_code, answer.json()) == (404, {"code": code, "message": "a sentence"})
