"""Chats of a real service while 5 % of what passes is the last of its connection, and processes are killed: nothing may
be lost, nothing doubled, all in order. In the end everybody leaves, and each request must have its record."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import yaml

from tests.support.chat_account import QUEUE, recorded, went_on, written
from tests.support.chat_storm import Operator, Visitor
from tests.support.cutting import Cutter
from tests.support.service import PASSWORD, Service
from tests.support.web_page import log_in

MENU = {
    "languages": ["en"], "start": "main", "defaults": {"on_failure": {"queue": QUEUE}},
    "menus": {"main": {"prompts": "main_options", "options": {"0": {"queue": QUEUE}, "1": [{"goto": "main"}]}}},
    "prompts": {"main_options": {"en": "To hear this again, press one. To speak to an operator, press zero."}},
}
SETTLED = 40.0          # s in which all that was said arrives, once nothing is cut any more
STARTED = 30.0          # s in which a process that was killed is there again, to be killed again


@dataclass(frozen=True)
class Drill:
    """What happens: `kills` are names of processes, killed one after the other at even distances, be they only just
    starting again."""

    seed: int
    visitors: int = 60
    asking: int = 24            # of them, for an operator
    operators: int = 3
    seconds: float = 16.0
    think: float = 1.2
    share: float = 0.05
    kills: Sequence[str] = ("web", "control", "web")


@dataclass
class Outcome:
    """`faults` must be empty; the rest are figures."""

    faults: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


def settings(folder: Path, drill: Drill) -> dict[str, Any]:
    """Of `running_service`, for such a drill."""
    menu, secret = folder / "menu.yaml", folder / "web-password"
    folder.mkdir(parents=True, exist_ok=True)
    menu.write_text(yaml.safe_dump(MENU))
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    names = names_of(drill)
    own = {"phone_password_file": str(folder / "password"), "web_password_file": str(secret), "chats": 20}
    return {"lines": [{"numbers": ["100"], "menu": str(menu)}], "operators": dict.fromkeys(names, own),
            "queues": {QUEUE: {"operators": names, "ring_time_s": 10, "max_wait_s": 600}},
            "channels": {"web": {"line": "100", "chats_per_hour": 1000, "messages_per_minute": 600}}}


def drilled(service: Service, drill: Drill, host: str) -> Outcome:
    """The drill, on a wire at `host` before this service, which has `settings`."""
    return asyncio.run(_Drilled(service, drill).run(host))


class _Drilled:
    def __init__(self, service: Service, drill: Drill) -> None:
        self.service, self.drill = service, drill
        self.chance = random.Random(drill.seed)
        self.visitors: list[Visitor] = []
        self.operators: list[Operator] = []

    async def run(self, host: str) -> Outcome:
        web = str(self.service.config["web"]["listen"])
        own, _, port = web.rpartition(":")
        cutter = Cutter((own, int(port)), self.drill.share, self.chance)
        address = await cutter.start(host)
        self._people(web, address)
        tasks = [asyncio.create_task(one.live()) for one in (*self.visitors, *self.operators)]
        began = time.monotonic()
        try:
            await self._kills()
            cutter.share = 0.0
            for visitor in self.visitors:
                visitor.speaks = False
            outcome = Outcome(await self._settled(self._written))
            for visitor in self.visitors:
                visitor.leaves = True
            outcome.faults += await self._settled(self._recorded)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            await cutter.close()
        outcome.faults += [repr(end) for end in ends if isinstance(end, Exception)]
        delays = sorted(delay for visitor in self.visitors for delay in visitor.delays)
        outcome.figures |= {
            "seconds": round(time.monotonic() - began, 1), "connections": cutter.connections, "cuts": cutter.cuts,
            "went_on": went_on(self.service.database_url), "said": sum(len(visitor.said) for visitor in self.visitors),
            "returns": sum(visitor.returns for visitor in self.visitors),
            "kept_after_s": {"p50": round(delays[len(delays) // 2], 3), "p95": round(quantiles(delays, n=20)[-1], 3),
                             "most": round(delays[-1], 3)} if len(delays) > 1 else {},
            "operators_failed": dict(sum((one.failed for one in self.operators), start=Counter()))}
        return outcome

    def _people(self, web: str, wire: str) -> None:
        share = self.drill.think
        self.visitors = [Visitor(wire, number, random.Random(self.chance.random()), number < self.drill.asking, share)
                         for number in range(self.drill.visitors)]
        self.operators = [Operator(wire, name, log_in(web, name, PASSWORD), f"127.75.0.{number + 1}")
                          for number, name in enumerate(names_of(self.drill))]

    async def _kills(self) -> None:
        pause = self.drill.seconds / (len(self.drill.kills) + 1)
        for child in self.drill.kills:
            await asyncio.sleep(pause)
            await self._kill(child)
        await asyncio.sleep(pause)

    async def _kill(self, child: str) -> None:
        """Whichever there is of that name; once there is one."""
        async with asyncio.timeout(STARTED):
            while True:
                try:
                    os.kill(self.service.child(child), signal.SIGKILL)
                    return
                except (ProcessLookupError, FileNotFoundError):
                    await asyncio.sleep(0.05)

    async def _settled(self, faults_of: Callable[[], list[str]]) -> list[str]:
        """Once nothing is wrong any more, or what is wrong in the end."""
        until = time.monotonic() + SETTLED
        while True:
            faults = await asyncio.to_thread(faults_of)
            if not faults or time.monotonic() > until or any(visitor.faults for visitor in self.visitors):
                return faults
            await asyncio.sleep(0.5)

    def _written(self) -> list[str]:
        return written(self.service.database_url, self.visitors, self.operators)

    def _recorded(self) -> list[str]:
        """And nobody is left busy with what is over."""
        try:
            busy = {name: each["chats"] for name, each in self.service.operators().items() if each["chats"]}
        except OSError as error:
            return [f"nobody tells how operators stand: {error!r}"]
        return [*recorded(self.service.database_url, self.visitors, self.drill.kills.count("control")),
                *(f"{name} still has {chats} chats" for name, chats in busy.items())]


def names_of(drill: Drill) -> list[str]:
    return [f"op{number}" for number in range(drill.operators)]
