"""Where the command reads: the running service over its API, or, when it does not run, the database itself."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import httpx

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.trace import ladder
from ivr.drivers.config_file import load_config
from ivr.drivers.passwords import database_url
from ivr.drivers.private_files import read_private
from routing.requests.database import make_engine
from routing.requests.repository import Repository

TIMEOUT = 5.0            # s for an answer of the API
UUID_LENGTH = 36
SEARCHED = 500           # latest calls among which the first characters of an id are looked for


class Source(Protocol):
    """One of the two; `name` is told to the reader."""

    name: str

    def newest(self, noun: str, limit: int) -> list[dict[str, Any]]: ...

    def operators(self) -> list[dict[str, Any]]: ...

    def set_status(self, operator: str, status: str, reason: str) -> None: ...

    def ladder(self, call: str) -> str: ...


@contextmanager
def open_source(config_path: Path) -> Iterator[Source]:
    """The API if the service answers there, else the database. Raises AdminError."""
    config = load_config(config_path)
    token = read_private(Path(config.state_dir) / "api-token")
    base = f"http://{_reachable(config)}"
    with httpx.Client(base_url=base, timeout=TIMEOUT, headers={"Authorization": f"Bearer {(token or '').strip()}"},
                      trust_env=False) as client:
        try:
            client.get("/health")
        except httpx.HTTPError:
            engine = make_engine(database_url(config, os.environ), Place(str(config_path)))
            try:
                yield DatabaseSource(Repository(engine))
            finally:
                engine.dispose()
            return
        yield ApiSource(client)


def _reachable(config: Config) -> str:
    at = config.web.listen
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(at.host, at.host)
    return f"[{host}]:{at.port}" if ":" in host else f"{host}:{at.port}"


class ApiSource:
    """The running service."""

    name = "from the running service"

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def newest(self, noun: str, limit: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get(f"/api/{noun}", limit=limit)["items"]
        return found

    def operators(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/api/operators")["operators"]
        return found

    def set_status(self, operator: str, status: str, reason: str) -> None:
        self._checked(self._client.put(f"/api/operators/{operator}/status",
                                       json={"status": status, "reason": reason}))

    def ladder(self, call: str) -> str:
        if len(call) < UUID_LENGTH:
            call = _only([row["id"] for row in self.newest("calls", SEARCHED) if row["id"].startswith(call)], call)
        drawn: str = self._get(f"/api/calls/{call}")["ladder"]
        return drawn

    def _get(self, path: str, **query: Any) -> Any:
        return self._checked(self._client.get(path, params=query))

    def _checked(self, response: httpx.Response) -> Any:
        if response.is_success:
            return response.json()
        try:
            message = response.json()["message"]
        except (ValueError, KeyError, TypeError):
            message = f"status {response.status_code}"
        raise AdminError([Fault(Place(str(response.url)), message)])


class DatabaseSource:
    """The database, while the service does not run."""

    name = "from the database; the service does not run"

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def newest(self, noun: str, limit: int) -> list[dict[str, Any]]:
        page: Any = (self._repository.calls if noun == "calls" else self._repository.requests)(limit=limit)
        return [asdict(row) for row in page.items]

    def operators(self) -> list[dict[str, Any]]:
        raise AdminError([Fault(Place("hotline operators"), "the service does not run, and only it knows who is there",
                                "start it: hotline serve")])

    def set_status(self, operator: str, status: str, reason: str) -> None:
        self.operators()

    def ladder(self, call: str) -> str:
        story = self._repository.call(_only(self._repository.call_ids(call), call))
        return ladder(story.trace) if story is not None else ""


def _only(found: Sequence[str], wanted: str) -> str:
    if len(found) == 1:
        return found[0]
    what = "no call's id begins" if not found else f"the ids of {len(found)} calls begin"
    raise AdminError([Fault(Place(wanted), f"{what} like this", "hotline calls lists them")])
