"""Health, metrics, the front page and the description of the API."""

from pathlib import Path
from typing import Any

import pytest

from ivr.drivers.control_link import ControlAway
from tests.desk.desk_rig import Rig


def test_health__ok(rig: Rig) -> None:
    answer = rig.stranger.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"state": "ok", "checks": {name: {"ok": True, "detail": ""} for name in
                                                       ("control", "plane", "database", "spool")}}


@pytest.mark.parametrize(("part", "value", "failed"), [
    ("plane", {"up": False}, ["plane"]), ("plane", {}, ["plane"]),
    ("database", {"away": False, "spool_full": True}, ["spool"]),
    ("database", {"away": True, "spool_full": True}, ["database", "spool"]),
])
def test_health__says_what_fails(rig: Rig, part: str, value: dict[str, Any], failed: list[str]) -> None:
    rig.control.snapshot[part] = value
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (503, "failing")
    checks = answer.json()["checks"]
    assert [name for name, check in checks.items() if not check["ok"]] == failed
    assert all(checks[name]["detail"] for name in failed)


def test_health__a_database_that_is_away_stops_no_call(rig: Rig) -> None:
    rig.control.snapshot["database"] = {"away": True, "spool_full": False}
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (200, "degraded")
    assert [name for name, check in answer.json()["checks"].items() if not check["ok"]] == ["database"]
    rig.control.snapshot["state"] = "draining"
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (503, "draining")


def test_health__the_database_does_not_answer_the_web_process(rig: Rig, tmp_path: Path) -> None:
    rig.engine.dispose()
    (tmp_path / "hotline.db").unlink()
    (tmp_path / "hotline.db").mkdir()
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (200, "degraded")


def test_health__control_away_and_database_away(rig: Rig, tmp_path: Path) -> None:
    rig.control.down = ControlAway("no answer in 2 s")
    rig.engine.dispose()
    (tmp_path / "hotline.db").unlink()
    (tmp_path / "hotline.db").mkdir()
    checks = rig.stranger.get("/health").json()["checks"]
    assert [name for name, check in checks.items() if not check["ok"]] == ["control", "plane", "database"]


def test_health__draining(rig: Rig) -> None:
    rig.control.snapshot["state"] = "draining"
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (503, "draining")


def test_metrics__from_control_and_from_the_web(rig: Rig) -> None:
    rig.program.get("/api/calls/call-1")
    rig.program.get("/api/gone")
    answer = rig.program.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    for line in ('hotline_control_up 1.0', 'hotline_node{node="hotline"} 1.0', 'hotline_calls_in_progress 1.0',
                 'hotline_calls{line="100",state="queued"} 1.0', 'hotline_queue_waiting{queue="cards"} 1.0',
                 'hotline_queue_longest_wait_seconds{queue="cards"} 2.5',
                 'hotline_queue_offered_total{queue="cards"} 3.0',
                 'hotline_queue_ended_total{how="abandoned",queue="cards"} 1.0',
                 'hotline_operators{reachable="true",state="idle",status="available"} 1.0', 'hotline_plane_up 1.0',
                 'hotline_plane_streams_in_use 1.0', 'hotline_database_away 0.0', 'hotline_spool_bytes 0.0',
                 'hotline_calls_offered_total 7.0', 'hotline_sip{what="dialogs"} 1.0',
                 'hotline_web_requests_total{method="GET",route="/api/calls/{call_id}",status="200"} 1.0',
                 'hotline_web_requests_total{method="GET",route="none",status="404"} 1.0'):
        assert line in lines, answer.text
    assert "Bad name" not in answer.text


def test_metrics__while_control_is_away(rig: Rig) -> None:
    rig.control.down = ControlAway("gone")
    answer = rig.program.get("/metrics")
    assert answer.status_code == 200
    assert "hotline_control_up 0.0" in answer.text.splitlines()
    assert "hotline_queue" not in answer.text


def test_metrics__open_where_the_configuration_says_so(rig: Rig, tmp_path: Path) -> None:
    opened = Rig(tmp_path, rig.engine, open_metrics="true")
    assert opened.stranger.get("/metrics").status_code == 200
    opened.close()


def test_front_page__says_what_is_here(rig: Rig) -> None:
    answer = rig.stranger.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "/api/requests" in answer.text
    assert "<code>/health</code> and <code>/openapi.json</code> are open" in answer.text
    assert rig.stranger.get("/openapi.json").status_code == 200


def test_openapi__every_route_has_schemas_and_problems(rig: Rig) -> None:
    described = rig.stranger.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    assert {"Problem", "Call", "CallDetails", "Request", "Operator", "Queue", "Health", "Outcome"} <= schemas.keys()
    assert "HTTPValidationError" not in schemas
    for path, methods in described["paths"].items():
        for method in methods.values():
            assert method["summary"], path
            for status, response in method["responses"].items():
                if status not in ("204",) and path != "/metrics":
                    assert response["content"]["application/json"]["schema"], (path, status)
                if int(status) >= 400 and path != "/health":
                    assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert set(described["components"]["securitySchemes"]) == {"HTTPBearer", "APIKeyCookie"}
