"""The API over a real SQLite database and a scripted control: what comes back, who may ask, what goes wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from desk.app import create_app
from ivr.base.config import Config
from ivr.base.trace import Row
from ivr.call.record import (
    Batch,
    CallRow,
    EntryRow,
    Outcome,
    PathStep,
    PersonRow,
    RequestRow,
    RequestStatus,
    TraceRow,
)
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.passwords import HASHER
from ivr.drivers.secrets_file import Secrets, WebLogin
from routing.requests.database import open_database
from routing.requests.repository import Repository
from routing.requests.transaction import write

TOKEN = "token-of-the-tests-0001"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HASHES = {name: HASHER.hash(f"{name}'s password") for name in ("admin", "anna", "boris")}
OPERATOR = {"status": "available", "reason": "", "state": "idle", "reachable": True, "condition": "free", "call": None,
            "queues": ["cards"], "status_time": 5.0, "state_time": 4.0, "idle_time": 4.0, "rest_time": 0.0,
            "answered": 2, "missed": 1}


class ScriptedControl:
    """Answers like control does; `down` is what every command raises while it is set."""

    def __init__(self) -> None:
        self.down: Exception | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.snapshot: dict[str, Any] = {
            "node": "hotline", "state": "running", "calls_in_progress": 1,
            "calls": [{"call": "c1", "line": "100", "state": "queued", "since_s": 3.0, "queue": "cards",
                       "operator": "", "language": "en"}],
            "queues": [{"name": "cards", "offered": 3, "answered": 1, "abandoned": 1, "overflow": 0, "waiting": 1,
                        "ringing": 0, "unaccounted": 0, "longest_wait": 2.5, "operators_in_service": 1,
                        "operators_idle": 0,
                        "calls": [{"call": "c1", "place": 1, "language": "en", "priority": 0, "wait_time": 2.5,
                                   "operator": None}]}],
            "operators": [{"name": "anna", **OPERATOR}, {"name": "boris", **OPERATOR, "reachable": False}],
            "plane": {"up": True, "wire": "plain", "streams": 500, "in_use": 1},
            "database": {"away": False, "spool_bytes": 0, "spool_full": False},
            "sip": {"dialogs": 1}, "counters": {"calls_offered": 7, "Bad name": 1},
        }

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append((op, arguments))
        if self.down is not None:
            raise self.down
        if op == "snapshot":
            return self.snapshot
        for operator in self.snapshot["operators"]:
            if operator["name"] == arguments["operator"]:
                operator.update(status=arguments["status"], reason=arguments["reason"])
                return {}
        raise ControlRefused("unknown_operator", f"there is no operator {arguments['operator']}")


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Rig:
    """A desk with everything around it that a test turns."""

    def __init__(self, folder: Path, engine: Engine, **web: Any) -> None:
        self.control, self.clock, self.engine = ScriptedControl(), Clock(), engine
        config = Config.model_validate({
            "state_dir": str(folder), "lines": [{"numbers": "100", "menu": "bank.yaml"}], "web": web,
            "operators": {"anna": {"display_name": "Anna", "languages": ["en"]}, "boris": {}}})
        logins = {name: WebLogin(name, "admin" if name == "admin" else "operator", hashed, None)
                  for name, hashed in HASHES.items()}
        secrets = Secrets("hotline", b"d" * 32, b"s" * 32, TOKEN, {}, logins, ())
        self.app = create_app(Repository(engine), self.control, secrets, config, self.clock, self.clock)
        self.stranger = TestClient(self.app, raise_server_exceptions=False)
        self.program = TestClient(self.app, headers={"Authorization": f"Bearer {TOKEN}"})

    def logged_in(self, name: str) -> TestClient:
        client = TestClient(self.app)
        answer = client.post("/api/login", json={"login": name, "password": f"{name}'s password"})
        assert answer.status_code == 200, answer.text
        return client


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    engine = open_database(f"sqlite:///{tmp_path}/hotline.db")
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [visit(number) for number in range(5)])
    yield Rig(tmp_path, engine)
    engine.dispose()


def visit(number: int) -> Batch:
    began = NOON + timedelta(minutes=number)
    call, request = f"call-{number}", f"request-{number}"
    over = number != 4
    return Batch(
        calls=(CallRow(id=call, revision=1, node="hotline", boot_id="b", line="100", dialled="100", language="en",
                       began_at=began, answered_at=began + timedelta(seconds=1),
                       ended_at=began + timedelta(seconds=60) if over else None,
                       outcome=Outcome.ANSWERED if over else None, ended_by="caller" if over else "", queue="cards",
                       operator="anna" if over else "", wait_time=7.5, talk_time=40.0, menu_version="v1",
                       sip_call_id=f"x{number}@host", request_id=request),),
        people=(PersonRow(call, f"+7916123456{number}", "Иван"),),
        requests=(RequestRow(id=request, call_id=call, revision=1, queue="cards", subject="lost card", language="en",
                             opened_at=began, path=(PathStep("main", "1", "cards", began),), operator="anna",
                             status=RequestStatus.ANSWERED),),
        entries=(EntryRow(f"e{number}a", call, 0, began, "call_offered", {"dialled": "100"}),
                 EntryRow(f"e{number}b", call, 1, began, "keys_taken", {"menu": "main", "keys": "1"})),
        traces=(TraceRow(call, (Row(0.0, "caller", "hotline", "INVITE"), Row(0.1, "hotline", "caller", "200 OK"))),))


# What comes back

def test_calls__newest_first_and_a_page_at_a_time(rig: Rig) -> None:
    first = rig.program.get("/api/calls", params={"limit": 2}).json()
    assert [call["id"] for call in first["items"]] == ["call-4", "call-3"]
    second = rig.program.get("/api/calls", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = rig.program.get("/api/calls", params={"limit": 2, "cursor": second["next_cursor"]}).json()
    assert [call["id"] for call in second["items"] + third["items"]] == ["call-2", "call-1", "call-0"]
    assert third["next_cursor"] is None


def test_calls__every_field(rig: Rig) -> None:
    [call] = rig.program.get("/api/calls", params={"caller_number": "+79161234563"}).json()["items"]
    assert call == {
        "id": "call-3", "node": "hotline", "line": "100", "dialled": "100", "language": "en",
        "caller_number": "+79161234563", "caller_name": "Иван", "began_at": "2026-11-20T12:03:00Z",
        "answered_at": "2026-11-20T12:03:01Z", "ended_at": "2026-11-20T12:04:00Z", "outcome": "answered",
        "ended_by": "caller", "reason": "", "queue": "cards", "operator": "anna", "wait_time": 7.5, "talk_time": 40.0,
        "menu_version": "v1", "sip_call_id": "x3@host", "request_id": "request-3"}


@pytest.mark.parametrize(("query", "ids"), [
    ({"in_progress": "true"}, [4]), ({"outcome": "answered"}, [3, 2, 1, 0]), ({"outcome": "failed"}, []),
    ({"operator": "anna", "limit": "1"}, [3]), ({"queue": "loans"}, []),
    ({"since": "2026-11-20T12:01:00Z", "until": "2026-11-20T12:03:00Z"}, [2, 1]),
    ({"since": "2026-11-20T15:03:00+03:00"}, [4, 3]),
])
def test_calls__filters(rig: Rig, query: dict[str, str], ids: list[int]) -> None:
    found = rig.program.get("/api/calls", params=query).json()["items"]
    assert [call["id"] for call in found] == [f"call-{number}" for number in ids]


def test_call__with_requests_entries_and_ladder(rig: Rig) -> None:
    story = rig.program.get("/api/calls/call-2").json()
    assert story["call"]["id"] == "call-2"
    assert [request["id"] for request in story["requests"]] == ["request-2"]
    assert [(entry["position"], entry["kind"]) for entry in story["entries"]] == [(0, "call_offered"), (1, "keys_taken")]
    assert story["entries"][1]["details"] == {"menu": "main", "keys": "1"}
    assert story["trace"][1] == {"at": 0.1, "source": "hotline", "target": "caller", "text": "200 OK"}
    assert "INVITE" in story["ladder"]
    assert "caller" in story["ladder"].splitlines()[0]


def test_requests__list_and_one(rig: Rig) -> None:
    [request] = rig.program.get("/api/requests", params={"call_id": "call-1", "status": "answered"}).json()["items"]
    assert request["path"] == [{"menu": "main", "keys": "1", "option": "cards", "at": "2026-11-20T12:01:00Z"}]
    assert (request["subject"], request["outcome"], request["wait_time"]) == ("lost card", "answered", 7.5)
    assert rig.program.get("/api/requests/request-1").json() == request


def test_queues__as_control_shows_them(rig: Rig) -> None:
    [queue] = rig.program.get("/api/queues").json()["queues"]
    assert queue == rig.control.snapshot["queues"][0]


def test_operators__with_names_and_languages_of_the_configuration(rig: Rig) -> None:
    anna, boris = rig.program.get("/api/operators").json()["operators"]
    assert anna == {"name": "anna", "display_name": "Anna", "languages": ["en"], **OPERATOR}
    assert (boris["display_name"], boris["reachable"]) == ("boris", False)


def test_status__is_set_and_shown_at_once(rig: Rig) -> None:
    rig.program.get("/api/operators")
    shown = rig.program.put("/api/operators/anna/status", json={"status": "on_break", "reason": "lunch"})
    assert (shown.status_code, shown.json()["status"], shown.json()["reason"]) == (200, "on_break", "lunch")
    assert ("set_status", {"operator": "anna", "status": "on_break", "reason": "lunch"}) in rig.control.asked


def test_snapshot__many_pages_cost_control_one(rig: Rig) -> None:
    for _ in range(20):
        rig.program.get("/api/queues")
    assert len(rig.control.asked) == 1
    rig.clock.now += 1
    rig.program.get("/api/queues")
    assert len(rig.control.asked) == 2


# Who may ask

PROTECTED = [("GET", "/api/calls"), ("GET", "/api/calls/call-1"), ("GET", "/api/requests"),
             ("GET", "/api/requests/request-1"), ("GET", "/api/operators"), ("PUT", "/api/operators/anna/status"),
             ("GET", "/api/queues"), ("GET", "/api/session"), ("POST", "/api/logout"), ("GET", "/metrics")]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_stranger__is_refused_everywhere(rig: Rig, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"},
                    {"Authorization": "Bearer тест".encode()}, {"Cookie": "hotline_session=x.y"}):
        answer = rig.stranger.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_logged_in"
        assert "WWW-Authenticate" in answer.headers
    assert rig.control.asked == []


def test_every_route_of_the_api_needs_somebody(rig: Rig) -> None:
    described = rig.stranger.get("/openapi.json").json()["paths"]
    open_routes = {(method.upper(), path) for path, methods in described.items() for method in methods
                   if "401" not in methods[method]["responses"]}
    assert open_routes == {("GET", "/health")}
    closed = {(method.upper(), path) for path, methods in described.items() for method in methods} - open_routes
    patterns = {(method, path.replace("call-1", "{call_id}").replace("request-1", "{request_id}")
                 .replace("anna", "{name}")) for method, path in PROTECTED}
    assert closed == patterns | {("POST", "/api/login")}


def test_login__gives_a_session(rig: Rig) -> None:
    client = TestClient(rig.app)
    answer = client.post("/api/login", json={"login": "anna", "password": "anna's password"})
    assert answer.json() == {"name": "anna", "role": "operator", "expires_at": "1970-01-01T12:16:40Z"}
    cookie = answer.headers["set-cookie"]
    for word in ("hotline_session=", "HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"):
        assert word in cookie
    assert "Secure" not in cookie
    assert client.get("/api/session").json()["name"] == "anna"
    assert client.get("/api/queues").status_code == 200


def test_login__cookie_is_secure_over_https(rig: Rig) -> None:
    client = TestClient(rig.app, base_url="https://desk.example")
    answer = client.post("/api/login", json={"login": "admin", "password": "admin's password"})
    assert "Secure" in answer.headers["set-cookie"]


def test_session__ends_in_time_and_at_logout(rig: Rig) -> None:
    client = rig.logged_in("anna")
    cookie = client.cookies["hotline_session"]
    rig.clock.now += 12 * 3600 - 1
    assert client.get("/api/session").status_code == 200
    rig.clock.now += 1
    assert client.get("/api/session").status_code == 401
    client = rig.logged_in("anna")
    cookie = client.cookies["hotline_session"]
    assert client.post("/api/logout").status_code == 204
    assert "hotline_session" not in client.cookies
    assert rig.stranger.get("/api/session", headers={"Cookie": f"hotline_session={cookie}"}).status_code == 401


@pytest.mark.parametrize("given", [{"login": "anna", "password": "boris's password"},
                                   {"login": "nobody", "password": "anna's password"}])
def test_login__wrong_name_and_wrong_password_look_the_same(rig: Rig, given: dict[str, str]) -> None:
    answer = rig.stranger.post("/api/login", json=given)
    assert answer.status_code == 401
    assert answer.json() == {"code": "wrong_login", "message": "Name or password is wrong."}
    assert "set-cookie" not in answer.headers


def test_login__attempts_are_limited_and_come_back(rig: Rig) -> None:
    wrong = {"login": "anna", "password": "guess"}
    assert [rig.stranger.post("/api/login", json=wrong).status_code for _ in range(6)] == [401] * 5 + [429]
    right = {"login": "anna", "password": "anna's password"}
    refused = rig.stranger.post("/api/login", json=right)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "12")
    rig.clock.now += 12
    assert rig.stranger.post("/api/login", json=right).status_code == 200
    assert rig.stranger.post("/api/login", json=wrong).status_code == 401


def test_operator__sets_their_own_status_only(rig: Rig) -> None:
    anna, admin = rig.logged_in("anna"), rig.logged_in("admin")
    body = {"status": "on_break"}
    assert anna.put("/api/operators/anna/status", json=body).status_code == 200
    refused = anna.put("/api/operators/boris/status", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    assert admin.put("/api/operators/boris/status", json=body).status_code == 200


def test_another_site__may_change_nothing(rig: Rig) -> None:
    anna = rig.logged_in("anna")
    body = {"status": "on_break"}
    foreign = anna.put("/api/operators/anna/status", json=body, headers={"Origin": "http://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    assert anna.put("/api/operators/anna/status", json=body, headers={"Origin": "null"}).status_code == 403
    own = anna.put("/api/operators/anna/status", json=body, headers={"Origin": "http://testserver"})
    assert own.status_code == 200
    assert "access-control-allow-origin" not in own.headers


# What goes wrong

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
    client = TestClient(rig.app, headers={"Authorization": f"Bearer {TOKEN}"}, raise_server_exceptions=False)
    answer = client.get("/api/queues")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret detail" not in answer.text


def test_body__is_bounded(rig: Rig) -> None:
    assert rig.stranger.post("/api/login", content=b"x" * 70_000).status_code == 413
    chunks = (b"x" * 10_000 for _ in range(10))
    assert rig.stranger.post("/api/login", content=chunks).status_code == 413
    assert rig.stranger.post("/api/login", content=b"{").status_code == 422


def test_login__a_password_is_never_said_back(rig: Rig) -> None:
    answer = rig.stranger.post("/api/login", json={"login": "anna", "password": "hunter2" * 100})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


def test_headers__on_every_answer(rig: Rig) -> None:
    for answer in (rig.stranger.get("/"), rig.stranger.get("/api/calls"), rig.program.get("/api/calls"),
                   rig.stranger.get("/gone"), rig.stranger.post("/api/login", content=b"x" * 70_000)):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


# Operation

def test_health__ok(rig: Rig) -> None:
    answer = rig.stranger.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"state": "ok", "checks": {name: {"ok": True, "detail": ""} for name in
                                                       ("control", "plane", "database", "spool")}}


@pytest.mark.parametrize(("part", "value", "failed"), [
    ("plane", {"up": False}, "plane"), ("plane", {}, "plane"),
    ("database", {"away": True, "spool_full": False}, "database"),
    ("database", {"away": False, "spool_full": True}, "spool"),
])
def test_health__says_what_fails(rig: Rig, part: str, value: dict[str, Any], failed: str) -> None:
    rig.control.snapshot[part] = value
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (503, "failing")
    checks = answer.json()["checks"]
    assert [name for name, check in checks.items() if not check["ok"]] == [failed]
    assert checks[failed]["detail"]


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
                 'hotline_queue_longest_wait_seconds{queue="cards"} 2.5', 'hotline_queue_offered_total{queue="cards"} 3.0',
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
    assert Rig(tmp_path, rig.engine, open_metrics="true").stranger.get("/metrics").status_code == 200


def test_front_page__says_what_is_here(rig: Rig) -> None:
    answer = rig.stranger.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "/api/requests" in answer.text


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
