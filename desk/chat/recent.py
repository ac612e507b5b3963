"""The messages of a chat as a page is to have them now: those of the database, and behind them what control alone has,
while the database is away or the spool is not in it yet."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log
from routing.requests.messages import PAGE, ChatMessage, messages_of

Ask = Callable[..., Awaitable[dict[str, Any]]]      # of control: an operation and what belongs to it
log = Log("chat")


class Missed(NamedTuple):
    """What a visitor has not read. `upto`: the position that it reaches, what is for staff alone among it; `whole`:
    nothing more is there; `away`: the database could not be read."""

    rows: list[ChatMessage]
    upto: int
    whole: bool
    away: bool = False


async def with_recent(ask: Ask, call: str, after: int, rows: list[ChatMessage]) -> tuple[list[ChatMessage], bool]:
    """`rows`: what the database has behind position `after`, for staff too. With what control has besides, nothing
    where the database has another page of them; and whether that is all there is."""
    if len(rows) >= PAGE:
        return rows, False
    last = rows[-1].position if rows else after
    try:
        found = await ask("chat_recent", call=call, after=last)
    except ControlAway:
        return rows, False
    except ControlRefused:
        return rows, True
    return [*rows, *(_message(one) for one in found.get("messages", ()))], found.get("whole") is not False


async def missed_rows(ask: Ask, engine: Engine, call: str, after: int, last: int) -> Missed:
    """What the visitor has not read behind `after`; `last`: up to where there is something. A database that is away
    keeps nobody from writing: the page shows what there is besides."""
    if last <= after:
        return Missed([], after, whole=True)
    away = False
    try:
        rows = await run_in_threadpool(messages_of, engine, call, after, staff=True)
    except Exception as error:
        log.warning("history_not_read", error_type=type(error).__name__)
        rows, away = [], True
    whole = bool(rows) and last <= rows[-1].position
    if not whole:
        rows, whole = await with_recent(ask, call, after, rows)
    upto = rows[-1].position if rows else after
    return Missed([one for one in rows if one.audience == "all"], upto, whole, away)


def _message(told: dict[str, Any]) -> ChatMessage:
    return ChatMessage(**{**told, "at": datetime.fromisoformat(told["at"])})
