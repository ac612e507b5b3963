"""Work that goes on while the page does something else: begun by one request, looked at by others."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from desk.problems import Problem, Refusal
from ivr.drivers.log import Log

KEPT = 30           # pieces that can still be looked at; the oldest that are over go
MOST_RUNNING = 8

log = Log("desk")
Told = Callable[[int, int, str], None]


@dataclass
class Piece:
    """One piece of work: `done` of `total` steps, `at` which it is; at its end a `result` or a `problem`."""

    id: str
    by: str
    what: str
    state: Literal["running", "done", "failed"] = "running"
    done: int = 0
    total: int = 0
    at: str = ""
    result: dict[str, Any] | None = None
    problem: Problem | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def told(self, done: int, total: int, at: str) -> None:
        self.done, self.total, self.at = done, total, at


class Pieces:
    """All of them, of everybody."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[str, Piece] = OrderedDict()

    def begin(self, by: str, what: str, work: Callable[[Told], Awaitable[dict[str, Any]]]) -> Piece:
        """Begin one. Raises Refusal where too many go on."""
        if sum(piece.state == "running" for piece in self._pieces.values()) >= MOST_RUNNING:
            raise Refusal(503, "busy", "There is too much to do at once. Try again in a minute.", {"Retry-After": "30"})
        piece = Piece(secrets.token_hex(8), by, what)
        self._pieces[piece.id] = piece
        self._forget()
        piece.task = asyncio.create_task(_carried_out(piece, work))
        return piece

    def get(self, name: str) -> Piece | None:
        return self._pieces.get(name)

    def _forget(self) -> None:
        over = [name for name, piece in self._pieces.items() if piece.state != "running"]
        for name in over[:max(0, len(self._pieces) - KEPT)]:
            del self._pieces[name]


async def _carried_out(piece: Piece, work: Callable[[Told], Awaitable[dict[str, Any]]]) -> None:
    try:
        piece.result = await work(piece.told)
        piece.state = "done"
    except Refusal as refused:
        piece.problem, piece.state = refused.problem, "failed"
    except Exception as error:      # a bug of ours: whoever waits for it must hear that it is over
        log.error("work_failed", work=piece.what, error=error)
        piece.problem = Problem(code="internal", message="The desk failed on this; see its log.")
        piece.state = "failed"
