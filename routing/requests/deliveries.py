"""How far the chats of messengers are told to their visitors: the database is the queue.

A message waits when it is behind the position of its chat's row, for all, and not the visitor's own. Every function
raises SQLAlchemyError, blocks, and may be called from any thread; times are aware.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from routing.requests.messages import ChatMessage
from routing.requests.tables import Call, Delivery, Message

CALLER = "caller"
BEFORE = 20             # chats of a visitor in which a message is looked for that comes again


@dataclass(frozen=True)
class Place:
    """Where one chat stands: messages up to `position` arrived, and so many pieces of the next one."""

    call: str
    visitor: str
    position: int
    piece: int
    attempts: int
    next_at: datetime


class Before(NamedTuple):
    """A message that came before: where it stands, and what is kept of it."""

    call: str
    position: int
    body: str | None


def follow(engine: Engine, call: str, node: str, channel: str, visitor: str, now: datetime) -> None:
    """From now on this chat is told to its visitor; nothing if it is already."""
    row = {"call_id": call, "node": node, "channel": channel, "visitor": visitor, "began_at": now, "position": -1,
           "piece": 0, "attempts": 0, "next_at": now, "error": "", "closed_at": None}
    try:
        with _writing(engine) as connection, connection.begin():
            connection.execute(insert(Delivery), row)
    except IntegrityError:
        return


def waiting(engine: Engine, node: str, channel: str, now: datetime, ended_before: datetime, limit: int) -> list[str]:
    """Visitors for whom there is something now, who waited longest first: a message, or that their chat was over at
    `ended_before`."""
    query = (select(Delivery.visitor, func.min(Delivery.began_at).label("since"))
             .where(*_open(node, channel), Delivery.next_at <= now, or_(_something(), _over(ended_before)))
             .group_by(Delivery.visitor).order_by("since").limit(limit))
    with engine.connect() as connection:
        return [visitor for visitor, _ in connection.execute(query)]


def place_of(engine: Engine, node: str, channel: str, visitor: str) -> Place | None:
    """The oldest chat of a visitor that is not told to its end."""
    columns = (Delivery.call_id, Delivery.visitor, Delivery.position, Delivery.piece, Delivery.attempts,
               Delivery.next_at)
    query = (select(*columns).where(*_open(node, channel), Delivery.visitor == visitor)
             .order_by(Delivery.began_at, Delivery.call_id).limit(1))
    with engine.connect() as connection:
        found = connection.execute(query).first()
    return Place(*found) if found is not None else None


def next_message(engine: Engine, call: str, position: int) -> ChatMessage | None:
    """What the visitor is told next; its body is None once erased."""
    columns = (Message.position, Message.at, Message.sender, Message.audience, Message.kind, Message.body,
               Message.options, Message.key)
    query = (select(*columns).where(Message.call_id == call, Message.position > position, Message.audience == "all",
                                    Message.sender != CALLER).order_by(Message.position).limit(1))
    with engine.connect() as connection:
        found = connection.execute(query).first()
    return ChatMessage(*found) if found is not None else None


def is_over(engine: Engine, call: str, ended_before: datetime) -> bool:
    """Whether a call ended at that time or earlier."""
    with engine.connect() as connection:
        ended = connection.scalar(select(Call.ended_at).where(Call.id == call))
    return ended is not None and ended <= ended_before


def arrived(engine: Engine, call: str, position: int, piece: int = 0) -> None:
    """All up to `position` is told, and so many pieces of the next one."""
    _change(engine, call, position=position, piece=piece, attempts=0, error="")


def put_off(engine: Engine, call: str, attempts: int, until: datetime, error: str) -> None:
    """The next piece did not arrive, and is tried again then."""
    _change(engine, call, attempts=attempts, next_at=until, error=error)


def close(engine: Engine, call: str, now: datetime, error: str = "") -> None:
    """Nothing of this chat is told any more: it is over, or (`error`) there is nobody."""
    _change(engine, call, closed_at=now, **({"error": error} if error else {}))


def forget(engine: Engine, closed_before: datetime, began_before: datetime) -> int:
    """Rows of chats that are over, and of channels that are no more. Returns how many."""
    with _writing(engine) as connection, connection.begin():
        done = connection.execute(delete(Delivery).where(
            or_(Delivery.closed_at < closed_before, Delivery.began_at < began_before)))
        return int(done.rowcount)


def came_before(engine: Engine, channel: str, visitor: str, key: str) -> Before | None:
    """Whether a message of this visitor came under this key already, in one of their latest chats."""
    calls = (select(Delivery.call_id).where(Delivery.channel == channel, Delivery.visitor == visitor)
             .order_by(Delivery.began_at.desc()).limit(BEFORE))
    query = select(Message.call_id, Message.position, Message.body).where(
        Message.call_id.in_(calls), Message.key == f"{CALLER}/{key}").limit(1)
    with engine.connect() as connection:
        found = connection.execute(query).first()
    return Before(*found) if found is not None else None


def counts(engine: Engine, node: str, channel: str) -> tuple[int, int]:
    """Chats that are not told to their end, and messages that wait in them."""
    chats = select(func.count()).select_from(Delivery).where(*_open(node, channel))
    messages = select(func.count()).select_from(Delivery).join(Message, _behind()).where(*_open(node, channel))
    with engine.connect() as connection:
        return int(connection.scalar(chats) or 0), int(connection.scalar(messages) or 0)


def _open(node: str, channel: str) -> tuple[Any, ...]:
    return Delivery.closed_at.is_(None), Delivery.node == node, Delivery.channel == channel


def _behind() -> Any:
    return and_(Message.call_id == Delivery.call_id, Message.position > Delivery.position, Message.audience == "all",
                Message.sender != CALLER)


def _something() -> Any:
    return exists().where(_behind())


def _over(before: datetime) -> Any:
    return exists().where(Call.id == Delivery.call_id, Call.ended_at <= before)


def _change(engine: Engine, call: str, **columns: Any) -> None:
    with _writing(engine) as connection, connection.begin():
        connection.execute(update(Delivery).where(Delivery.call_id == call).values(**columns))


def _writing(engine: Engine) -> Any:
    return engine.connect().execution_options(immediate=True)
