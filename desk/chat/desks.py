"""Operators' desks that answer chats: who does, and what each is told as it happens.

A desk answers as long as a page of its operator looks on (`/api/live`), and a little longer: a reload is no goodbye.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from desk.live.hub import Hub
from desk.snapshots import Control
from ivr.drivers.control_link import ControlAway, ControlRefused

LOOKED_AT_EVERY = 2.0       # s
GRACE = 20.0                # s that a desk answers without a page that looks on
MOST_KNOWN = 200            # chats of one desk whose last position is told
MOST_REFUSED = 50           # of its messages that were not taken: more than a chat can have on their way


class ChatDesks:
    """All of them, by account."""

    def __init__(self, link: Control, hub: Hub, clock: Callable[[], float]) -> None:
        self._link, self._hub, self._clock = link, hub, clock
        self._seen: dict[str, float] = {}                   # who answers, and when a page of theirs was there last
        self._news: dict[str, dict[str, int]] = {}          # by account: the last position of each chat
        self._refused: dict[str, dict[str, dict[str, Any]]] = {}     # by account and key: why, and a number that grows
        self._refusals = 0

    def answers(self, account: str) -> bool:
        """Whether this desk answers chats."""
        return account in self._seen

    def last(self, account: str, call: str) -> int:
        """The last position of a chat that this desk was told of; -1: of none."""
        return self._news.get(account, {}).get(call, -1)

    async def answer(self, account: str, *, answers: bool) -> None:
        """From now on, or no longer. Raises what the link raises."""
        await self._link.call("desk_chats", account=account, answers=answers)
        if answers:
            self._seen[account] = self._clock()
        else:
            self._seen.pop(account, None)

    async def keep(self) -> None:
        """Until cancelled: desks without a page answer no longer."""
        while True:
            await asyncio.sleep(LOOKED_AT_EVERY)
            now = self._clock()
            for account, seen in list(self._seen.items()):
                if self._hub.looks_on(account):
                    self._seen[account] = now
                elif now - seen > GRACE:
                    with contextlib.suppress(ControlAway, ControlRefused):
                        await self.answer(account, answers=False)

    async def listening(self) -> None:
        """Control is another one. Raises what the link raises."""
        for account in list(self._seen):
            await self._link.call("desk_chats", account=account, answers=True)

    def pushed(self, message: dict[str, Any]) -> None:
        """Of control, for one desk: that there is something new. The page reads it."""
        account, kind = str(message.get("writer", "")), message.get("kind")
        if not account or "/" in account:
            return
        if kind in ("message", "kept"):         # what they wrote is news as well: their other pages show it too
            news = self._news.setdefault(account, {})
            position = max(news.pop(message["call"], -1), message["position"])
            news[message["call"]] = position
            while len(news) > MOST_KNOWN:
                del news[next(iter(news))]
            self._tell(account)
        elif kind == "refused":
            self._note_refused(account, str(message.get("key", "")), str(message.get("reason", "")))
            self._tell(account)
        elif kind == "typing":
            self._hub.tell_person(account, "typing", {"call": message["call"], "who": message["who"]})

    def _tell(self, account: str) -> None:
        self._hub.tell_person(account, "chats", {"positions": self._news.get(account, {}),
                                                 "refused": self._refused.get(account, {})})

    def _note_refused(self, account: str, key: str, reason: str) -> None:
        """A page takes each number once: what was refused may be sent again under its key. It also grows over a restart
        of this process, for the clock does."""
        self._refusals = max(self._refusals + 1, int(self._clock() * 1000))
        refused = self._refused.setdefault(account, {})
        refused.pop(key, None)
        refused[key] = {"reason": reason, "number": self._refusals}
        while len(refused) > MOST_REFUSED:
            del refused[next(iter(refused))]
