"""Orders for lines over the API: to whom it is open, what control is asked, what health says."""

from datetime import datetime
from typing import Any

import pytest

from ivr.drivers.control_link import ControlRefused
from tests.desk.desk_rig import Rig
from tests.desk.test_desk_visible import answers

ORDER = {"line": "100", "kind": "closure", "prompt": "goodbye", "by": "vera", "since": "2026-03-02T09:00:00+00:00",
         "until": None}
CLOSURE = "/api/lines/100/closure"


def test_lines__closed_and_opened(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch, order_line={"orders": [ORDER]}, take_back_order={"orders": []})
    put = rig.program.put(CLOSURE, json={"prompt": "goodbye", "for_s": 60, "by": "vera"})
    assert (put.status_code, put.json()["orders"][0]["kind"]) == (200, "closure")
    assert rig.logged_in("admin").put("/api/lines/all/announcement", json={
        "prompt": "hold", "until": "2030-01-01T10:00", "by": "somebody else"}).status_code == 200
    assert rig.program.delete(f"{CLOSURE}?by=vera").json() == {"orders": []}
    shared = {"until": None, "lasts": None}
    assert asked == [
        ("order_line", shared | {"line": "100", "kind": "closure", "prompt": "goodbye", "by": "vera", "lasts": 60.0}),
        ("order_line", shared | {"line": "all", "kind": "announcement", "prompt": "hold", "by": "admin",
                                 "until": "2030-01-01T10:00:00"}),
        ("take_back_order", {"line": "100", "kind": "closure", "by": "vera"})]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("kind", ["announcement", "closure"])
def test_lines__not_for_operators(rig: Rig, monkeypatch: pytest.MonkeyPatch, method: str, kind: str) -> None:
    asked = answers(rig, monkeypatch)
    answer = rig.logged_in("anna").request(method, f"/api/lines/100/{kind}", json={"prompt": "hold"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert asked == []


@pytest.mark.parametrize(("code", "status"), [("unknown_line", 404), ("unknown_prompt", 404), ("over_already", 409)])
def test_lines__refused(rig: Rig, monkeypatch: pytest.MonkeyPatch, code: str, status: int) -> None:
    answers(rig, monkeypatch, order_line=ControlRefused(code, "why"))
    answer = rig.program.put(CLOSURE, json={})
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (status, code, "why")


@pytest.mark.parametrize("wrong", [{"for_s": 0}, {"for_s": -1}, {"until": "soon"}, {"words": "x"}])
def test_lines__wrong_words(rig: Rig, wrong: dict[str, Any]) -> None:
    assert rig.program.put(CLOSURE, json=wrong).status_code == 422


def test_lines__shown_by_health_without_alarm(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(rig, monkeypatch, line_orders={"orders": [ORDER]})
    rig.control.snapshot["orders"] = [ORDER]
    health = rig.stranger.get("/health").json()
    assert (health["state"], health["checks"]["lines"]["ok"]) == ("ok", True)
    assert "line 100 is closed (goodbye, by vera, since 2026-03-02T09:00 UTC)" in health["checks"]["lines"]["detail"]
    (shown,) = rig.program.get("/api/lines").json()["orders"]
    assert datetime.fromisoformat(shown["since"]) == datetime.fromisoformat(str(ORDER["since"]))
