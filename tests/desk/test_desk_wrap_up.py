"""The notes are done, over the API."""

import pytest

from ivr.drivers.control_link import ControlRefused
from tests.desk.desk_rig import Rig
from tests.desk.test_desk_visible import answers

PATH = "/api/operators/anna/wrap-up"


@pytest.mark.parametrize("login", ["anna", "admin"])
def test_wrap_up__is_ended_by_the_operator_or_an_administrator(rig: Rig, monkeypatch: pytest.MonkeyPatch,
                                                               login: str) -> None:
    asked = answers(rig, monkeypatch, wrap_up_done={"operator": "anna"})
    assert rig.logged_in(login).delete(PATH).status_code == 204
    assert asked == [("wrap_up_done", {"operator": "anna"})]


def test_wrap_up__not_by_a_colleague(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch)
    assert rig.logged_in("boris").delete(PATH).status_code == 403
    assert asked == []


def test_wrap_up__of_nobody(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(rig, monkeypatch, wrap_up_done=ControlRefused("unknown_operator", "a sentence"))
    assert rig.program.delete(PATH).status_code == 404
