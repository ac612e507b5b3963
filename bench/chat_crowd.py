"""People who write, in a process of their own: visitors by WebSocket, operators by the API and its stream of events.

    python -m bench.chat_crowd HOST:PORT VISITORS ASKING COOKIE...

`ASKING` of the visitors write with an operator (one for each cookie), all others with the menu. A line of stdin begins
a phase: messages a second of all together, and seconds. Each phase is a line of JSON on stdout; so is that all are in.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

AT_ONCE = 20                # pages that come in at one time
TO_OPERATOR, AGAIN = "0", "1"
LOST = 10.0                 # s after which an answer is missing
LOOKED_AT = 1.0             # s between an operator's looks for what is offered


class Page:
    """A visitor, who says nothing more as long as an answer is missing."""

    def __init__(self, number: int, asks: bool) -> None:
        self.number, self.asks = number, asks
        self.socket: ClientConnection | None = None
        self.is_here = asyncio.Event()
        self.said_at: dict[str, float] = {}
        self.waits_since = 0.0
        self.count = 0
        self.kept: list[float] = []
        self.answered: list[float] = []
        self.refused: Counter[str] = Counter()

    async def come(self, web: str) -> None:
        source = f"127.74.{self.number // 10 // 250}.{self.number // 10 % 250 + 1}"
        self.socket = await connect(f"ws://{web}/ws/chat", origin=f"http://{web}", compression=None, proxy=None,  # type: ignore[arg-type]
                                    ping_interval=None, local_addr=(source, 0))
        await self.tell(type="hello", token=None, call=None, after=-1)
        await self.tell(type="start", name="")
        self._reading = asyncio.create_task(self._read(self.socket))
        await self.is_here.wait()
        if self.asks:
            await self.say(TO_OPERATOR)

    async def tell(self, **message: Any) -> None:
        assert self.socket is not None
        await self.socket.send(json.dumps(message))

    async def say(self, body: str = "") -> None:
        self.count += 1
        key, now = f"k{self.count}", time.monotonic()
        self.said_at[key] = self.waits_since = now
        await self.tell(type="say", key=key, body=body or (f"Question {self.count}" if self.asks else AGAIN))

    async def _read(self, socket: ClientConnection) -> None:
        async for text in socket:
            told, now = json.loads(text), time.monotonic()
            match told["type"]:
                case "kept":
                    self.kept.append(now - self.said_at.pop(told["key"]))
                case "message":
                    self.is_here.set()
                    if self.waits_since and told["from"] == ("operator" if self.asks else "hotline"):
                        self.answered.append(now - self.waits_since)
                        self.waits_since = 0.0
                case "refused":
                    self.refused[told["reason"]] += 1
                    self.waits_since = 0.0

    async def writes(self, every: float, until: float) -> None:
        await asyncio.sleep(min(random.uniform(0, every), max(0.0, until - time.monotonic())))
        while time.monotonic() < until:
            if not self.waits_since or time.monotonic() - self.waits_since > LOST:
                await self.say()
            await asyncio.sleep(min(random.uniform(0.5, 1.5) * every, max(0.0, until - time.monotonic())))


class Operator:
    """A desk that answers at once."""

    def __init__(self, web: str, cookie: str, number: int) -> None:
        headers = {"Cookie": cookie, "X-Hotline": "1", "Origin": f"http://{web}"}
        wire = httpx.AsyncHTTPTransport(local_address=f"127.75.1.{number + 1}")
        self.client = httpx.AsyncClient(base_url=f"http://{web}/api", headers=headers, transport=wire, timeout=10.0,
                                        trust_env=False)
        self.known: dict[str, int] = {}
        self.busy: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.answers: set[asyncio.Task[None]] = set()
        self.is_there = asyncio.Event()         # who asks for somebody before that is told that nobody is there

    async def listens(self) -> None:
        async with self.client.stream("GET", "/live", timeout=None) as stream:
            await self.client.put("/desk/chats", json={"answers": True})
            self.is_there.set()
            event = ""
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data: ") and event == "chats":
                    for call, position in json.loads(line.removeprefix("data: "))["positions"].items():
                        if position > self.known.get(call, -1):
                            task = asyncio.create_task(self._answer(call, position))
                            self.answers.add(task)
                            task.add_done_callback(self.answers.discard)

    async def takes(self) -> None:
        while True:
            for card in (await self.client.get("/desk")).json().get("cards", ()):
                if card["state"] == "ringing":
                    await self.client.post(f"/chats/{card['call']}/take")
            await asyncio.sleep(LOOKED_AT)

    async def _answer(self, call: str, position: int) -> None:
        async with self.busy[call]:
            known = self.known.get(call, -1)
            if position <= known:
                return
            found = (await self.client.get(f"/chats/{call}/messages?after={known}")).json().get("items", ())
            for row in found:
                self.known[call] = row["position"]
                if row["sender"] == "caller" and row["body"] != TO_OPERATOR:
                    await self.client.post(f"/chats/{call}/messages", json={
                        "body": "An answer of one line, as people write them.", "key": f"r{row['position']}"})


def spread(found: list[float]) -> dict[str, float]:
    """In ms."""
    ordered = sorted(found)
    return {name: round(1000 * ordered[int(share * (len(ordered) - 1))], 1)
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))} if ordered else {}


async def phase(pages: list[Page], rate: float, seconds: float) -> dict[str, Any]:
    for page in pages:
        page.kept, page.answered, page.refused = [], [], Counter()
    said, began, used = sum(page.count for page in pages), time.monotonic(), time.process_time()
    every = len(pages) / rate
    await asyncio.gather(*(page.writes(every, began + seconds) for page in pages))
    await asyncio.sleep(0.5)
    took = time.monotonic() - began
    with_menu, with_people = ([page for page in pages if page.asks is asks] for asks in (False, True))
    return {"asked_per_s": rate, "said_per_s": round((sum(page.count for page in pages) - said) / took, 1),
            "seconds": round(took, 1), "kept_ms": spread([one for page in pages for one in page.kept]),
            "menu_answers_ms": spread([one for page in with_menu for one in page.answered]),
            "operator_answers_ms": spread([one for page in with_people for one in page.answered]),
            "said": sum(page.count for page in pages) - said,
            "answered": sum(len(page.answered) for page in pages),
            "refused": sum((page.refused for page in pages), start=Counter()),
            "crowd_core_share": round((time.process_time() - used) / took, 2)}


async def crowd(web: str, visitors: int, asking: int, cookies: list[str]) -> None:
    operators = [Operator(web, cookie, number) for number, cookie in enumerate(cookies)]
    listening = [asyncio.create_task(work()) for one in operators for work in (one.listens, one.takes)]
    pages = [Page(number, number < asking) for number in range(visitors)]
    async with asyncio.timeout(LOST):
        await asyncio.gather(*(one.is_there.wait() for one in operators))
    places, began = asyncio.Semaphore(AT_ONCE), time.monotonic()

    async def comes(page: Page) -> None:
        async with places:
            await page.come(web)

    await asyncio.gather(*map(comes, pages))
    print(json.dumps({"came_in_s": round(time.monotonic() - began, 1)}), flush=True)
    await asyncio.sleep(2 * LOOKED_AT + asking / 20)        # all that ring are taken
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await phase(pages, *map(float, line.split()))), flush=True)
        for task in listening:
            if task.done():         # an operator who is gone would be a lie in the figures
                task.result()
    for task in listening:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


if __name__ == "__main__":
    asyncio.run(crowd(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
