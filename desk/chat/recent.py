"""The messages of a chat as a page is to have them now: those of the database, and behind them what control alone has,
while the database is away or the spool is not in it yet."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from desk.snapshots import Control
from ivr.drivers.control_link import ControlAway, ControlRefused
from routing.requests.messages import PAGE, ChatMessage


async def with_recent(link: Control, call: str, after: int, rows: list[ChatMessage], *,
                      staff: bool) -> list[ChatMessage]:
    """`rows`: what the database has behind position `after`. Nothing more where it has another page of them, or control
    has none of this chat."""
    if len(rows) >= PAGE:
        return rows
    last, found = rows[-1].position if rows else after, dict[str, Any]()
    with suppress(ControlAway, ControlRefused):
        found = await link.call("chat_recent", call=call, after=last)
    messages = (_message(one) for one in found.get("messages", ()))
    return [*rows, *(one for one in messages if staff or one.audience == "all")]


def _message(told: dict[str, Any]) -> ChatMessage:
    return ChatMessage(**{**told, "at": datetime.fromisoformat(told["at"])})
