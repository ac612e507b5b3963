"""The chats of visitors in pages: which page is whose, what control says to them, and what they missed meanwhile.

A visitor is known by a token that their page keeps; control and the record know its fingerprint alone. Several pages of
one visitor show the same chat.
"""

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool

from desk.bucket import Buckets
from desk.chat.codes import Codes
from desk.chat.page import ChatPage, pace
from desk.chat.protocol import Hello, Say
from desk.chat.recent import missed_rows
from desk.snapshots import Control
from ivr.base import file_said
from ivr.base.config import Config
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log
from routing.requests.files import Files
from routing.requests.repository import Repository

CHANNEL = "web"
TOKEN_BYTES = 18
MISSED = 500             # messages that come while a page is being told the earlier ones
SAID = 5_000             # messages of visitors on their way through control
HIDDEN = "••••"          # stands where somebody typed a secret
LOOK_AGAIN = 1.0         # s between looks at a database that is away, for a page that misses something
PACE = 0.01              # s between looks at a page whose network is slow
VISITORS = 20_000        # whose pace is remembered; at the bound the one that was longest quiet is forgotten
AT_ONCE = 24             # asked of control: other pages of the house share its link, which takes 64
TURN = 2.0               # s in which a page's turn comes, when a thousand come back at once
BEHIND = 5.0             # s in which what was not said is said again, before what came after it
_log = Log("chat")


class Chats:
    """All of them. `config.channels.web` says what may be."""

    def __init__(self, config: Config, link: Control, repository: Repository) -> None:
        self._config, self._link, self._repository = config, link, repository
        self._files, self._most_bytes = Files(repository.engine), int(config.channels.web.max_file_mb * 1_000_000)
        self._pages: dict[str, dict[ChatPage, None]] = {}           # by visitor
        self._said: OrderedDict[tuple[str, str], Say] = OrderedDict()      # by visitor and key
        self.codes = Codes(time.monotonic)
        self._texts = Buckets(*pace(config.channels.web.messages_per_minute), VISITORS)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Future[None]] = set()
        # A login is nobody's business: without another name the page says that it is an operator.
        self._names = {name: operator.display_name for name, operator in config.operators.items()}

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
        page.missed = []
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
        await self._tell_missed(page)

    def go(self, page: ChatPage) -> None:
        """Its socket is closed. The chat goes on."""
        pages = self._pages.get(page.visitor, {})
        pages.pop(page, None)
        if not pages:
            self._pages.pop(page.visitor, None)

    async def start(self, page: ChatPage, name: str, invite: str = "") -> None:
        """The visitor begins a chat, or has one already. Raises what the link raises."""
        answer = await self._ask("chat_open", visitor=page.visitor, name=name, **({"invite": invite} if invite else {}))
        for one in self._of(page.visitor):
            self._told(one, {"kind": "started", "call": str(answer["call"])})

    def may_say(self, page: ChatPage, now: float) -> bool:
        """Whether the visitor is not too fast, by however many sockets: it is counted."""
        return self._texts.of(page.visitor).take(now)

    async def say(self, page: ChatPage, said: Say) -> None:
        """Raises what the link raises, and ControlRefused for a file that is none of this visitor's chat. What was said
        first comes first: as long as it has found nobody, nothing else of the page does."""
        if page.behind not in ("", said.key) and time.monotonic() < page.behind_until:
            raise ControlAway("an earlier message has not come yet")
        try:
            if said.file:
                said = await self._with_file(page, said)
            self._said[page.visitor, said.key] = said
            while len(self._said) > SAID:
                self._said.popitem(last=False)
            await self._ask("chat_say", visitor=page.visitor, key=said.key, body=said.body,
                            kind="file" if said.file else "text")
        except ControlAway:
            page.behind, page.behind_until = said.key, time.monotonic() + BEHIND
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
    async def listening(self) -> None:
        """Control is another one, or was away: who was in a chat that it does not know is told that it is over, others
        what they missed. Raises what the link raises."""
        for visitor, pages in list(self._pages.items()):
            found = await self._ask("chat_find", visitor=visitor)
            call = str(found.get("call") or "")
            for page in [page for page in pages if page.missed is None]:
                if page.call and page.call != call:
                    self._told(page, {"kind": "ended"})
                if call:
                    self._told(page, {"kind": "asks", "call": call, "secret": found.get("secret") is True,
                                      "language": str(found.get("language") or "")})
                    page.missed, page.last = [], int(found.get("last", -1))
                    await self._tell_missed(page)

    def pushed(self, message: dict[str, Any]) -> None:
        """Of control, for all pages of a visitor."""
        channel, _, visitor = str(message.get("writer", "")).partition("/")
        if channel != CHANNEL:
            return
        if message["kind"] in ("kept", "refused"):
            message = self._with_body(visitor, message)
        for page in self._of(visitor):
            self._told(page, message)

    def _with_body(self, visitor: str, message: dict[str, Any]) -> dict[str, Any]:
        """What became of a message, with its words: another page of the visitor has not got them."""
        said = self._said.pop((visitor, message["key"]), None)
        hidden = message.get("hidden") is True or (said is not None and said.secret)
        return message | {"at": datetime.now(UTC).isoformat(), "form": "file" if said and said.file else "text",
                          "body": HIDDEN if hidden else said.body if said else ""}

    def _of(self, visitor: str) -> Iterable[ChatPage]:
        return list(self._pages.get(visitor, ()))

    def _told(self, page: ChatPage, message: dict[str, Any]) -> None:
        """At once, or in its turn behind what was said before."""
        if page.missed is None:
            self._tell(page, message)
        elif len(page.missed) < MISSED:
            page.missed.append(message)

    def _tell(self, page: ChatPage, message: dict[str, Any]) -> None:
        match message["kind"]:
            case "started":
                self._begin(page, message["call"])
            case "asks":
                self._begin(page, message["call"])
                if page.call:
                    page.tell("asks", secret=message["secret"], language=message["language"])
            case "message":
                self._begin(page, message["call"])
                if message["call"] == (page.call or page.over) and message["position"] > page.after:
                    page.after = message["position"]
                    page.tell("message", **self._shown(
                        message["position"], message["at"], message["sender"], message["form"], message["body"],
                        message["options"]))
            case "kept":
                page.after = max(page.after, message["position"])
                page.tell("kept", key=message["key"], position=message["position"], at=message["at"],
                          form=message["form"], body=message["body"])
            case "refused":
                page.tell("refused", key=message["key"], reason=message["reason"])
            case "voice":
                page.tell("voice", how=message["how"], reason=message["reason"],
                          name=self._names.get(message["who"], ""))
            case "typing":
                page.tell("typing", name=self._names.get(message["who"], ""))
            case "ended" if page.call:
                page.tell("ended", call=page.call, reason="over")
                page.over, page.call = page.call, ""

    def _begin(self, page: ChatPage, call: str) -> None:
        """`started` comes before anything that is said in a chat, on every page of the visitor."""
        if call not in (page.call, page.over):
            page.call, page.after, page.behind = call, -1, ""
            page.tell("started", call=call)

    async def _tell_missed(self, page: ChatPage) -> None:
        """What was said before, then what came meanwhile. What nobody can tell while the database is away is told once
        it is back, and what is said meanwhile behind it: a page that has a later message asks for no earlier one."""
        try:
            page.holes = not await self._tell_rows(page)
        finally:
            if not page.holes:
                self._tell_held(page)
        if page.holes:
            task = asyncio.ensure_future(self._tell_when_back(page, page.missed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tell_when_back(self, page: ChatPage, held: list[dict[str, Any]] | None) -> None:
        """Until it is whole, or is gone, or has come anew."""
        while page.missed is held and page in self._of(page.visitor) and not page.outbox.gone:
            await asyncio.sleep(LOOK_AGAIN)
            if page.missed is held and await self._tell_rows(page):
                page.holes = False
                self._tell_held(page)
                return

    async def _tell_rows(self, page: ChatPage) -> bool:
        """What there is behind what the page has; whether that is all up to now."""
        while page.call and not page.outbox.gone:
            rows, whole = await missed_rows(self._link, self._repository.engine, page.call, page.after, page.last)
            for row in rows:
                page.after = row.position
                page.tell("message", **self._shown(row.position, row.at.isoformat(), row.sender, row.kind,
                                                   row.body or "", row.options, row.key.partition("/")[2]))
                while page.outbox.busy and not page.outbox.gone:    # a long chat over a slow network
                    await asyncio.sleep(PACE)
            if not rows:
                return whole
        return True

    def _tell_held(self, page: ChatPage) -> None:
        missed, page.missed = page.missed or [], None
        for message in missed:
            self._tell(page, message)

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
    known = ("closed", "full", "refused", "no_chat", "no_file", "no_invite")
    return error.code if error.code in known else "refused"
