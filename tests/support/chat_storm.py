"""Visitors and operators who write while their connections break and processes die; then what each of them has is held
against the database. They speak as docs/text.md has it: what is not kept is said again, under the same key."""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

SAID_AGAIN = 1.0        # s until what found nobody is said again, and what an operator wrote and does not read
LOOKED_AT = 0.3         # s between an operator's looks at the desk
TO_OPERATOR, AGAIN = "0", "1"
HANDSHAKE = 5.0         # s; a process that is killed may have taken the connection and nothing more
GONE = (OSError, WebSocketException, TimeoutError)


@dataclass
class Visitor:
    """One page, which comes back after each cut. `shown` is what stands on it, by position: from and body."""

    web: str
    number: int
    chance: random.Random
    asks: bool              # for an operator
    think: float            # s between messages, on average
    said: list[tuple[str, str]] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)           # not kept yet, by key
    shown: dict[int, tuple[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)           # s from said to kept
    speaks: bool = True
    leaves: bool = False        # from now on, once
    returns: int = -1
    _over: bool = False
    _token: str | None = None
    _known: bool = False
    _at: dict[str, float] = field(default_factory=dict)
    _next: float = 0.0

    @property
    def call(self) -> str:
        return self.calls[-1] if self.calls else ""

    @property
    def source(self) -> str:
        """An address of its own for ten of them: one address has no more than 30 sockets."""
        return f"127.74.{self.number // 10 // 250}.{self.number // 10 % 250 + 1}"

    async def live(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with connect(f"ws://{self.web}/ws/chat", origin=f"http://{self.web}", compression=None,  # type: ignore[arg-type]
                                   proxy=None, open_timeout=HANDSHAKE, close_timeout=0.2, ping_interval=None,
                                   local_addr=(self.source, 0)) as socket:
                    self.returns += 1
                    self._known = False
                    await self._page(socket)
            except GONE:
                await asyncio.sleep(self.chance.uniform(0.05, 0.5))

    async def _page(self, socket: ClientConnection) -> None:
        await self._hello(socket)
        while True:
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + self._pause()):
                    text = await socket.recv()
            except TimeoutError:
                await self._write(socket)
                continue
            told = json.loads(text)
            if told["type"] == "refused":
                await self._refused(socket, told)
            elif told["type"] == "hello":
                await self._greeted(socket, told)
            elif told["type"] == "ended":
                await self._ended(socket)
            else:
                self._take(told)

    def _pause(self) -> float:
        return max(0.0, self._next - time.monotonic())

    async def _hello(self, socket: ClientConnection) -> None:
        self._next = time.monotonic() + self.chance.uniform(0, 2 * self.think)
        await self._tell(socket, type="hello", token=self._token, call=self.call or None,
                         after=max(self.shown, default=-1))

    async def _greeted(self, socket: ClientConnection, told: Mapping[str, Any]) -> None:
        self._token, self._known = told["token"], True
        if told["call"] is None and self.leaves:
            self._over = True
        elif told["call"] is None:
            await self._tell(socket, type="start", name=f"Visitor {self.number}")
        else:
            self._began(told["call"])
            await self._again(socket)

    async def _again(self, socket: ClientConnection) -> None:
        for key, body in list(self.own.items()):
            await self._tell(socket, type="say", key=key, body=body)

    async def _refused(self, socket: ClientConnection, told: Mapping[str, Any]) -> None:
        if told["reason"] not in ("away", "too_many", "not_kept") and not self.leaves:
            self.faults.append(f"refused: {told}")
        await asyncio.sleep(SAID_AGAIN)
        if not self._known:
            await self._hello(socket)
        elif not self.calls:
            await self._tell(socket, type="start", name="")
        else:
            await self._again(socket)

    async def _write(self, socket: ClientConnection) -> None:
        """A message, or two at once, once the hotline has said something; or goodbye."""
        self._next = time.monotonic() + self.chance.uniform(0.2, 2 * self.think)
        if not self._known:
            return                      # not greeted yet: what is not kept comes first
        if self.leaves and not self._over:
            await self._tell(socket, type="leave")
        for _ in range(self.chance.choice((1, 1, 2)) if self.speaks and self.shown else 0):
            key = f"k{len(self.said)}"
            body = AGAIN if not self.asks else f"v{self.number} n{len(self.said)}" if self.said else TO_OPERATOR
            self.said.append((key, body))
            self.own[key], self._at[key] = body, time.monotonic()
            await self._tell(socket, type="say", key=key, body=body)

    def _take(self, told: Mapping[str, Any]) -> None:
        match told["type"]:
            case "started":
                self._began(told["call"])
            case "message":
                self._show(told["position"], told["from"], told["body"])
                if "key" in told:
                    self._kept(told["key"])
            case "kept":
                if told["key"] in self.own:
                    self._show(told["position"], "me", self.own[told["key"]])
                    self._kept(told["key"])

    async def _ended(self, socket: ClientConnection) -> None:
        """A chat of which nothing was safe yet may go with control: nobody has said anything in it."""
        self._over = self.leaves
        if self.shown and not self.leaves:
            self.faults.append("the chat ended")
        elif not self.leaves:
            await self._tell(socket, type="start", name=f"Visitor {self.number}")

    def _began(self, call: str) -> None:
        if call != self.call:
            self.calls.append(call)
            self.shown, self.own, self.said = {}, {}, []

    def _kept(self, key: str) -> None:
        if self.own.pop(key, None) is not None:
            self.delays.append(time.monotonic() - self._at[key])

    def _show(self, position: int, sender: str, body: str) -> None:
        if position in self.shown:
            self.faults.append(f"{position} was shown twice: {self.shown[position]}, {body!r}")
        elif self.shown and position < max(self.shown):
            self.faults.append(f"{position} was shown after {max(self.shown)}")
        self.shown[position] = (sender, body)

    async def _tell(self, socket: ClientConnection, **message: Any) -> None:
        await socket.send(json.dumps(message))


@dataclass
class Operator:
    """A desk by the API: takes every chat, reads it, and answers each message of the visitor once, in order."""

    web: str
    name: str
    cookie: str
    source: str
    read: dict[str, dict[int, tuple[str, str]]] = field(default_factory=lambda: defaultdict(dict))
    to_say: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))     # by call: body by key
    faults: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    _tried: dict[str, float] = field(default_factory=dict)

    async def live(self) -> None:
        """Until cancelled."""
        headers = {"Cookie": self.cookie, "X-Hotline": "1", "Origin": f"http://{self.web}"}
        wire = httpx.AsyncHTTPTransport(local_address=self.source)
        async with httpx.AsyncClient(base_url=f"http://{self.web}/api", headers=headers, transport=wire, timeout=5.0,
                                     trust_env=False) as client:
            while True:
                try:
                    await self._look(client)
                except httpx.HTTPError as error:
                    self.failed[type(error).__name__] += 1
                await asyncio.sleep(LOOKED_AT)

    async def _look(self, client: httpx.AsyncClient) -> None:
        await self._ask(client, "PUT", "/desk/chats", {"answers": True})
        desk = await self._ask(client, "GET", "/desk")
        for card in desk["cards"] if desk is not None else ():
            if card["state"] == "ringing":
                await self._ask(client, "POST", f"/chats/{card['call']}/take", {})
            else:
                await self._chat(client, card["call"])

    async def _chat(self, client: httpx.AsyncClient, call: str) -> None:
        known = self.read[call]
        found = await self._ask(client, "GET", f"/chats/{call}/messages?after={max(known, default=-1)}")
        for row in found["items"] if found is not None else ():
            if row["position"] in known or row["position"] < max(known, default=-1):
                self.faults.append(f"{call} {row['position']} was read twice or late")
            known[row["position"]] = (row["sender"], row["body"])
            if row["sender"] == "caller" and row["body"] != TO_OPERATOR:
                self.to_say[call][f"r{row['position']}"] = f"re: {row['body']}"
            elif row["sender"] == self.name:
                self.to_say[call].pop(row["key"], None)
        now = time.monotonic()
        key, body = next(iter(self.to_say[call].items()), ("", ""))     # the next one only when this one is told of
        if key and now - self._tried.get(call + key, -SAID_AGAIN) >= SAID_AGAIN:
            await self._ask(client, "POST", f"/chats/{call}/messages", {"body": body, "key": key})
            self._tried[call + key] = now

    async def _ask(self, client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
        answer = await client.request(method, path, json=body)
        if answer.status_code >= 400:
            self.failed[str(answer.status_code)] += 1
            return None
        return answer.json() if answer.content else {}
