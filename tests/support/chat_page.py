"""A visitor's page without a browser: what it is told, and what it writes."""

import json
import threading
from contextlib import ExitStack, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.service import wait_for


class ChatPage:
    """One socket. `messages` is what it was told; `texts` the messages of the chat, by position."""

    def __init__(self, web: str, origin: str | None = None) -> None:
        self._open = ExitStack()
        self.socket: ClientConnection = self._open.enter_context(connect(
            f"ws://{web}/ws/chat", origin=origin or f"http://{web}",        # type: ignore[arg-type]
            compression=None, proxy=None, max_queue=None))
        self.messages: list[dict[str, Any]] = []
        self.texts: dict[int, dict[str, Any]] = {}
        self.closed, self.code, self.sent = threading.Event(), 0, 0
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def tell(self, type_: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": type_, **fields}, ensure_ascii=False))     # as browsers write it

    def hello(self, token: str | None = None, call: str | None = None, after: int = -1) -> dict[str, Any]:
        self.tell("hello", token=token, call=call, after=after)
        return self.told("hello")

    def say(self, body: str, key: str = "") -> str:
        """Write, and wait until it is kept or refused; or until it is among what was missed while control was away."""
        self.sent += 1
        key = key or f"k{self.sent}"
        before = self._heard(key)
        self.tell("say", key=key, body=body)
        wait_for(lambda: self._heard(key) > before, 15, f"{body!r} is not kept")
        return key

    def _heard(self, key: str) -> int:
        missed = sum(one.get("key") == key for one in self.all("message"))
        return len(self.all("kept")) + len(self.all("refused")) + missed

    def told(self, type_: str, count: int = 1) -> dict[str, Any]:
        """The `count`-th message of this type."""
        found = wait_for(lambda: self.all(type_)[count - 1:count], 15, f"no {type_}: {self.messages}")
        return dict(found[0])

    def reads(self, text: str) -> dict[str, Any]:
        """The message in which this stands."""
        return dict(wait_for(lambda: next((one for one in self.texts.values() if text in one["body"]), None), 15,
                             f"nobody says {text!r}: {self.messages}"))

    def all(self, type_: str) -> list[dict[str, Any]]:
        return [message for message in list(self.messages) if message["type"] == type_]

    def close(self) -> None:
        self.closed.set()
        with suppress(ConnectionClosed):
            self._open.close()
        self._thread.join(5)

    def _receive(self) -> None:
        try:
            for text in self.socket:
                message = json.loads(text)
                self.messages.append(message)
                if message["type"] == "message":
                    self.texts[message["position"]] = message
        except ConnectionClosed as closed:
            self.code = closed.rcvd.code if closed.rcvd is not None else 0
        self.closed.set()
