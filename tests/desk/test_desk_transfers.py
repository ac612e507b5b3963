"""Transfers over the API: to whom it is open, and what control is asked."""

from typing import Any

import pytest

from ivr.drivers.control_link import ControlRefused
from tests.desk.desk_rig import Rig
from tests.desk.test_desk_visible import answers

SHOWN = {"call": "call-4", "state": "consulting", "operator": "anna", "target": "boris"}
PATH = "/api/calls/call-4"


def test_transfer__asks_and_goes_on(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch, transfer=SHOWN, end_consultation=SHOWN)
    posted = rig.program.post(f"{PATH}/transfer", json={"target": "boris", "attended": True})
    assert (posted.status_code, posted.json()) == (200, SHOWN)
    assert rig.program.post(f"{PATH}/consultation", json={"wish": "conference"}).status_code == 200
    assert asked == [("transfer", {"operator": "", "call": "call-4", "target": "boris", "attended": True}),
                     ("end_consultation", {"operator": "", "call": "call-4", "wish": "conference"})]


def test_transfer__an_operator_is_named_to_control(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of their calls it is, control knows."""
    asked = answers(rig, monkeypatch, transfer=SHOWN)
    assert rig.logged_in("anna").post(f"{PATH}/transfer", json={"target": "boris"}).status_code == 200
    assert asked[-1][1]["operator"] == "anna"


@pytest.mark.parametrize(("path", "wrong"), [
    ("transfer", {}), ("transfer", {"target": ""}), ("transfer", {"target": "x" * 65}),
    ("transfer", {"target": "a", "by": "b"}), ("consultation", {"wish": "end"}), ("consultation", {})])
def test_transfer__wrong_words(rig: Rig, path: str, wrong: dict[str, Any]) -> None:
    assert rig.program.post(f"{PATH}/{path}", json=wrong).status_code == 422


@pytest.mark.parametrize(("code", "status"), [
    ("unknown_call", 404), ("unknown_target", 404), ("not_yours", 403), ("busy", 409), ("not_talking", 409)])
def test_transfer__what_control_refuses(rig: Rig, monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> None:
    answers(rig, monkeypatch, transfer=ControlRefused(code, "a sentence"))
    answer = rig.program.post(f"{PATH}/transfer", json={"target": "boris"})
    assert (answer.status_code, answer.json()) == (status, {"code": code, "message": "a sentence"})
