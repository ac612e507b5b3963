"""Where the command reads: the running service over its API, or, when it does not run, the database itself."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.trace import Row
from ivr.drivers.config_file import load_config
from ivr.drivers.passwords import database_url
from ivr.drivers.private_files import read_private
from routing.requests.database import make_engine, sqlite_file, unreadable
from routing.requests.repository import Repository

TIMEOUT = 5.0            # s for an answer of the API
UUID_LENGTH = 36
SEARCHED = 500           # latest calls, then requests, among which the first characters of an id are looked for
UNAUTHORIZED = 401
WHAT_RUNS = {"trunks": "how its trunks stand", "phones": "which phones are registered"}


@dataclass(frozen=True)
class Story:
    """The rows of one call's ladder; `complete`: nothing is added any more."""

    call: str
    rows: list[Row]
    complete: bool


class Source(Protocol):
    """One of the two; `name` is told to the reader."""

    name: str

    def newest(self, noun: str, limit: int) -> list[dict[str, Any]]: ...

    def operators(self) -> list[dict[str, Any]]: ...

    def set_status(self, operator: str, status: str, reason: str) -> None: ...

    def call(self, call: str) -> Story: ...

    def running(self, path: str) -> Any:
        """What the API says at `path`: only the running service knows it."""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Have the running service do something."""


@contextmanager
def open_source(config_path: Path) -> Iterator[Source]:
    """The API if the service answers there, else the database. Raises AdminError."""
    config = load_config(config_path)
    token_file = Path(config.state_dir) / "api-token"
    token = (read_private(token_file) or "").strip()
    with httpx.Client(base_url=f"http://{_reachable(config)}", timeout=TIMEOUT, trust_env=False,
                      headers={"Authorization": f"Bearer {token}"} if token else {}) as client:
        if _is_hotline(client):
            try:
                yield ApiSource(client, token_file)
            except httpx.HTTPError as error:
                raise AdminError([Fault(Place(str(client.base_url)), f"the hotline stopped answering: {error}",
                                        "its log says more")]) from None
            return
    with _opened(config, config_path) as source:
        yield source


@contextmanager
def _opened(config: Config, path: Path) -> Iterator["DatabaseSource"]:
    source = DatabaseSource(lambda: _engine(config, path))
    try:
        yield source
    except SQLAlchemyError as error:
        raise AdminError([unreadable(database_url(config, os.environ), Place(str(path)), error)]) from None
    finally:
        source.close()


def _engine(config: Config, path: Path) -> Engine:
    """To read only: opening must not make an empty database where the service has never run."""
    url, place = database_url(config, os.environ), Place(str(path))
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise AdminError([Fault(place, f"nothing is recorded yet: there is no {file}", "start it: hotline serve")])
    return make_engine(url, place)


def _is_hotline(client: httpx.Client) -> bool:
    """Whether a hotline answers, even one that is not well; another program may listen where ours does not run."""
    try:
        answer = client.get("/health").json()
    except (httpx.HTTPError, ValueError):
        return False
    return isinstance(answer, dict) and {"state", "checks"} <= answer.keys()


def _reachable(config: Config) -> str:
    at = config.web.listen
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(at.host, at.host)
    return f"[{host}]:{at.port}" if ":" in host else f"{host}:{at.port}"


class ApiSource:
    """The running service."""

    name = "from the running service"

    def __init__(self, client: httpx.Client, token_file: Path) -> None:
        self._client = client
        self._token_file = token_file

    def newest(self, noun: str, limit: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get(f"/api/{noun}", limit=limit)["items"]
        return found

    def operators(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/api/operators")["operators"]
        return found

    def set_status(self, operator: str, status: str, reason: str) -> None:
        self._checked(self._client.put(f"/api/operators/{operator}/status",
                                       json={"status": status, "reason": reason}))

    def call(self, call: str) -> Story:
        calls = [call] if self._known(call) else [row["id"] for row in self.newest("calls", SEARCHED)
                                                  if row["id"].startswith(call)]
        only = _only(calls, call, self.newest)
        found = self._get(f"/api/calls/{only}")
        rows = [Row(row["at"], row["source"], row["target"], row["text"]) for row in found["trace"]]
        return Story(only, rows, found["trace_complete"])

    def running(self, path: str) -> Any:
        return self._get(path)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._checked(self._client.request(method, path, json=body))

    def _known(self, call: str) -> bool:
        return len(call) == UUID_LENGTH and self._client.get(f"/api/calls/{call}").is_success

    def _get(self, path: str, **query: Any) -> Any:
        return self._checked(self._client.get(path, params=query))

    def _checked(self, response: httpx.Response) -> Any:
        if response.is_success:
            return response.json()
        if response.status_code == UNAUTHORIZED:
            raise AdminError([Fault(Place(str(self._token_file)),
                                    f"the hotline at {self._client.base_url} does not take this token",
                                    "it is another one: see web.listen, or give its configuration with --config")])
        try:
            message = response.json()["message"]
        except (ValueError, KeyError, TypeError):
            message = f"status {response.status_code}"
        raise AdminError([Fault(Place(str(response.url)), message)])


class DatabaseSource:
    """The database, while the service does not run."""

    name = "from the database; the service does not run"

    def __init__(self, connect: Callable[[], Engine]) -> None:
        self._connect = connect
        self._engine: Engine | None = None

    @property
    def _repository(self) -> Repository:
        """Opened when it is first read: who is there is asked without it."""
        self._engine = self._engine or self._connect()
        return Repository(self._engine)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()

    def newest(self, noun: str, limit: int) -> list[dict[str, Any]]:
        page: Any = (self._repository.calls if noun == "calls" else self._repository.requests)(limit=limit)
        return [asdict(row) for row in page.items]

    def operators(self) -> list[dict[str, Any]]:
        raise not_running("hotline operators", "who is there")

    def set_status(self, operator: str, status: str, reason: str) -> None:
        self.operators()

    def call(self, call: str) -> Story:
        only = _only(self._repository.call_ids(call), call, self.newest)
        story = self._repository.call(only)
        return Story(only, list(story.trace) if story is not None else [], complete=True)

    def running(self, path: str) -> Any:
        noun = path.rpartition("/")[2]
        raise not_running(f"hotline {noun}", WHAT_RUNS.get(noun, "that"))

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        raise not_running("hotline pcap", "the calls in progress")


def not_running(command: str, what: str) -> AdminError:
    """What only the running service could tell."""
    return AdminError([Fault(Place(command), f"the service does not run, and only it knows {what}",
                             "start it: hotline serve")])


def _only(calls: Sequence[str], wanted: str, newest: Callable[[str, int], list[dict[str, Any]]]) -> str:
    """The one call that is meant: `calls` begin with `wanted`, which is else the beginning of a request's id."""
    if not wanted and calls:
        return calls[0]
    if not calls:
        calls = [row["call_id"] for row in newest("requests", SEARCHED) if row["id"].startswith(wanted)]
    if len(calls) == 1:
        return calls[0]
    place = Place(wanted or "hotline trace")
    if not wanted:
        raise AdminError([Fault(place, "nobody has called yet")])
    what = "no id of a call or a request begins" if not calls else f"{len(calls)} ids begin"
    raise AdminError([Fault(place, f"{what} like this", "hotline calls lists them")])
