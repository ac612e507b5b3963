"""Chats of a real service while 5 % of what passes is the last of its connection, and processes are killed: nothing may
be lost, nothing doubled, all in order."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from typing import Any

import yaml
from sqlalchemy import select

from routing.requests.database import make_engine
from routing.requests.tables import Call, Message
from tests.support.chat_storm import TO_OPERATOR, Operator, Visitor
from tests.support.cutting import Cutter
from tests.support.service import PASSWORD, Service
from tests.support.web_page import log_in

MENU = {
    "languages": ["en"], "start": "main", "defaults": {"on_failure": {"queue": "general"}},
    "menus": {"main": {"prompts": "main_options", "options": {"0": {"queue": "general"}, "1": [{"goto": "main"}]}}},
    "prompts": {"main_options": {"en": "To hear this again, press one. To speak to an operator, press zero."}},
}
SETTLED = 40.0          # s in which all that was said arrives, once nothing is cut any more


@dataclass(frozen=True)
class Drill:
    """What happens: `kills` are names of processes, killed one after the other at even distances."""

    seed: int
    visitors: int = 60
    asking: int = 24            # of them, for an operator
    operators: int = 3
    seconds: float = 14.0
    think: float = 1.2
    share: float = 0.05
    kills: Sequence[str] = ("web", "web")


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
            "queues": {"general": {"operators": names, "ring_time_s": 10, "max_wait_s": 600}},
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
            outcome = await self._settled()
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            await cutter.close()
        outcome.faults += [repr(end) for end in ends if isinstance(end, Exception)]
        delays = sorted(delay for visitor in self.visitors for delay in visitor.delays)
        outcome.figures |= {
            "seconds": round(time.monotonic() - began, 1), "connections": cutter.connections, "cuts": cutter.cuts,
            "said": sum(len(visitor.said) for visitor in self.visitors),
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
            with suppress(ProcessLookupError):
                os.kill(self.service.child(child), signal.SIGKILL)
        await asyncio.sleep(pause)

    async def _settled(self) -> Outcome:
        """When nothing is wrong any more, or what is wrong in the end."""
        until = time.monotonic() + SETTLED
        while True:
            faults = await asyncio.to_thread(self._faults)
            if not faults or time.monotonic() > until or any(visitor.faults for visitor in self.visitors):
                return Outcome(faults)
            await asyncio.sleep(0.5)

    def _faults(self) -> list[str]:
        rows = self._rows()
        found = [f"operator {one.name}: {fault}" for one in self.operators for fault in one.faults]
        for visitor in self.visitors:
            found += [f"visitor {visitor.number} ({visitor.call}): {fault}"
                      for fault in self._faults_of(visitor, rows.get(visitor.call, []))]
        calls = {visitor.call for visitor in self.visitors}
        return [*found, *(f"a chat of nobody: {call}" for call in rows.keys() - calls)]

    def _faults_of(self, visitor: Visitor, rows: list[Any]) -> list[str]:
        found = list(visitor.faults)
        kept = [(row.key.partition("/")[2], row.body) for row in rows if row.sender == "caller"]
        if kept != visitor.said:
            found.append(f"not kept: {without(visitor.said, kept)}; said {visitor.said}, kept {kept}")
        if visitor.own:
            found.append(f"does not know that they are kept: {visitor.own}")
        open_to_all = {row.position: row.body for row in rows if row.audience == "all"}
        shown = {position: body for position, (_, body) in sorted(visitor.shown.items())}
        if shown != open_to_all:
            found.append(f"not shown: {without(open_to_all.items(), shown.items())}")
        if len({row.key for row in rows if row.key}) != sum(bool(row.key) for row in rows):
            found.append("a message stands twice in the record")
        return [*found, *self._answers(visitor, rows)] if visitor.asks else found

    def _answers(self, visitor: Visitor, rows: list[Any]) -> list[str]:
        """What the operator has read, and has answered."""
        mine = next((one for one in self.operators if visitor.call in one.read), None)
        if mine is None:
            return ["no operator has it"]
        found = []
        if mine.read[visitor.call] != {row.position: (row.sender, row.body) for row in rows}:
            found.append(f"{mine.name} has not read all")
        asked = [row.body for row in rows if row.sender == "caller" and row.body != TO_OPERATOR]
        answered = [row.body for row in rows if row.sender == mine.name]
        if answered != [f"re: {body}" for body in asked]:
            found.append(f"answers of {mine.name}: {answered} to {asked}")
        return found

    def _rows(self) -> dict[str, list[Any]]:
        engine = make_engine(self.service.database_url)
        try:
            with engine.connect() as connection:
                rows = connection.execute(select(
                    Message.call_id, Message.position, Message.sender, Message.audience, Message.body, Message.key,
                ).join(Call, Call.id == Message.call_id).order_by(Message.call_id, Message.position)).all()
        finally:
            engine.dispose()
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(row.call_id, []).append(row)
        for call, of_call in found.items():
            assert all(one.position < other.position for one, other in pairwise(of_call)), call
        return found


def without(some: Any, others: Any) -> list[Any]:
    known = list(others)
    return [one for one in some if one not in known]


def names_of(drill: Drill) -> list[str]:
    return [f"op{number}" for number in range(drill.operators)]
