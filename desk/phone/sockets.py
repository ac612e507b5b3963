"""The WebSockets `/ws/phone`, `/ws/try` and `/ws/call`: who may open one, and what it may say (docs/browser.md)."""

import asyncio
import time
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from desk.cookies import cookie_name
from desk.counted import Counted
from desk.guards import same_origin
from desk.phone import protocol
from desk.phone.outbox import keep_short
from desk.phone.page import PageSocket
from desk.phone.phones import Phones
from desk.phone.protocol import BadMessage
from desk.who import person
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log

PHONE, TRY, CHAT = "/ws/phone", "/ws/try", "/ws/call"
KINDS = {PHONE: "phone", TRY: "try", CHAT: "chat"}
MOST = 300               # sockets at one time, of all pages; the next one is told to come later
MOST_OF_ONE = 16         # of them of one person, with tabs and machines; strangers: `try_limit`
HELLO = 10.0             # s until a page must have said hello
AGENT_LENGTH = 120
LARGEST = 4096           # octets of a message; chats may send larger ones by their sockets
TOO_LARGE = 1009         # RFC 6455 §7.4.1
_log = Log("pages")


class PhoneSockets:
    """ASGI middleware: WebSockets are ours, all else is for the application."""

    def __init__(self, app: ASGIApp, phones: Phones) -> None:
        self._app, self._phones = app, phones
        self._open = 0
        self._people = Counted(MOST, MOST_OF_ONE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        await receive()              # websocket.connect
        if scope["path"] not in KINDS:
            await send({"type": "websocket.close", "code": 1008})      # before it is accepted: 403
            return
        await send({"type": "websocket.accept"})
        page, refusal = self._admit(scope, send)
        if page is None:
            await send({"type": "websocket.close", "code": refusal, "reason": ""})
            return
        keep_short(send)
        self._open += 1
        try:
            code = await self._serve(page, receive)
            if code:
                await page.outbox.close(code)
        finally:
            self._open -= 1
            self._phones.lost(page)
            if page.person:
                self._people.leave(page.person)
            else:
                self._phones.strangers.leave(page.host)

    def _admit(self, scope: Scope, send: Send) -> tuple[PageSocket | None, int]:
        """A page that may come in, or the code that it is closed with."""
        connection = HTTPConnection(scope)
        if not same_origin(connection):         # no rule of browsers keeps foreign pages from opening sockets
            return None, protocol.FOREIGN
        if self._open >= MOST:
            return None, protocol.RATE
        kind = KINDS[scope["path"]]
        who = person(connection) if kind != "chat" else None       # whoever is logged in here: a visitor is a visitor
        host = connection.client.host if connection.client is not None else ""
        if kind == "phone" and who is None:
            return None, protocol.NOT_LOGGED_IN
        strangers = self._phones.strangers
        if kind == "chat" and not self._phones.config.channels.chat_speaks:
            return None, protocol.NOT_LOGGED_IN
        if kind == "try" and who is None and not strangers.is_open(connection.headers.get("host", "")):
            return None, protocol.NOT_LOGGED_IN
        if not (strangers.enter(host) if who is None else self._people.enter(who.name)):
            return None, protocol.RATE
        page = PageSocket(send, kind, who.name if who is not None and kind == "phone" else None,
                          connection.cookies.get(cookie_name(connection)) if who is not None else None, host)
        page.person = who.name if who is not None else ""
        page.user_agent = "".join(filter(str.isprintable, connection.headers.get("user-agent", "")))[:AGENT_LENGTH]
        return page, 0

    async def _serve(self, page: PageSocket, receive: Receive) -> int:
        """Until the page is gone (0), or must be closed with a code."""
        try:
            async with asyncio.timeout(HELLO):
                code = await self._greet(page, receive)
        except TimeoutError:         # it may ask anew, with a socket of its own, when its person wants the phone
            code = protocol.TAKEN_OVER if page.elsewhere else protocol.LATER if page.token else protocol.TOO_MUCH
        while not code:
            message = await receive()
            if message["type"] != "websocket.receive" or page.outbox.gone:
                return 0
            if _is_too_large(message):
                return TOO_LARGE
            code = await self._take(page, message)
        return max(code, 0)

    async def _greet(self, page: PageSocket, receive: Receive) -> int:
        """Until it has its phone. A page that another tab keeps from it may ask again. -1: it went away."""
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return -1
            if _is_too_large(message):
                return TOO_LARGE
            if message.get("text") is None:          # audio of a page that did not wait
                if not page.frames.take(time.monotonic()):
                    return protocol.TOO_MUCH
                continue
            if not page.faults.take(time.monotonic()):
                return protocol.TOO_MUCH
            try:
                given = protocol.hello(protocol.read(message["text"]))
                await self._phones.open(page, given.resume, take=given.take)
            except BadMessage as bad:
                page.refuse("bad_message", str(bad))
            except ControlRefused as refused:
                page.elsewhere = refused.code == "elsewhere"
                page.refuse(refused.code, refused.message)
            except ControlAway:
                page.refuse("control_away", "The telephone service does not answer; try again in a moment.")
            except OSError as error:
                _log.error("pages_have_no_audio", error_type=type(error).__name__)
                page.refuse("no_audio", "The audio of pages can't be opened; the log says why.")
            else:
                return 0

    async def _take(self, page: PageSocket, message: Any) -> int:
        now = time.monotonic()
        frame = message.get("bytes")
        if frame is not None:
            return 0 if page.take_frame(frame, now) else protocol.TOO_MUCH
        if not page.texts.take(now):
            return protocol.TOO_MUCH
        try:
            said = protocol.read(message["text"])
            if said["type"] in protocol.WISHES and not page.wishes.take(now):
                raise ControlRefused("too_often", "That was too quick; wait a moment.")
            await self._do(page, said)
        except BadMessage as bad:
            page.refuse("bad_message", str(bad))
            return 0 if page.faults.take(now) else protocol.TOO_MUCH
        except ControlRefused as refused:
            page.refuse(refused.code, refused.message)
        except ControlAway:
            page.refuse("control_away", "The telephone service does not answer; try again in a moment.")
        return 0

    async def _do(self, page: PageSocket, message: dict[str, Any]) -> None:
        call = self._phones.link.call
        match message["type"]:
            case "dial":
                await self._phones.dial(page, protocol.number(message))
            case "answer":
                await call("browser_answer", phone=page.phone)
            case "hang_up":
                await call("browser_hang_up", phone=page.phone)
            case "hold":
                await call("browser_hold", phone=page.phone, held=message.get("held") is True)
            case "key":
                key = message.get("key")
                if not isinstance(key, str) or not page.stream.press(key):
                    page.refuse("no_key", "This key can't be sent now.")
            case "ping":
                at = message.get("at")
                page.outbox.tell({"type": "pong", "at": at if isinstance(at, int | float) else None})
            case "hello":
                page.ready()


def _is_too_large(message: Any) -> bool:
    return len(message.get("text") or message.get("bytes") or "") > LARGEST
