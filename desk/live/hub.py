"""Who looks on, and what each is told: one task asks control while anybody does, and tells what has changed.

A listener has one place for each topic: what is newer replaces what was not sent yet, so nobody who reads slowly costs
more than one board. How often boards are sent falls with how many octets they come to.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desk.api.health import Health, health_now
from desk.live.board import board, without_control
from desk.live.changes import differs
from desk.live.me import mine
from desk.state import Desk
from desk.who import Who
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log

EVERY = 0.5                 # s between two looks
SHORTEST = 0.1              # s; when somebody has come
HEALTH_EVERY = 5.0          # s; it asks the database
MOST = 600                  # listeners
MOST_OF_ONE = 12            # of one person: tabs and devices
OCTETS_PER_S = 10_000_000   # of boards to all together; beyond it they come more rarely,
RAREST = 10.0               # s, but so often

log = Log("live")


class TooMany(Exception):
    """No further listener is taken."""


@dataclass(eq=False)
class Listener:
    """One open stream. `waiting`: the newest text by topic that was not sent yet; `knows`: topics it was told of."""

    who: Who
    knows: set[str] = field(default_factory=set)
    waiting: dict[str, str] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, topic: str, text: str) -> None:
        self.waiting[topic] = text
        self.knows.add(topic)
        self.woken.set()

    def take(self) -> dict[str, str]:
        taken, self.waiting = self.waiting, {}
        self.woken.clear()
        return taken


@dataclass(frozen=True)
class Told:
    """What was told last of a topic, and when (monotonic s)."""

    value: Mapping[str, Any]
    at: float


class Hub:
    """Lives in one event loop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._listeners: dict[Listener, None] = {}
        self._told: dict[str, Told] = {}        # boards by role, `me` by name
        self._task: asyncio.Task[None] | None = None
        self._boards_at = 0.0
        self._joined = asyncio.Event()
        self._health: tuple[float, Health | None] = (-HEALTH_EVERY, None)
        self.closed = False

    def join(self, who: Who) -> Listener:
        """A new listener, who is told everything at once. Raises TooMany."""
        of_one = sum(listener.who.name == who.name for listener in self._listeners)
        if self.closed or len(self._listeners) >= MOST or of_one >= MOST_OF_ONE:
            raise TooMany
        listener = Listener(who)
        self._listeners[listener] = None
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_on())
        self._joined.set()
        return listener

    def leave(self, listener: Listener) -> None:
        self._listeners.pop(listener, None)

    def looks_on(self, name: str) -> bool:
        """Whether a page of this person is there."""
        return any(listener.who.session is not None and listener.who.name == name for listener in self._listeners)

    def tell_person(self, name: str, topic: str, value: Mapping[str, Any]) -> None:
        """To every page of this person, as it happens."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        for listener in self._listeners:
            if listener.who.session is not None and listener.who.name == name:
                listener.tell(topic, text)

    def close(self) -> None:
        """The service ends: every stream does."""
        self.closed = True
        for listener in self._listeners:
            listener.woken.set()

    async def _look_on(self) -> None:
        """Until nobody looks on any more."""
        while self._listeners and not self.closed:
            try:
                await self._look()
            except Exception as error:      # a bug of ours: pages must not stay blind for good
                log.error("board_not_told", error=error)
            self._joined.clear()
            await asyncio.sleep(SHORTEST)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._joined.wait(), EVERY - SHORTEST)

    async def _look(self) -> None:
        try:
            snapshot = await self._desk.snapshots.get()
        except (ControlAway, ControlRefused):
            self._tell_boards(None)
            return
        self._tell_boards(snapshot, await self._health_now())
        people: dict[str, list[Listener]] = {}
        for listener in self._listeners:
            if listener.who.session is not None and listener.who.name in self._desk.config.operators:
                people.setdefault(listener.who.name, []).append(listener)
        before = {name: told.value if (told := self._told.get(f"me {name}")) else None for name in people}
        with contextlib.suppress(ControlAway, ControlRefused):      # the next look tells that it is away
            for name, shown in (await mine(self._desk, before, snapshot)).items():
                self._put(f"me {name}", "me", shown, people[name])

    def _tell_boards(self, snapshot: Mapping[str, Any] | None, health: Health | None = None) -> None:
        """To each role that looks on; to those who know one already, once enough time has gone by."""
        now, octets = self._desk.clock(), 0
        due = now >= self._boards_at
        for key in {_board_key(listener.who) for listener in self._listeners}:
            heard = [listener for listener in self._listeners if _board_key(listener.who) == key]
            if not due:
                heard = [listener for listener in heard if "board" not in listener.knows]
            if not heard:
                continue
            before = self._told.get(key)
            if snapshot is None:
                shown = without_control(before.value if before else None, round(self._desk.wall_clock(), 3))
            else:
                shown = board(self._desk, snapshot, health, supervisor=key == "supervisor")
            octets += self._put(key, "board", shown, heard, keep=due)
        if due:
            self._boards_at = now + min(octets / OCTETS_PER_S, RAREST)

    def _put(self, key: str, topic: str, value: Mapping[str, Any], heard: Sequence[Listener], *,
             keep: bool = True) -> int:
        """Tell it: to all if it is news, else to who knows nothing yet. Returns how many octets that takes. `keep`:
        whether all who are meant hear it, so that what comes next is held against it."""
        now, before = self._desk.clock(), self._told.get(key)
        if before is not None and not differs(before.value, value, now - before.at):
            heard = [listener for listener in heard if topic not in listener.knows]
        elif keep:
            self._told[key] = Told(value, now)
        if not heard:
            return 0
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        for listener in heard:
            listener.tell(topic, text)
        return len(heard) * len(text)

    async def _health_now(self) -> Health | None:
        asked_at, health = self._health
        if self._desk.clock() - asked_at >= HEALTH_EVERY:
            health = await health_now(self._desk)
            self._health = (self._desk.clock(), health)
        return health


def _board_key(who: Who) -> str:
    return "supervisor" if who.may("supervisor") else "operator"
