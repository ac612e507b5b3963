"""The chats of visitors in pages: which page is whose, what control says to them, and what they missed meanwhile.

A visitor is known by a token that their page keeps; control and the record know its fingerprint alone. Several pages of
one visitor show the same chat.
"""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from starlette.concurrency import run_in_threadpool

from desk.chat.protocol import Hello, Say
from desk.phone.outbox import Outbox, Send
from desk.phone.protocol import Bucket
from desk.snapshots import Control
from ivr.base.config import Config
from ivr.drivers.control_link import ControlRefused
from ivr.drivers.log import Log
from routing.requests.messages import ChatMessage, messages_of
from routing.requests.repository import Repository

CHANNEL = "web"
TOKEN_BYTES = 18
SLOWED = 10              # messages that come at once before the limit of a minute counts
MISSED = 500             # messages that come while a page is being told the earlier ones
_log = Log("chat")


class ChatPage:
    """One socket of a visitor."""

    def __init__(self, send: Send, host: str, per_minute: int) -> None:
        self.outbox, self.host = Outbox(send), host
        self.token = self.visitor = ""
        self.call = ""                   # the chat that it shows
        self.after = -1                  # the position up to which it was told
        self.missed: list[dict[str, Any]] | None = []       # while it is told what was before; then None
        self.texts = Bucket(per_minute / 60, SLOWED + per_minute / 6)
        self.faults = Bucket(0.2, 20)

    def tell(self, kind: str, **fields: Any) -> None:
        self.outbox.tell({"type": kind, **fields})


class Chats:
    """All of them. `config.channels.web` says what may be."""

    def __init__(self, config: Config, link: Control, repository: Repository) -> None:
        self._config, self._link, self._repository = config, link, repository
        self._pages: dict[str, dict[ChatPage, None]] = {}           # by visitor
        self._names = {name: operator.display_name or name for name, operator in config.operators.items()}

    @property
    def is_open(self) -> bool:
        return self._config.channels.of(CHANNEL) is not None

    def __len__(self) -> int:
        return sum(len(pages) for pages in self._pages.values())

    # --- pages ------------------------------------------------------------------------------------------------------
    async def come(self, page: ChatPage, hello: Hello) -> None:
        """A page says who it is: it is told its token, and what it has not read. Raises what the link raises."""
        page.token = hello.token or secrets.token_urlsafe(TOKEN_BYTES)
        page.visitor = fingerprint(page.token)
        self._pages.setdefault(page.visitor, {})[page] = None
        found = await self._link.call("chat_find", channel=CHANNEL, visitor=page.visitor)
        call = str(found.get("call") or "")
        if call:
            page.call, page.after = call, hello.after if hello.call == call else -1
        page.tell("hello", token=page.token, call=call or None)
        if call:
            await self._tell_missed(page)
        else:
            page.missed = None
            if hello.call:
                page.tell("ended", call=hello.call, reason="over")

    def go(self, page: ChatPage) -> None:
        """Its socket is closed. The chat goes on."""
        pages = self._pages.get(page.visitor, {})
        pages.pop(page, None)
        if not pages:
            self._pages.pop(page.visitor, None)

    async def start(self, page: ChatPage, name: str) -> None:
        """The visitor begins a chat, or has one already. Raises what the link raises."""
        page.missed = [] if page.missed is None else page.missed
        answer = await self._link.call("chat_open", channel=CHANNEL, visitor=page.visitor, name=name)
        for other in self._of(page.visitor):
            if other.call != answer["call"]:
                other.call, other.after = str(answer["call"]), -1
                other.tell("started", call=answer["call"])
        await self._tell_missed(page)

    async def say(self, page: ChatPage, said: Say) -> None:
        """Raises what the link raises."""
        await self._link.call("chat_say", channel=CHANNEL, visitor=page.visitor, key=said.key, body=said.body)

    async def typing(self, page: ChatPage) -> None:
        await self._link.call("chat_typing", channel=CHANNEL, visitor=page.visitor)

    async def leave(self, page: ChatPage) -> None:
        await self._link.call("chat_leave", channel=CHANNEL, visitor=page.visitor)

    # --- what is told -----------------------------------------------------------------------------------------------
    async def listening(self) -> None:
        """Control is another one: who was in a chat that it does not know is told that it is over."""
        for visitor, pages in list(self._pages.items()):
            found = await self._link.call("chat_find", channel=CHANNEL, visitor=visitor)
            for page in list(pages):
                if page.call and page.call != found.get("call"):
                    page.tell("ended", call=page.call, reason="over")
                    page.call = ""

    def pushed(self, message: dict[str, Any]) -> None:
        """Of control, for all pages of a visitor."""
        channel, _, visitor = str(message.get("writer", "")).partition("/")
        if channel != CHANNEL:
            return
        for page in self._of(visitor):
            if page.missed is not None and message["kind"] == "message":
                if len(page.missed) < MISSED:
                    page.missed.append(message)
            else:
                self._tell(page, message)

    def _of(self, visitor: str) -> Iterable[ChatPage]:
        return list(self._pages.get(visitor, ()))

    def _tell(self, page: ChatPage, message: dict[str, Any]) -> None:
        match message["kind"]:
            case "message":
                if message["call"] == page.call and message["position"] > page.after:
                    page.after = message["position"]
                    page.tell("message", **self._shown(
                        message["position"], message["at"], message["sender"], message["form"], message["body"],
                        message["options"]))
            case "kept":
                page.tell("kept", key=message["key"], position=message["position"])
            case "refused":
                page.tell("refused", key=message["key"], reason=message["reason"])
            case "typing":
                page.tell("typing", name=self._names.get(message["who"], ""))
            case "ended":
                page.tell("ended", call=page.call, reason="over")
                page.call = ""

    async def _tell_missed(self, page: ChatPage) -> None:
        """What was said before, then what came meanwhile."""
        while page.call:
            rows = await self._rows(page)
            for row in rows:
                page.after = row.position
                page.tell("message", **self._shown(row.position, row.at.isoformat(), row.sender, row.kind,
                                                   row.body or "", row.options, row.key.partition("/")[2]))
            if not rows:
                break
        missed, page.missed = page.missed or [], None
        for message in missed:
            self._tell(page, message)

    async def _rows(self, page: ChatPage) -> list[ChatMessage]:
        """A database that is away keeps nobody from writing: the page shows what it has."""
        try:
            return await run_in_threadpool(messages_of, self._repository.engine, page.call, page.after, staff=False)
        except Exception as error:
            _log.warning("history_not_read", error_type=type(error).__name__)
            return []

    def _shown(self, position: int, at: str, sender: str, form: str, body: str, options: Any,
               key: str = "") -> dict[str, Any]:
        """As the visitor's page gets it: of people of ours their name alone. `key`: the page's, of what it wrote."""
        mine = sender == "caller"
        who = "me" if mine else "hotline" if sender == "hotline" else "operator"
        return {"position": position, "at": at, "from": who, "name": self._names.get(sender, ""), "form": form,
                "body": body, "options": options, **({"key": key} if mine and key else {})}


def fingerprint(token: str) -> str:
    """Names a visitor without giving away the token that they come back with."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def refusal(error: ControlRefused) -> str:
    """The word for a page."""
    return error.code if error.code in ("closed", "full", "refused", "no_chat") else "refused"
