"""The running service, asked over its API. Apart from the source itself: HTTP is slow to import."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.trace import Row
from ivr.cli.source import SEARCHED, Story, only_one, refusal
from ivr.drivers.private_files import read_private

TIMEOUT = 5.0            # s for an answer of the API
UUID_LENGTH = 36
UNAUTHORIZED = 401


@contextmanager
def answering(config: Config) -> Iterator["ApiSource | None"]:
    """The service if it answers at `web.listen`, else None. Raises AdminError when it stops answering."""
    token_file = Path(config.state_dir) / "api-token"
    token = (read_private(token_file) or "").strip()
    with httpx.Client(base_url=f"http://{_reachable(config)}", timeout=TIMEOUT, trust_env=False,
                      headers={"Authorization": f"Bearer {token}"} if token else {}) as client:
        running = ApiSource(client, token_file) if _is_hotline(client) else None
        try:
            yield running
        except httpx.HTTPError as error:
            raise AdminError([Fault(Place(str(client.base_url)), f"the hotline stopped answering: {error}",
                                    "its log says more")]) from None


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
    answers = True

    def __init__(self, client: httpx.Client, token_file: Path) -> None:
        self._client = client
        self._token_file = token_file

    def newest(self, noun: str, limit: int, channel: str | None = None) -> list[dict[str, Any]]:
        only = {} if channel is None else {"channel": channel}
        found: list[dict[str, Any]] = self._get(f"/api/{noun}", limit=limit, **only)["items"]
        return found

    def overdue(self, limit: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/api/requests", limit=limit, overdue="true")["items"]
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
        only = only_one(calls, call, self.newest)
        found = self._get(f"/api/calls/{only}")
        rows = [Row(row["at"], row["source"], row["target"], row["text"]) for row in found["trace"]]
        return Story(only, rows, found["trace_complete"], refusal(found["call"]["outcome"], found["call"]["reason"]),
                     found["call"], found["legs"], found["recordings"], found["entries"])

    def running(self, path: str) -> Any:
        return self._get(path)

    def save(self, path: str, file: BinaryIO) -> None:
        with self._client.stream("GET", path) as response:
            if not response.is_success:
                response.read()
                self._checked(response)
            for piece in response.iter_bytes():
                file.write(piece)

    def health(self) -> Any:
        """What is wrong comes with status 503."""
        return self._client.get("/health").json()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._checked(self._client.request(method, path, json=body))

    def _known(self, call: str) -> bool:
        return len(call) == UUID_LENGTH and self._client.get(f"/api/calls/{call}").is_success

    def _get(self, path: str, **query: Any) -> Any:
        return self._checked(self._client.get(path, params=query or None))    # {} would drop the query of `path`

    def _checked(self, response: httpx.Response) -> Any:
        if response.is_success:
            return response.json() if response.content else None
        if response.status_code == UNAUTHORIZED:
            raise AdminError([Fault(Place(str(self._token_file)),
                                    f"the hotline at {self._client.base_url} does not take this token",
                                    "it is another one: see web.listen, or give its configuration with --config")])
        try:
            message = response.json()["message"]
        except (ValueError, KeyError, TypeError):
            message = f"status {response.status_code}"
        raise AdminError([Fault(Place(str(response.url)), message)])
