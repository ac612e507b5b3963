"""What came from outside, handed in: a chat is opened over control's link, and whoever brought it hears that it is kept
only when it is.

    channel ──came──▶ Gateway ──chat_open, chat_say──▶ control ──▶ store
                         ◀──────────── kept ────────────┘
"""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.bucket import Buckets
from desk.channels.channel import Away, Channel, Kept, Refused
from desk.channels.standing import Standing
from desk.snapshots import Control
from ivr.base.config import Config
from ivr.drivers.control_link import ControlAway, ControlRefused
from routing.requests import deliveries

HIDDEN = "••••"          # stands where somebody typed a secret
SAFE_WITHIN = 10.0       # s: a message that is not kept by then is to come again
SLOWED = 10              # messages that come at once before the limit of a minute counts
KNOWN = 20_000           # visitors whose chat, or pace, is remembered
LONGEST = 4_096
SOON = 5.0               # s after which who was refused may try again
OURS = {"closed": "nobody answers there", "full": "there are too many chats now", "refused": "nobody answers now",
        "too_many": "too much at once", "too_long": f"a message has at most {LONGEST} characters",
        "over": "this chat is over", "not_kept": "it could not be kept"}


class Gateway:
    """Of one channel. `name` is the channel's own, as in rows; control knows its first part, and the visitor by the
    rest."""

    def __init__(self, channel: Channel, config: Config, link: Control, engine: Engine,
                 clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time) -> None:
        self.channel, self.name, self.standing = channel, channel.name, Standing()
        self.node, self.engine, self.clock, self.wall_clock = config.node, engine, clock, wall_clock
        self._link = link
        self.kind, slash, part = channel.name.partition("/")
        self._part = part + slash
        settings = config.channels.of(self.kind)
        per_minute = settings.messages_per_minute if settings is not None else 60
        self._pace = Buckets(per_minute / 60, SLOWED + per_minute / 6, KNOWN)
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}          # by visitor: and how many want it
        self._waiting: dict[tuple[str, str], asyncio.Future[dict[str, Any]]] = {}      # by visitor and key
        self._followed: OrderedDict[str, None] = OrderedDict()                          # calls that have their row
        self.asked: OrderedDict[str, tuple[bool, str]] = OrderedDict()                  # by visitor: secret, language

    # --- what comes -------------------------------------------------------------------------------------------------
    async def came(self, visitor: str, key: str, body: str, *, name: str = "", number: str = "",
                   call: str = "", lost: bool = False) -> Kept:
        """A message of a visitor: it opens a chat if they have none, and is safe when this returns. Under a `key` that
        came before it is the same message. An empty `body` opens the chat alone; `call`: only in this one; `lost`: it
        says that they sent a file, which is not taken: the visitor is told so, and the menu does not hear it.

        Raises Refused, and Away, after which it is to come again under the same key.
        """
        if len(body) > LONGEST:
            raise Refused("too_long", OURS["too_long"])
        bucket = self._pace.of(visitor)
        if not bucket.take(self.clock()):
            raise Refused("too_many", OURS["too_many"], bucket.wait(self.clock()))
        try:
            async with self._turn(visitor):
                if body and (before := await self._before(visitor, key)) is not None:
                    return before
                return await self._hand_in(visitor, key, body, name, number, call, lost=lost)
        except (ControlAway, SQLAlchemyError, TimeoutError) as error:
            self._pace.give_back(visitor)
            raise Away(type(error).__name__) from None

    @contextlib.asynccontextmanager
    async def _turn(self, visitor: str) -> AsyncIterator[None]:
        """What comes of one visitor goes in one after the other, as it came."""
        lock, others = self._turns.get(visitor, (asyncio.Lock(), 0))
        self._turns[visitor] = lock, others + 1
        try:
            async with lock:
                yield
        finally:
            lock, others = self._turns[visitor]
            self._turns[visitor] = lock, others - 1
            if others == 1:
                del self._turns[visitor]

    async def _hand_in(self, visitor: str, key: str, body: str, name: str, number: str, only: str, *,
                       lost: bool) -> Kept:
        """Twice, where the chat ended between the two questions."""
        for last in (False, True):
            opened = await self._open(visitor, name, number, only)
            if not body:
                return Kept(opened, -1)
            try:
                return await self._say(visitor, key, body, lost=lost)
            except Refused as refused:
                if refused.code != "over" or only or last:
                    raise
        raise AssertionError

    async def _open(self, visitor: str, name: str, number: str, only: str) -> str:
        if only:
            found = str((await self.find(visitor)).get("call") or "")
            if found != only:
                raise Refused("over", OURS["over"])
            return found
        answer = await self._asked("chat_open", visitor, name=_printable(name), number=_printable(number))
        call = str(answer["call"])
        if call not in self._followed:
            await run_in_threadpool(deliveries.follow, self.engine, call, self.node, self.name, visitor, self._now())
            _remember(self._followed, call, None)
        return call

    async def _say(self, visitor: str, key: str, body: str, *, lost: bool) -> Kept:
        awaited: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[visitor, key] = awaited
        try:
            await self._asked("chat_say", visitor, key=key, body=body, lost=lost)
            async with asyncio.timeout(SAFE_WITHIN):
                told = await awaited
        finally:
            del self._waiting[visitor, key]
        if told["kind"] == "kept":
            return Kept(str(told["call"]), int(told["position"]), told.get("hidden") is True)
        raise _refusal(str(told.get("reason", "")))

    async def _before(self, visitor: str, key: str) -> Kept | None:
        found = await run_in_threadpool(deliveries.came_before, self.engine, self.name, visitor, key)
        return Kept(found.call, found.position, found.body == HIDDEN, again=True) if found is not None else None

    async def find(self, visitor: str) -> dict[str, Any]:
        """The visitor's chat that goes on, as control has it: `call` (None: there is none), `secret`, `language`.
        Raises ControlAway, Refused."""
        return await self._asked("chat_find", visitor)

    async def typing(self, visitor: str) -> None:
        """The visitor is writing; nothing where they have no chat. Raises Away."""
        await self._quietly("chat_typing", visitor)

    async def left(self, visitor: str) -> None:
        """The visitor leaves; nothing where they have no chat. Raises Away."""
        await self._quietly("chat_leave", visitor)

    async def _quietly(self, op: str, visitor: str) -> None:
        try:
            await self._asked(op, visitor)
        except ControlAway as error:
            raise Away(type(error).__name__) from None
        except Refused as refused:
            if refused.code != "over":
                raise

    async def _asked(self, op: str, visitor: str, **more: str | bool) -> dict[str, Any]:
        try:
            return await self._link.call(op, channel=self.kind, visitor=self._part + visitor, **more)
        except ControlRefused as refused:
            raise _refusal(refused.code) from None

    # --- what control says ------------------------------------------------------------------------------------------
    def visitor_of(self, writer: str) -> str:
        """The visitor whom control calls so; "" for one of another channel."""
        begins = f"{self.kind}/{self._part}"
        return writer.removeprefix(begins) if writer.startswith(begins) else ""

    def pushed(self, visitor: str, message: dict[str, Any]) -> None:
        """Of control, about one of our visitors."""
        match message["kind"]:
            case "kept" | "refused":
                waiting = self._waiting.get((visitor, message["key"]))
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
            case "asks":
                _remember(self.asked, visitor, (message["secret"] is True, str(message["language"])))
            case "ended":
                self.asked.pop(visitor, None)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.wall_clock(), UTC)


def _refusal(code: str) -> Refused:
    code = {"no_chat": "over", "bad_value": "refused"}.get(code, code)
    code = code if code in OURS else "refused"
    return Refused(code, OURS[code], SOON if code in ("full", "too_many", "not_kept", "refused") else None)


def _remember(known: OrderedDict[str, Any], key: str, value: Any) -> None:
    known[key] = value
    known.move_to_end(key)
    while len(known) > KNOWN:
        known.popitem(last=False)


def _printable(text: str) -> str:
    """As control takes names: one line of at most 80 signs."""
    return "".join(filter(str.isprintable, text)).strip()[:80]
