"""What a page of a visitor is told, in order: what it missed before what came meanwhile."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from desk.chat.page import ChatPage
from desk.chat.protocol import Say
from desk.chat.recent import missed_rows
from desk.snapshots import Control

MISSED = 500             # messages that come while a page is being told the earlier ones
LOOK_AGAIN = 1.0         # s between looks at a database that is away, for a page that misses something
PACE = 0.01              # s between looks at a page whose network is slow


class Telling:
    """`names`: of operators, for visitors. `said`: messages on their way through control, by visitor and key."""

    def __init__(self, link: Control, engine: Engine, names: Mapping[str, str],
                 said: OrderedDict[tuple[str, str], Say]) -> None:
        self._link, self._engine, self._names, self._said = link, engine, names, said
        self._tasks: set[asyncio.Future[None]] = set()

    def told(self, page: ChatPage, message: dict[str, Any]) -> None:
        """At once, or in its turn behind what was said before."""
        if page.missed is None:
            self.now(page, message)
        elif len(page.missed) < MISSED:
            page.missed.append(message)

    def now(self, page: ChatPage, message: dict[str, Any]) -> None:
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
                page.behind = "" if page.behind == message["key"] else page.behind
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

    async def missed(self, page: ChatPage) -> None:
        """What was said before, then what came meanwhile. What nobody can tell while the database is away is told once
        it is back, and what is said meanwhile behind it: a page that has a later message asks for no earlier one."""
        try:
            page.holes = not await self._rows(page)
        finally:
            if not page.holes:
                self._held(page)
        if page.holes:
            task = asyncio.ensure_future(self._when_back(page, page.missed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _when_back(self, page: ChatPage, held: list[dict[str, Any]] | None) -> None:
        """Until it is whole, or is gone, or has come anew."""
        while page.missed is held and not page.outbox.gone:
            await asyncio.sleep(LOOK_AGAIN)
            if page.missed is held and await self._rows(page):
                page.holes = False
                self._held(page)
                return

    async def _rows(self, page: ChatPage) -> bool:
        """What there is behind what the page has; whether that is all up to now."""
        while page.call and not page.outbox.gone:
            rows, whole = await missed_rows(self._link, self._engine, page.call, page.after, page.last)
            for row in rows:
                page.after = row.position
                self._said.pop((page.visitor, row.key.partition("/")[2]), None)
                page.tell("message", **self._shown(row.position, row.at.isoformat(), row.sender, row.kind,
                                                   row.body or "", row.options, row.key.partition("/")[2]))
                while page.outbox.busy and not page.outbox.gone:    # a long chat over a slow network
                    await asyncio.sleep(PACE)
            if not rows:
                return whole
        return True

    def _held(self, page: ChatPage) -> None:
        missed, page.missed = page.missed or [], None
        for message in missed:
            self.now(page, message)

    def _shown(self, position: int, at: str, sender: str, form: str, body: str, options: Any,
               key: str = "") -> dict[str, Any]:
        """As the visitor's page gets it: of people of ours their name alone. `key`: the page's, of what it wrote."""
        mine = sender == "caller"
        who = "me" if mine else "hotline" if sender == "hotline" else "operator"
        return {"position": position, "at": at, "from": who, "name": self._names.get(sender, ""), "form": form,
                "body": body, "options": options, **({"key": key} if mine and key else {})}
