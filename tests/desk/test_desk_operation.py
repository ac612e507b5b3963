"""Health, metrics, the front page and the description of the API."""

from pathlib import Path
from typing import Any

import pytest

from ivr.drivers.control_link import ControlAway
from ivr.exchange.media_figures import MediaFigures
from ivr.media.events import PlaneFigures, StreamStatistics
from tests.desk.desk_rig import Rig

CLOCK = {"worker": 0, "late_p50_ms": 0.1, "late_p99_ms": 1.5, "late_max_ms": 4.0, "turns": 1000, "missed": 2,
         "packets_in": 30, "packets_out": 40, "failed": 0, "clip_seconds_free": 3000.0}

WORKER = {"worker": 0, "ready": True, "streams": 500, "in_use": 1, "free": 499}


def test_health__ok(rig: Rig) -> None:
    answer = rig.stranger.get("/health")
    assert answer.status_code == 200
    parts = ("control", "plane", "workers", "clock", "database", "spool", "recordings", "menus", "lines",
             "accounts", "channels")
    assert answer.json() == {"state": "ok", "workers": [WORKER], "checks": {
        name: {"ok": True, "detail": ""} for name in parts}}


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


def test_health__a_worker_that_is_away_stops_no_call(rig: Rig) -> None:
    away = {"worker": 1, "ready": False, "streams": 0, "in_use": 0, "free": 0}
    rig.control.snapshot["plane"]["workers"] = [WORKER, away]
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (200, "degraded")
    assert answer.json()["checks"]["workers"] == {"ok": False, "detail": "away, of 2 workers of the media plane: 1"}
    assert answer.json()["workers"] == [WORKER, away]
    lines = rig.program.get("/metrics").text.splitlines()
    for line in ('hotline_plane_worker_up{worker="0"} 1.0', 'hotline_plane_worker_up{worker="1"} 0.0',
                 'hotline_plane_worker_streams{worker="0"} 500.0',
                 'hotline_plane_worker_streams_in_use{worker="0"} 1.0'):
        assert line in lines


@pytest.mark.parametrize(("late_for_s", "state"), [(0.0, "ok"), (9.9, "ok"), (10.0, "degraded")])
def test_health__audio_that_comes_late_for_a_while(rig: Rig, late_for_s: float, state: str) -> None:
    rig.control.snapshot["plane"]["clocks"] = [
        {**CLOCK, "late_for_s": 0.0}, {**CLOCK, "worker": 1, "late_p99_ms": 23.4, "late_for_s": late_for_s}]
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert ("by 23 ms" in answer.json()["checks"]["clock"]["detail"]) == (state == "degraded")


def test_metrics__of_the_plane_and_the_audio_of_legs(rig: Rig) -> None:
    figures = MediaFigures()
    figures.turn(PlaneFigures(0.1, 1.5, 4.0, 1000, 2, 30, 40, 1, 3000.0), 5.0)
    figures.closed(StreamStatistics(packets_sent=100, packets_received=98, packets_lost=2, jitter_ms=4.0, remote_lost=5,
                                    remote_jitter_ms=2.0, round_trip_ms=250.0, mos_in=4.1, mos_out=3.2))
    figures.closed(StreamStatistics(packets_sent=100, packets_received=100, mos_in=4.4))
    rig.control.snapshot["plane"].update(figures.snapshot(6.0))
    lines = rig.program.get("/metrics").text.splitlines()
    for line in ('hotline_plane_turn_late_seconds{quantile="0.99",worker="0"} 0.0015',
                 'hotline_plane_turns_total{worker="0"} 1000.0',
                 'hotline_plane_missed_total{worker="0"} 2.0', 'hotline_plane_packets_out_total{worker="0"} 40.0',
                 'hotline_plane_failed_total{worker="0"} 1.0', 'hotline_plane_clip_seconds_free{worker="0"} 3000.0',
                 'hotline_leg_loss_ratio_bucket{le="0.0",way="in"} 1.0',
                 'hotline_leg_loss_ratio_bucket{le="0.01",way="in"} 1.0',
                 'hotline_leg_loss_ratio_bucket{le="0.03",way="in"} 2.0',
                 'hotline_leg_loss_ratio_sum{way="in"} 0.02', 'hotline_leg_loss_ratio_sum{way="out"} 0.05',
                 'hotline_leg_loss_ratio_count{way="out"} 1.0', 'hotline_leg_jitter_seconds_sum{way="out"} 0.002',
                 'hotline_leg_round_trip_seconds_bucket{le="0.2"} 0.0',
                 'hotline_leg_round_trip_seconds_bucket{le="0.3"} 1.0', 'hotline_leg_round_trip_seconds_sum 0.25',
                 'hotline_leg_mos_bucket{le="4.2",way="in"} 1.0', 'hotline_leg_mos_bucket{le="+Inf",way="in"} 2.0'):
        assert line in lines, "\n".join(lines)


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
                    assert all(kind["schema"] for kind in response["content"].values()), (path, status)
                    assert ("application/json" in response["content"]) == (
                        status != "200" or not path.endswith(("audio", "live", ".csv", "/{file}"))
                        or "requestBody" in method)
                if int(status) >= 400 and path != "/health":
                    assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert set(described["components"]["securitySchemes"]) == {"HTTPBearer", "APIKeyCookie"}
