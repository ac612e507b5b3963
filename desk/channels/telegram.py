"""Telegram: a bot whose private chats are chats of a line. By long polling, or by a webhook of ours.

What is sent is plain text, never markup, so that nothing anybody writes is more than text. Telegram has no key by which
it would know a message again: one that was sent when the web process died, before that was marked, comes twice.
"""

import asyncio
import contextlib
from collections import OrderedDict
from typing import Any

from desk.bucket import Bucket, Buckets
from desk.channels.channel import Channel, Gone, NotTaken, Outgoing, TryLater
from desk.channels.gateway import Gateway
from desk.channels.telegram_api import ApiRefused, BotApi
from desk.channels.telegram_texts import keyboard, parted
from desk.channels.telegram_updates import TelegramUpdates
from desk.channels.telegram_words import words
from ivr.base.config_messengers import TelegramConfig

PER_S, AT_ONCE = 25.0, 25.0     # messages of one bot: Telegram begins to refuse at about 30 a second
REPLIES_PER_S = 0.1             # of ours to one visitor who only gets told that something does not go
KNOWN = 20_000                  # visitors whose language is remembered
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Telegram(Channel):
    """`webhook_secret` is what Telegram shows us with each update, where it brings them."""

    name = "telegram"

    def __init__(self, config: TelegramConfig, token: str, webhook_secret: str) -> None:
        self.config, self.webhook_secret = config, webhook_secret
        self.api = BotApi(config.api, token)
        self.updates: TelegramUpdates | None = None
        self.offered: OrderedDict[str, int] = OrderedDict()         # by visitor: the position of the last buttons
        self._languages: OrderedDict[str, str] = OrderedDict()
        self._pace, self._replies = Bucket(PER_S, AT_ONCE), Buckets(REPLIES_PER_S, 3, KNOWN)

    # --- to visitors ------------------------------------------------------------------------------------------------
    def pieces(self, message: Outgoing) -> list[str]:
        language = message.language or "en"
        body = f"{message.name}: {message.body}" if message.name else message.body
        if message.secret:
            body = f"{body}\n\n{words('secret', language)}".strip()
        return parted(body if body.strip() else words("choose", language))

    async def send(self, visitor: str, message: Outgoing) -> None:
        if message.language:
            self.speaks(visitor, message.language, surely=True)
        text = words("ended", self.language(visitor)) if message.kind == "ended" else message.body
        buttons = keyboard(message.call, message.position, message.options)
        more: dict[str, Any] = {"reply_markup": buttons} if buttons else {}
        await self._paced()
        try:
            await self.api.call("sendMessage", chat_id=int(visitor), text=text,
                                link_preview_options={"is_disabled": True}, **more)
        except ApiRefused as refused:
            raise _meaning(refused) from None
        if buttons or message.sender == "hotline":
            _remember(self.offered, visitor, message.position if buttons else -1)

    async def typing(self, visitor: str) -> None:
        await self.api.call("sendChatAction", chat_id=int(visitor), action="typing")

    async def reply(self, visitor: str, what: str) -> None:
        """A word of the bot's own, which is no part of the chat and may be lost."""
        loop = asyncio.get_running_loop()
        if self._replies.of(visitor).take(loop.time()):
            await self.quietly("sendMessage", chat_id=int(visitor), text=words(what, self.language(visitor)))

    async def quietly(self, method: str, **parameters: Any) -> None:
        """What nothing hangs on."""
        with contextlib.suppress(ApiRefused, TryLater):
            await self.api.call(method, **parameters)

    # --- from visitors ----------------------------------------------------------------------------------------------
    async def run(self, gateway: Gateway) -> None:
        self.updates = TelegramUpdates(self, gateway)
        await self.updates.run()

    async def close(self) -> None:
        await self.api.close()

    # --- languages --------------------------------------------------------------------------------------------------
    def speaks(self, visitor: str, language: str, *, surely: bool = False) -> None:
        """`surely`: the menu speaks it with them; else it is what their Telegram is set to."""
        if surely or visitor not in self._languages:
            _remember(self._languages, visitor, language)

    def language(self, visitor: str) -> str:
        return self._languages.get(visitor, "en")

    async def _paced(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._pace.take(loop.time()):
            await asyncio.sleep(self._pace.wait(loop.time()))


def _meaning(refused: ApiRefused) -> Exception:
    """Of what Telegram refused to send."""
    if refused.status == 403:
        return Gone("the visitor has blocked the bot, or is gone")
    if refused.status == 400 and "chat not found" in refused.description.lower():
        return Gone("there is no such chat any more")
    return NotTaken(str(refused))


def _remember(known: OrderedDict[str, Any], key: str, value: Any) -> None:
    known[key] = value
    known.move_to_end(key)
    while len(known) > KNOWN:
        known.popitem(last=False)
