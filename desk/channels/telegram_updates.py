"""What Telegram brings: asked for by long polling, or sent to our webhook. An update is confirmed when all that it
brought is safe.
"""

import asyncio
import itertools
import random
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from desk.bucket import Buckets
from desk.channels.channel import Away, Refused, TryLater
from desk.channels.gateway import Gateway
from desk.channels.standing import MOST_OF_ALL, backed_off
from desk.channels.telegram_api import CONFLICT, ApiRefused
from desk.channels.telegram_texts import Press, pressed
from desk.channels.telegram_words import caption, sent_instead, words
from ivr.drivers.control_link import ControlAway
from ivr.drivers.log import Log

if TYPE_CHECKING:
    from desk.channels.telegram import Telegram

WANTED = ["message", "callback_query", "my_chat_member"]        # edited messages are not: what was said was said
ASK = 25                    # s that Telegram holds a question for updates
AT_A_TIME = 100             # updates
CONFLICT_WAIT = 10.0        # s
LOOK_EVERY = 60.0           # s between two questions how our webhook stands
PRESSES_PER_S, PRESSES_AT_ONCE = 1.0, 10    # of one visitor: what is beyond is not looked at
KNOWN = 20_000              # visitors whose presses are counted
AT_ONCE = 50                # answers to presses, and words of the bot's own, that are on their way: more are not given
DONE = 5_000                # updates that are remembered, since Telegram may bring them once more
ALBUMS = 1_000              # of which is remembered under what key their words came
PATH = "/api/channel/telegram/updates"
SAID = {"closed": "refused", "not_kept": "refused"}             # codes that have no words of their own
_log = Log("telegram")


class TelegramUpdates:
    """`channel` says what is answered, `gateway` takes what came."""

    def __init__(self, channel: "Telegram", gateway: Gateway) -> None:
        self._channel, self._gateway = channel, gateway
        self._done: OrderedDict[int, None] = OrderedDict()
        self._albums: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._chance = random.Random()
        self._presses = Buckets(PRESSES_PER_S, PRESSES_AT_ONCE, KNOWN)
        self._answers: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            await (self._watch() if self._channel.config.webhook else self._poll())
        finally:
            for task in list(self._answers):
                task.cancel()

    async def take(self, update: dict[str, Any]) -> None:
        """One update. Returns when what it brought is safe, or will never be taken. Raises Away."""
        number = update.get("update_id")
        if not isinstance(number, int) or number in self._done:
            return
        try:
            await self._take(update)
        except Refused as refused:
            self._beside(self._channel.reply, _visitor(update), SAID.get(refused.code, refused.code))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            _log.warning("update_not_understood", update=number, error_type=type(error).__name__)
        self._done[number] = None
        while len(self._done) > DONE:
            self._done.popitem(last=False)

    # --- polling ----------------------------------------------------------------------------------------------------
    async def _poll(self) -> None:
        await self._until_done("deleteWebhook")
        offset, failures = 0, 0
        while True:
            try:
                updates = await self._channel.api.call("getUpdates", within=ASK + 10.0, offset=offset, timeout=ASK,
                                                       limit=AT_A_TIME, allowed_updates=WANTED)
            except TryLater as later:
                self._receives(str(later), fault=later.fault)
                await asyncio.sleep(self._wait(failures) if later.seconds is None else later.seconds)
                failures += 1
                continue
            except ApiRefused as refused:
                self._receives(CONFLICT if refused.status == 409 else str(refused), fault=True)
                await asyncio.sleep(CONFLICT_WAIT)
                continue
            self._receives("")
            confirmed = await self._all(updates if isinstance(updates, list) else [])
            failures = 0 if confirmed is None else failures + 1
            numbers = [one["update_id"] for one in updates if isinstance(one.get("update_id"), int)]
            offset = confirmed if confirmed is not None else max(numbers, default=offset - 1) + 1
            if confirmed is not None:
                await asyncio.sleep(self._wait(failures))

    async def _all(self, updates: list[dict[str, Any]]) -> int | None:
        """Each visitor's in their order, visitors beside one another; the first that is not safe, if any."""
        updates = sorted((one for one in updates if isinstance(one.get("update_id"), int)),
                         key=lambda one: int(one["update_id"]))
        by_visitor = sorted(updates, key=_visitor)
        left = await asyncio.gather(*(self._in_order(list(those))
                                      for _, those in itertools.groupby(by_visitor, key=_visitor)))
        return min((number for number in left if number is not None), default=None)

    async def _in_order(self, updates: list[dict[str, Any]]) -> int | None:
        for update in updates:
            try:
                await self.take(update)
            except Away:
                return int(update["update_id"])
        return None

    # --- webhook ----------------------------------------------------------------------------------------------------
    async def _watch(self) -> None:
        config = self._channel.config
        await self._until_done("setWebhook", url=config.webhook.rstrip("/") + PATH, allowed_updates=WANTED,
                               secret_token=self._channel.webhook_secret, max_connections=10)
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                found = await self._channel.api.call("getWebhookInfo")
                lost = found.get("url") != config.webhook.rstrip("/") + PATH
                waits = int(found.get("pending_update_count") or 0) and found.get("last_error_message")
                self._receives("the webhook is another one now" if lost else
                               "Telegram can't reach our webhook" if waits else "", fault=bool(lost or waits))
            except (TryLater, ApiRefused) as error:
                self._receives(str(error), fault=getattr(error, "fault", True))

    async def _until_done(self, method: str, **parameters: Any) -> None:
        for failures in itertools.count():
            try:
                await self._channel.api.call(method, **parameters)
                self._receives("")
                return
            except TryLater as later:
                self._receives(str(later), fault=later.fault)
                await asyncio.sleep(self._wait(failures) if later.seconds is None else later.seconds)
            except ApiRefused as refused:
                self._receives(f"{method} {refused}", fault=True)
                await asyncio.sleep(CONFLICT_WAIT)

    # --- one update -------------------------------------------------------------------------------------------------
    async def _take(self, update: dict[str, Any]) -> None:
        if "message" in update:
            await self._message(update["message"])
        elif "callback_query" in update:
            await self._press(update["callback_query"])
        elif "my_chat_member" in update:
            change = update["my_chat_member"]
            if change["chat"]["type"] == "private" and change["new_chat_member"]["status"] == "kicked":
                await self._gateway.left(str(change["chat"]["id"]))

    async def _message(self, message: dict[str, Any]) -> None:
        """Of private chats alone: who adds the bot to a group gets no answer there."""
        if message["chat"]["type"] != "private" or message["from"].get("is_bot"):
            return
        visitor, text = str(message["chat"]["id"]), message.get("text")
        self._channel.speaks(visitor, str(message["from"].get("language_code") or "en"))
        if not isinstance(text, str) or not text.strip():
            await self._no_text(visitor, message)
            return
        command = text.split()[0].partition("@")[0]
        if command == "/start":
            await self._start(visitor, _name(message["from"]))
        elif command in ("/stop", "/end"):
            await self._gateway.left(visitor)
        else:
            clean = text.encode(errors="replace").decode().replace("\0", "")
            kept = await self._gateway.came(visitor, f"m{message['message_id']}", clean, name=_name(message["from"]))
            if kept.hidden:
                await self._channel.quietly("deleteMessage", chat_id=int(visitor), message_id=message["message_id"])

    async def _no_text(self, visitor: str, message: dict[str, Any]) -> None:
        """What is no text is not taken. In a chat both who write see that it was sent; else the bot says it."""
        lost, call = sent_instead(message, self._channel.language(visitor)), await self._call(visitor)
        if not lost or not call:
            await self._channel.reply(visitor, "text_only")
            return
        kept = await self._gateway.came(visitor, self._key(visitor, message), lost, call=call, lost=True)
        self._remember(visitor, message)
        if kept.hidden:
            await self._channel.quietly("deleteMessage", chat_id=int(visitor), message_id=message["message_id"])

    def _key(self, visitor: str, message: dict[str, Any]) -> str:
        """An album comes as a message for each picture, any of them with words. Those with words are each said; the
        others are one message, the one with words if that came before. If it is forgotten, the album is told once more.
        """
        album = _album(message)
        if not album or caption(message):
            return f"m{message['message_id']}"
        return self._albums.get((visitor, album)) or f"g{album}"

    def _remember(self, visitor: str, message: dict[str, Any]) -> None:
        """What came and is safe: before that, a picture without words could take the place of those with some."""
        if (album := _album(message)) and caption(message):
            self._albums.setdefault((visitor, album), f"m{message['message_id']}")
            while len(self._albums) > ALBUMS:
                self._albums.popitem(last=False)

    async def _start(self, visitor: str, name: str) -> None:
        if await self._call(visitor):
            await self._channel.reply(visitor, "goes_on")
        else:
            await self._gateway.came(visitor, "start", "", name=name)

    async def _press(self, query: dict[str, Any]) -> None:
        """A button, of the last message that has some: what it types is said, and shown to whoever pressed it."""
        visitor, press = str(query["from"]["id"]), pressed(query.get("data"))
        bucket = self._presses.of(visitor)
        if not bucket.take(self._gateway.clock()):
            return
        try:
            await self._pressed(query, visitor, press)
        except Away:
            bucket.give_back()          # it comes again
            raise

    async def _pressed(self, query: dict[str, Any], visitor: str, press: Press | None) -> None:
        self._channel.speaks(visitor, str(query["from"].get("language_code") or "en"))
        call = await self._call(visitor)
        last = self._channel.offered.get(visitor)
        if press is None or not call.startswith(press.call) or last not in (None, press.position):
            stale = words("stale", self._channel.language(visitor))
            self._answer(query, text=stale)
            return
        try:
            await self._gateway.came(visitor, f"c{query['id']}"[:80], press.keys, call=call)
        finally:
            self._answer(query)

    def _answer(self, query: dict[str, Any], **more: str) -> None:
        self._beside(self._channel.quietly, "answerCallbackQuery", callback_query_id=str(query["id"]), **more)

    def _beside(self, what: Callable[..., Coroutine[Any, Any, None]], *args: Any, **more: Any) -> None:
        """What nothing hangs on: no update waits for it."""
        if len(self._answers) < AT_ONCE:
            task = asyncio.create_task(what(*args, **more))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _call(self, visitor: str) -> str:
        try:
            return str((await self._gateway.find(visitor)).get("call") or "")
        except ControlAway as error:
            raise Away(type(error).__name__) from None

    def _receives(self, reason: str, *, fault: bool = False) -> None:
        if self._gateway.standing.receives(reason, self._gateway.wall_clock(), fault=fault):
            (_log.warning if reason else _log.info)("receiving", reason=reason or "it works")

    def _wait(self, failures: int) -> float:
        return backed_off(failures, MOST_OF_ALL, self._chance)


def _visitor(update: dict[str, Any]) -> str:
    """Whose update it is; "" for what is of nobody."""
    for kind in WANTED:
        if isinstance(what := update.get(kind), dict):
            who = what.get("from") if kind == "callback_query" else what.get("chat")
            return str(who.get("id", "")) if isinstance(who, dict) else ""
    return ""


def _album(message: dict[str, Any]) -> str:
    """Which one it is of; "" for none."""
    return str(message.get("media_group_id") or "")[:59]


def _name(who: dict[str, Any]) -> str:
    return " ".join(str(who.get(part) or "") for part in ("first_name", "last_name")).strip()
