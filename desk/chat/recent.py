"""The messages of a chat as a page is to have them now: those of the database, and behind them what control alone has,
while the database is away or the spool is not in it yet."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from desk.snapshots import Control
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log
from routing.requests.messages import PAGE, ChatMessage, messages_of

log = Log("chat")


async def with_recent(link: Control, call: str, after: int, rows: list[ChatMessage], *,
                      staff: bool) -> list[ChatMessage]:
    """`rows`: what the database has behind position `after`. Nothing more where it has another page of them, or control
    has none of this chat."""
    return (await _with_recent(link, call, after, rows, staff=staff))[0]


async def _with_recent(link: Control, call: str, after: int, rows: list[ChatMessage], *,
                       staff: bool) -> tuple[list[ChatMessage], bool]:
    """The same, and whether nothing is missing in between."""
    if len(rows) >= PAGE:
        return rows, False
    last, found = rows[-1].position if rows else after, dict[str, Any]()
    with suppress(ControlAway, ControlRefused):
        found = await link.call("chat_recent", call=call, after=last)
    messages = (_message(one) for one in found.get("messages", ()))
    return [*rows, *(one for one in messages if staff or one.audience == "all")], found.get("whole") is not False


async def missed_rows(link: Control, engine: Engine, call: str, after: int,
                      last: int) -> tuple[list[ChatMessage], bool]:
    """What the visitor has not read behind `after`, and whether nothing of it is missing; `last`: up to where there is
    something. A database that is away keeps nobody from writing: the page shows what there is besides."""
    try:
        rows = await run_in_threadpool(messages_of, engine, call, after, staff=False)
    except Exception as error:
        log.warning("history_not_read", error_type=type(error).__name__)
        rows = []
    if last <= (rows[-1].position if rows else after):
        return rows, True
    return await _with_recent(link, call, after, rows, staff=False)


def _message(told: dict[str, Any]) -> ChatMessage:
    return ChatMessage(**{**told, "at": datetime.fromisoformat(told["at"])})
