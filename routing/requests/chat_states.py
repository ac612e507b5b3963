"""Chats that an earlier run of control left in the middle: read to be gone on with."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from routing.requests.tables import Call, ChatState, Message

MOST_KEYS = 500         # ids of messages that are read of each, the latest


class LeftChat(NamedTuple):
    """One of them. `keys`: positions of messages by the ids that they had at their writers', in order; `last`: the last
    position of all, -1 without any."""

    call: str
    version: int
    state: str
    keys: Mapping[str, int]
    last: int


def left_chats(engine: Engine, node: str, boot_id: str) -> list[LeftChat]:
    """Chats of `node` without an outcome that are not of run `boot_id` and have a state, those that began last first: a
    visitor who has two is in the newer.
    Raises SQLAlchemyError."""
    query = (select(ChatState.call_id, ChatState.version, ChatState.state)
             .join(Call, Call.id == ChatState.call_id)
             .where(Call.node == node, Call.outcome.is_(None), Call.boot_id != boot_id, ChatState.state != "")
             .order_by(Call.began_at.desc(), Call.id))
    with engine.connect() as connection:
        found = connection.execute(query).all()
        return [LeftChat(*row, *_written(connection, row.call_id)) for row in found]


def _written(connection: Connection, call: str) -> tuple[dict[str, int], int]:
    last = connection.scalar(select(func.max(Message.position)).where(Message.call_id == call))
    rows = connection.execute(select(Message.key, Message.position).where(Message.call_id == call, Message.key != "")
                              .order_by(Message.position.desc()).limit(MOST_KEYS)).all()
    return {row.key: row.position for row in reversed(rows)}, -1 if last is None else last
