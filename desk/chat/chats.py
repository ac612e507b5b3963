"""The chats of visitors in pages: which page is whose, what control says to them, and what they missed meanwhile.

A visitor is known by a token that their page keeps; control and the record know its fingerprint alone. Several pages of
one visitor show the same chat.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool

from desk.bucket import Buckets
from desk.chat.codes import Codes
from desk.chat.page import BEHIND, ChatPage, fingerprint, pace
from desk.chat.protocol import Hello, Say
from desk.chat.telling import AGAIN, Telling
from desk.snapshots import Control
from ivr.base import file_said
from ivr.base.config import Config
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log
from routing.requests.files import Files
from routing.requests.repository import Repository

CHANNEL = "web"
TOKEN_BYTES = 18
SAID = 5_000             # messages of visitors on their way through control
HIDDEN = "••••"          # stands where somebody typed a secret
VISITORS = 20_000        # whose pace is remembered; at the bound the one that was longest quiet is forgotten
AT_ONCE = 24             # asked of control: other pages of the house share its link, which takes 64
SIDE_BY_SIDE = 12        # pages that are told at once what they missed, after control was away
TURN = 2.0               # s in which a page's turn comes, when a thousand come back at once
_log = Log("chat")


class Chats:
    """All of them. `config.channels.web` says what may be."""

    def __init__(self, config: Config, link: Control, repository: Repository) -> None:
        self._config, self._link, self._repository = config, link, repository
        self._files, self._most_bytes = Files(repository.engine), int(config.channels.web.max_file_mb * 1_000_000)
        self._pages: dict[str, dict[ChatPage, None]] = {}           # by visitor
        self._said: OrderedDict[tuple[str, str], Say] = OrderedDict()      # by visitor and key
        # A login is nobody's business: without another name the page says that it is an operator.
        self._names = {name: operator.display_name for name, operator in config.operators.items()}
        self._telling = Telling(self._ask, repository.engine, self._names, self._said)
        self._losses = 0                 # how often control was away
        self.codes = Codes(time.monotonic)
        self._texts = Buckets(*pace(config.channels.web.messages_per_minute), VISITORS)
        self._turns = asyncio.Semaphore(AT_ONCE)

    @property
    def is_open(self) -> bool:
        return self._config.channels.of(CHANNEL) is not None

    def __len__(self) -> int:
        return sum(len(pages) for pages in self._pages.values())

    # --- pages ------------------------------------------------------------------------------------------------------
    async def come(self, page: ChatPage, hello: Hello) -> None:
        """A page says who it is: it is told its token, and what it has not read. Raises what the link raises; then it
        may say so again."""
        self.go(page)
        page.token = hello.token or page.token or secrets.token_urlsafe(TOKEN_BYTES)
        page.visitor = fingerprint(page.token)
        page.missed, losses = [], self._losses
        page.goes_on.set()
        self._pages.setdefault(page.visitor, {})[page] = None
        found = await self._ask("chat_find", visitor=page.visitor)
        call = str(found.get("call") or "")
        page.last = int(found.get("last", -1))
        page.call, page.after = call, hello.after if hello.call == call else -1
        page.over = hello.call if hello.call != call else ""
        page.tell("hello", token=page.token, call=call or None, secret=found.get("secret") is True,
                  language=str(found.get("language") or ""), file_bytes=self._most_bytes,
                  calls=list(self._config.channels.web.calls), voice=str(found.get("voice") or ""),
                  name=self._names.get(str(found.get("who") or ""), ""))
        if page.over:
            page.after = hello.after if not call else -1
            page.tell("ended", call=page.over, reason="over")
        await self._telling.missed(page)
        while losses != self._losses:           # meanwhile control told what nobody heard
            losses = self._losses
            page.loses_control()
            try:
                await self._come_back(page)
            except (ControlAway, ControlRefused):       # it was greeted: it can't say hello again
                await page.outbox.close(AGAIN)
                return

    def go(self, page: ChatPage) -> None:
        """Its socket is closed. The chat goes on."""
        page.missed, page.holes = None, False
        pages = self._pages.get(page.visitor, {})
        pages.pop(page, None)
        if not pages:
            self._pages.pop(page.visitor, None)

    async def start(self, page: ChatPage, name: str, invite: str = "") -> None:
        """The visitor begins a chat, or has one already. Raises what the link raises."""
        answer = await self._ask("chat_open", visitor=page.visitor, name=name, **({"invite": invite} if invite else {}))
        for one in self._of(page.visitor):
            self._telling.told(one, {"kind": "started", "call": str(answer["call"])})

    def may_say(self, page: ChatPage, now: float) -> bool:
        """Whether the visitor is not too fast, by however many sockets: it is counted."""
        return self._texts.of(page.visitor).take(now)

    async def say(self, page: ChatPage, said: Say) -> None:
        """Raises what the link raises, and ControlRefused for a file that is none of this visitor's chat. What was said
        first comes first: as long as it has found nobody, nothing else of the page does."""
        is_its_turn = await page.is_its_turn(TURN)
        if page.comes_before(said.key, time.monotonic()):
            raise ControlAway("an earlier message has not come yet")
        try:
            if not is_its_turn:
                raise ControlAway("what was said before is not known yet")
            if said.file:
                said = await self._with_file(page, said)
            self._said[page.visitor, said.key] = said
            while len(self._said) > SAID:
                self._said.popitem(last=False)
            await self._ask("chat_say", visitor=page.visitor, key=said.key, body=said.body,
                            kind="file" if said.file else "text")
        except ControlAway:
            page.wait_for(said.key, time.monotonic())
            raise
        except ControlRefused:
            self._said.pop((page.visitor, said.key), None)
            raise
        page.behind = ""

    async def _with_file(self, page: ChatPage, said: Say) -> Say:
        try:
            row = await run_in_threadpool(self._files.get, said.file)
        except Exception as error:
            _log.warning("file_not_read", error_type=type(error).__name__)
            raise ControlAway("the database is away") from None
        found = await self._ask("chat_find", visitor=page.visitor)
        if row is None or row.visitor != f"{CHANNEL}/{page.visitor}" or row.call_id != found.get("call"):
            raise ControlRefused("no_file" if found.get("call") else "no_chat", "no file of this chat")
        return said._replace(body=file_said.written(row.as_said()))

    async def typing(self, page: ChatPage) -> None:
        await self._ask("chat_typing", visitor=page.visitor)

    async def leave(self, page: ChatPage) -> None:
        await self._ask("chat_leave", visitor=page.visitor)

    async def _ask(self, op: str, **arguments: Any) -> dict[str, Any]:
        """Control, in turn. Raises what the link raises."""
        try:
            async with asyncio.timeout(TURN):
                await self._turns.acquire()
        except TimeoutError:
            raise ControlAway("too many ask at once") from None
        try:
            return await self._link.call(op, channel=CHANNEL, **arguments)
        finally:
            self._turns.release()

    async def call_me(self, page: ChatPage, number: str | None) -> None:
        """The visitor wants to speak: in their page, which is told a code for that, or at this number. Raises what the
        link raises."""
        if ("page" if number is None else "telephone") not in self._config.channels.web.calls:
            page.tell("voice", how="refused", reason="off", name="")
            return
        await self._ask("chat_call_me", visitor=page.visitor, number=number)
        page.tell("call_me", code=self.codes.make(page.visitor) if number is None else "")

    # --- what is told -----------------------------------------------------------------------------------------------
    def lost(self) -> None:
        """Control was away, and what it told meanwhile nobody heard: pages are told nothing, and say nothing, until
        `listening` has come to them. So no page has a hole, and nothing passes what control took and could not keep."""
        self._losses += 1
        for page in (page for pages in self._pages.values() for page in pages if page.missed is None or page.holes):
            page.loses_control()

    async def listening(self) -> None:
        """Control is another one, or was away: who was in a chat that it does not know is told that it is over, others
        what they missed, and which of their messages are to be said again. Raises what the link raises."""
        gate = asyncio.Semaphore(SIDE_BY_SIDE)

        async def in_turn(page: ChatPage) -> None:
            async with gate:
                await self._come_back(page)

        waiting = [page for pages in self._pages.values() for page in pages if not page.goes_on.is_set()]
        ended = await asyncio.gather(*map(in_turn, waiting), return_exceptions=True)
        for error in (each for each in ended if isinstance(each, BaseException)):
            raise error

    async def _come_back(self, page: ChatPage) -> None:
        """To a page that was told nothing. Raises what the link raises."""
        found = await self._ask("chat_find", visitor=page.visitor)
        call = str(found.get("call") or "")
        if page.call and page.call != call:
            self._telling.now(page, {"kind": "ended"})
        if call:
            self._telling.now(page, {"kind": "asks", "call": call, "secret": found.get("secret") is True,
                                     "language": str(found.get("language") or "")})
        page.last = int(found.get("last", -1))
        await self._telling.missed(page)
        if page in self._of(page.visitor):
            self._not_answered(page)

    def _not_answered(self, page: ChatPage) -> None:
        """What control may have taken with it is said again, before anything else."""
        keys = [key for whose, key in self._said if whose == page.visitor]
        if keys or page.behind:
            page.behind, page.behind_until = [*keys, page.behind][0], time.monotonic() + BEHIND
        page.goes_on.set()
        for key in keys:
            page.tell("refused", key=key, reason="away")

    def pushed(self, message: dict[str, Any]) -> None:
        """Of control, for all pages of a visitor."""
        channel, _, visitor = str(message.get("writer", "")).partition("/")
        if channel != CHANNEL:
            return
        if message["kind"] in ("kept", "refused"):
            message = self._with_body(visitor, message)
        for page in self._of(visitor):
            self._telling.told(page, message)

    def _with_body(self, visitor: str, message: dict[str, Any]) -> dict[str, Any]:
        """What became of a message, with its words: another page of the visitor has not got them."""
        said = self._said.pop((visitor, message["key"]), None)
        hidden = message.get("hidden") is True or (said is not None and said.secret)
        return message | {"at": datetime.now(UTC).isoformat(), "form": "file" if said and said.file else "text",
                          "body": HIDDEN if hidden else said.body if said else ""}

    def _of(self, visitor: str) -> Iterable[ChatPage]:
        return list(self._pages.get(visitor, ()))
