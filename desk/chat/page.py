"""One page of a visitor, and what it is told."""

import asyncio
import hashlib
from contextlib import suppress
from typing import Any

from desk.bucket import Bucket
from desk.phone.outbox import Outbox, Send

SLOWED = 10              # messages that come at once before the limit of a minute counts
BEHIND = 5.0             # s in which what was not said is said again, before what came after it
STANDING = ("started", "asks", "ended")     # pushes that say how a chat stands


class ChatPage:
    """One socket of a visitor."""

    def __init__(self, send: Send, host: str, per_minute: int) -> None:
        self.outbox, self.host = Outbox(send), host
        self.token = self.visitor = ""
        self.call = ""                   # the chat that it shows
        self.over = ""                   # the one that it showed before, whose last words may still come
        self.after = -1                  # the position up to which it was told
        self.last = -1                   # that of the last message there was when it came: the database may be behind
        self.missed: list[dict[str, Any]] | None = []       # while it is told what was before; then None
        self.texts = Bucket(*pace(per_minute))
        self.faults = Bucket(0.2, 20)
        self.holes = False               # what is missing can't be read yet: it is told before all else when it can
        self.behind, self.behind_until = "", 0.0            # the first message that control has not got
        self.goes_on = asyncio.Event()   # not set where control is another one, and has not said where the chat stands
        self.goes_on.set()

    async def is_its_turn(self, within: float) -> bool:
        """Whether it may say something; it waits so long (s) where control has not said yet where the chat stands."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.goes_on.wait()
        return self.goes_on.is_set()

    def loses_control(self) -> None:
        """What control told meanwhile nobody heard. How its chat stands the page is told anew."""
        self.missed = [one for one in self.missed or () if one["kind"] not in STANDING]
        self.goes_on.clear()

    def wait_for(self, key: str, now: float) -> None:
        """This message is said again before anything else; an earlier one that waits for control comes first."""
        if not self.behind or self.goes_on.is_set():
            self.behind = key
        self.behind_until = now + BEHIND

    def comes_before(self, key: str, now: float) -> bool:
        """Whether a message that was said before this one has not come yet."""
        return self.behind not in ("", key) and (now < self.behind_until or not self.goes_on.is_set())

    def tell(self, kind: str, **fields: Any) -> None:
        self.outbox.tell({"type": kind, **fields})


def pace(per_minute: float) -> tuple[float, float]:
    """Messages a second, and how many at once."""
    return per_minute / 60, SLOWED + per_minute / 6


def fingerprint(token: str) -> str:
    """Names a visitor without giving away the token that they come back with."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]
