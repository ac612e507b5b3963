"""The board: what goes on now beside the figures of today, however many look at one reckoning."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.counting import Counting
from desk.problems import Refusal
from ivr.drivers.log import Log
from routing.reports.figures import EVERY
from routing.reports.questions import Question

FIGURES = ("service_level", "speed_of_answer", "abandonment", "longest_wait", "handle_time", "satisfaction", "response")
OF_OPERATORS = ("handle_time", "occupancy", "satisfaction")
COUNTS = ("offered", "answered", "abandoned", "answered_in_time")
FORMULAS = {name: EVERY[name].formula
            for name in (*FIGURES, *OF_OPERATORS, "offered", "answered", "abandoned", "handled", "missed")}
FRESH = 5.0             # s for which figures of today are good at least,
FIRST = 1.0             # s that the first who looks waits for them: what goes on now is more urgent
SHARE = 20.0            # and so many times what counting them took: never more than a twentieth of a core

log = Log("board")


class Today:
    """Figures of the present day; the last ones stay while newer are counted, and while the database is away.
    `question` names the day; `clock` is monotonic."""

    def __init__(self, counting: Counting, question: Callable[[], Question], clock: Callable[[], float]) -> None:
        self._counting, self._question, self._clock = counting, question, clock
        self._counted: dict[str, Any] | None = None
        self._counted_at = 0.0
        self._good_until = 0.0
        self._running: asyncio.Task[None] | None = None
        self.readable = True

    async def figures(self) -> tuple[dict[str, Any] | None, float]:
        """What was counted last, and s since then. Who asks first waits for it a moment; later nobody does."""
        if self._running is None and self._clock() >= self._good_until:
            self._running = asyncio.create_task(self._count())
        if self._counted is None and self._running is not None:
            await asyncio.wait({self._running}, timeout=FIRST)
        return self._counted, max(0.0, self._clock() - self._counted_at)

    async def close(self) -> None:
        """Nobody looks any more."""
        await self._counting.close()

    async def _count(self) -> None:
        began, first = self._clock(), self._counted is None
        try:
            question = await run_in_threadpool(self._question)
            self._counted, self.readable = await self._counting.ask(question), True
            self._counted_at = began
        except (SQLAlchemyError, OSError, Refusal) as error:
            if self.readable:
                log.warning("today_not_counted", error_type=type(error).__name__)
            self.readable = False
        except Exception as error:      # a bug of ours: the board goes on without figures of today
            log.error("today_not_counted", error=error)
            self.readable = False
        finally:
            now, self._running = self._clock(), None
            # The first took the start of a process as well.
            self._good_until = now + (FRESH if first else max(FRESH, SHARE * (now - began)))


def of_queue(counted: Mapping[str, Any] | None, name: str | None) -> dict[str, Any] | None:
    """Figures of today of one queue (a queue in which nobody was has zeros), or of all (None); None: not known."""
    if counted is None:
        return None
    report = counted["reports"]["queue"]
    group = report["total"] if name is None else next(
        (group for group in report["groups"] if group["key"] == name), {"values": {}, "counts": {}})
    return {**{figure: group["values"].get(figure) for figure in FIGURES},
            **{count: group["counts"].get(count, 0) for count in COUNTS}}


def of_operators(counted: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Figures of today of each operator who did anything."""
    groups = counted["reports"]["operator"]["groups"] if counted is not None else ()
    return [{"name": group["key"], **{figure: group["values"].get(figure) for figure in OF_OPERATORS},
             **{count: group["counts"].get(count, 0) for count in ("handled", "missed")}} for group in groups]


def in_all(shown: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    """Of these queues together (none named: of all), now; whoever serves several of them counts once."""
    queues = [queue for queue in shown.get("queues", ()) if not wanted or queue["name"] in wanted]
    crew = [operator for operator in shown.get("operators", ()) if not wanted or wanted & {*operator.get("queues", ())}]
    return {"active": int(shown.get("calls_in_progress", 0)) if not wanted else sum(
                call.get("queue") in wanted for call in shown.get("calls", ())),
            "waiting": sum(int(queue.get("waiting", 0)) for queue in queues),
            "chats_waiting": sum(int(queue.get("chats_waiting", 0)) for queue in queues),
            "chats": sum(int(operator.get("chats", 0)) for operator in crew),
            "callbacks": sum(int(queue.get("callbacks", 0)) for queue in queues),
            "longest_wait": max((float(queue.get("longest_wait", 0.0)) for queue in queues), default=0.0),
            "operators": standing(crew)}


def standing(operators: Any) -> dict[str, int]:
    """How many operators are what, each counted once: what they do comes before what they set. Who answers chats alone
    is free until they have one; whom calls reach is free for these, whatever they write."""
    found = dict.fromkeys(("free", "ringing", "on_call", "wrap_up", "unreachable", "on_break", "logged_out"), 0)
    for operator in operators:
        found[_stands(operator)] += 1
    return found


def _stands(operator: Mapping[str, Any]) -> str:
    state, status = str(operator.get("state", "idle")), str(operator.get("status", ""))
    if state in ("ringing", "on_call", "wrap_up"):
        return state
    if status in ("on_break", "logged_out"):
        return status
    if operator.get("reachable"):
        return "free"
    if operator.get("chats"):
        return "on_call"
    return "free" if operator.get("chats_reachable") else "unreachable"
