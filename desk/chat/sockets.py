"""The WebSocket `/ws/chat`: who may open one, and how often. docs/text.md has its words."""

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from desk.bucket import Buckets
from desk.chat import protocol
from desk.chat.chats import Chats, refusal
from desk.chat.page import ChatPage
from desk.guards import same_origin
from desk.phone.protocol import FOREIGN, RATE, TOO_MUCH, BadMessage
from desk.subscriber import subscriber_of
from ivr.base.config import Config
from ivr.drivers.control_link import ControlAway, ControlRefused

PATH = "/ws/chat"
MOST = 3_000             # sockets at one time
MOST_OF_ONE = 30         # from one address: a school, an office
HELLO = 10.0             # s until a page must have said hello
ADDRESSES = 10_000       # remembered; at the bound the one that was longest quiet is forgotten
CLOSED = 4004            # the channel is not open


class ChatSockets:
    """ASGI middleware: the chat's WebSockets are ours, all else is for the application."""

    def __init__(self, app: ASGIApp, chats: Chats, config: Config) -> None:
        self._app, self._chats, self._config = app, chats, config
        self._open: dict[str, int] = {}
        per_hour = config.channels.web.chats_per_hour
        self._begun = Buckets(per_hour / 3600, per_hour, ADDRESSES)
        calls = config.channels.web.calls_per_hour
        self._called = Buckets(calls / 3600, calls, ADDRESSES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        await receive()              # websocket.connect
        await send({"type": "websocket.accept"})
        connection = HTTPConnection(scope)
        host = subscriber_of(connection.client.host if connection.client is not None else "")
        refused = self._refusal(connection, host)
        if refused:
            await send({"type": "websocket.close", "code": refused, "reason": ""})
            return
        page = ChatPage(send, host, self._config.channels.web.messages_per_minute)
        self._open[host] = self._open.get(host, 0) + 1
        try:
            code = await self._serve(page, receive)
            if code:
                await page.outbox.close(code)
        finally:
            self._chats.go(page)
            self._open[host] -= 1
            if not self._open[host]:
                del self._open[host]

    def _refusal(self, connection: HTTPConnection, host: str) -> int:
        """The code with which it is closed at once; 0: it may come in."""
        if not self._chats.is_open:
            return CLOSED
        if not same_origin(connection) and not self._is_ours(connection):
            return FOREIGN
        full = sum(self._open.values()) >= MOST or self._open.get(host, 0) >= MOST_OF_ONE
        return RATE if full else 0

    def _is_ours(self, connection: HTTPConnection) -> bool:
        origin = urlsplit(connection.headers.get("origin", ""))
        return f"{origin.scheme}://{origin.netloc}" in self._config.channels.web.origins

    async def _serve(self, page: ChatPage, receive: Receive) -> int:
        """Until the page is gone (0), or must be closed with a code."""
        greeted = False
        try:
            async with asyncio.timeout(HELLO) as limit:
                while True:
                    message = await receive()
                    if message["type"] != "websocket.receive" or page.outbox.gone:
                        return 0
                    if message.get("text") is None or not page.texts.take(time.monotonic()):
                        page.tell("refused", key=_key(message), reason="too_many")
                        if not page.faults.take(time.monotonic()):
                            return TOO_MUCH
                        continue
                    greeted = await self._take(page, message["text"], greeted) or greeted
                    if greeted:
                        limit.reschedule(None)
                    elif not page.faults.take(time.monotonic()):
                        return TOO_MUCH
        except TimeoutError:
            return TOO_MUCH

    async def _take(self, page: ChatPage, text: str, greeted: bool) -> bool:
        """Whether it has said hello by now."""
        key = ""
        try:
            said = protocol.read(text)
            key = protocol.key_of(said)
            if not greeted:
                await self._chats.come(page, protocol.hello(said))
                return True
            await self._do(page, said)
        except BadMessage as bad:
            page.tell("refused", key=key, reason="bad_message", message=str(bad))
            return greeted and page.faults.take(time.monotonic())
        except ControlRefused as refused:
            page.tell("refused", key=key, reason=refusal(refused))
        except ControlAway:
            page.tell("refused", key=key, reason="away")
        return greeted

    async def _do(self, page: ChatPage, said: dict[str, Any]) -> None:
        match said["type"]:
            case "start":
                if not self._may_begin(page.host):
                    page.tell("refused", key="", reason="too_often")
                    return
                await self._chats.start(page, protocol.name(said), protocol.invite(said))
            case "say":
                text = protocol.say(said)
                if self._chats.may_say(page, time.monotonic()):
                    await self._chats.say(page, text)
                else:
                    page.tell("refused", key=text.key, reason="too_many")
            case "typing":
                await self._chats.typing(page)
            case "leave":
                await self._chats.leave(page)
            case "call_me":
                await self._call_me(page, protocol.call_me(said))
            case "ping":
                page.tell("pong")
            case _:
                raise BadMessage("hello is said once")

    async def _call_me(self, page: ChatPage, number: str | None) -> None:
        """What is refused is said of the voice, so that no page takes it for something of the chat."""
        if not self._called.of(page.host).take(time.monotonic()):
            page.tell("voice", how="refused", reason="too_often", name="")
            return
        try:
            await self._chats.call_me(page, number)
        except ControlRefused as refused:
            page.tell("voice", how="refused", reason=refused.code, name="")
        except ControlAway:
            page.tell("voice", how="refused", reason="away", name="")

    def _may_begin(self, host: str) -> bool:
        return self._begun.of(host).take(time.monotonic())


def _key(message: Any) -> str:
    """Of a message that is not taken, so that its page can send it again."""
    try:
        return protocol.key_of(protocol.read(message.get("text") or ""))
    except BadMessage:
        return ""
