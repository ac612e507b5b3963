"""A page without a browser: a WebSocket client that sends a frame each 20 ms and keeps what it hears."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.service import wait_for

FRAME = 160
SILENCE = b"\xff" * FRAME


def log_in(web: str, login: str, password: str) -> str:
    """The cookie of a session."""
    request = urllib.request.Request(f"http://{web}/api/login", method="POST",
                                     data=json.dumps({"login": login, "password": password}).encode(),
                                     headers={"Content-Type": "application/json", "X-Hotline": "1"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
        return str(answer.headers["Set-Cookie"]).partition(";")[0]


class WebPage:
    """One page. `messages` has what it was told, `heard` the frames that came with their times (monotonic seconds)."""

    def __init__(self, web: str, path: str = "/ws/try", cookie: str = "", origin: str | None = None, *,
                 speaks: bool = True) -> None:
        headers = {"Cookie": cookie} if cookie else {}
        self._open = ExitStack()
        self.socket: ClientConnection = self._open.enter_context(connect(
            f"ws://{web}{path}", origin=origin or f"http://{web}",  # type: ignore[arg-type]
            additional_headers=headers, compression=None, proxy=None, max_queue=None))
        self.messages: list[dict[str, Any]] = []
        self.heard: list[tuple[float, bytes]] = []
        self.tone: Callable[[int], bytes] = lambda frame: SILENCE
        self.blocked = threading.Event()
        self.closed = threading.Event()
        self.code = 0
        self._threads = [threading.Thread(target=self._receive, daemon=True)]
        if speaks:
            self._threads.append(threading.Thread(target=self._speak, daemon=True))
        for thread in self._threads:
            thread.start()

    # --- what people do ---------------------------------------------------------------------------------------------
    def say(self, type_: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": type_, **fields}))

    def hello(self, resume: str | None = None, **fields: Any) -> dict[str, Any]:
        self.say("hello", resume=resume, **fields)
        return self.told("ready")

    def press(self, keys: str) -> None:
        for key in keys:
            self.say("key", key=key)

    def close(self) -> None:
        self.closed.set()
        with suppress(ConnectionClosed):
            self._open.close()
        for thread in self._threads:
            thread.join(5)

    # --- what it knows ----------------------------------------------------------------------------------------------
    def all(self, type_: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == type_]

    @property
    def state(self) -> str:
        known = [message for message in self.messages if message["type"] in ("ready", "state", "ended")]
        return str(known[-1].get("state", "idle")) if known else ""

    def told(self, type_: str, after: int = 0, timeout: float = 30.0) -> dict[str, Any]:
        """The first message of a type beyond the `after` first ones."""
        wait_for(lambda: len(self.all(type_)) > after or self.closed.is_set(), timeout, f"{type_} was not told")
        found = self.all(type_)
        assert len(found) > after, (self.code, self.messages)
        return found[after]

    def comes(self, state: str, timeout: float = 30.0) -> None:
        wait_for(lambda: self.state == state, timeout, f"the page is {self.state}, not {state}")

    def ends(self, timeout: float = 30.0) -> int:
        """The code that the server closed it with."""
        assert self.closed.wait(timeout), "the page was not closed"
        return self.code

    def frames(self, last: int) -> list[bytes]:
        return [frame for _, frame in self.heard[-last:]]

    # --- threads ----------------------------------------------------------------------------------------------------
    def _receive(self) -> None:
        try:
            for message in self.socket:
                if isinstance(message, bytes):
                    self.heard.append((time.monotonic(), message))
                else:
                    self.messages.append(json.loads(message))
        except ConnectionClosed:
            pass
        self.code = self.socket.close_code or 0
        self.closed.set()

    def _speak(self) -> None:
        """A page that is blocked sends later what it could not send."""
        began, frame = time.monotonic(), 0
        with suppress(ConnectionClosed, OSError):
            while not self.closed.wait(max(0.0, began + 0.02 * frame - time.monotonic())):
                if self.blocked.is_set():
                    time.sleep(0.005)
                    continue
                self.socket.send(self.tone(frame))
                frame += 1
