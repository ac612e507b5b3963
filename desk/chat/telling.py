"""What a page of a visitor is told, in order: what it missed before what came meanwhile."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from typing import Any

from sqlalchemy import Engine

from desk.chat.page import ChatPage
from desk.chat.protocol import Say
from desk.chat.recent import Ask, Missed, missed_rows
from routing.requests.messages import ChatMessage

MISSED = 500             # messages that come while a page is being told the earlier ones; with more it comes anew
AGAIN = 1013             # closes a page that had better come anew (RFC 6455's registry: try again later)
LOOK_AGAIN = 1.0         # s between looks at a database that is away, for a page that misses something
PACE = 0.01              # s between looks at a page whose network is slow


class Telling:
    """`names`: of operators, for visitors. `said`: messages on their way through control, by visitor and key."""

    def __init__(self, ask: Ask, engine: Engine, names: Mapping[str, str],
                 said: OrderedDict[tuple[str, str], Say]) -> None:
        self._ask, self._engine, self._names, self._said = ask, engine, names, said
        self._tasks: set[asyncio.Future[None]] = set()
        self._looks = asyncio.Lock()     # pages look one after the other at a database that was away
        self._away_until = 0.0

    def told(self, page: ChatPage, message: dict[str, Any]) -> None:
        """At once, or in its turn behind what was said before. Who typed a while ago is no news."""
        if page.missed is None:
            self.now(page, message)
        elif message["kind"] != "typing":
            page.missed.append(message)
            if len(page.missed) > MISSED:
                page.missed.clear()
                self.do(page.outbox.close(AGAIN))

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Beside all else."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
        held = page.missed
        if held is None:
            return                       # it is gone
        found = await self._rows(page, held)
        if page.missed is not held:
            return                       # somebody else has begun anew, or it is gone
        page.holes = not found.whole
        if found.whole:
            self._held(page)
        else:
            self.do(self._when_back(page, held))

    async def _when_back(self, page: ChatPage, held: list[dict[str, Any]]) -> None:
        """Until it is whole, or is gone, or has come anew."""
        while page.missed is held and not page.outbox.gone:
            await asyncio.sleep(LOOK_AGAIN)
            async with self._looks:
                if time.monotonic() < self._away_until or page.missed is not held:
                    continue
                found = await self._rows(page, held)
                if found.away:
                    self._away_until = time.monotonic() + LOOK_AGAIN
            if found.whole and page.missed is held:
                page.holes = False
                self._held(page)

    async def _rows(self, page: ChatPage, held: list[dict[str, Any]]) -> Missed:
        """What there is behind what the page has; the last of what was found."""
        while True:
            before, found = page.after, await missed_rows(self._ask, self._engine, page.call, page.after, page.last)
            for row in found.rows:
                if page.missed is held and row.position > page.after:
                    await self._row(page, row)
            if page.missed is held:
                page.after = max(page.after, found.upto)
            if page.missed is not held or page.outbox.gone or found.whole or page.after == before:
                return found

    async def _row(self, page: ChatPage, row: ChatMessage) -> None:
        page.after = row.position
        key = row.key.partition("/")[2]
        self._said.pop((page.visitor, key), None)
        page.tell("message", **self._shown(row.position, row.at.isoformat(), row.sender, row.kind, row.body or "",
                                           row.options, key))
        while page.outbox.busy and not page.outbox.gone:    # a long chat over a slow network
            await asyncio.sleep(PACE)

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
