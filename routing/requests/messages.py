"""The messages of chats, read."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, select

from routing.requests.tables import Call, Message

PAGE = 200


class ChatMessage(NamedTuple):
    """One message (`MessageRow`); `body` is None once erased."""

    position: int
    at: datetime
    sender: str
    audience: str
    kind: str
    body: str | None
    options: list[list[str]]
    key: str


def messages_of(engine: Engine, call: str, after: int = -1, *, staff: bool, limit: int = PAGE) -> list[ChatMessage]:
    """Those behind position `after`, the oldest first; what is for `staff` alone only for them. Raises
    SQLAlchemyError."""
    columns = (Message.position, Message.at, Message.sender, Message.audience, Message.kind, Message.body,
               Message.options, Message.key)
    query = (select(*columns).where(Message.call_id == call, Message.position > after)
             .order_by(Message.position).limit(limit))
    if not staff:
        query = query.where(Message.audience == "all")
    with engine.connect() as connection:
        return [ChatMessage(*row) for row in connection.execute(query)]


class Chat(NamedTuple):
    """Whose a chat is: who has it, or had it last, and the queue that it came by."""

    operator: str
    queue: str


def chat_of(engine: Engine, call: str) -> Chat | None:
    """None if this is no chat, or no call at all. Raises SQLAlchemyError."""
    query = select(Call.operator, Call.queue).where(Call.id == call, Call.channel != "voice")
    with engine.connect() as connection:
        found = connection.execute(query).first()
    return Chat(*found) if found is not None else None
