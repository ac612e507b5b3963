"""A desk on a real SQLite database, with a control that answers from a script and a browser without a network."""

import asyncio
import dataclasses
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import Engine

from desk.app import create_app
from desk.login_limit import LoginLimit
from ivr.base.config import Config
from ivr.base.trace import Row
from ivr.call.record import (
    Batch,
    CallRow,
    EntryRow,
    LegRow,
    Outcome,
    PathStep,
    PersonRow,
    RequestRow,
    RequestStatus,
    TraceRow,
)
from ivr.drivers.control_link import ControlRefused
from ivr.drivers.passwords import HASHER
from ivr.drivers.secrets_file import Secrets, WebLogin
from routing.requests.repository import Repository

T = TypeVar("T")
TOKEN = "token-of-the-tests-0001"
PAGE = {"Origin": "http://desk", "X-Hotline": "1"}
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HASHES = {name: HASHER.hash(f"{name}'s password") for name in ("admin", "anna", "boris", "olga")}
ROLES = {"admin": "admin", "olga": "supervisor"}    # all others are operators
OPERATOR = {"status": "available", "reason": "", "set_by": "", "state": "idle", "reachable": True,
            "condition": "free", "call": None, "chats": 0, "chats_offered": 0, "chats_most": 3,
            "chats_reachable": False, "chats_condition": "free", "queues": ["cards"], "status_time": 5.0,
            "state_time": 4.0,
            "idle_time": 4.0, "rest_time": 0.0, "answered": 2, "missed": 1}


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
                        "callbacks": 0, "ringing": 0, "unaccounted": 0, "longest_wait": 2.5, "operators_in_service": 1,
                        "operators_idle": 0, "chats_waiting": 0, "chats_in_service": 1, "chats_idle": 1,
                        "calls": [{"call": "c1", "place": 1, "language": "en", "priority": 0, "wait_time": 2.5,
                                   "operator": None, "virtual": False, "medium": "call",
                                   "channel": "voice"}]}],
            "operators": [{"name": "anna", **OPERATOR}, {"name": "boris", **OPERATOR, "reachable": False}],
            "plane": {"up": True, "streams": 500, "in_use": 1,
                      "workers": [{"worker": 0, "ready": True, "streams": 500, "in_use": 1, "free": 499}]},
            "database": {"away": False, "spool_bytes": 0, "spool_full": False},
            "sip": {"dialogs": 1}, "counters": {"calls_offered": 7, "Bad name": 1},
        }

    async def call(self, op: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append((op, arguments))
        if self.down is not None:
            raise self.down
        if op == "snapshot":
            return self.snapshot
        if op == "menu_callers":
            return dict(self.snapshot.get("menu_callers", {"lines": {}}))
        if op == "wrap_up_done":
            return {}
        if op == "card":
            return {"desks": {}}
        for operator in self.snapshot["operators"]:
            if operator["name"] == arguments["operator"]:
                operator.update(status=arguments["status"], reason=arguments["reason"])
                return {}
        raise ControlRefused("unknown_operator", f"there is no operator {arguments['operator']}")


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Client:
    """httpx's client, each request run to its end. Every client of a rig lives in one event loop, as in the service."""

    def __init__(self, runner: asyncio.Runner, client: httpx.AsyncClient) -> None:
        self._runner = runner
        self._client = client

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    @property
    def headers(self) -> httpx.Headers:
        return self._client.headers

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **options))

    def wait(self, seconds: float) -> None:
        """Let what goes on in the service go on."""
        self._runner.run(asyncio.sleep(seconds))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)

    def put(self, path: str, **options: Any) -> httpx.Response:
        return self.request("PUT", path, **options)

    async def put_later(self, path: str, body: Any) -> httpx.Response:
        """For what runs in the loop already."""
        return await self._client.put(path, json=body)

    async def post_later(self, path: str) -> httpx.Response:
        return await self._client.post(path)


class Rig:
    """A desk with everything around it that a test turns."""

    def __init__(self, folder: Path, engine: Engine, **web: Any) -> None:
        self.control, self.clock, self.engine = ScriptedControl(), Clock(), engine
        self.config = config = Config.model_validate({
            "state_dir": str(folder), "recordings": {"folder": str(folder / "recordings")},
            "lines": [{"numbers": "100", "menu": "bank.yaml"}], "web": {"people": {"olga": {}}} | web,
            "operators": {"anna": {"display_name": "Anna", "languages": ["en"]}, "boris": {}},
            "queues": {"cards": {"operators": ["anna"], "title": {"en": "Cards", "ru": "Карты"}},
                       "loans": {"operators": ["boris"]}}})
        logins = {name: WebLogin(name, ROLES.get(name, "operator"), hashed, None)
                  for name, hashed in HASHES.items()}
        secrets = Secrets("hotline", b"d" * 32, b"s" * 32, TOKEN, {}, logins, ())
        self.app = create_app(Repository(engine), self.control, secrets, config, self.clock, self.clock)
        self.logins = self.app.state.desk.logins
        self._runner = asyncio.Runner()
        self.stranger = self.client()
        self.program = self.client(headers={"Authorization": f"Bearer {TOKEN}"})

    def client(self, base_url: str = "http://desk", **options: Any) -> "Client":
        return Client(self._runner, httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False), base_url=base_url, **options))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """In the loop of the clients."""
        return self._runner.run(work)

    def close(self) -> None:
        self._runner.close()
        self.app.state.desk.audit.close()

    def forget_attempts(self) -> None:
        """Of logins, right ones and wrong ones."""
        self.app.state.desk = dataclasses.replace(self.app.state.desk, limit=LoginLimit())

    def newcomer(self) -> "Client":
        """Nina, with the password that an administrator made for her."""
        self.logins["nina"] = WebLogin("nina", "admin", HASHER.hash("nina's password"), None, self.clock.now + 1e6)
        return self.logged_in("nina")

    def logged_in(self, name: str) -> "Client":
        """What the pages send is sent with every request."""
        client = self.client(headers=PAGE)
        answer = client.post("/api/login", json={"login": name, "password": f"{name}'s password"})
        assert answer.status_code == 200, answer.text
        return client


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
        legs=(LegRow(f"leg-{number}", call, "caller", "PCMA", True, began, {"packets_received": 9, "mos_in": 4.1}),),
        traces=(TraceRow(call, (Row(0.0, "caller", "hotline", "INVITE"), Row(0.1, "hotline", "caller", "200 OK"))),))


