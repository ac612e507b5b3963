"""A program at the other end of the HTTP channel: takes what the hotline sends, keeps a journal, and hands messages in.

It can be told to answer something else (`answers`), to be slow, and to go away.
"""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desk.channels.signing import SIGNATURE, TIMESTAMP, fault, signature
from tests.support.posts_server import Answer, PostsServer
from tests.support.service import wait_for


@dataclass
class Receiver:
    """`journal` has every payload that came, with its status; `taken` each message once, by its id."""

    host: str
    port: int
    secret: str
    journal: list[dict[str, Any]] = field(default_factory=list)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)        # statuses of the next ones; then 204
    headers: dict[str, str] = field(default_factory=dict)   # that go with those
    delay: float = 0.0
    _server: PostsServer | None = None

    def start(self) -> "Receiver":
        self._server = PostsServer(self.host, self.port, self.take)
        self._server.start()
        return self

    def stop(self) -> None:
        """Nobody listens any more."""
        if self._server is not None:
            self._server.stop()

    def take(self, _path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        named = {name.lower(): value for name, value in headers.items()}
        given = (named.get(name.lower(), "") for name in (TIMESTAMP, SIGNATURE))
        payload = json.loads(body)
        assert fault(self.secret, *given, body, time.time()) == ""
        assert named.get("idempotency-key") == payload.get("id")
        if self.delay:
            threading.Event().wait(self.delay)
        status = self.answers.pop(0) if self.answers else 204
        self.journal.append({**payload, "status": status})
        if 200 <= status < 300 and "id" in payload:
            self.taken.setdefault(payload["id"], payload)
        return status, self.headers if status >= 300 else {}, b""

    def of(self, visitor: str) -> list[dict[str, Any]]:
        """What this visitor was told, each once, as it came."""
        return [one for one in list(self.taken.values()) if one["visitor"] == visitor]

    def reads(self, visitor: str, text: str, timeout: float = 20.0) -> dict[str, Any]:
        return dict(wait_for(lambda: next((one for one in self.of(visitor) if text in one.get("body", "")), None),
                             timeout, f"{visitor} does not read {text!r}: {self.of(visitor)}"))


@dataclass
class Program:
    """Hands in what visitors write."""

    web: str
    name: str
    secret: str
    sent: int = 0

    def say(self, visitor: str, body: str, key: str = "") -> dict[str, Any]:
        """Until it is safe. Raises AssertionError with what was answered."""
        self.sent += 1
        status, answer = self.hand_in({"visitor": visitor, "id": key or f"p{self.sent}", "body": body})
        assert status == 200, answer
        return answer

    def say_until_safe(self, visitor: str, body: str, key: str) -> dict[str, Any]:
        """As a program does: again under the same id, while the hotline is away."""
        def tried() -> dict[str, Any] | None:
            try:
                status, answer = self.hand_in({"visitor": visitor, "id": key, "body": body})
            except OSError:
                return None
            return answer if status == 200 else None
        return dict(wait_for(tried, 40, f"{body!r} is never safe"))

    def hand_in(self, payload: Any, *, timestamp: float | None = None, secret: str | None = None,
                headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and answer. Raises OSError."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        at = str(int(time.time() if timestamp is None else timestamp))
        request = urllib.request.Request(
            f"http://{self.web}/api/channel/{self.name}/messages", data=body, method="POST",
            headers={"Content-Type": "application/json", TIMESTAMP: at,
                     SIGNATURE: signature(secret or self.secret, at, body), **(headers or {})})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
