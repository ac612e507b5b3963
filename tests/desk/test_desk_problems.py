"""What the desk says when something does not go."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ivr.drivers.control_link import ControlAway, ControlRefused
from tests.desk.desk_rig import Rig


@pytest.mark.parametrize(("path", "status", "code"), [
    ("/api/calls/gone", 404, "not_found"), ("/api/requests/gone", 404, "not_found"), ("/api/gone", 404, "not_found"),
    ("/api/calls?cursor=x", 400, "bad_cursor"), ("/api/requests?cursor=9_", 200, ""),
    ("/api/calls?limit=0", 422, "invalid"), ("/api/calls?limit=501", 422, "invalid"),
    ("/api/calls?outcome=lost", 422, "invalid"), ("/api/calls?since=2026-11-20T12:00:00", 422, "invalid"),
    ("/api/calls?nonsense=1", 422, "invalid"), ("/api/calls?line=" + "x" * 200, 422, "invalid"),
])
def test_problem__has_one_shape(rig: Rig, path: str, status: int, code: str) -> None:
    answer = rig.program.get(path)
    assert answer.status_code == status
    if code:
        assert set(answer.json()) == {"code", "message"}
        assert answer.json()["code"] == code
        assert answer.json()["message"]


@pytest.mark.parametrize("body", [{}, {"status": "busy"}, {"status": "available", "reason": "x" * 81},
                                  {"status": "available", "extra": 1}, "text", None])
def test_status__wrong_bodies(rig: Rig, body: Any) -> None:
    assert rig.program.put("/api/operators/anna/status", json=body).status_code == 422
    assert rig.control.asked == []


def test_status__refused_by_control(rig: Rig) -> None:
    body = {"status": "available"}
    assert rig.program.put("/api/operators/clara/status", json=body).status_code == 404
    rig.control.down = ControlRefused("draining", "the service is ending")
    answer = rig.program.put("/api/operators/anna/status", json=body)
    assert (answer.status_code, answer.json()) == (409, {"code": "draining", "message": "the service is ending"})


def test_control_away__is_a_503_and_the_record_is_still_read(rig: Rig) -> None:
    rig.control.down = ControlAway("no answer in 2 s")
    for answer in (rig.program.get("/api/queues"), rig.program.get("/api/operators"),
                   rig.program.put("/api/operators/anna/status", json={"status": "available"})):
        assert (answer.status_code, answer.json()["code"]) == (503, "control_away")
    assert rig.program.get("/api/calls").status_code == 200


def test_database_away__is_a_503_without_a_number_in_it(rig: Rig, tmp_path: Path) -> None:
    rig.engine.dispose()
    (tmp_path / "hotline.db").unlink()
    (tmp_path / "hotline.db").mkdir()
    answer = rig.program.get("/api/calls", params={"caller_number": "+79161234563"})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_away")
    assert "7916" not in answer.text
    assert rig.program.get("/api/queues").status_code == 200


def test_a_mistake_of_ours__is_a_500_of_the_same_shape(rig: Rig) -> None:
    rig.control.down = RuntimeError("secret detail")
    answer = rig.program.get("/api/queues")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret detail" not in answer.text


async def _chunks() -> AsyncIterator[bytes]:
    for _ in range(10):
        yield b"x" * 10_000


def test_body__is_bounded(rig: Rig) -> None:
    for content in (b"x" * 70_000, _chunks()):
        answer = rig.stranger.post("/api/login", content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert rig.stranger.post("/api/login", content=b"{").status_code == 422


def test_login__a_password_is_never_said_back(rig: Rig) -> None:
    answer = rig.stranger.post("/api/login", json={"login": "anna", "password": "hunter2" * 100})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


def test_headers__on_every_answer(rig: Rig) -> None:
    for answer in (rig.stranger.get("/health"), rig.stranger.get("/api/calls"), rig.program.get("/api/calls"),
                   rig.stranger.get("/gone"), rig.stranger.post("/api/login", content=b"x" * 70_000)):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


