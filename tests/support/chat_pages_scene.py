"""Chats of a desk without a service, and a control that is what the test says."""

import json
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from desk.chat.page import ChatPage, fingerprint
from desk.chat.protocol import Hello
from ivr.call.record import Batch, MessageRow
from routing.requests.messages import messages_of
from routing.requests.transaction import write
from tests.desk.desk_rig import NOON, Rig

T = TypeVar("T")
CALL, LATER = "call-4", "call-9"
TOKEN = "t" * 24
WRITER = f"web/{fingerprint(TOKEN)}"


class Scene:
    """The chats of a desk, and a control that is what the test says: `goes_on` is the visitor's chat there; what is in
    `between` is pushed before control answers."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.chats = rig, rig.app.state.chats
        self.goes_on, self.failure = "", None
        self.secret = False
        self.between: list[dict[str, Any]] = []
        self.recent: list[dict[str, Any]] = []          # what control has besides the database
        rig.control.call = self.answer          # type: ignore[method-assign]

    failure: Exception | None

    async def answer(self, op: str, **arguments: Any) -> dict[str, Any]:
        while self.between:
            self.push(**self.between.pop(0))
        if self.failure is not None:
            raise self.failure
        if op == "chat_open":
            self.goes_on = self.goes_on or CALL
            return {"call": self.goes_on, "began": True}
        if op == "chat_recent":
            whole = not self.recent or self.recent[0]["position"] <= arguments["after"] + 1
            return {"whole": whole, "messages": [one for one in self.recent if whole
                                                 and one["position"] > arguments["after"]]}
        safe = [*(row.position for row in messages_of(self.rig.engine, self.goes_on, staff=True)),
                *(one["position"] for one in self.recent)]
        return {"call": self.goes_on or None, "secret": self.secret, "language": "ru", "last": max(safe, default=-1)}

    def page(self) -> tuple[ChatPage, list[dict[str, Any]]]:
        """A socket, and what it is told."""
        told: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            told.append(json.loads(message["text"]))

        return ChatPage(send, "127.0.0.1", 40), told

    def come(self, call: str = "", after: int = -1) -> tuple[ChatPage, list[dict[str, Any]]]:
        page, told = self.page()
        self.run(self.chats.come(page, Hello(TOKEN, call, after)))
        return page, told

    def push(self, kind: str, **fields: Any) -> None:
        self.chats.pushed({"writer": WRITER, "kind": kind, **fields})

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.rig.run(work)


def said(position: int, call: str = CALL, sender: str = "hotline") -> dict[str, Any]:
    return {"kind": "message", "call": call, "position": position, "at": NOON.isoformat(), "sender": sender,
            "form": "text", "body": f"m{position}", "options": []}


def kinds(told: list[dict[str, Any]]) -> list[str]:
    return [one["type"] if one["type"] != "message" else one["body"] for one in told]


def recorded(rig: Rig, *positions: int, audience: str = "all") -> None:
    rows = tuple(MessageRow(id=f"{CALL}/m{at}", call_id=CALL, position=at, at=NOON + timedelta(seconds=at),
                            sender="hotline", audience=audience, body=f"m{at}") for at in positions)
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch(messages=rows)])


def recent(position: int, audience: str = "all") -> dict[str, Any]:
    """As control tells it of a message that the database does not have yet."""
    return {"position": position, "at": NOON.isoformat(), "sender": "hotline", "audience": audience, "kind": "text",
            "body": f"m{position}", "options": [], "key": ""}


def database_is_away(*_: Any, **__: Any) -> Any:
    raise OSError("no answer")
